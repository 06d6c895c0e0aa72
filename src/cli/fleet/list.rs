//! `till fleet list`: every counter on one line, and which of them cannot take money, and why. It must not know how the
//! broker is asked.

use std::cmp::Reverse;
use std::io::{BufWriter, Write};

use serde_json::{Value, json};
use till_wire::{GroupName, Presence, Standing, TerminalNumber, Topic, UnixTime, Why};

use super::super::World;
use super::super::fault::Fault;
use super::super::style::{Ink, Style};
use super::super::table::{Cell, Row, Table};
use super::super::wording::{moment, short_moment};
use super::super::words::FleetAttempt;
use super::cannot;
use super::counters::{Counter, Counters};
use super::desk::Desk;
use super::files;
use super::kept::{Extent, read_states, read_topics};
use super::typed::{ListArgs, Order};
use crate::clock;

/// Lists the counters. That some are missing is said, and is a fault of the whole.
pub(super) async fn list(args: &ListArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let members = match &args.group {
        Some(group) => files::known_members(desk, group)?,
        None => None,
    };
    let (counters, extent) = counters(desk).await?;
    let is_member = |number: &TerminalNumber, counter: &Counter| match (&args.group, &members) {
        (None, _) => true,
        (Some(_), Some(members)) => members.contains(number),
        (Some(group), None) => counter.is_in(group).unwrap_or(false),
    };
    let mut shown: Vec<_> = counters.known.iter().filter(|(number, counter)| is_member(number, counter)).collect();
    let tools = &world.style.words().fleet.tools;
    if let (Some(group), None, true, Extent::Whole) = (&args.group, &members, shown.is_empty(), extent) {
        return Err(cannot(
            desk.words,
            FleetAttempt::ReadFiles(&desk.settings.files),
            &(tools.no_group)(group.as_str()),
        ));
    }
    let total = shown.len();
    shown.retain(|(number, counter)| fits(args, **number, counter));
    sort(&mut shown, args.sort);
    if args.json {
        print_json(&shown, extent, world)?;
    } else {
        tell(&shown, world)?;
        let silent = shown.iter().filter(|(_, counter)| counter.standing() == Standing::CannotSell).count();
        let attention: u64 = shown.iter().filter_map(|(_, counter)| counter.health.as_ref()?.attention).sum();
        writeln!(world.out, "{}", (tools.counted)(shown.len(), total, silent, attention))?;
    }
    if counters.odd > 0 {
        writeln!(world.err, "till: {}", (tools.odd)(counters.odd))?;
    }
    if counters.beyond > 0 {
        writeln!(world.err, "till: {}", (tools.beyond)(super::counters::MOST))?;
    }
    match extent {
        Extent::Whole => Ok(()),
        Extent::Part => {
            writeln!(world.err, "till: {}", tools.incomplete)?;
            Err(Fault::Found)
        }
    }
}

/// Asks the broker for what all terminals have said of themselves, and tells whether none is missing.
pub(super) async fn counters(desk: &Desk) -> Result<(Counters, Extent), Fault> {
    let (mut counters, extent) = states(desk).await?;
    let topics: Vec<_> = counters.known.keys().map(|number| Topic::Health(*number).to_string()).collect();
    ask(&topics, &mut counters, desk).await?;
    Ok((counters, extent))
}

/// Asks the broker for how present all terminals are, and tells whether none is missing.
pub(super) async fn states(desk: &Desk) -> Result<(Counters, Extent), Fault> {
    desk.prepare()?;
    let mut counters = Counters::default();
    let now = clock::wall();
    let read = read_states(desk, |message| {
        counters.take(&message.topic, message.body(), now);
    });
    let extent = read.await.map_err(|error| desk.fault(&error))?;
    if extent == Extent::Part {
        // Those of whom the operator has a file can be asked for by name.
        let unheard = files::named(desk).into_iter().filter(|number| !counters.known.contains_key(number));
        let topics: Vec<_> = unheard.map(|number| Topic::State(number).to_string()).collect();
        ask(&topics, &mut counters, desk).await?;
    }
    if counters.beyond > 0 {
        return Ok((counters, Extent::Part));
    }
    Ok((counters, extent))
}

async fn ask(topics: &[String], counters: &mut Counters, desk: &Desk) -> Result<(), Fault> {
    let now = clock::wall();
    let read = read_topics(desk, topics, |message| {
        counters.take(&message.topic, message.body(), now);
    });
    read.await.map_err(|error| desk.fault(&error))
}

fn fits(args: &ListArgs, number: TerminalNumber, counter: &Counter) -> bool {
    let health = counter.health.as_deref();
    let state = |wanted: Presence| counter.state.is_some_and(|known| known.state == wanted);
    let version = |wanted: &String| health.is_some_and(|health| health.version == *wanted);
    let label = || health.and_then(|health| health.label.as_deref()).unwrap_or_default().to_lowercase();
    let text = |wanted: &String| number.to_string().contains(wanted) || label().contains(&wanted.to_lowercase());
    args.state.is_none_or(state)
        && (!args.attention || health.is_some_and(|health| health.attention.is_some_and(|count| count > 0)))
        && (!args.unable || counter.standing() == Standing::CannotSell)
        && args.version.as_ref().is_none_or(version)
        && args.search.as_ref().is_none_or(text)
}

fn sort(shown: &mut [(&TerminalNumber, &Counter)], order: Order) {
    let health = |counter: &Counter| counter.health.clone().unwrap_or_default();
    match order {
        // As they are.
        Order::Number => {}
        Order::Label => shown.sort_by_cached_key(|(_, counter)| health(counter).label.unwrap_or_default()),
        Order::State => shown.sort_by_cached_key(|(_, counter)| counter.state.map(|known| known.state.as_str())),
        Order::Version => shown.sort_by_cached_key(|(_, counter)| health(counter).version),
        Order::Queue => {
            shown.sort_by_cached_key(|(_, counter)| Reverse(health(counter).queue.map(|queue| queue.entries)));
        }
        Order::Payment => shown.sort_by_cached_key(|(_, counter)| health(counter).last_payment_at),
        Order::Attention => shown.sort_by_cached_key(|(_, counter)| Reverse(health(counter).attention)),
        Order::Trouble => shown.sort_by_cached_key(|(_, counter)| {
            let whys = counter.whys();
            (Standing::of(&whys), Reverse(whys.len()))
        }),
    }
}

fn tell(shown: &[(&TerminalNumber, &Counter)], world: &mut World<'_>) -> Result<(), Fault> {
    let style = world.style;
    let tools = &style.words().fleet.tools;
    let rows = shown.iter().map(|(number, counter)| row(**number, counter, style)).collect();
    let mut out = BufWriter::new(&mut *world.out);
    for line in (Table { heads: tools.heads.to_vec(), least: Vec::new(), rows }).lines(style) {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn row(number: TerminalNumber, counter: &Counter, style: Style) -> Row {
    let health = counter.health.as_deref();
    let time = |at: Option<UnixTime>| match at {
        Some(at) => Cell::left(moment(at)).or(short_moment(at)),
        None => Cell::left("-"),
    };
    let count = |count: Option<u64>| Cell::right(count.map_or("-".to_owned(), |count| count.to_string()));
    let label = health.and_then(|health| health.label.clone()).unwrap_or_else(|| "-".to_owned());
    let cells = vec![
        Cell::left(number.to_string()),
        Cell::left(label),
        standing(counter, style),
        Cell::left(health.map_or("-", |health| &health.version)),
        time(health.and_then(|health| health.broker_since)),
        count(health.and_then(|health| health.queue).map(|queue| queue.entries)),
        time(health.and_then(|health| health.last_payment_at)),
        count(health.and_then(|health| health.attention)),
    ];
    Row { cells, more: in_words(&counter.whys(), style) }
}

/// Returns how present a terminal is, and since when, on one line.
pub(super) fn standing_text(counter: &Counter, style: Style) -> String {
    let (text, ink) = marked(counter, style);
    let since = counter.state.map(|known| format!(" ({})", moment(known.at))).unwrap_or_default();
    style.paint(ink, &format!("{text}{since}"))
}

fn standing(counter: &Counter, style: Style) -> Cell {
    let (text, ink) = marked(counter, style);
    Cell::left(text).ink(ink)
}

/// Returns how present a terminal is, with a mark that says what its colour says.
fn marked(counter: &Counter, style: Style) -> (String, Ink) {
    let tools = &style.words().fleet.tools;
    let word = counter.state.map_or(tools.unheard, |known| (tools.presence)(known.state));
    let (mark, ink) = match (counter.standing(), counter.is_there()) {
        (Standing::Fine | Standing::Attention, _) => ("✓", Ink::Good),
        (Standing::Asleep, _) => ("–", Ink::Plain),
        (Standing::CannotSell, true) => ("!", Ink::Open),
        (Standing::CannotSell, false) => ("✗", Ink::Bad),
    };
    (format!("{mark} {word}"), ink)
}

/// Returns what is wrong: first what stops selling, then the rest.
pub(super) fn in_words(whys: &[Why<'_>], style: Style) -> String {
    let words = style.words();
    let tools = &words.fleet.tools;
    let say = |stops: bool| {
        let those = whys.iter().filter(|why| why.stops_selling() == stops);
        those.map(|why| (tools.why)(why, words)).collect::<Vec<_>>().join(", ")
    };
    let (grave, rest) = (say(true), say(false));
    let grave = if grave.is_empty() { grave } else { (tools.cannot_sell)(&grave) };
    [grave, rest].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

fn print_json(shown: &[(&TerminalNumber, &Counter)], extent: Extent, world: &mut World<'_>) -> Result<(), Fault> {
    let mut out = BufWriter::new(&mut *world.out);
    write!(out, "{{\"terminals\":[")?;
    for (index, (number, counter)) in shown.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}\n{}", in_json(**number, counter))?;
    }
    writeln!(out, "\n],\"complete\":{}}}", extent == Extent::Whole)?;
    Ok(out.flush()?)
}

/// Returns a counter for programs. What is not known is left out.
pub(super) fn in_json(number: TerminalNumber, counter: &Counter) -> Value {
    let whys = counter.whys();
    let mut entry = json!({ "number": number, "sells": !whys.iter().any(Why::stops_selling), "standing": Standing::of(&whys).as_str() });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some((entry, value)) = entry.as_object_mut().zip(value) {
            entry.insert(name.to_owned(), value);
        }
    };
    put("state", counter.state.map(|known| json!(known.state)));
    put("session", counter.state.map(|known| json!(known.session)));
    put("at", counter.state.map(|known| json!(known.at)));
    if let Some(health) = &counter.health {
        put("label", health.label.as_ref().map(|label| json!(label)));
        put("version", Some(json!(health.version)));
        put("broker_since", health.broker_since.map(|at| json!(at)));
        put("queue", health.queue.map(|queue| json!(queue.entries)));
        put("last_payment_at", health.last_payment_at.map(|at| json!(at)));
        put("attention", health.attention.map(|count| json!(count)));
        let groups: Vec<_> = health.groups.iter().map(GroupName::as_str).collect();
        put("groups", Some(json!(groups)).filter(|_| !health.groups.is_empty()));
        put("disabled", health.disabled.then_some(json!(true)));
    }
    let one = |why: &Why<'_>| {
        let (kind, stops) = (why.as_str(), why.stops_selling());
        match why.reason() {
            Some(reason) => json!({ "kind": kind, "stops_selling": stops, "reason": reason }),
            None => json!({ "kind": kind, "stops_selling": stops }),
        }
    };
    put("wrong", Some(whys.iter().map(one).collect()));
    entry
}
