//! How a terminal is doing, grouped, with a mark for what is well and one for what is not. It must not know how anything
//! is measured.

use till_wire::status::{CertificateStatus, Link};
use till_wire::{Status, UnixTime};

use super::super::style::{Ink, Style};
use super::super::table::{Fact, fact_lines, name_width};
use super::super::text::plain;
use super::super::words::Words;
use super::moment;

/// Returns how a terminal is doing.
pub(in crate::cli) fn status(status: &Status, now: UnixTime, style: Style) -> Vec<String> {
    let words = style.words();
    let terminal = &status.terminal;
    let label = terminal.label.as_ref().map(|label| format!(" ({})", plain(label))).unwrap_or_default();
    let name = format!("{} {}{label}", words.terminal, terminal.number);
    let running = (words.running)(&plain(&terminal.version), &span(terminal.uptime_s, words));
    let mut lines = vec![style.paint(Ink::Strong, &name), format!("  {running}")];
    let links = status.links.iter().map(|(name, state)| link(name, state, words)).collect();
    let groups =
        [(words.links, links), (words.machine, machine(status, now, words)), (words.work, work(status, words))];
    let columns = name_width(groups.iter().flat_map(|(_, facts)| facts));
    for (heading, facts) in groups.iter().filter(|(_, facts)| !facts.is_empty()) {
        lines.push(style.paint(Ink::Strong, heading));
        lines.extend(facts.iter().flat_map(|fact| fact_lines(fact, columns, true, style)));
    }
    lines
}

fn link(name: &str, link: &Link, words: &Words) -> Fact {
    let since = link.since.map(moment);
    let reason = link.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    let name = if name == "broker" { words.broker.to_owned() } else { plain(name) };
    judged(link.up, &name, format!("{}{reason}", (words.link)(link.up, since.as_deref())))
}

fn machine(status: &Status, now: UnixTime, words: &Words) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(display) = &status.display {
        let size = display.size.as_ref().map(|size| format!(", {}", plain(size))).unwrap_or_default();
        let word = if display.ok { words.display_works } else { words.display_broken };
        let reason = display.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
        facts.push(judged(display.ok, words.display, format!("{word} ({}{size}){reason}", plain(&display.driver))));
    }
    if let Some(sound) = &status.sound {
        let reason = sound.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
        let word = if sound.ok { words.sound_works } else { words.sound_broken };
        facts.push(judged(sound.ok, words.sound, format!("{word} ({}){reason}", plain(&sound.driver))));
    }
    if let Some(clock) = &status.clock {
        let word = if clock.synchronised { words.clock_set } else { words.clock_not_set };
        let offset = clock.offset_ms.map(|offset| format!(", {}", (words.offset)(offset))).unwrap_or_default();
        facts.push(judged(clock.synchronised, words.clock, format!("{word}{offset}")));
    }
    if let Some(certificate) = &status.certificate {
        let CertificateStatus { not_after, renew_at } = *certificate;
        let renewed = renew_at.map(|at| format!(", {}", (words.renewed_from)(&moment(at)))).unwrap_or_default();
        let until = (words.valid_until)(&moment(not_after));
        facts.push(judged(not_after > now, words.certificate, format!("{until}{renewed}")));
    }
    if let Some(configuration) = &status.configuration {
        let applied = (words.from_afar)(configuration.version);
        let fault = configuration.fault.as_ref().map(|fault| format!("; {}: {}", words.not_taken, plain(fault)));
        let value = format!("{applied}{}", fault.unwrap_or_default());
        facts.push(judged(configuration.fault.is_none(), words.configuration, value));
    }
    let Some(store) = &status.store else {
        facts.push(judged(false, words.store, words.store_broken.to_owned()));
        return facts;
    };
    let free = store.free_bytes.map(|bytes| (words.free)(bytes / 1_000_000));
    let known: Vec<String> = store.sales.map(words.stored).into_iter().chain(free).collect();
    if !known.is_empty() {
        facts.push(Fact::new(words.store, known.join(", ")));
    }
    facts
}

fn work(status: &Status, words: &Words) -> Vec<Fact> {
    let mut facts = Vec::new();
    if status.disabled {
        facts.push(judged(false, words.service, words.disabled.to_owned()));
    }
    if let Some(queue) = &status.queue {
        let oldest = queue.oldest_s.filter(|_| queue.entries > 0).map(|oldest| span(oldest, words));
        facts.push(Fact::new(words.to_send, (words.owed)(queue.entries, oldest.as_deref())));
    }
    if let Some(at) = status.last_payment_at {
        facts.push(Fact::new(words.last_payment, moment(at)));
    }
    if let Some(count) = status.attention {
        let (mark, ink) = if count == 0 { ("✓", Ink::Good) } else { ("!", Ink::Open) };
        facts.push(Fact { mark, ink, ..Fact::new(words.attention, (words.to_look_at)(count)) });
    }
    facts
}

fn judged(is_well: bool, name: &str, value: String) -> Fact {
    let (mark, ink) = if is_well { ("✓", Ink::Good) } else { ("✗", Ink::Bad) };
    Fact { mark, ink, ..Fact::new(name, value) }
}

/// Returns a span in its two largest units.
pub(in crate::cli) fn span(secs: u64, words: &Words) -> String {
    let [day, hour, minute, second] = words.units;
    let (days, hours, minutes) = (secs / 86_400, secs / 3600 % 24, secs / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{secs} {second}"),
        (0, 0, minutes) => format!("{minutes} {minute} {} {second}", secs % 60),
        (0, hours, minutes) => format!("{hours} {hour} {minutes} {minute}"),
        (days, hours, _) => format!("{days} {day} {hours} {hour}"),
    }
}
