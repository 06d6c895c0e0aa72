//! Turns what the till wants seen into a screen with words. Chooses wording; place and colour are the display's.

use jiff::tz::TimeZone;
use till_display::{Countdown, EndKind, Line, LinkKind, Screen};
use till_wire::{Amount, UnixTime};

use crate::clock;
use crate::config::Locale;
use crate::till::{Code, Ended, Link, Now, Shape, Tick, Typed, View, Waiting};

use super::words::{self, Words};

/// What the words depend on besides the view.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The counter's name.
    pub label: String,
    /// The shopkeeper's language.
    pub locale: Locale,
    /// Where the clock hangs.
    pub timezone: TimeZone,
}

/// Chooses the screen for a view. `motion` is the phase of moving elements.
pub(super) fn screen(view: &View, counter: &Counter, now: Now, motion: u32) -> Screen {
    let words = Words::of(counter.locale);
    match view {
        View::Idle { link } => idle(*link, counter, now),
        View::Typing { typed } => typing(typed, counter),
        View::Waiting { amount, what, .. } => waiting(*amount, what, words, motion),
        View::Code { amount, paid, code, expires, total, .. } => {
            let left = expires.map_or(*total, |expires| expires.since(now.tick));
            let countdown = Countdown {
                left_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
                total_ms: u64::try_from(total.as_millis()).unwrap_or(u64::MAX),
                text: format!("{} {}", words.time_left, minutes(left.as_millis().div_ceil(1000))),
            };
            code_screen(*amount, *paid, code, countdown, words)
        }
        View::Paid { amount, paid, .. } => Screen::Paid {
            title: words.paid.to_owned(),
            amount: amount.to_string(),
            detail: match paid.checked_sub(*amount).filter(|more| more.value() > 0) {
                Some(more) => format!("{} {more}", words.overpaid),
                None => words.paid_in_full.to_owned(),
            },
            clock: time_of_day(counter, now.wall, Precision::Seconds),
            staff: String::new(),
            motion,
        },
        View::Ended { amount, paid, ending, .. } => ended(*amount, *paid, ending, counter.locale),
        View::Money { amount } => Screen::Receipt {
            title: words.money_came.to_owned(),
            amount: format!("+{amount}"),
            detail: words.money_detail.to_owned(),
            staff: String::new(),
        },
    }
}

/// The screen before the till knows anything.
pub(super) fn start_up(counter: &Counter) -> Screen {
    let words = Words::of(counter.locale);
    Screen::StartUp {
        label: counter.label.clone(),
        title: words.starting.to_owned(),
        text: words.please_wait.to_owned(),
        motion: 0,
    }
}

fn idle(link: Link, counter: &Counter, now: Now) -> Screen {
    let words = Words::of(counter.locale);
    let clock_is_wrong = now.wall < clock::BUILT;
    let (kind, text) = match link {
        _ if clock_is_wrong => (LinkKind::Limited, words.clock_wrong),
        Link::Up => (LinkKind::Good, words.connected),
        Link::Down => (LinkKind::Limited, words.link_down),
    };
    Screen::Idle {
        label: counter.label.clone(),
        clock: if clock_is_wrong { "--:--".to_owned() } else { time_of_day(counter, now.wall, Precision::Minutes) },
        link: till_display::Link { kind, text: text.to_owned() },
        hint: words.ready.to_owned(),
        code: None,
    }
}

fn typing(typed: &Typed, counter: &Counter) -> Screen {
    let words = Words::of(counter.locale);
    Screen::Typing {
        label: counter.label.clone(),
        title: words.typing.to_owned(),
        amount: typed.sum.map_or_else(String::new, |sum| sum.to_string()),
        sum: match typed.shape {
            Shape::Plain => String::new(),
            Shape::Sum => typed.text.clone(),
        },
        problem: typed.problem.map_or("", |problem| words::problem(counter.locale, problem)).to_owned(),
        staff: words.typing_keys.to_owned(),
    }
}

fn waiting(amount: Amount, what: &Waiting, words: &Words, motion: u32) -> Screen {
    let (title, text) = match what {
        Waiting::Provider => (words.making_code, words.await_provider),
        Waiting::Network { .. } => (words.making_code, words.await_network),
        Waiting::LastAnswer => (words.last_check, words.await_last_answer),
        Waiting::Cancellation => (words.cancelling, words.await_cancellation),
    };
    let (title, text) = (title.to_owned(), text.to_owned());
    Screen::Waiting { title, amount: amount.to_string(), text, staff: String::new(), motion }
}

fn code_screen(amount: Amount, paid: Amount, code: &Code, countdown: Countdown, words: &Words) -> Screen {
    let line = |label: &str, value: &str| Line { label: label.to_owned(), value: value.to_owned() };
    let lines = [
        code.payee.bin.as_deref().map(|bin| line(words.bank, words::bank(bin))),
        code.payee.account.as_deref().map(|account| line(words.account, account)),
        code.payee.name.as_deref().map(|name| line(words.account_name, name)),
    ];
    let lines: Vec<Line> = lines.into_iter().flatten().collect();
    let (payload, amount_text) = (code.text.clone(), amount.to_string());
    if paid.value() == 0 {
        let (title, hint) = (words.scan_to_pay.to_owned(), words.scan_hint.to_owned());
        return Screen::Code { title, amount: amount_text, payload, countdown, lines, hint, staff: String::new() };
    }
    let missing = amount.checked_sub(paid).unwrap_or(amount);
    Screen::Short {
        title: words.short_title.to_owned(),
        amount: format!("{} {amount_text}", words.short_of),
        received: line(words.received, &paid.to_string()),
        missing: line(words.missing, &missing.to_string()),
        payload,
        countdown,
        lines,
        hint: words.short_hint.to_owned(),
        staff: String::new(),
    }
}

fn ended(amount: Amount, paid: Amount, ending: &Ended, locale: Locale) -> Screen {
    let words = Words::of(locale);
    let (kind, title, reason) = match ending {
        Ended::Cancelled => (EndKind::Cancelled, words.cancelled, words.cancelled_reason),
        Ended::Expired => (EndKind::Expired, words.expired, words.expired_reason),
        Ended::Failed(failure) => (EndKind::Failed, words.failed, words::failure(locale, failure.code)),
    };
    let reason = match paid.value() {
        0 => reason.to_owned(),
        _ => format!("{} {paid}", words.partly_paid),
    };
    Screen::Ended {
        kind,
        title: title.to_owned(),
        amount: amount.to_string(),
        reason,
        staff: words.next_sale.to_owned(),
    }
}

fn minutes(seconds: u128) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[derive(Clone, Copy)]
enum Precision {
    Minutes,
    Seconds,
}

fn time_of_day(counter: &Counter, at: UnixTime, precision: Precision) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(at.ms()) else {
        return String::new();
    };
    let time = time.to_zoned(counter.timezone.clone());
    match precision {
        Precision::Minutes => format!("{:02}:{:02}", time.hour(), time.minute()),
        Precision::Seconds => format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
    }
}

/// How long a picture of this view stays true.
pub(super) fn stays_true(view: &View, now: Now) -> std::time::Duration {
    use std::time::Duration;
    match view {
        // The countdown changes with each whole second that is left.
        View::Code { expires: Some(expires), .. } => until_second(expires.since(now.tick)),
        View::Code { expires: None, .. } | View::Ended { .. } | View::Money { .. } | View::Typing { .. } => {
            Duration::from_secs(60)
        }
        View::Waiting { .. } | View::Paid { .. } => Duration::from_millis(200),
        View::Idle { .. } => {
            let into_minute = u64::try_from(now.wall.ms().rem_euclid(60_000)).unwrap_or(0);
            Duration::from_millis(60_000 - into_minute.min(59_999))
        }
    }
}

fn until_second(left: std::time::Duration) -> std::time::Duration {
    let rest = u64::from(left.subsec_millis());
    std::time::Duration::from_millis(if rest == 0 { 1000 } else { rest })
}

/// Returns the phase of moving elements: one step every 100 ms.
pub(super) fn motion(tick: Tick) -> u32 {
    u32::try_from(tick.0 / 100 % u64::from(till_display::MOTION_STEPS)).unwrap_or(0)
}
