//! `till fleet show`: everything that the broker keeps of one terminal. It must not know how it is measured.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use till_wire::fleet::{CommandStatus, Desired, Reported};
use till_wire::topics::up_filter;
use till_wire::{CommandId, Status, TerminalNumber, Topic, UnixTime};

use super::super::World;
use super::super::fault::Fault;
use super::super::style::{Ink, Style};
use super::super::table::{Cell, Fact, Row, Table, fact_lines, name_width};
use super::super::text::plain;
use super::super::verbs::print_lines;
use super::super::wording::{self, moment};
use super::super::words::FleetAttempt;
use super::counters::{Counter, Counters};
use super::desk::Desk;
use super::kept::read_kept;
use super::list::{in_words, standing_text};
use super::typed::ShowArgs;
use super::{cannot, line::Message};
use crate::clock;

/// The most commands that are kept in memory: no terminal remembers more.
const MOST_COMMANDS: usize = 2_000;

/// What the broker keeps of one terminal.
#[derive(Debug, Default)]
struct Known {
    counter: Counter,
    status: Option<Box<Status>>,
    reported: Option<Reported>,
    desired: Option<Desired>,
    commands: BTreeMap<CommandId, CommandStatus>,
    has_any: bool,
}

/// Shows a terminal.
pub(super) async fn show(args: &ShowArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let known = ask(args.number, desk).await?;
    if !known.has_any {
        let why = desk.words.fleet.tools.unknown_terminal;
        return Err(cannot(desk.words, FleetAttempt::Show(args.number), why));
    }
    if args.json {
        return Ok(writeln!(world.out, "{}", known.in_json(args.number))?);
    }
    let lines = known.lines(args.number, clock::wall(), world.style);
    print_lines(&lines, world)
}

async fn ask(number: TerminalNumber, desk: &Desk) -> Result<Known, Fault> {
    let mut line = desk.connect().await?;
    let mut known = Known::default();
    let mut counters = Counters::default();
    let now = clock::wall();
    let filters = [up_filter(number), Topic::Desired(number).to_string()];
    let read = read_kept(&mut line, &filters, |message| {
        if is_of(&message.topic, number) {
            counters.take(&message.topic, message.body(), now);
            known.take(message);
        }
    });
    read.await.map_err(|error| desk.fault(&error))?;
    // Everything is here; a broker that does not hear the goodbye changes nothing.
    let _ = line.close().await;
    known.counter = counters.known.remove(&number).unwrap_or_default();
    Ok(known)
}

fn is_of(topic: &Topic, number: TerminalNumber) -> bool {
    match topic {
        Topic::State(n) | Topic::Health(n) | Topic::Reported(n) | Topic::Desired(n) | Topic::CommandStatus(n, _) => {
            *n == number
        }
        // News of sales is no news of the terminal.
        Topic::Sale(..)
        | Topic::Receipt(..)
        | Topic::Replay(_)
        | Topic::Log(..)
        | Topic::Webhook(_)
        | Topic::Command(..)
        | Topic::Unrouted(_) => false,
    }
}

impl Known {
    fn take(&mut self, message: &Message) {
        let body = message.body();
        self.has_any |= !body.is_empty();
        match &message.topic {
            Topic::Health(_) => self.status = serde_json::from_slice(body).ok().map(Box::new),
            Topic::Reported(_) => self.reported = serde_json::from_slice(body).ok(),
            // Whether it is the operator's, the terminal judges; here it is only shown.
            Topic::Desired(_) => self.desired = Desired::peek(body).ok(),
            Topic::CommandStatus(_, id) if body.is_empty() => _ = self.commands.remove(id),
            Topic::CommandStatus(_, id) if self.commands.len() < MOST_COMMANDS => {
                self.commands.extend(serde_json::from_slice(body).ok().map(|status| (*id, status)));
            }
            Topic::CommandStatus(..)
            | Topic::State(_)
            | Topic::Sale(..)
            | Topic::Receipt(..)
            | Topic::Replay(_)
            | Topic::Log(..)
            | Topic::Webhook(_)
            | Topic::Command(..)
            | Topic::Unrouted(_) => {}
        }
    }

    fn in_json(&self, number: TerminalNumber) -> Value {
        let mut all = super::list::in_json(number, &self.counter);
        let commands = self.commands.iter().map(|(id, status)| (id.to_string(), json!(status)));
        let parts = [
            ("health", self.status.as_ref().map(|status| json!(status))),
            ("reported", self.reported.as_ref().map(|reported| json!(reported))),
            ("desired", self.desired.as_ref().map(desired_in_json)),
            ("commands", Some(Value::Object(commands.collect::<Map<_, _>>()))),
        ];
        for (name, part) in parts {
            if let Some((all, part)) = all.as_object_mut().zip(part) {
                all.insert(name.to_owned(), part);
            }
        }
        all
    }

    fn lines(&self, number: TerminalNumber, now: UnixTime, style: Style) -> Vec<String> {
        let words = style.words();
        let tools = &words.fleet.tools;
        let mut lines = vec![style.paint(Ink::Strong, &format!("{} {number}", words.terminal))];
        lines.push(format!("  {}", standing_text(&self.counter, style)));
        let wrong = in_words(&self.counter.whys(), style);
        lines.extend(Some(format!("  {wrong}")).filter(|_| !wrong.is_empty()));
        match &self.status {
            Some(status) => lines.extend(wording::status(status, now, style)),
            None => lines.push(format!("  {}", tools.no_health)),
        }
        let facts = self.configuration(style);
        lines.push(style.paint(Ink::Strong, tools.configuration));
        let columns = name_width(facts.iter());
        lines.extend(facts.iter().flat_map(|fact| fact_lines(fact, columns, true, style)));
        if !self.commands.is_empty() {
            lines.push(style.paint(Ink::Strong, tools.commands));
            let rows = self.commands.iter().map(|(id, status)| command_row(*id, status, style)).collect();
            lines.extend((Table { heads: Vec::new(), least: Vec::new(), rows }).lines(style));
        }
        lines
    }

    fn configuration(&self, style: Style) -> Vec<Fact> {
        let tools = &style.words().fleet.tools;
        let mut facts = Vec::new();
        let version = |version: u64| UnixTime::from_secs(i64::try_from(version).unwrap_or(i64::MAX));
        match &self.desired {
            Some(desired) => {
                let text = (tools.version)(desired.version, &moment(version(desired.version)));
                facts.push(Fact::new(tools.desired, text));
            }
            None => facts.push(Fact::new(tools.desired, tools.none_desired)),
        }
        let Some(reported) = &self.reported else {
            facts.push(Fact::new(tools.reported, tools.not_reported));
            return facts;
        };
        let text = match reported.version {
            Some(applied) => (tools.version)(applied, &moment(version(applied))),
            None => tools.own_file.to_owned(),
        };
        let is_there = self.desired.as_ref().is_none_or(|desired| reported.hash.as_ref() == Some(&desired.hash()));
        let (mark, ink) = if is_there { ("✓", Ink::Good) } else { ("!", Ink::Open) };
        facts.push(Fact { mark, ink, ..Fact::new(tools.reported, text) });
        for reason in reported.fault.iter().flat_map(|fault| &fault.reasons) {
            facts.push(Fact { mark: "✗", ink: Ink::Bad, ..Fact::new(tools.refused, plain(reason)) });
        }
        facts
    }
}

fn desired_in_json(desired: &Desired) -> Value {
    let hash = desired.hash();
    json!({ "version": desired.version, "iat": desired.iat, "aud": desired.aud, "config": desired.config, "hash": hash })
}

fn command_row(id: CommandId, status: &CommandStatus, style: Style) -> Row {
    let more = [&status.reason, &status.progress].into_iter().flatten().next();
    let word = (style.words().fleet.tools.command_state)(status.status);
    let cells = vec![Cell::left(format!("  {id}")), Cell::left(word)];
    Row { cells, more: more.map(|more| plain(more)).unwrap_or_default() }
}
