//! A command as it is typed, and the documents that terminals get for it: signed, each for its terminal or its group. It must
//! not know how they are sent.

/// How a command is typed.
fn example(name: &str) -> String {
    let args = match name {
        "show-message" => " text=\"…\" seconds=600",
        "cancel-sale" => " [sale=0001017-029727122]",
        "report" => " [day=2026-11-29]",
        "set-log-level" => " level=debug minutes=60",
        "collect-logs" => " minutes=60",
        "wipe" => " confirm=1017",
        "update" => " url=https://… size=… sha256=… version=…",
        _ => "",
    };
    format!("till fleet command 1017 {name}{args}")
}

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Map, Value};
use till_wire::fleet::{Audience, Command, FleetSigner, Instruction, InstructionError};
use till_wire::{CommandId, GroupName, TerminalNumber, UnixTime};

use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Words};
use super::args::number;
use super::cannot;
use super::keygen::random;
use super::typed::CommandArgs;

/// Commands that take what they do away from several counters at once.
const GRAVE: [&str; 2] = ["disable", "wipe"];
/// The one whose argument is the terminal's own number.
const WIPE: &str = "wipe";

/// Of how many values that look like numbers it is tried whether they are texts.
const MOST_DOUBTS: usize = 6;

/// Whom a command is for, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    One(TerminalNumber),
    Group(GroupName),
    All,
}

/// A command, before anybody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) whom: Whom,
    pub(super) cmd: String,
    args: Map<String, Value>,
    valid: Duration,
}

impl Order {
    /// Reads what was typed.
    pub(super) fn read(typed: &CommandArgs, words: &Words) -> Result<Self, Fault> {
        let tools = &words.fleet.tools;
        let usage = |text: &str| Fault::Usage(text.to_owned());
        let mut rest = typed.words.iter().map(String::as_str);
        let whom = match (&typed.group, typed.all) {
            (Some(group), _) => Whom::Group(group.clone()),
            (None, true) => Whom::All,
            (None, false) => {
                let first = rest.next().unwrap_or_default();
                Whom::One(number(first).map_err(|_| Fault::Usage((tools.no_number)(first)))?)
            }
        };
        let cmd = rest.next().ok_or_else(|| usage(tools.no_command))?.to_owned();
        let pairs: Vec<&str> = rest.collect();
        let args = match &typed.args {
            Some(_) if !pairs.is_empty() => return Err(usage(tools.both_args)),
            Some(json) => {
                let read = serde_json::from_str::<Map<String, Value>>(json);
                read.map_err(|error| Fault::Usage((tools.bad_args)(&error.to_string())))?
            }
            None => arguments(&cmd, &pairs, words)?,
        };
        let mut order = Self { whom, cmd, args, valid: typed.how.valid };
        if order.is_grave() && !typed.yes {
            return Err(Fault::Usage((tools.say_yes)(&order.cmd)));
        }
        if let (Whom::One(number), true) = (&order.whom, typed.yes) {
            order.args = order.confirmed(*number);
        }
        order.check(words)?;
        Ok(order)
    }

    /// A command that has a verb of its own.
    pub(super) fn of(whom: Whom, instruction: &Instruction, valid: Duration) -> Self {
        Self { whom, cmd: instruction.name().to_owned(), args: instruction.arguments(), valid }
    }

    /// Tells whether it would do harm by a slip of the hand.
    fn is_grave(&self) -> bool {
        let is_for_several = !matches!(self.whom, Whom::One(_));
        is_for_several && GRAVE.contains(&self.cmd.as_str())
    }

    /// Returns the arguments with the number that a wipe has to name.
    fn confirmed(&self, number: TerminalNumber) -> Map<String, Value> {
        let mut args = self.args.clone();
        if self.cmd == WIPE && !args.contains_key("confirm") {
            args.insert("confirm".to_owned(), number.value().into());
        }
        args
    }

    /// Refuses what no terminal does, before anybody is asked.
    fn check(&self, words: &Words) -> Result<(), Fault> {
        let args = match &self.whom {
            Whom::One(_) => self.args.clone(),
            // Each gets its own number.
            Whom::Group(_) | Whom::All => TerminalNumber::new(1).map(|one| self.confirmed(one)).unwrap_or_default(),
        };
        let said = match Instruction::parse(&self.cmd, &args) {
            Ok(_) => return Ok(()),
            Err(InstructionError::Unknown { name }) => {
                (words.fleet.tools.unknown_command)(&name, &Instruction::NAMES.join(", "))
            }
            Err(InstructionError::Arguments { name, reason }) => {
                (words.fleet.tools.other_args)(name, &example(name), &reason)
            }
        };
        Err(Fault::Usage(said))
    }

    /// Draws the name of the command: what it does, when it was made, and what nobody can guess.
    pub(super) fn name(&self, now: UnixTime, words: &Words) -> Result<CommandId, Fault> {
        let drawn: [u8; 8] = random(FleetAttempt::Command(&self.cmd), words)?;
        let name = format!("{}-{:x}-{:016x}", self.cmd, now.secs(), u64::from_be_bytes(drawn));
        CommandId::new(&name).ok_or_else(|| cannot(words, FleetAttempt::Command(&self.cmd), &name))
    }

    /// Signs the document for one terminal.
    pub(super) fn sign(
        &self,
        id: CommandId,
        number: TerminalNumber,
        by_group: bool,
        (signer, now, words): (&FleetSigner, UnixTime, &Words),
    ) -> Result<String, Fault> {
        let aud = match &self.whom {
            Whom::Group(group) if by_group => Audience::Group(group.clone()),
            Whom::One(_) | Whom::Group(_) | Whom::All => Audience::Terminal(number),
        };
        let valid = i64::try_from(self.valid.as_secs()).unwrap_or(i64::MAX);
        let args = if matches!(self.whom, Whom::One(_)) { self.args.clone() } else { self.confirmed(number) };
        let exp = now.secs().saturating_add(valid);
        let command = Command { jti: id, aud, iat: now.secs(), nbf: None, exp, cmd: self.cmd.clone(), args };
        command.sign(signer).map_err(|error| cannot(words, FleetAttempt::Command(&self.cmd), &error.to_string()))
    }

    /// Says until when it can be obeyed when it is sent now.
    pub(super) fn ends_at(&self, now: UnixTime) -> UnixTime {
        let valid = i64::try_from(self.valid.as_secs()).unwrap_or(i64::MAX);
        UnixTime::from_secs(now.secs().saturating_add(valid))
    }
}

/// Reads `KEY=VALUE`: a value is a number or a yes or no where it looks like one and the command takes it so, else a text.
fn arguments(cmd: &str, pairs: &[&str], words: &Words) -> Result<Map<String, Value>, Fault> {
    let mut args = Map::new();
    for pair in pairs {
        let named = pair.split_once('=').filter(|(key, _)| !key.is_empty() && !args.contains_key(*key));
        let (key, value) = named.ok_or_else(|| Fault::Usage((words.fleet.tools.bad_pair)(pair)))?;
        args.insert(key.to_owned(), value.into());
    }
    Ok(as_understood(cmd, &args))
}

/// Returns the arguments with the values that look like numbers as numbers, or as texts where the command takes only that.
fn as_understood(cmd: &str, texts: &Map<String, Value>) -> Map<String, Value> {
    let typed: Map<String, Value> = texts.iter().map(|(key, value)| (key.clone(), guessed(value))).collect();
    let doubtful: Vec<&String> =
        texts.keys().filter(|key| texts.get(*key) != typed.get(*key)).take(MOST_DOUBTS).collect();
    let variant = |which: u32| {
        let mut args = typed.clone();
        let stay = doubtful.iter().enumerate().filter(|(at, _)| which & (1 << at) != 0);
        args.extend(stay.filter_map(|(_, key)| texts.get(*key).map(|text| ((*key).clone(), text.clone()))));
        args
    };
    let mut variants = (0..1 << doubtful.len()).map(variant);
    variants.find(|args| Instruction::parse(cmd, args).is_ok()).unwrap_or(typed)
}

fn guessed(value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let is_plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    match (text, text.parse::<u64>()) {
        ("true", _) => true.into(),
        ("false", _) => false.into(),
        // Seven digits may be a terminal's number; those that begin with a zero are no number in JSON.
        (text, Ok(number)) if is_plain && (text == "0" || !text.starts_with('0')) => number.into(),
        (_, _) => value.clone(),
    }
}
