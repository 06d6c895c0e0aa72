//! Root's half without a root: what is believed, what is done after what wherever the power is cut, and what is not followed
//! in the terminal's folder. `tests/whole/updating.rs` runs the program with real packages.

mod cuts;
mod folders;
mod judging;
mod world;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use till_wire::fleet::{Audience, Command, FleetSigner};
use till_wire::{CommandId, TerminalNumber};

/// When commands are made here, in seconds since 1970, and when they die.
pub(super) const MADE: i64 = 1_795_000_000;
pub(super) const DIES: i64 = MADE + 600;

pub(super) fn signer() -> FleetSigner {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's")
}

pub(super) fn number() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a number")
}

/// What an update asks for.
pub(super) fn args(version: &str, kind: &str) -> Value {
    let url = "https://updates.example/tilld";
    json!({"url": url, "size": 1000, "sha256": "ab".repeat(32), "version": version, "kind": kind})
}

pub(super) fn command(id: &str, cmd: &str, args: Value) -> Command {
    let Value::Object(args) = args else { panic!("arguments are an object") };
    Command {
        jti: CommandId::new(id).expect("an id"),
        aud: Audience::Terminal(number()),
        iat: MADE,
        nbf: None,
        exp: DIES,
        cmd: cmd.to_owned(),
        args,
    }
}
