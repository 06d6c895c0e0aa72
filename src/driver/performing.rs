//! What commands have done beside the loop: reports, pictures, logs. Each in a task that tells the loop what came of it, and
//! within bounds; it must not decide whether a command is obeyed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use till_display::PictureError;
use till_settings::tls::whole_chain;
use till_wire::money::Currency;
use till_wire::{CommandId, UnixTime, fleet::Instruction};
use tokio::sync::mpsc;

use crate::config::Settings;
use crate::port::{Port, Unavailable};
use crate::program::{Runner, Task, Trouble};
use crate::till::{CommandResult, MAX_PIECES, MAX_RESULT, Performed};
use crate::update::Place;
use crate::{api, clock, log, panel};

use super::updating::Updater;

/// The largest piece, in bytes: a message may have 65 536.
const PIECE: usize = 60 * 1024;
/// The most that all pieces have together.
const MOST: usize = PIECE * MAX_PIECES as usize;
/// How many events of the flight recorder a bundle has at most.
const EVENTS: usize = 1_000;
/// The most of a bundle that the recorder may fill, so that its other parts always fit.
const MOST_OF_EVENTS: usize = MOST - 256 * 1024;
/// The log's newest lines: as many as the first of these, fewer when those are too large.
const LINES: [&str; 3] = ["--lines=10000", "--lines=2000", "--lines=400"];
/// How long the system may take to give its log.
const LOG_LIMIT: Duration = Duration::from_secs(15);

/// Takes the picture that the display shows.
type Photographer = Box<dyn FnOnce() -> Result<panel::Picture, PictureError> + Send>;

/// What came of something that was done for a command.
pub(super) struct Done {
    pub(super) id: CommandId,
    pub(super) performed: Performed,
    /// What is to be sent, piece by piece.
    pub(super) pieces: Vec<Vec<u8>>,
}

impl Done {
    /// Tells what came of something without pieces.
    pub(super) fn of(id: CommandId, performed: Performed) -> Self {
        Self { id, performed, pieces: Vec::new() }
    }
}

/// Does what commands ask for.
pub(super) struct Performer {
    port: Port,
    timezone: TimeZone,
    currency: Currency,
    /// The configuration as it is used, in words; secrets do not show themselves.
    configuration: Arc<str>,
    /// `store.path`.
    store: PathBuf,
    /// The till gives one job at a time.
    say: mpsc::Sender<Done>,
}

/// What was found, or in one sentence why nothing was.
enum Found {
    Nothing,
    Result(Value),
    /// Something to be sent: its media type and its bytes.
    Bundle(&'static str, Vec<u8>),
}

impl Performer {
    /// Makes one, and where its work is heard of.
    pub(super) fn new(port: Port, settings: &Settings) -> (Self, mpsc::Receiver<Done>) {
        let (say, heard) = mpsc::channel(1);
        let performer = Self {
            port,
            timezone: settings.terminal.timezone.clone(),
            currency: settings.sale.max_amount.currency(),
            configuration: format!("{settings:#?}").into(),
            store: settings.store.path.clone(),
            say,
        };
        (performer, heard)
    }

    /// Makes who fetches updates, and is heard in the same place.
    pub(super) fn updater(&self, settings: &Settings) -> Updater {
        Updater::new(Place::new(&settings.store.path, &settings.fleet.installer), self.say.clone())
    }

    /// Does it in a task of its own. `picture` is what the display shows, if there is one; no command that was obeyed dies after
    /// `obeyed_until`.
    pub(super) fn perform(
        &self,
        id: CommandId,
        instruction: Instruction,
        picture: Option<impl FnOnce() -> Result<panel::Picture, PictureError> + Send + 'static>,
        obeyed_until: Option<UnixTime>,
    ) {
        let (port, say) = (self.port.clone(), self.say.clone());
        let (zone, currency, configuration) = (self.timezone.clone(), self.currency, Arc::clone(&self.configuration));
        let store = self.store.clone();
        let picture = picture.map(|take| -> Photographer { Box::new(take) });
        tokio::spawn(async move {
            let found = match instruction {
                Instruction::Report { day } => report(&port, &zone, currency, day.as_deref()).await,
                Instruction::SetLogLevel { level, .. } => match log::set_level(level) {
                    true => Ok(Found::Nothing),
                    false => Err("another program decides what this one logs".to_owned()),
                },
                Instruction::Screenshot => beside(|| screenshot(picture)).await,
                Instruction::Diagnose => diagnose(&port, &configuration).await,
                Instruction::CollectLogs { minutes } => beside(move || collect_logs(minutes)).await,
                Instruction::Wipe { .. } => beside(move || wipe(&store, obeyed_until)).await,
                Instruction::Identify
                | Instruction::ShowMessage { .. }
                | Instruction::CancelSale { .. }
                | Instruction::Restart
                | Instruction::Disable
                | Instruction::Enable
                | Instruction::Update(_) => Err("the till does this itself".to_owned()),
            };
            // Nobody listens any more when the daemon stops.
            let _ = say.send(done(id, found)).await;
        });
    }
}

/// Runs something that may block.
async fn beside(work: impl FnOnce() -> Result<Found, String> + Send + 'static) -> Result<Found, String> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err("it broke off".to_owned()))
}

fn done(id: CommandId, found: Result<Found, String>) -> Done {
    let failed = |why: String| Done { id, performed: Performed::Failed(why), pieces: Vec::new() };
    let (result, pieces) = match found {
        Err(why) => return failed(why),
        Ok(Found::Nothing) => (CommandResult::None, Vec::new()),
        Ok(Found::Result(value)) => (CommandResult::Json(value.to_string()), Vec::new()),
        Ok(Found::Bundle(_, bytes)) if bytes.len() > MOST => {
            return failed(format!("{} bytes are more than are sent, {MOST}", bytes.len()));
        }
        Ok(Found::Bundle(kind, bytes)) => {
            let pieces: Vec<Vec<u8>> = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect();
            let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let told = json!({"type": kind, "bytes": bytes.len(), "pieces": pieces.len(), "sha256": digest});
            (CommandResult::Json(told.to_string()), pieces)
        }
    };
    if matches!(&result, CommandResult::Json(text) if text.len() > MAX_RESULT) {
        return failed(format!("the result has more than {MAX_RESULT} bytes"));
    }
    let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    Done { id, performed: Performed::Done { result, pieces: count }, pieces }
}

async fn report(port: &Port, zone: &TimeZone, currency: Currency, day: Option<&str>) -> Result<Found, String> {
    let report = api::report_of_day(port, zone, currency, day, clock::wall()).await;
    let report = report.map_err(|error| format!("the day cannot be reckoned: {error}"))?;
    report.map(Found::Result).ok_or_else(|| "there is no such day".to_owned())
}

fn screenshot(picture: Option<Photographer>) -> Result<Found, String> {
    let take = picture.ok_or("there is no display")?;
    let panel::Picture { png, .. } = take().map_err(|error| whole_chain(&error))?;
    Ok(Found::Bundle("image/png", png.to_vec()))
}

/// Puts status, configuration and the newest events together, a JSON value on each line.
async fn diagnose(port: &Port, configuration: &str) -> Result<Found, String> {
    let unavailable = |error: Unavailable| format!("the terminal does not tell how it is doing: {error}");
    let status = port.status().await.map_err(unavailable)?;
    let counted = port.counters().await.map_err(unavailable)?;
    let lines = port.flight().await.map_err(unavailable)?;
    let counted: Vec<String> = counted.iter().map(|measure| format!("{measure:?}")).collect();
    let configuration: Vec<&str> = configuration.lines().collect();
    let heads = [json!({"status": status}), json!({"counted": counted}), json!({"configuration": configuration})];
    let mut bundle = heads.map(|head| head.to_string()).join("\n").into_bytes();
    bundle.push(b'\n');
    newest_events(&lines).for_each(|line| bundle.extend_from_slice(line));
    Ok(Found::Bundle("application/x-ndjson", bundle))
}

/// Returns the newest events and what came of each, oldest first, as the flight recorder writes them.
fn newest_events(lines: &[Arc<[u8]>]) -> impl Iterator<Item = &[u8]> {
    let is_event = |line: &&Arc<[u8]>| line.starts_with(b"{\"event\"") || line.starts_with(b"{\"did\"");
    let (mut events, mut bytes) = (0, 0);
    let mut kept: Vec<&[u8]> = Vec::new();
    for line in lines.iter().rev().filter(is_event) {
        events += usize::from(line.starts_with(b"{\"event\""));
        bytes += line.len();
        if bytes > MOST_OF_EVENTS {
            break;
        }
        kept.push(line);
        if events >= EVENTS {
            break;
        }
    }
    kept.into_iter().rev()
}

/// Notes durably that this terminal is to forget; it does when the process ends.
fn wipe(store: &Path, obeyed_until: Option<UnixTime>) -> Result<Found, String> {
    let noted = super::wipe::note(store, obeyed_until).map(|()| Found::Nothing);
    noted.map_err(|error| format!("the disk cannot note it: {error}"))
}

/// Asks the system for the newest of its log about our services. No secret is ever logged.
fn collect_logs(minutes: u32) -> Result<Found, String> {
    let since = format!("--since=-{minutes}min");
    let mut trouble = String::new();
    for lines in LINES {
        let words = ["--no-pager", "--output=short-iso", "--unit=tilld.service", "--unit=tilld.socket", &since, lines];
        let arguments = words.map(OsStr::new);
        let running = Runner::default().start(&Task {
            program: Path::new("journalctl"),
            package: "systemd",
            arguments: &arguments,
            input: b"",
            most: u64::try_from(MOST).unwrap_or(u64::MAX),
            limit: LOG_LIMIT,
        });
        match running.and_then(|running| running.finish(&|| false)) {
            Ok(log) => return Ok(Found::Bundle("text/plain; charset=utf-8", log)),
            Err(error @ Trouble::TooMuch { .. }) => trouble = whole_chain(&error),
            Err(error) => {
                let why = whole_chain(&error);
                return Err(format!(
                    "the system's log cannot be read: {why} (the service needs the group systemd-journal)"
                ));
            }
        }
    }
    Err(format!("the system's log cannot be sent: {trouble}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    #[test]
    fn p9_a_bundle_has_the_newest_thousand_events_and_no_more() {
        let mut lines = vec![line("{\"flight\":1}\n"), line("{\"begin\":{}}\n")];
        for number in 0..1_500 {
            lines.push(line(&format!("{{\"event\":{number}}}\n")));
            lines.push(line("{\"did\":{}}\n"));
        }
        let kept: Vec<_> = newest_events(&lines).collect();
        assert_eq!(kept.len(), 2_000);
        assert_eq!(kept.first().copied(), Some(b"{\"event\":500}\n".as_slice()));
        let large = vec![line(&format!("{{\"event\":\"{}\"}}\n", "x".repeat(200_000))); 50];
        let bytes: usize = newest_events(&large).map(<[u8]>::len).sum();
        assert!(bytes > 0 && bytes <= MOST_OF_EVENTS, "{bytes}");
    }

    #[test]
    fn p9_what_is_sent_is_cut_into_pieces_that_a_message_can_carry() {
        let id = CommandId::new("c-1").expect("an id");
        let Done { performed, pieces, .. } = done(id, Ok(Found::Bundle("text/plain", vec![7; PIECE + 1])));
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE, 1]);
        let Performed::Done { result: CommandResult::Json(told), pieces: 2 } = performed else {
            unreachable!("{performed:?}")
        };
        assert!(told.contains("\"pieces\":2") && told.contains("sha256"), "{told}");
        let too_much = done(id, Ok(Found::Bundle("text/plain", vec![7; MOST + 1])));
        assert!(matches!(too_much.performed, Performed::Failed(_)) && too_much.pieces.is_empty());
        let long = done(id, Ok(Found::Result(json!("x".repeat(MAX_RESULT)))));
        assert!(matches!(long.performed, Performed::Failed(_)));
    }
}
