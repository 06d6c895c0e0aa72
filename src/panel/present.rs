//! Turns what the till wants seen into a screen with words. Chooses wording; place and colour are the display's.

mod remote;

use std::time::Duration;

use jiff::tz::TimeZone;
use till_display::{Countdown, EndKind, Line, LinkKind, Logo, OpenCode, Screen};
use till_wire::{Amount, SaleId, UnixTime};

use crate::clock;
use crate::config::Locale;
use crate::till::{Barrier, Code, Ended, Link, Now, Payee, QrKind, Shape, Tick, Told, Typed, View, Waiting};

use super::glance::{day, last};
use super::words::{self, Words};
use remote::by_command;

pub(super) use remote::theme;

/// The shortest time between two frames that move, and between two steps of a moving element.
const STEP: Duration = Duration::from_millis(100);

/// What the words depend on besides the view.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The counter's name.
    pub label: String,
    /// The shopkeeper's language.
    pub locale: Locale,
    /// Where the clock hangs.
    pub timezone: TimeZone,
    /// Whether the cashier may have a keypad, so that its keys are worth a word.
    pub keypad: Keypad,
    /// Whether the display itself has a keypad now, for fingers.
    pub keypad_on_display: bool,
    /// The code that takes any amount at any time, if there is one.
    pub open_code: Option<Code>,
    /// The shop's own picture, if it has one.
    pub logo: Option<Logo>,
    /// Whether the idle picture moves by a few pixels each minute, so that no pixel burns in.
    pub shift: bool,
}

/// Whether a terminal may have a keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keypad {
    /// One could be there.
    Possible,
    /// There is none.
    None,
}

impl Counter {
    pub(super) fn words(&self) -> &'static Words {
        if self.keypad_on_display { Words::for_fingers(self.locale) } else { Words::of(self.locale) }
    }

    /// Joins the cashier's words: facts first, then what the keys do, when there could be any.
    pub(super) fn staff(&self, facts: &[&str], keys: &str) -> String {
        let keys = match self.keypad {
            Keypad::Possible => keys,
            Keypad::None if self.keypad_on_display => keys,
            Keypad::None => "",
        };
        let words: Vec<&str> = facts.iter().copied().chain([keys]).filter(|words| !words.is_empty()).collect();
        words.join(" · ")
    }

    /// Names a sale by as much of its id as a cashier compares.
    pub(super) fn sale(&self, sale: SaleId) -> String {
        format!("{} …{:03}", self.words().staff.sale, sale.order().sequence() % 1000)
    }
}

/// Chooses the screen for a view. `motion` is the phase of moving elements.
pub(super) fn screen(view: &View, counter: &Counter, now: Now, motion: u32) -> Screen {
    match view {
        View::Idle { link, barrier } => idle(*link, *barrier, counter, now),
        View::Typing { typed } => typing(typed, counter),
        View::Waiting { sale, amount, what } => waiting(*sale, *amount, what, counter, now, motion),
        View::Code { sale, amount, paid, code, expires, total, told } => {
            let words = counter.words();
            let left = expires.map_or(*total, |expires| expires.since(now.tick));
            let sale = counter.sale(*sale);
            let (hint, staff) = match (told, code.kind) {
                (Told::Later, _) => {
                    (words.scan_offline_hint, counter.staff(&[words.staff.told_later], words.staff.offline_keys))
                }
                (Told::AtOnce, QrKind::Vietqr) => (words.scan_hint, counter.staff(&[&sale], words.staff.cancel_key)),
                (Told::AtOnce, QrKind::Url) => {
                    (words.scan_address_hint, counter.staff(&[&sale], words.staff.cancel_key))
                }
            };
            code_screen(*amount, *paid, code, countdown(left, *total, words), Hints { hint, staff }, words)
        }
        View::Checking { sale, amount } => checking(*sale, *amount, counter, motion),
        View::Paid { sale, amount, paid } => {
            let words = counter.words();
            Screen::Paid {
                title: words.paid.to_owned(),
                amount: amount.to_string(),
                detail: match paid.checked_sub(*amount).filter(|more| more.value() > 0) {
                    Some(more) => format!("{} {more}", words.overpaid),
                    None => words.paid_in_full.to_owned(),
                },
                clock: time_of_day(counter, now.wall, Precision::Seconds),
                staff: counter.staff(&[&counter.sale(*sale)], words.staff.next_sale),
                motion,
            }
        }
        View::Ended { sale, amount, paid, ending } => ended(*sale, *amount, *paid, ending, counter),
        View::Last { sale, amount, paid, unpaid, at } => last(*sale, [*amount, *paid], unpaid.as_ref(), *at, counter),
        View::Day { takings } => day(takings, counter, now),
        View::Message { .. } | View::Identity { .. } | View::Disabled => by_command(view, counter),
        View::StoreFault => store_fault(counter),
        View::Money { amount, .. } => {
            let words = counter.words();
            Screen::Receipt {
                title: words.money_came.to_owned(),
                amount: format!("+{amount}"),
                detail: words.money_detail.to_owned(),
                staff: words.staff.look_at_money.to_owned(),
            }
        }
    }
}

/// The screen before the till knows anything.
pub(super) fn start_up(counter: &Counter) -> Screen {
    let words = counter.words();
    Screen::StartUp {
        label: counter.label.clone(),
        title: words.starting.to_owned(),
        text: words.please_wait.to_owned(),
        motion: 0,
    }
}

fn idle(link: Link, barrier: Option<Barrier>, counter: &Counter, now: Now) -> Screen {
    let words = counter.words();
    let clock_is_wrong = now.wall < clock::BUILT;
    let (kind, text) = match (link, barrier) {
        _ if clock_is_wrong => (LinkKind::Limited, words.clock_wrong),
        (_, Some(barrier)) => (passes(barrier), (words.barrier)(barrier)),
        (Link::Up, None) => (LinkKind::Good, words.ready),
        (Link::Down, None) => (LinkKind::Limited, words.link_down),
    };
    Screen::Idle {
        label: counter.label.clone(),
        clock: if clock_is_wrong { "--:--".to_owned() } else { time_of_day(counter, now.wall, Precision::Minutes) },
        link: till_display::Link { kind, text: text.to_owned() },
        hint: counter.staff(&[], words.staff.type_amount),
        code: counter.open_code.as_ref().map(|code| OpenCode {
            title: words.open_code.to_owned(),
            payload: code.text.clone(),
            lines: payee(&code.payee, words),
        }),
        logo: counter.logo.clone(),
        // The picture is drawn anew with each minute of the clock; this counts the minutes since the machine's start.
        walk: counter.shift.then(|| u32::try_from(now.tick.0 / 60_000).unwrap_or(0)),
    }
}

/// What may pass by itself may be over at the next sale; what a person must mend is not.
fn passes(barrier: Barrier) -> LinkKind {
    match barrier {
        Barrier::Network | Barrier::Silence | Barrier::Certificate => LinkKind::Limited,
        Barrier::Access | Barrier::Shut => LinkKind::Down,
    }
}

fn typing(typed: &Typed, counter: &Counter) -> Screen {
    let words = counter.words();
    Screen::Typing {
        label: counter.label.clone(),
        title: words.typing.to_owned(),
        amount: typed.sum.map_or_else(String::new, |sum| sum.to_string()),
        sum: made_of(typed, words),
        problem: typed.problem.map_or("", words.staff.problem).to_owned(),
        // Whoever types has keys.
        staff: words.staff.typing_keys.to_owned(),
    }
}

/// Says what an amount is made of, and for which order it is.
fn made_of(typed: &Typed, words: &Words) -> String {
    let sum = match typed.shape {
        Shape::Plain => None,
        Shape::Sum => Some(typed.text.clone()),
    };
    let order = typed.reference.as_ref().map(|reference| format!("{}: {reference}", words.reference));
    sum.into_iter().chain(order).collect::<Vec<_>>().join(" · ")
}

fn waiting(sale: SaleId, amount: Amount, what: &Waiting, counter: &Counter, now: Now, motion: u32) -> Screen {
    let words = counter.words();
    let staff = &words.staff;
    let sale = counter.sale(sale);
    let (title, text, staff) = match what {
        Waiting::Provider => {
            (words.making_code, words.await_provider, counter.staff(&[&sale, staff.ask_provider], staff.cancel_key))
        }
        Waiting::Network { until } => {
            let left = left(until.since(now.tick), words);
            let text = if now.wall < clock::BUILT { words.clock_wrong } else { words.await_network };
            (words.making_code, text, counter.staff(&[&left, &sale], staff.cancel_key))
        }
        Waiting::LastAnswer => (words.last_check, words.await_last_answer, counter.staff(&[&sale], staff.cancel_key)),
        Waiting::Cancellation => {
            let facts = [&sale, staff.ask_provider];
            (words.cancelling, words.await_cancellation, counter.staff(&facts, staff.next_sale))
        }
    };
    let (title, text) = (title.to_owned(), text.to_owned());
    Screen::Waiting { title, amount: amount.to_string(), text, staff, motion }
}

fn checking(sale: SaleId, amount: Amount, counter: &Counter, motion: u32) -> Screen {
    let words = counter.words();
    Screen::Checking {
        title: words.checking.to_owned(),
        amount: amount.to_string(),
        text: words.await_proof.to_owned(),
        staff: counter.staff(&[&counter.sale(sale), words.staff.not_paid_yet], ""),
        motion,
    }
}

/// Says whom a code pays, what a customer compares first at the beginning.
fn payee(payee: &Payee, words: &Words) -> Vec<Line> {
    let lines = [
        payee.name.as_deref().map(|name| line(words.account_name, name)),
        payee.account.as_deref().map(|account| line(words.account, account)),
        payee.bin.as_deref().map(|bin| line(words.bank, words::bank(bin))),
    ];
    lines.into_iter().flatten().collect()
}

fn line(label: &str, value: &str) -> Line {
    Line { label: label.to_owned(), value: value.to_owned() }
}

/// What is said below a code: to the customer, and to the cashier.
struct Hints {
    hint: &'static str,
    staff: String,
}

fn code_screen(amount: Amount, paid: Amount, code: &Code, countdown: Countdown, hints: Hints, words: &Words) -> Screen {
    let Hints { hint, staff } = hints;
    let lines = payee(&code.payee, words);
    let (payload, amount_text) = (code.text.clone(), amount.to_string());
    if paid.value() == 0 {
        let (title, hint) = (words.scan_to_pay.to_owned(), hint.to_owned());
        return Screen::Code { title, amount: amount_text, payload, countdown, lines, hint, staff };
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
        staff,
    }
}

fn ended(sale: SaleId, amount: Amount, paid: Amount, ending: &Ended, counter: &Counter) -> Screen {
    let words = counter.words();
    let (kind, title, reason, remedy) = match ending {
        Ended::Cancelled => (EndKind::Cancelled, words.cancelled, words.cancelled_reason, ""),
        Ended::Expired => (EndKind::Expired, words.expired, words.expired_reason, ""),
        Ended::Failed(failure) => {
            (EndKind::Failed, words.failed, (words.failure)(failure), (words.staff.remedy)(failure))
        }
    };
    let (reason, remedy) = match paid.value() {
        0 => (reason.to_owned(), remedy),
        _ => (format!("{} {paid}", words.partly_paid), words.staff.look_at_part),
    };
    let keys = if remedy.is_empty() { words.staff.next_sale } else { "" };
    Screen::Ended {
        kind,
        title: title.to_owned(),
        amount: amount.to_string(),
        reason,
        staff: counter.staff(&[&counter.sale(sale), remedy], keys),
    }
}

fn store_fault(counter: &Counter) -> Screen {
    let words = counter.words();
    Screen::Ended {
        kind: EndKind::Failed,
        title: words.closed.to_owned(),
        amount: String::new(),
        reason: words.store_fault.to_owned(),
        staff: counter.staff(&[words.staff.store_fault], ""),
    }
}

fn countdown(left_of_it: Duration, total: Duration, words: &Words) -> Countdown {
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Countdown { left_ms: ms(left_of_it), total_ms: ms(total), text: left(left_of_it, words) }
}

/// Says how long it takes still, in whole seconds that have begun.
fn left(span: Duration, words: &Words) -> String {
    let seconds = span.as_millis().div_ceil(1000);
    format!("{} {}:{:02}", words.time_left, seconds / 60, seconds % 60)
}

#[derive(Clone, Copy)]
pub(super) enum Precision {
    Minutes,
    Seconds,
}

pub(super) fn time_of_day(counter: &Counter, at: UnixTime, precision: Precision) -> String {
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
pub(super) fn stays_true(view: &View, now: Now) -> Duration {
    match view {
        View::Code { expires: Some(expires), total, .. } => {
            let left = expires.since(now.tick);
            bar_step(*total).min(until_second(left))
        }
        View::Code { expires: None, .. }
        | View::Ended { .. }
        | View::Money { .. }
        | View::Typing { .. }
        | View::Last { .. }
        | View::Day { .. }
        | View::Message { .. }
        | View::Disabled
        | View::StoreFault => Duration::from_secs(60),
        View::Waiting { .. } | View::Checking { .. } | View::Paid { .. } => STEP,
        View::Identity { .. } => remote::until_flash(now.tick),
        View::Idle { .. } => {
            let into_minute = u64::try_from(now.wall.ms().rem_euclid(60_000)).unwrap_or(0);
            Duration::from_millis(60_000 - into_minute.min(59_999))
        }
    }
}

/// How long the bar of a countdown takes to move by half a pixel, when it is 400 pixels long: less than that is no
/// movement that anybody could see, more is one that jumps.
fn bar_step(total: Duration) -> Duration {
    (total / 800).clamp(STEP, Duration::from_secs(1))
}

/// How long the countdown's words stay true: they change with each whole second that is left.
fn until_second(left: Duration) -> Duration {
    let rest = u64::from(left.subsec_millis());
    Duration::from_millis(if rest == 0 { 1000 } else { rest })
}

/// Returns the phase of moving elements: one step every 100 ms.
pub(super) fn motion(tick: Tick) -> u32 {
    u32::try_from(tick.0 / 100 % u64::from(till_display::MOTION_STEPS)).unwrap_or(0)
}
