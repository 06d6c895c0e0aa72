//! Whether root believes a request: it is judged as if nobody had judged it before, by the keys, the number and the groups of
//! root's own file. It must not read anything, nor know how an update is installed.

use till_wire::fleet::{Audience, Command, CommandError, FleetKey, Instruction, InstructionError, Update};
use till_wire::{CommandId, GroupName, TerminalNumber, UnixTime};

use super::done::Done;

/// By how much the clock of whoever signed may be ahead, in seconds, as for every command.
const CLOCKS_DIFFER_S: i64 = 60;

/// How long after its end a command is still installed, in seconds. The terminal hands it over before its end, once it has
/// fetched the file and nothing is sold; a power cut may come in between, and the terminal then waits for an hour.
pub(super) const GRACE_S: i64 = 3600;

/// What root knows.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Whom root's file believes, and whom the claim names that one of those has signed.
    pub(super) keys: &'a [FleetKey],
    pub(super) number: TerminalNumber,
    pub(super) groups: &'a [GroupName],
    /// What was installed before.
    pub(super) done: &'a Done,
    pub(super) now: UnixTime,
    pub(super) clock_is_plausible: bool,
}

/// What is to be installed, and by which command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) id: CommandId,
    pub(super) made: i64,
    pub(super) update: Box<Update>,
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the installer believes no key: name the fleet's in fleet.trusted_keys of tilld.toml")]
    NoKeys,
    #[error("the installer does not believe it: {0}")]
    Unbelieved(#[from] CommandError),
    #[error("it is for `{0}`, and this terminal is another, by its own file")]
    Foreign(Audience),
    #[error("the clock is not set, so nobody can tell whether the command has expired")]
    NoClock,
    #[error("it counts from {0} on, which is still to come: check the clock")]
    Early(UnixTime),
    #[error("it lives longer than a day")]
    TooLong,
    #[error("it expired at {0}")]
    Expired(UnixTime),
    #[error("it is `{0}`, and only `update` is installed")]
    OtherCommand(String),
    #[error(transparent)]
    Instruction(#[from] InstructionError),
    #[error("it was carried out before, or may have been: sign a new command")]
    Replayed,
}

/// Believes a request, or says why not.
pub(super) fn judge(document: &str, known: &Known<'_>) -> Result<Order, Refusal> {
    if known.keys.is_empty() {
        return Err(Refusal::NoKeys);
    }
    let command = Command::open(document.as_bytes(), known.keys)?;
    let is_ours = match &command.aud {
        Audience::Terminal(number) => *number == known.number,
        Audience::Group(name) => known.groups.contains(name),
    };
    if !is_ours {
        return Err(Refusal::Foreign(command.aud));
    }
    if !known.clock_is_plausible {
        return Err(Refusal::NoClock);
    }
    let now = known.now.secs();
    if now.saturating_add(CLOCKS_DIFFER_S) < command.begins_at().secs() {
        return Err(Refusal::Early(command.begins_at()));
    }
    if !command.lives_within_bounds() {
        return Err(Refusal::TooLong);
    }
    if now >= command.exp.saturating_add(GRACE_S) {
        return Err(Refusal::Expired(UnixTime::from_secs(command.exp)));
    }
    let order = order(&command)?;
    if known.done.has(&order) { Err(Refusal::Replayed) } else { Ok(order) }
}

/// Returns what a request asks for that was believed before, when what is asked is how far it is.
pub(super) fn believed_before(document: &str) -> Result<Order, Refusal> {
    order(&Command::peek(document.as_bytes())?)
}

fn order(command: &Command) -> Result<Order, Refusal> {
    let other = || Refusal::OtherCommand(command.cmd.clone());
    if command.cmd != "update" {
        return Err(other());
    }
    // No list of the others here: one that is new would be none of ours either.
    let Instruction::Update(update) = command.instruction()? else { return Err(other()) };
    Ok(Order { id: command.jti, made: command.iat, update })
}
