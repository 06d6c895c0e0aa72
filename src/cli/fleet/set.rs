//! `till fleet set` and `till fleet diff`: sends terminals the configuration that the fleet's files say, and tells who has
//! another one. It must not know which keys there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use till_wire::fleet::{Audience, Desired, FleetSigner, Reported};
use till_wire::{TerminalNumber, Topic, UnixTime};
use tokio::time::Instant;

use super::super::World;
use super::super::fault::Fault;
use super::super::style::Ink;
use super::super::text::plain;
use super::super::words::FleetAttempt;
use super::desk::Desk;
use super::files::Files;
use super::kept::{listen, read_topics};
use super::line::{Delivery, Heard, Kept, Line, Message};
use super::typed::{DiffArgs, SetArgs};
use super::{cannot, now};

/// The most reasons that are told of one terminal, and the most characters of each.
const MOST_REASONS: usize = 20;
const LONGEST_REASON: usize = 300;

/// A configuration on its way to a terminal.
struct Wanted {
    config: Map<String, Value>,
    hash: String,
    /// The version that it is sent as; nothing while it is not sent.
    version: Option<u64>,
    outcome: Outcome,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Outcome {
    /// The terminal had it already.
    Already,
    Applied,
    Refused(Vec<String>),
    /// The terminal has another one, or has not said which.
    Other,
    Silent,
}

/// What the broker keeps of a terminal's configuration.
#[derive(Clone, Debug, Default)]
struct Before {
    version: u64,
    desired: Option<String>,
    reported: Option<Reported>,
}

/// Sends configurations.
pub(super) async fn set(args: &SetArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let words = desk.words;
    let files = Files::read(&folder(args.folder.as_ref(), desk), desk)?;
    let mut wanted = wanted(&files, &chosen(args, &files, desk)?);
    if args.dry_run {
        return print(&wanted, args.json, Shown::Plans, world);
    }
    let signer = desk.signer()?;
    let now = now(FleetAttempt::Configure, words)?;
    let before = before(&wanted, desk).await?;
    for (number, one) in &mut wanted {
        let known = before.get(number);
        let has_it =
            known.and_then(|known| known.reported.as_ref()).is_some_and(|said| said.hash.as_ref() == Some(&one.hash));
        if has_it && known.is_some_and(|known| known.desired.as_ref() == Some(&one.hash)) {
            one.outcome = Outcome::Already;
        } else {
            let last = known.map_or(0, |known| known.version);
            one.version = Some(u64::try_from(now.secs()).unwrap_or(1).max(last.saturating_add(1)));
        }
    }
    let mut line = desk.connect().await?;
    listen(&mut line, &reported(&wanted), Delivery::Stream).await.map_err(|error| desk.fault(&error))?;
    for (number, one) in &wanted {
        let Some(version) = one.version else { continue };
        while !line.has_room() {
            line.next_due().await.map_err(|error| desk.fault(&error))?;
        }
        let document = sign(*number, one, version, (&signer, now), desk)?;
        line.publish(&Topic::Desired(*number), Kept::Yes, document).map_err(|error| desk.fault(&error))?;
    }
    let line = hear(&mut wanted, Instant::now() + args.patience, line, desk, world).await?;
    line.close().await.map_err(|error| desk.fault(&error))?;
    // What somebody said while the connection was away, or was slow, the broker has kept.
    let topics = reported(&wanted);
    let read = read_topics(desk, &topics, |message| _ = take(&mut wanted, message));
    read.await.map_err(|error| desk.fault(&error))?;
    print(&wanted, args.json, Shown::Outcomes, world)
}

/// Returns on which topics those who were sent a configuration and have not said so say what they make of it.
fn reported(wanted: &BTreeMap<TerminalNumber, Wanted>) -> Vec<String> {
    let open = wanted.iter().filter(|(_, one)| one.version.is_some() && one.outcome == Outcome::Silent);
    open.map(|(number, _)| Topic::Reported(*number).to_string()).collect()
}

/// Tells which terminals have another configuration than the files say.
pub(super) async fn diff(args: &DiffArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let files = Files::read(&folder(args.folder.as_ref(), desk), desk)?;
    let mut wanted = wanted(&files, &files.terminals());
    let before = before(&wanted, desk).await?;
    for (number, one) in &mut wanted {
        let reported = before.get(number).and_then(|known| known.reported.as_ref());
        one.version = reported.and_then(|reported| reported.version);
        one.outcome = match reported {
            None => Outcome::Silent,
            Some(reported) if reported.hash.as_ref() == Some(&one.hash) => Outcome::Already,
            Some(Reported { fault: Some(fault), .. }) => Outcome::Refused(reasons(&fault.reasons)),
            Some(_) => Outcome::Other,
        };
    }
    print(&wanted, args.json, Shown::Differences, world)
}

fn folder(typed: Option<&PathBuf>, desk: &Desk) -> PathBuf {
    typed.unwrap_or(&desk.settings.files).clone()
}

fn chosen(args: &SetArgs, files: &Files, desk: &Desk) -> Result<BTreeSet<TerminalNumber>, Fault> {
    let words = desk.words;
    let all = files.terminals();
    let attempt = FleetAttempt::Configure;
    if let Some(group) = &args.group {
        let members = files.members(group);
        let none = || cannot(words, attempt, &(words.fleet.tools.no_members)(group.as_str()));
        return if members.is_empty() { Err(none()) } else { Ok(members) };
    }
    if args.all {
        return Ok(all);
    }
    match args.numbers.iter().find(|number| !all.contains(number)) {
        Some(number) => Err(cannot(words, attempt, &(words.fleet.tools.no_file_of)(*number))),
        None => Ok(args.numbers.iter().copied().collect()),
    }
}

fn wanted(files: &Files, numbers: &BTreeSet<TerminalNumber>) -> BTreeMap<TerminalNumber, Wanted> {
    let of = |number: &TerminalNumber| {
        let config = files.configuration(*number);
        let hash = document(*number, &config, 1, UnixTime::from_secs(0)).hash();
        (*number, Wanted { config, hash, version: None, outcome: Outcome::Silent })
    };
    numbers.iter().map(of).collect()
}

fn document(number: TerminalNumber, config: &Map<String, Value>, version: u64, now: UnixTime) -> Desired {
    let aud = Audience::Terminal(number);
    Desired { aud, iat: now.secs(), exp: None, version, config: config.clone(), broker: None }
}

fn sign(
    number: TerminalNumber,
    one: &Wanted,
    version: u64,
    (signer, now): (&FleetSigner, UnixTime),
    desk: &Desk,
) -> Result<String, Fault> {
    let signed = document(number, &one.config, version, now).sign(signer);
    signed.map_err(|error| cannot(desk.words, FleetAttempt::Configure, &format!("{number}: {error}")))
}

/// Asks the broker which configurations are wanted and applied so far.
async fn before(
    wanted: &BTreeMap<TerminalNumber, Wanted>,
    desk: &Desk,
) -> Result<BTreeMap<TerminalNumber, Before>, Fault> {
    desk.prepare()?;
    let mut before: BTreeMap<TerminalNumber, Before> = BTreeMap::new();
    let topics = wanted.keys().flat_map(|number| [Topic::Desired(*number), Topic::Reported(*number)]);
    let topics: Vec<_> = topics.map(|topic| topic.to_string()).collect();
    let read = read_topics(desk, &topics, |message| note(message, wanted, &mut before));
    read.await.map_err(|error| desk.fault(&error))?;
    Ok(before)
}

fn note(message: &Message, wanted: &BTreeMap<TerminalNumber, Wanted>, before: &mut BTreeMap<TerminalNumber, Before>) {
    let (Topic::Desired(number) | Topic::Reported(number)) = message.topic else { return };
    if !wanted.contains_key(&number) {
        return;
    }
    let known = before.entry(number).or_default();
    if let Topic::Desired(_) = message.topic {
        // It is not believed, only not gone below.
        if let Ok(desired) = Desired::peek(message.body()) {
            known.version = known.version.max(desired.version);
            known.desired = Some(desired.hash());
        }
    } else if let Ok(reported) = serde_json::from_slice::<Reported>(message.body()) {
        let refused = reported.fault.as_ref().and_then(|fault| fault.version);
        known.version = known.version.max(reported.version.unwrap_or(0)).max(refused.unwrap_or(0));
        known.reported = Some(reported);
    }
}

/// Hears what the terminals make of it, until all have said so or the time is over, and through interruptions.
async fn hear(
    wanted: &mut BTreeMap<TerminalNumber, Wanted>,
    until: Instant,
    mut line: Line,
    desk: &Desk,
    world: &mut World<'_>,
) -> Result<Line, Fault> {
    let mut open = wanted.values().filter(|one| one.outcome == Outcome::Silent).count();
    while open > 0 {
        match line.next_until(until).await {
            Ok(Some(Heard::Message(message))) if take(wanted, &message) => open = open.saturating_sub(1),
            Ok(Some(Heard::Message(_) | Heard::Granted | Heard::Refused | Heard::Taken)) => {}
            Ok(None) => break,
            // What the broker had not taken yet is nowhere; the rest goes its way without us.
            Err(error) if line.is_owed() => return Err(desk.fault(&error)),
            Err(error) => line = desk.come_back(&error, &reported(wanted), Delivery::Stream, world).await?,
        }
    }
    Ok(line)
}

/// Takes what a terminal says, and tells whether that is the end of it.
fn take(wanted: &mut BTreeMap<TerminalNumber, Wanted>, message: &Message) -> bool {
    let Topic::Reported(number) = message.topic else { return false };
    let Ok(reported) = serde_json::from_slice::<Reported>(message.body()) else { return false };
    let Some(one) = wanted.get_mut(&number).filter(|one| one.outcome == Outcome::Silent) else { return false };
    match outcome(one, &reported) {
        Some(outcome) => {
            one.outcome = outcome;
            true
        }
        None => false,
    }
}

fn outcome(one: &Wanted, reported: &Reported) -> Option<Outcome> {
    one.version?;
    if reported.version == one.version && reported.hash.as_ref() == Some(&one.hash) {
        return Some(Outcome::Applied);
    }
    let fault = reported.fault.as_ref().filter(|fault| fault.version == one.version)?;
    Some(Outcome::Refused(reasons(&fault.reasons)))
}

/// Returns what a terminal says, which cannot command whoever reads it.
fn reasons(said: &[String]) -> Vec<String> {
    let short = |reason: &String| plain(&reason.chars().take(LONGEST_REASON).collect::<String>());
    said.iter().take(MOST_REASONS).map(short).collect()
}

/// What of it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Plans,
    Outcomes,
    Differences,
}

/// Tells it. Whoever does not have what he should is a fault of the whole.
fn print(
    wanted: &BTreeMap<TerminalNumber, Wanted>,
    is_json: bool,
    shown: Shown,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    if is_json {
        let entries: Vec<_> = wanted.iter().map(|(number, one)| in_json(*number, one, shown)).collect();
        writeln!(world.out, "{}", json!({ "terminals": entries }))?;
    } else {
        in_words(wanted, shown, world)?;
    }
    let is_well = |one: &Wanted| matches!(one.outcome, Outcome::Already | Outcome::Applied);
    let all_well = shown == Shown::Plans || wanted.values().all(is_well);
    if all_well { Ok(()) } else { Err(Fault::Found) }
}

fn in_words(wanted: &BTreeMap<TerminalNumber, Wanted>, shown: Shown, world: &mut World<'_>) -> Result<(), Fault> {
    let style = world.style;
    let tools = &style.words().fleet.tools;
    for (number, one) in wanted {
        let said = match (shown, &one.outcome) {
            (Shown::Plans, _) => Value::Object(one.config.clone()).to_string(),
            (Shown::Differences, Outcome::Already) => continue,
            (Shown::Outcomes | Shown::Differences, outcome) => {
                let ink = match outcome {
                    Outcome::Already | Outcome::Applied => Ink::Good,
                    Outcome::Refused(_) => Ink::Bad,
                    Outcome::Other | Outcome::Silent => Ink::Open,
                };
                style.paint(ink, (tools.outcome)(outcome))
            }
        };
        writeln!(world.out, "{number}  {said}")?;
        if let Outcome::Refused(reasons) = &one.outcome {
            reasons.iter().try_for_each(|reason| writeln!(world.out, "    {reason}"))?;
        }
    }
    let well = wanted.values().filter(|one| matches!(one.outcome, Outcome::Already | Outcome::Applied)).count();
    let text =
        if shown == Shown::Plans { (tools.planned)(wanted.len()) } else { (tools.configured)(well, wanted.len()) };
    Ok(writeln!(world.out, "{text}")?)
}

fn in_json(number: TerminalNumber, one: &Wanted, shown: Shown) -> Value {
    let word = match &one.outcome {
        Outcome::Already => "same",
        Outcome::Applied => "applied",
        Outcome::Refused(_) => "refused",
        Outcome::Other => "differs",
        Outcome::Silent => "no-answer",
    };
    let mut entry = json!({ "number": number, "hash": one.hash });
    let Some(map) = entry.as_object_mut() else { return entry };
    if shown == Shown::Plans {
        map.insert("config".to_owned(), Value::Object(one.config.clone()));
        return entry;
    }
    map.insert("outcome".to_owned(), word.into());
    map.extend(one.version.map(|version| ("version".to_owned(), version.into())));
    if let Outcome::Refused(reasons) = &one.outcome {
        map.insert("reasons".to_owned(), json!(reasons));
    }
    entry
}
