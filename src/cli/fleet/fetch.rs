//! `till fleet logs`, `screenshot`, `diagnose`: what a terminal sends in pieces, put together and checked against what it says
//! of the whole. It must not know what is in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use till_wire::fleet::{CommandState, CommandStatus, Instruction};
use till_wire::topics::{command_status_filter, log_filter};
use till_wire::{CommandId, TerminalNumber, Topic};
use tokio::time::{Duration, Instant};

use super::super::World;
use super::super::fault::Fault;
use super::super::text::plain;
use super::super::words::FleetAttempt;
use super::command::warn_of_absence;
use super::desk::Desk;
use super::folder::{Readers, write};
use super::kept::listen;
use super::line::{Delivery, Heard, Kept, Line, LineError};
use super::order::{Order, Whom};
use super::typed::{Fetching, FileArgs, LogsArgs};
use super::{cannot, now};
use crate::clock;

/// The most pieces of one answer.
const MOST_PIECES: u32 = 64;
/// How long a piece that is missing is waited for once the terminal has said that all were sent.
const LATE: Duration = Duration::from_secs(20);

/// What a terminal says of all pieces together.
#[derive(Debug, Deserialize)]
struct Sent {
    bytes: usize,
    pieces: u32,
    sha256: String,
}

/// Fetches the log.
pub(super) async fn logs(args: &LogsArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let wanted = Instruction::CollectLogs { minutes: args.minutes };
    fetch(args.number, &wanted, args.out.as_deref(), &args.fetching, desk, world).await
}

/// Fetches what the display shows.
pub(super) async fn screenshot(args: &FileArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    fetch(args.number, &Instruction::Screenshot, Some(&args.file), &args.fetching, desk, world).await
}

/// Fetches what is known of how the terminal is doing.
pub(super) async fn diagnose(args: &FileArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    fetch(args.number, &Instruction::Diagnose, Some(&args.file), &args.fetching, desk, world).await
}

async fn fetch(
    number: TerminalNumber,
    wanted: &Instruction,
    file: Option<&Path>,
    how: &Fetching,
    desk: &Desk,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    let words = desk.words;
    let order = Order::of(Whom::One(number), wanted, how.valid);
    let attempt = FleetAttempt::Command(&order.cmd);
    let signer = desk.signer()?;
    let id = order.name(now(attempt, words)?, words)?;
    let mut line = desk.connect().await?;
    warn_of_absence(&order, number, desk, &mut line, world).await?;
    let filters = [command_status_filter(&id), log_filter(number, &id)];
    listen(&mut line, &filters, Delivery::Acknowledged).await.map_err(|error| desk.fault(&error))?;
    let mut parcel = Parcel { number, id, pieces: BTreeMap::new(), is_heard: false, end: None };
    let until = Instant::now() + how.valid;
    loop {
        if !parcel.is_heard {
            // Dated after everything else, so that its life is not spent with asking. Whoever gets it twice does it once.
            let document = order.sign(id, number, false, (&signer, clock::wall(), words))?;
            line.publish(&Topic::Command(number, id), Kept::No, document).map_err(|error| desk.fault(&error))?;
        }
        match parcel.collect(until, &mut line, desk, world).await? {
            Ok(()) => break,
            // How it ended the broker keeps; pieces that came meanwhile are lost, which is said at the end.
            Err(error) => line = desk.come_back(&error, &filters, Delivery::Acknowledged, world).await?,
        }
    }
    let status = parcel.end.take().ok_or_else(|| cannot(words, attempt, words.fleet.tools.no_answer))?;
    if status.status != CommandState::Succeeded {
        let reason = status.reason.as_deref().map(plain).unwrap_or_default();
        let word = (words.fleet.tools.command_state)(status.status);
        return Err(cannot(words, attempt, format!("{word}: {reason}").trim_end_matches(": ")));
    }
    let whole = parcel.whole(&status).map_err(|why| cannot(words, attempt, &(words.fleet.tools.parcel)(why)))?;
    deliver(&whole, file, how.json, &status, world)?;
    if !how.keep {
        let topic = Topic::CommandStatus(number, id);
        line.publish(&topic, Kept::Yes, "").map_err(|error| desk.fault(&error))?;
    }
    line.close().await.map_err(|error| desk.fault(&error))
}

/// Writes the file, whole, and for its owner alone: a picture or a log tells of a shop's business.
fn deliver(
    whole: &[u8],
    file: Option<&Path>,
    json: bool,
    status: &CommandStatus,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    let words = world.style.words();
    let Some(file) = file else {
        world.out.write_all(whole)?;
        return Ok(world.out.flush()?);
    };
    let attempt = FleetAttempt::Write(file);
    write(file, whole, Readers::Owner).map_err(|error| cannot(words, attempt, &(words.system)(&error)))?;
    if json {
        return Ok(writeln!(world.out, "{}", serde_json::json!(status))?);
    }
    Ok(writeln!(world.out, "{}", (words.saved)(file))?)
}

/// Why the pieces are not what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ParcelFault {
    /// The terminal does not say what it sent.
    Unsaid,
    /// This many of that many came.
    Missing { came: usize, sent: u32 },
    /// Together they are something else.
    Other,
}

/// What comes in pieces.
struct Parcel {
    number: TerminalNumber,
    id: CommandId,
    /// By their numbers from 1 to [`MOST_PIECES`], each at most as large as a message.
    pieces: BTreeMap<u32, Vec<u8>>,
    /// Whether the terminal has the command.
    is_heard: bool,
    end: Option<CommandStatus>,
}

impl Parcel {
    /// Takes what comes until the command has ended and all pieces are there, there is no hope, or no connection.
    async fn collect(
        &mut self,
        mut until: Instant,
        line: &mut Line,
        desk: &Desk,
        world: &mut World<'_>,
    ) -> Result<Result<(), LineError>, Fault> {
        while !self.is_complete() {
            let message = match line.next_until(until).await {
                Ok(Some(Heard::Message(message))) => message,
                Ok(Some(Heard::Granted | Heard::Refused | Heard::Taken)) => continue,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            };
            match message.topic {
                Topic::Log(number, id, piece) if number == self.number && id == self.id => {
                    if (1..=MOST_PIECES).contains(&piece) {
                        self.pieces.insert(piece, message.body().to_vec());
                    }
                }
                Topic::CommandStatus(number, id) if number == self.number && id == self.id => {
                    let Ok(status) = serde_json::from_slice::<CommandStatus>(message.body()) else { continue };
                    let word = (desk.words.fleet.tools.command_state)(status.status);
                    let more = status.progress.as_deref().map(|more| format!(": {}", plain(more))).unwrap_or_default();
                    writeln!(world.err, "{}  {word}{more}", self.number)?;
                    self.is_heard = true;
                    if is_end(status.status) {
                        self.end = Some(status);
                        until = until.min(Instant::now() + LATE);
                    }
                }
                Topic::Log(..)
                | Topic::CommandStatus(..)
                | Topic::State(_)
                | Topic::Health(_)
                | Topic::Reported(_)
                | Topic::Sale(..)
                | Topic::Receipt(..)
                | Topic::Replay(_)
                | Topic::Webhook(_)
                | Topic::Command(..)
                | Topic::Desired(_)
                | Topic::Unrouted(_) => {}
            }
        }
        Ok(Ok(()))
    }

    fn is_complete(&self) -> bool {
        let Some(status) = &self.end else { return false };
        let has_all =
            || sent(status).is_none_or(|sent| (1..=sent.pieces.min(MOST_PIECES)).all(|n| self.pieces.contains_key(&n)));
        status.status != CommandState::Succeeded || has_all()
    }

    /// Puts the pieces together.
    fn whole(&self, status: &CommandStatus) -> Result<Vec<u8>, ParcelFault> {
        let sent = sent(status).ok_or(ParcelFault::Unsaid)?;
        let mut whole = Vec::new();
        for number in 1..=sent.pieces.min(MOST_PIECES) {
            let missing = ParcelFault::Missing { came: self.pieces.len(), sent: sent.pieces };
            whole.extend_from_slice(self.pieces.get(&number).ok_or(missing)?);
        }
        let fits = sent.pieces <= MOST_PIECES && whole.len() == sent.bytes && sum(&whole) == sent.sha256;
        if fits { Ok(whole) } else { Err(ParcelFault::Other) }
    }
}

/// Returns the SHA-256 in hex digits, which is no secret: it tells whether all pieces came.
fn sum(whole: &[u8]) -> String {
    let bytes: [u8; 32] = Sha256::digest(whole).into();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sent(status: &CommandStatus) -> Option<Sent> {
    serde_json::from_value(status.result.clone()?).ok()
}

fn is_end(state: CommandState) -> bool {
    match state {
        CommandState::Received | CommandState::Running => false,
        CommandState::Succeeded | CommandState::Failed | CommandState::Rejected | CommandState::Expired => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(pieces: &[(u32, &[u8])]) -> Parcel {
        let pieces = pieces.iter().map(|(number, body)| (*number, body.to_vec())).collect();
        let number = TerminalNumber::new(1017).expect("a terminal's number");
        Parcel { number, id: CommandId::new("c-1").expect("an id"), pieces, is_heard: true, end: None }
    }

    fn says(bytes: usize, pieces: u32, whole: &[u8]) -> CommandStatus {
        let result =
            serde_json::json!({ "type": "text/plain", "bytes": bytes, "pieces": pieces, "sha256": sum(whole) });
        CommandStatus { result: Some(result), ..CommandStatus::plain(CommandState::Succeeded) }
    }

    #[test]
    fn pieces_are_put_together_in_order_and_checked() {
        let both = parcel(&[(2, b"de"), (1, b"abc")]);
        assert_eq!(both.whole(&says(5, 2, b"abcde")), Ok(b"abcde".to_vec()));
        assert_eq!(both.whole(&says(5, 2, b"abcdf")), Err(ParcelFault::Other));
        assert_eq!(both.whole(&says(4, 2, b"abcde")), Err(ParcelFault::Other));
        assert_eq!(both.whole(&says(5, 3, b"abcde")), Err(ParcelFault::Missing { came: 2, sent: 3 }));
        assert_eq!(both.whole(&CommandStatus::plain(CommandState::Succeeded)), Err(ParcelFault::Unsaid));
        assert_eq!(parcel(&[]).whole(&says(0, 0, b"")), Ok(Vec::new()));
    }

    #[test]
    fn a_parcel_is_complete_with_its_last_piece() {
        let mut half = parcel(&[(2, b"de")]);
        assert!(!half.is_complete());
        half.end = Some(says(5, 2, b"abcde"));
        assert!(!half.is_complete());
        half.pieces.insert(1, b"abc".to_vec());
        assert!(half.is_complete());
        half.end = Some(CommandStatus::plain(CommandState::Failed));
        half.pieces.clear();
        assert!(half.is_complete());
    }
}
