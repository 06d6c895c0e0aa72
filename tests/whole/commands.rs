//! Commands to a real till where no key, no clock and no broker's limit stands behind it. It must not know how it decides.

use tests::folder::Folder;
use tests::jws;
use tests::shop::Shop;
use tests::wrong_clock::WrongClock;
use till_wire::CommandId;
use till_wire::fleet::{Command, FleetSigner};

/// A command that was made when it is asked for; `from` is in seconds since 1970.
fn shut(signer: &FleetSigner, id: &str, from: i64) -> String {
    let command = Command {
        jti: CommandId::new(id).expect("an id"),
        aud: "0001017".parse().expect("an audience"),
        iat: from,
        nbf: None,
        exp: from + 600,
        cmd: "disable".to_owned(),
        args: serde_json::Map::new(),
    };
    command.sign(signer).expect("it is within bounds")
}

#[track_caller]
fn assert_rejected(shop: &Shop, id: &str, document: impl Into<Vec<u8>>, part: &str) {
    shop.ear.publish(&format!("till/v1/0001017/down/command/{id}"), document);
    let is_end = |said: &serde_json::Value| said["status"] == "rejected";
    let said = shop.ear.wait("a command is rejected", &format!("up/command/{id}"), is_end).json();
    assert!(said["reason"].as_str().is_some_and(|reason| reason.contains(part)), "{said}");
    assert_eq!(shop.till.status().get("disabled"), None);
}

#[expect(clippy::disallowed_methods, reason = "a command is made now")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock that is set");
    i64::try_from(since.as_secs()).expect("a time")
}

#[test]
fn p12_a_till_that_trusts_no_key_obeys_nobody() {
    let folder = Folder::make();
    let (signer, _) = jws::key(&folder, "signing");
    let shop = Shop::open();
    assert_rejected(&shop, "c-1", shut(&signer, "c-1", now()), "trusts no key");
}

/// P12, P10: a till that woke up in 1970 judges no command, even one of that year.
#[test]
fn p12_a_till_without_a_clock_obeys_nobody_and_what_is_too_large_is_told() {
    let folder = Folder::make();
    let (signer, public) = jws::key(&folder, "signing");
    let clock = WrongClock::showing(&folder, "@1970-01-02 00:00:00");
    let shop = Shop::open_with(|plan| {
        plan.launcher = clock.launcher();
        plan.tables = format!("[fleet]\ntrusted_keys = [{public:?}]");
    });
    assert_rejected(&shop, "c-now", shut(&signer, "c-now", now()), "clock is not set");
    assert_rejected(&shop, "c-then", shut(&signer, "c-then", 86_400), "clock is not set");
    // This broker passes it on.
    assert_rejected(&shop, "c-large", vec![b'x'; 66_560], "longer than 65536");
    let line = "tilld_commands_total{outcome=\"unproven\"} 1";
    assert!(shop.till.get("/metrics").text().contains(line));
}
