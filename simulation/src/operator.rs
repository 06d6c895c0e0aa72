//! The fleet's operator, who commands; and whoever has the broker, who forges, repeats, and sends to one terminal what is for
//! another. Promise P12 is judged here: what nobody has signed for this terminal does nothing, and nothing is done twice; and of
//! P2 that a terminal forgets nothing that only it has.

use std::collections::{BTreeMap, BTreeSet};

use till_wire::fleet::{Audience, Checksum, Command, FleetKey, FleetSigner, Update, UpdateKind};
use till_wire::{CommandId, GroupName, TerminalNumber, UnixTime};
use tilld::till::{
    CommandRecord, CommandResult, CommandStage, Delivery, Event, Instruction, LogLevel, Owed, Performed, Progress,
    Service, SignedCommand, Subject, View, Write,
};

use crate::happening::Happening;
use crate::plan::{HOUR, MINUTE, SECOND, terminal};
use crate::without::Sort;
use crate::world::{Verdict, World, broken};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

fn signer(seed: u8) -> FleetSigner {
    let der = [PKCS8.as_slice(), &[seed; 32]].concat();
    FleetSigner::from_pkcs8(&der).expect("any 32 bytes are a key")
}

/// A command as it lies at the broker.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    topic: CommandId,
    document: Vec<u8>,
}

/// What the world knows of commands.
#[derive(Debug)]
pub(crate) struct Operator {
    key: FleetSigner,
    thief: FleetSigner,
    sent: u64,
    /// Everything that the operator has signed, for whomever.
    signed: BTreeMap<CommandId, Command>,
    letters: Vec<Letter>,
    /// What has been begun, over all processes and stores.
    begun: BTreeSet<CommandId>,
    performed: BTreeSet<CommandId>,
    /// Updates that the system was given.
    installing: BTreeSet<CommandId>,
    /// Whether the till wants another process.
    pub(crate) restart: bool,
}

impl Default for Operator {
    fn default() -> Self {
        Self {
            key: signer(7),
            thief: signer(8),
            sent: 0,
            signed: BTreeMap::new(),
            letters: Vec::new(),
            begun: BTreeSet::new(),
            performed: BTreeSet::new(),
            installing: BTreeSet::new(),
            restart: false,
        }
    }
}

impl Operator {
    fn trusted(&self) -> [FleetKey; 1] {
        [self.key.key()]
    }
}

impl World {
    /// The operator, or somebody in his place, does something, and will do more.
    pub(crate) fn operate(&mut self) {
        if self.t < self.busy_until {
            let delay = self.rng.u64(10 * SECOND..4 * MINUTE);
            self.after(delay, Happening::Operator);
        }
        if !self.lets(Sort::Acts) {
            return;
        }
        let letter = match self.rng.u32(0..10) {
            0 | 1 if !self.operator.letters.is_empty() => {
                let place = self.rng.usize(0..self.operator.letters.len());
                self.operator.letters.get(place).cloned()
            }
            2 => self.forge(),
            3 => self.command(Audience::Terminal(TerminalNumber::new(1018).expect("a number")), 0, HOUR),
            // It has been over for a while, or will be valid in a while.
            4 => self.command(Audience::Terminal(terminal()), -2 * millis(HOUR), MINUTE),
            5 => self.command(Audience::Terminal(terminal()), millis(HOUR), HOUR),
            6 => self.command(Audience::Group(GroupName::new("north").expect("a name")), 0, HOUR),
            _ => {
                let life = self.rng.u64(MINUTE..6 * HOUR);
                self.command(Audience::Terminal(terminal()), 0, life)
            }
        };
        if let Some(letter) = letter {
            self.operator.letters.push(letter.clone());
            self.send_letter(letter);
        }
    }

    /// Who shuts a terminal opens it again, and at the end of the day it is open.
    fn then_open(&mut self) {
        let delay = self.rng.u64(20 * SECOND..3 * MINUTE);
        self.after(delay, Happening::Enable);
    }

    pub(crate) fn enable(&mut self) {
        let letter = self.sign(Instruction::Enable, Audience::Terminal(terminal()), 0, HOUR);
        if let Some(letter) = letter {
            self.send_letter(letter);
        }
        if self.disk.service == Service::Disabled && self.t < self.busy_until {
            self.then_open();
        }
    }

    fn command(&mut self, audience: Audience, from: i64, life: u64) -> Option<Letter> {
        let instruction = match self.rng.u32(0..9) {
            0 => Instruction::Identify,
            1 => Instruction::ShowMessage { text: "Chào".to_owned(), seconds: self.rng.u32(1..120) },
            2 => Instruction::CancelSale { sale: None },
            3 => Instruction::Report { day: None },
            4 => Instruction::SetLogLevel { level: LogLevel::Debug, minutes: Some(self.rng.u32(1..10)) },
            5 if self.rng.u32(0..3) == 0 => Instruction::Restart,
            6 => Instruction::Disable,
            7 => Instruction::Enable,
            8 if self.rng.u32(0..3) == 0 => {
                // Somebody may have typed another terminal's number.
                let other = TerminalNumber::new(1018).filter(|_| self.rng.u32(0..4) == 0);
                Instruction::Wipe { confirm: other.unwrap_or(terminal()) }
            }
            _ if self.operator.sent % 3 == 0 => update()?,
            _ => Instruction::Screenshot,
        };
        if matches!(instruction, Instruction::Disable | Instruction::Wipe { .. }) {
            self.then_open();
        }
        self.sign(instruction, audience, from, life)
    }

    fn sign(&mut self, instruction: Instruction, aud: Audience, from: i64, life: u64) -> Option<Letter> {
        self.operator.sent += 1;
        let jti = CommandId::new(&format!("c-{}", self.operator.sent))?;
        let iat = self.true_time().secs() + from / 1000;
        let (cmd, args) = (instruction.name().to_owned(), instruction.arguments());
        let exp = iat + millis(life) / 1000;
        let command = Command { jti, aud, iat, nbf: None, exp, cmd, args };
        let document = command.sign(&self.operator.key).ok()?.into_bytes();
        self.operator.signed.insert(jti, command);
        Some(Letter { topic: jti, document })
    }

    /// Somebody without the key writes what he likes, also in another's name.
    fn forge(&mut self) -> Option<Letter> {
        let jti = CommandId::new(&format!("f-{}", self.operator.sent))?;
        let iat = self.true_time().secs();
        let aud = Audience::Terminal(terminal());
        let instruction = if self.rng.bool() { Instruction::Disable } else { Instruction::CancelSale { sale: None } };
        let (cmd, args) = (instruction.name().to_owned(), instruction.arguments());
        let command = Command { jti, aud, iat, nbf: None, exp: iat + 3600, cmd, args };
        let mut document = command.sign(&self.operator.thief).ok()?;
        if self.rng.bool() {
            // The operator's name over the thief's signature.
            let (ours, theirs) = (self.operator.key.key().kid(), self.operator.thief.key().kid());
            let header = format!("{{\"alg\":\"EdDSA\",\"kid\":\"{theirs}\",\"typ\":\"JWT\"}}");
            document = document.replace(&base64url(&header), &base64url(&header.replace(&theirs, &ours)));
        }
        Some(Letter { topic: jti, document: document.into_bytes() })
    }

    pub(crate) fn deliver_letter(&mut self, connection: u64, number: u64, letter: &Letter) -> Verdict {
        let packet = u16::try_from(number % 60_000).unwrap_or_default();
        let delivery = Delivery { connection, packet };
        match Command::open(&letter.document, &self.operator.trusted()) {
            Ok(command) => {
                let command = Box::new(SignedCommand {
                    topic: letter.topic,
                    id: command.jti,
                    audience: command.aud.clone(),
                    made: UnixTime::from_secs(command.iat),
                    begins: command.begins_at(),
                    expires: UnixTime::from_secs(command.exp),
                    instruction: command.instruction().map_err(|error| error.to_string()),
                    document: None,
                });
                self.judge(Event::CommandArrived { delivery, command })
            }
            // The driver acknowledges and counts it.
            Err(_) => {
                self.facts.tally.forged += 1;
                self.take_letter(delivery);
                Ok(())
            }
        }
    }

    /// An adapter does what the till asks for, which takes its time. No wipe comes to its end here: what a terminal may forget
    /// is judged when it is asked to.
    pub(crate) fn perform(&mut self, id: CommandId, instruction: &Instruction) -> Verdict {
        let is_wipe = matches!(instruction, Instruction::Wipe { .. });
        if is_wipe {
            self.judge_wipe(id)?;
        }
        // See `judge_command`.
        if !self.operator.performed.insert(id) && !self.plan.wall_jumps {
            return broken("P12", format!("{id} is performed twice"));
        }
        let performed = match self.rng.u32(0..4) {
            _ if is_wipe => Performed::Failed("the disk refuses".to_owned()),
            3 => Performed::Failed("no".to_owned()),
            pieces => done(pieces),
        };
        let life = self.life;
        self.later(10..5 * SECOND, Happening::Performed { life, id, performed });
        Ok(())
    }

    /// Nobody else has what a terminal owes, and no customer's sale may be forgotten (promise P2).
    fn judge_wipe(&self, id: CommandId) -> Verdict {
        let is_money = |owed: &&Owed| matches!(owed.subject, Subject::Sale(_) | Subject::Receipt(_));
        if let Some(owed) = self.disk.owed.values().find(is_money) {
            return broken("P2", format!("{id} wipes a terminal that owes {:?}", owed.subject));
        }
        if let Some(busy) = self.disk.sales.values().find(|sale| sale.is_busy()) {
            return broken("P2", format!("{id} wipes a terminal that sells {}", busy.id));
        }
        if self.disk.service != Service::Disabled {
            return broken("P2", format!("{id} wipes a terminal that is not shut"));
        }
        Ok(())
    }

    /// An update comes bit by bit, over as many processes as it takes, or is not what it should be.
    pub(crate) fn fetch_update(&mut self, id: CommandId) -> Verdict {
        let (life, half) = (self.life, self.rng.u64(SECOND..20 * SECOND));
        self.after(half, Happening::Performed { life, id, performed: Performed::Fetching(50) });
        let performed = if self.rng.u32(0..5) == 0 { Performed::Failed("no".to_owned()) } else { Performed::Fetched };
        let whole = half + self.rng.u64(SECOND..5 * MINUTE);
        self.after(whole, Happening::Performed { life, id, performed });
        Ok(())
    }

    /// The system installs an update: the process is ended for it, and the next one hears what came of it.
    pub(crate) fn install_update(&mut self, id: CommandId) -> Verdict {
        if self.operator.installing.insert(id) {
            if let Some(busy) = self.disk.sales.values().find(|sale| sale.is_busy()) {
                return broken("P12", format!("the update of {id} is installed while {} is open", busy.id));
            }
            self.operator.restart = self.rng.bool();
        }
        let life = self.life;
        let performed = if self.rng.bool() { done(0) } else { Performed::Failed("the old one is back".to_owned()) };
        self.later(SECOND..MINUTE, Happening::Performed { life, id, performed });
        Ok(())
    }

    /// What is written down of a command: it is the operator's, for this terminal, in its time, and begins once.
    pub(crate) fn judge_command(&mut self, record: &CommandRecord) -> Verdict {
        let Some(command) = self.operator.signed.get(&record.id) else {
            return broken("P12", format!("{} is kept, which the operator never signed", record.id));
        };
        let before = self.disk.commands.get(&record.id);
        if before.is_some_and(|before| before.stage.is_final()) {
            return broken("P12", format!("{} goes on after its end: {:?}", record.id, record.stage));
        }
        let ours = match &command.aud {
            Audience::Terminal(number) => *number == terminal(),
            Audience::Group(name) => name.as_str() == "north",
        };
        if !ours {
            return broken("P12", format!("{} is kept, which is for {}", record.id, command.aud));
        }
        // A clock that was set may take what is over for young.
        let is_over = UnixTime::from_secs(command.exp) <= self.true_time();
        let is_taken = before.is_none() && record.stage == CommandStage::Received;
        if is_taken && is_over && !self.plan.wall_jumps && self.skew == 0 {
            return broken("P12", format!("{} is taken after its end", record.id));
        }
        let was_begun = before.is_some_and(|before| is_begun(&before.stage));
        if is_begun(&record.stage) && !was_begun {
            self.facts.tally.commands += 1;
            // A store that was lost takes its memory with it; its age, which a wrong clock may have written, keeps replays out.
            if !self.operator.begun.insert(record.id) && !self.plan.wall_jumps {
                return broken("P12", format!("{} is carried out again", record.id));
            }
        }
        Ok(())
    }

    /// A terminal is shut and opened by command alone, and sells nothing new while it is shut.
    pub(crate) fn judge_service(&self, writes: &[Write]) -> Verdict {
        let by_command = |service: Service| {
            writes.iter().any(|write| {
                let Write::Command(record) = write else { return false };
                match service {
                    Service::Open => record.instruction == Some(Instruction::Enable),
                    Service::Disabled => {
                        matches!(record.instruction, Some(Instruction::Disable | Instruction::Wipe { .. }))
                    }
                }
            })
        };
        for write in writes {
            if let Write::Service(service) = write {
                if !by_command(*service) {
                    return broken("P12", format!("the terminal is {service:?} by nobody's command"));
                }
            }
            if let Write::Sale(sale) = write {
                let is_new = !self.disk.sales.contains_key(&sale.id);
                if is_new && self.disk.service == Service::Disabled {
                    return broken("P12", format!("{} is made by a terminal that is shut", sale.id));
                }
            }
        }
        Ok(())
    }

    /// An operator's words hide no sale that is under way.
    pub(crate) fn judge_command_view(&self, view: &View) -> Verdict {
        if *view == View::Disabled && self.disk.service != Service::Disabled {
            return broken("P12", "the display says that the terminal is shut, which it is not");
        }
        match self.disk.sales.values().find(|sale| sale.is_busy()) {
            Some(busy) => broken("P6", format!("{view:?} hides {}", busy.id)),
            None => Ok(()),
        }
    }

    /// Whatever was taken has come to its end.
    pub(crate) fn judge_commands_ended(&self) -> Verdict {
        match self.disk.commands.values().find(|record| !record.stage.is_final()) {
            Some(record) => broken("P7", format!("the command {} has not ended: {:?}", record.id, record.stage)),
            None => Ok(()),
        }
    }
}

/// Whether something may have been done.
fn is_begun(stage: &CommandStage) -> bool {
    match stage {
        CommandStage::Running(Progress::Begun | Progress::Installing | Progress::Sending { .. })
        | CommandStage::Succeeded(_)
        | CommandStage::Failed(_) => true,
        CommandStage::Running(Progress::AwaitsSale | Progress::AwaitsDisplay | Progress::AwaitsDelivery)
        // What was fetched is fetched on.
        | CommandStage::Running(Progress::Fetching { .. })
        | CommandStage::Received
        | CommandStage::Rejected(_)
        | CommandStage::Expired => false,
    }
}

fn done(pieces: u32) -> Performed {
    Performed::Done { result: CommandResult::Json("{}".to_owned()), pieces }
}

fn update() -> Option<Instruction> {
    Some(Instruction::Update(Box::new(Update {
        url: "https://updates.example/tilld.deb".parse().ok()?,
        size: 1_000_000,
        sha256: Checksum::of(&[7; 32]),
        version: "0.2.0".parse().ok()?,
        kind: UpdateKind::Deb,
        downgrade: false,
    })))
}

fn millis(span: u64) -> i64 {
    i64::try_from(span).unwrap_or(i64::MAX)
}

/// Base64url without padding, of text.
fn base64url(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |bits: u32| DIGITS.get(usize::try_from(bits & 63).unwrap_or(0)).copied().map_or('A', char::from);
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let whole = chunk.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digits = [18, 12, 6, 0].map(|shift| digit(whole >> shift));
        out.extend(digits.iter().take(chunk.len() + 1));
    }
    out
}
