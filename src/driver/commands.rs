//! Commands of the fleet's operator on their way in, and what is said of them on the way out. A signature is proven here;
//! whether a command is obeyed, the till decides.

use std::collections::BTreeMap;
use std::time::Duration;

use icu_normalizer::ComposingNormalizerBorrowed;
use till_settings::tls::whole_chain;
use till_wire::fleet::{
    Command, CommandError, CommandState, CommandStatus, FleetKey, Instruction, InstructionError, MAX_COMMAND,
    SignedError,
};
use till_wire::{CommandId, Topic};

use crate::clock;
use crate::port::{Measure, Value};
use crate::till::{CommandResult, CommandStage, Delivery, Effect, Event, Progress, SignedCommand, Step, Tick, Write};

use super::Driver;
use super::performing::{Done, Performer};

/// So many words about commands that are not kept may be said at once, and then one every so often: whoever can publish to
/// us could have us publish as much as he likes.
const WORDS: u32 = 20;
const WORD_EVERY: Duration = Duration::from_secs(1);

/// The longest document of a command that is kept with it, in bytes.
const MAX_DOCUMENT: usize = 8 * 1024;

/// So many commands of a key for harmless ones may come at once, and then one every so often. They live for a quarter of an hour
/// at most (`wire`), so whoever has such a key never fills the memory of commands: 20 + 300 of 512.
const HARMLESS: u32 = 20;
const HARMLESS_EVERY: Duration = Duration::from_secs(3);

/// What the driver has of commands.
pub(super) struct Commanded {
    /// Whose signatures count.
    trusted: Vec<FleetKey>,
    /// Whose signatures count for what can do no harm.
    harmless: Vec<FleetKey>,
    performer: Performer,
    /// What a command has asked for, until it is sent.
    pieces: Option<(CommandId, Vec<Vec<u8>>)>,
    restart: bool,
    allowance: Allowance,
    harmless_allowance: Allowance,
    counts: BTreeMap<&'static str, u64>,
}

/// What became of commands, by the name in `tilld_commands_total`.
const OUTCOMES: [&str; 6] = ["succeeded", "failed", "rejected", "expired", "received", "unproven"];

impl Commanded {
    pub(super) fn new(trusted: Vec<FleetKey>, harmless: Vec<FleetKey>, performer: Performer) -> Self {
        let counts = OUTCOMES.map(|outcome| (outcome, 0)).into();
        let allowance = Allowance::new(WORDS, WORD_EVERY, clock::tick());
        let harmless_allowance = Allowance::new(HARMLESS, HARMLESS_EVERY, clock::tick());
        Self { trusted, harmless, performer, pieces: None, restart: false, allowance, harmless_allowance, counts }
    }

    pub(super) fn restart(&mut self) {
        self.restart = true;
    }

    pub(super) fn wants_restart(&self) -> bool {
        self.restart
    }

    /// Tells whether something may be said about what nobody has signed.
    pub(super) fn may_say_more(&mut self) -> bool {
        self.allowance.take(clock::tick())
    }

    /// Returns a piece, if it is still here.
    pub(super) fn piece(&self, id: CommandId, number: u32) -> Option<Vec<u8>> {
        let (_, pieces) = self.pieces.as_ref().filter(|(of, _)| *of == id)?;
        pieces.get(usize::try_from(number).ok()?).cloned()
    }

    /// Counts and logs what becomes of commands by a step.
    pub(super) fn note(&mut self, step: &Step) {
        for write in &step.writes {
            let Write::Command(record) = write else { continue };
            let status = status(&record.stage);
            let name = record.instruction.as_ref().map(Instruction::name);
            tracing::info!(command = %record.id, name, status = status.status.as_str(), reason = status.reason, "command");
            self.count(status.status.as_str());
            if record.stage.is_final() {
                self.pieces = self.pieces.take().filter(|(of, _)| *of != record.id);
            }
        }
        for effect in &step.effects {
            if let Effect::TellCommand { stage, .. } = effect {
                self.count(status(stage).status.as_str());
            }
        }
    }

    /// Of states on the way none is counted but the first.
    fn count(&mut self, outcome: &'static str) {
        if let Some(count) = self.counts.get_mut(outcome) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn measures(&self) -> Vec<Measure> {
        let one = |(outcome, count): (&&'static str, &u64)| Measure {
            name: "tilld_commands_total",
            help: "Commands by what became of them.",
            labels: vec![("outcome", (*outcome).to_owned())],
            value: Value::Counter(*count),
        };
        self.counts.iter().map(one).collect()
    }
}

/// So many at once, and then one every so often.
struct Allowance {
    most: u32,
    every: Duration,
    left: u32,
    at: Tick,
}

impl Allowance {
    fn new(most: u32, every: Duration, now: Tick) -> Self {
        Self { most, every, left: most, at: now }
    }

    fn take(&mut self, now: Tick) -> bool {
        let earned = now.since(self.at).as_millis() / self.every.as_millis();
        if let Some(earned) = u32::try_from(earned).ok().filter(|earned| *earned > 0) {
            self.left = self.left.saturating_add(earned).min(self.most);
            self.at = now;
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

impl Driver {
    /// Proves a command before the till hears of it. What is not signed by a trusted key is acknowledged and counted, its
    /// sender is told why, and nothing is kept: anybody could send any number of those (promises P9, P12).
    pub(super) async fn command(&mut self, delivery: Delivery, topic: CommandId, document: Option<Vec<u8>>) {
        if document.as_ref().is_some_and(Vec::is_empty) {
            // Whoever takes back what the broker has kept publishes nothing.
            return self.link.acknowledge(delivery);
        }
        match self.open(document.as_deref()) {
            Ok(command) => {
                let command = Box::new(signed(topic, &command, document.unwrap_or_default()));
                self.judge(Event::CommandArrived { delivery, command }).await;
            }
            Err(error) => {
                self.commanded.count("unproven");
                let is_unknown = matches!(&error, CommandError::Signed(SignedError::UnknownKey { .. }));
                let reason = if is_unknown && self.commanded.trusted.is_empty() {
                    "this terminal trusts no key: see fleet.trusted_keys".to_owned()
                } else {
                    whole_chain(&error)
                };
                tracing::debug!(command = %topic, reason, "a command without proof is dropped");
                // The status of a command that is known is not written over by whoever can publish on its topic.
                if !self.till.knows_command(topic) {
                    let reason = Some(reason);
                    self.tell(topic, &CommandStatus { reason, ..CommandStatus::plain(CommandState::Rejected) });
                }
                self.link.acknowledge(delivery);
            }
        }
    }

    fn open(&mut self, document: Option<&[u8]>) -> Result<Command, CommandError> {
        let too_long = SignedError::TooLong { length: MAX_COMMAND + 1, limit: MAX_COMMAND };
        let document = document.ok_or(too_long)?;
        let is_unknown = |error: &CommandError| matches!(error, CommandError::Signed(SignedError::UnknownKey { .. }));
        match Command::open(document, &self.commanded.trusted) {
            Err(error) if is_unknown(&error) && !self.commanded.harmless.is_empty() => {
                let command = Command::open_harmless(document, &self.commanded.harmless)?;
                let may = self.commanded.harmless_allowance.take(clock::tick());
                if may { Ok(command) } else { Err(CommandError::TooMany) }
            }
            opened => opened,
        }
    }

    /// Says what is not kept, while there is leave to.
    pub(super) fn tell(&mut self, topic: CommandId, status: &CommandStatus) {
        if !self.commanded.may_say_more() {
            return;
        }
        tracing::warn!(command = %topic, status = status.status.as_str(), reason = status.reason, "command not kept");
        let said = serde_json::to_vec(status).map(|body| {
            let topic = Topic::CommandStatus(self.terminal, topic);
            self.link.say(&topic, body)
        });
        if !matches!(said, Ok(Ok(()))) {
            tracing::debug!(command = %topic, "it cannot be said");
        }
    }

    /// Has something done in a task of its own, which tells the loop what came of it.
    pub(super) fn perform(&self, id: CommandId, instruction: Instruction) {
        let picture = self.screen.as_ref().map(|screen| screen.picture());
        self.commanded.performer.perform(id, instruction, picture, self.till.obeyed_until());
    }

    pub(super) async fn performed(&mut self, done: Done) {
        let Done { id, performed, pieces } = done;
        if !pieces.is_empty() {
            self.commanded.pieces = Some((id, pieces));
        }
        self.judge(Event::CommandPerformed { id, performed }).await;
    }
}

/// Puts a proven command into the till's words.
fn signed(topic: CommandId, command: &Command, document: Vec<u8>) -> SignedCommand {
    let (instruction, document) = with_document(command.instruction(), document);
    SignedCommand {
        topic,
        id: command.jti,
        audience: command.aud.clone(),
        made: till_wire::UnixTime::from_secs(command.iat),
        begins: command.begins_at(),
        expires: till_wire::UnixTime::from_secs(command.exp),
        instruction: instruction.map(composed),
        document,
    }
}

/// Keeps a document with what it asks for where another program has to prove it again, and nowhere else.
fn with_document(
    instruction: Result<Instruction, InstructionError>,
    document: Vec<u8>,
) -> (Result<Instruction, String>, Option<Box<str>>) {
    match instruction {
        Ok(Instruction::Update(_)) if document.len() > MAX_DOCUMENT => {
            (Err(format!("the document of an `update` may have {MAX_DOCUMENT} bytes")), None)
        }
        // What was proven is text.
        Ok(update @ Instruction::Update(_)) => (Ok(update), String::from_utf8(document).ok().map(Into::into)),
        other => (other.map_err(|error| error.to_string()), None),
    }
}

/// Composes the letters of a text that is drawn (NFC): a mark on its own would stand beside its letter.
fn composed(instruction: Instruction) -> Instruction {
    let Instruction::ShowMessage { text, seconds } = instruction else { return instruction };
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(&text).into_owned();
    Instruction::ShowMessage { text, seconds }
}

/// Returns how far a command is, as others see it.
pub(super) fn status(stage: &CommandStage) -> CommandStatus {
    let plain = CommandStatus::plain;
    match stage {
        CommandStage::Received => plain(CommandState::Received),
        CommandStage::Running(progress) => {
            let progress = match progress {
                Progress::Begun => None,
                Progress::AwaitsSale => Some("waits until no sale is in progress".to_owned()),
                Progress::AwaitsDisplay => Some("waits until nothing else is on the display".to_owned()),
                Progress::AwaitsDelivery => Some("waits until others have all sales and receipts".to_owned()),
                Progress::Sending { of, .. } => Some(format!("sends {of} pieces")),
                Progress::Fetching { percent } => Some(format!("fetches the update, {percent} %")),
                Progress::Installing => Some("the system installs the update".to_owned()),
            };
            CommandStatus { progress, ..plain(CommandState::Running) }
        }
        CommandStage::Succeeded(result) => {
            let result = match result {
                CommandResult::None => None,
                CommandResult::Sale(sale) => Some(serde_json::json!({ "sale": sale })),
                // Nothing else is kept than what was written as JSON.
                CommandResult::Json(text) => serde_json::from_str(text).ok(),
            };
            CommandStatus { result, ..plain(CommandState::Succeeded) }
        }
        CommandStage::Failed(reason) => CommandStatus { reason: Some(reason.clone()), ..plain(CommandState::Failed) },
        CommandStage::Rejected(reason) => {
            CommandStatus { reason: Some(reason.clone()), ..plain(CommandState::Rejected) }
        }
        CommandStage::Expired => {
            let reason = Some("it has expired (`exp`), by the newest time that this terminal remembers".to_owned());
            CommandStatus { reason, ..plain(CommandState::Expired) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_drawn_has_its_marks_on_its_letters() {
        let told = |text: &str| composed(Instruction::ShowMessage { text: text.to_owned(), seconds: 1 });
        assert_eq!(told("Nghi\u{309} tru\u{31b}a"), told("Nghỉ trưa"));
        assert_eq!(composed(Instruction::Restart), Instruction::Restart);
    }

    /// P9: whoever floods us with what nobody has signed makes us say one word a second.
    #[test]
    fn p9_what_is_said_of_forged_commands_is_bounded() {
        let mut allowance = Allowance::new(WORDS, WORD_EVERY, Tick(0));
        let said = |allowance: &mut Allowance, at| (0..1000).filter(|_| allowance.take(Tick(at))).count();
        assert_eq!(said(&mut allowance, 0), 20);
        assert_eq!(said(&mut allowance, 999), 0);
        assert_eq!(said(&mut allowance, 1_000), 1);
        assert_eq!(said(&mut allowance, 4_500), 3);
        assert_eq!(said(&mut allowance, 3_600_000), 20);
    }
}
