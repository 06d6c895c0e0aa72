//! Sales, receipts and the status in plain English for a person at a counter. It must not know where they come from.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use till_wire::status::Link;
use till_wire::{Amount, Flag, Receipt, Sale, SaleState, Status, UnixTime, WaitingFor};

/// Returns a moment in the time of this machine.
pub(super) fn moment(time: UnixTime) -> String {
    match Timestamp::from_second(time.secs()) {
        Ok(moment) => moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => time.to_string(),
    }
}

/// Returns a sale on one line.
pub(super) fn sale_line(sale: &Sale) -> String {
    let mut line = format!(
        "{}  {}  {:>13}  {}",
        sale.id,
        moment(sale.created_at),
        Amount::new(sale.amount, sale.currency).to_string(),
        standing(sale),
    );
    for text in [&sale.reference, &sale.note].into_iter().flatten() {
        add(&mut line, format_args!("  [{text}]"));
    }
    line
}

/// Returns a sale with everything that a person asks about, on several lines.
pub(super) fn sale(sale: &Sale) -> String {
    let mut text = format!("Sale {}: {}, {}", sale.id, Amount::new(sale.amount, sale.currency), standing(sale));
    let mut fact = |name: &str, value: &str| add(&mut text, format_args!("\n  {name:<10} {value}"));
    if let Some(reference) = &sale.reference {
        fact("reference", reference);
    }
    if let Some(note) = &sale.note {
        fact("note", note);
    }
    fact("channel", sale.channel.as_str());
    fact("made", &moment(sale.created_at));
    if let Some(expires) = sale.expires_at.filter(|_| sale.state == SaleState::Showing) {
        fact("shown till", &moment(expires));
    }
    if let Some(finished) = sale.finished_at {
        fact("ended", &moment(finished));
    }
    for payment in &sale.payments {
        let amount = Amount::new(payment.amount, sale.currency);
        fact("payment", &format!("{amount} at {}, {}", moment(payment.received_at), payment.provider_ref));
    }
    text
}

/// Returns where a sale stands, with what is odd about it.
fn standing(sale: &Sale) -> String {
    let mut text = state(sale).to_owned();
    if let Some(failure) = &sale.failure {
        add(&mut text, format_args!(" ({}: {})", failure.code, failure.message));
    }
    if sale.paid_amount > 0 && sale.paid_amount != sale.amount {
        add(&mut text, format_args!(", {} received", Amount::new(sale.paid_amount, sale.currency)));
    }
    for flag in &sale.flags {
        add(&mut text, format_args!(", {}", flag_words(*flag)));
    }
    text
}

fn state(sale: &Sale) -> &'static str {
    match sale.state {
        SaleState::Requesting => match sale.waiting_for {
            Some(WaitingFor::Network) => "waiting for the network",
            Some(WaitingFor::Provider | WaitingFor::Confirmation) | None => "waiting for the code",
        },
        SaleState::Showing => "code on the display",
        SaleState::Unconfirmed => "code was shown, payment not confirmed",
        SaleState::Cancelling => "being cancelled",
        SaleState::Paid => "PAID",
        SaleState::Cancelled => "cancelled",
        SaleState::Expired => "expired",
        SaleState::Failed => "failed",
    }
}

fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::Offline => "made offline",
        Flag::Underpaid => "too little",
        Flag::Overpaid => "too much",
        Flag::Late => "late",
        Flag::Refunded => "refunded",
        Flag::Manual => "settled by hand",
        Flag::Attention => "NEEDS ATTENTION",
    }
}

/// Returns a receipt on one line.
pub(super) fn receipt_line(receipt: &Receipt) -> String {
    let mut line = format!(
        "receipt {}  {}  {:>13}  {}",
        receipt.key,
        moment(receipt.received_at),
        format!("+{}", Amount::new(receipt.amount, receipt.currency)),
        match receipt.sale {
            Some(sale) => format!("matched to {sale}"),
            None => "fits no sale".to_owned(),
        },
    );
    for flag in &receipt.flags {
        add(&mut line, format_args!(", {}", flag_words(*flag)));
    }
    if let Some(note) = &receipt.note {
        add(&mut line, format_args!("  [{note}]"));
    }
    line
}

/// Returns how a terminal is doing, on several lines.
pub(super) fn status(status: &Status) -> String {
    let terminal = &status.terminal;
    let label = terminal.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let (version, up) = (&terminal.version, span(terminal.uptime_s));
    let mut text = format!("Terminal {}{label}, tilld {version}, running for {up}\n", terminal.number);
    let mut fact = |name: &str, value: String| add(&mut text, format_args!("  {name:<12} {value}\n"));
    for (name, state) in &status.links {
        fact(name, link(state));
    }
    if let Some(display) = &status.display {
        let size = display.size.as_ref().map(|size| format!(", {size}")).unwrap_or_default();
        let well = if display.ok { "works" } else { "DOES NOT WORK" };
        fact("display", format!("{well} ({}{size})", display.driver));
    }
    if let Some(queue) = &status.queue {
        let oldest = queue.oldest_s.filter(|_| queue.entries > 0);
        let oldest = oldest.map(|oldest| format!(", the oldest for {}", span(oldest))).unwrap_or_default();
        fact("to be sent", format!("{}{oldest}", queue.entries));
    }
    if let Some(clock) = &status.clock {
        let offset = clock.offset_ms.map(|offset| format!(", {offset} ms ahead of the provider")).unwrap_or_default();
        let well = if clock.synchronised { "set" } else { "NOT SET" };
        fact("clock", format!("{well}{offset}"));
    }
    if let Some(sales) = status.store.as_ref().and_then(|store| store.sales) {
        fact("sales", format!("{sales} in the store"));
    }
    if let Some(at) = status.last_payment_at {
        fact("last payment", moment(at));
    }
    if let Some(attention) = status.attention {
        fact("attention", format!("{attention} to be looked at"));
    }
    text
}

fn link(link: &Link) -> String {
    let since = link.since.map(|since| format!(" since {}", moment(since))).unwrap_or_default();
    let reason = link.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let up = if link.up { "up" } else { "DOWN" };
    format!("{up}{since}{reason}")
}

/// Returns a span in its two largest units.
fn span(secs: u64) -> String {
    let (days, hours, minutes) = (secs / 86_400, secs / 3600 % 24, secs / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{secs} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", secs % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Writing to a `String` cannot fail.
fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}
