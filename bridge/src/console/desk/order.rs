//! Sends harmless commands, signed with the console's own key, and nothing else: what can hurt is signed by a person with
//! the command line.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use hyper::{Response, StatusCode};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use till_wire::fleet::{Audience, Command, Instruction, MAX_HARMLESS_LIFE_S};
use till_wire::{CommandId, TerminalNumber, Topic};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{error, info};

use super::{Desk, Person};
use crate::clock;
use crate::console::form::Fields;
use crate::console::pages::{Refusal, harmful, paste};
use crate::console::password::random;
use crate::console::reply;
use crate::console::users::Role;
use crate::console::view::commands::Sent;
use crate::mqtt::listening::Letter;
use crate::often::Verdict;

/// How long a command lives: a terminal that is away for longer is not to flash tomorrow, and none obeys a key for harmless
/// commands for longer than a quarter of an hour.
const LIFE_S: i64 = 600;
const _: () = assert!(LIFE_S <= MAX_HARMLESS_LIFE_S);
/// How long the broker may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Desk {
    pub(super) async fn order(
        &self,
        person: &Person,
        number: TerminalNumber,
        fields: &Fields,
        source: IpAddr,
    ) -> Response<Body> {
        let asked = fields.get("cmd");
        let refuse = |status, why: Refusal<'_>| self.refused(person, status, why);
        if person.user.role != Role::Operator {
            return refuse(StatusCode::FORBIDDEN, Refusal::Operators);
        }
        if self.fleet().get(number).is_none() {
            return refuse(StatusCode::NOT_FOUND, Refusal::NoSuchPage);
        }
        if let Some(name) = harmful(asked) {
            let more = vec![("terminal", number.to_string().into()), ("command", name.into())];
            let _unwritten = self.audit.note("command-refused", &person.user.name, source, more).await;
            return refuse(StatusCode::FORBIDDEN, Refusal::Harmful(&paste(number, name)));
        }
        let instruction = match Instruction::parse(asked, &arguments(asked, fields)) {
            Ok(instruction) if instruction.is_harmless() => instruction,
            // Whatever the list above says: nothing else is ever signed.
            Ok(instruction) => {
                return refuse(StatusCode::FORBIDDEN, Refusal::Harmful(&paste(number, instruction.name())));
            }
            Err(fault) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, Refusal::Command(&fault.to_string())),
        };
        if self.signer.is_none() {
            return refuse(StatusCode::CONFLICT, Refusal::NoKey(&paste(number, instruction.name())));
        }
        let name = Sha256::digest(&person.user.name).into();
        if self.limits.commands.note(name, clock::instant()) == Verdict::TooOften {
            return refuse(StatusCode::TOO_MANY_REQUESTS, Refusal::TooManyCommands);
        }
        match self.send(person, number, &instruction, source).await {
            Ok(id) => {
                self.metrics.commanded();
                reply::see(&format!("/terminals/{number}?sent={id}"))
            }
            Err(why) => refuse(StatusCode::SERVICE_UNAVAILABLE, why),
        }
    }

    /// Writes it down, signs it, and returns once the broker has it.
    async fn send(
        &self,
        person: &Person,
        number: TerminalNumber,
        instruction: &Instruction,
        source: IpAddr,
    ) -> Result<CommandId, Refusal<'static>> {
        let (id, document) = self.sign(number, instruction).ok_or(Refusal::Unsent)?;
        let name = instruction.name();
        let more = || {
            vec![
                ("terminal", Value::from(number.to_string())),
                ("id", id.as_str().into()),
                ("command", name.into()),
                ("args", instruction.arguments().into()),
            ]
        };
        let user = person.user.name.as_str();
        self.audit.note("command", user, source, more()).await.map_err(|_| Refusal::NoAudit)?;
        {
            let mut fleet = self.fleet();
            if sends_a_bundle(instruction) {
                fleet.bundles.expect(number, id);
            }
            fleet.commands.sent(number, id, Sent { name, by: user.to_owned(), at: clock::now() });
        }
        let (taken, told) = oneshot::channel();
        let letter = Letter { topic: Topic::Command(number, id), body: document.into_bytes(), taken };
        let is_handed = self.letters.try_send(letter).is_ok();
        if is_handed && matches!(timeout(PATIENCE, told).await, Ok(Ok(()))) {
            info!(%number, command = name, %id, user, "a command was sent");
            return Ok(id);
        }
        self.fleet().commands.clear(number, id);
        let _unwritten = self.audit.note("command-unsent", user, source, more()).await;
        Err(Refusal::Unsent)
    }

    fn sign(&self, number: TerminalNumber, instruction: &Instruction) -> Option<(CommandId, String)> {
        let signer = self.signer.as_ref()?;
        let bytes: [u8; 8] = random().ok()?;
        let id = CommandId::new(&format!("console-{:016x}", u64::from_be_bytes(bytes)))?;
        let now = clock::now().secs();
        let command = Command {
            jti: id,
            aud: Audience::Terminal(number),
            iat: now,
            nbf: None,
            exp: now + LIFE_S,
            cmd: instruction.name().to_owned(),
            args: instruction.arguments(),
        };
        let signed = command.sign(signer).map_err(|error| error!(%error, "a command cannot be signed"));
        signed.ok().map(|document| (id, document))
    }
}

/// What a form says of a command, as the command's arguments.
fn arguments(cmd: &str, fields: &Fields) -> Map<String, Value> {
    let mut arguments = Map::new();
    if cmd == "collect-logs" {
        let minutes = fields.get("minutes").parse::<u32>().map_or(Value::Null, Value::from);
        arguments.insert("minutes".to_owned(), minutes);
    }
    arguments
}

fn sends_a_bundle(instruction: &Instruction) -> bool {
    matches!(instruction, Instruction::Screenshot | Instruction::Diagnose | Instruction::CollectLogs { .. })
}
