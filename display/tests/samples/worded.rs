//! Every kind of screen with words of the test's choice, for what no counter would say. Knows kinds, no pixels.

use till_display::{Countdown, EndKind, Line, Link, LinkKind, OpenCode, Screen};

use super::{OPEN_PAYLOAD, PAYLOAD};

/// The largest amount of a sale.
pub(crate) const MOST: &str = "499.999.999 ₫";

/// Returns every kind of screen with the given words and the largest amount.
pub(crate) fn worded(words: &str) -> Vec<Screen> {
    let text = || words.to_owned();
    let most = || MOST.to_owned();
    let mut screens = vec![
        Screen::StartUp { label: text(), title: text(), text: text(), motion: u32::MAX },
        Screen::Waiting { title: text(), amount: most(), text: text(), staff: text(), motion: 23 },
        Screen::Checking { title: text(), amount: most(), text: text(), staff: text(), motion: 11 },
        Screen::Paid { title: text(), amount: most(), detail: text(), clock: text(), staff: text(), motion: 7 },
        Screen::Receipt { title: text(), amount: format!("+{MOST}"), detail: text(), staff: text() },
        Screen::Notice { title: text(), text: text(), staff: text() },
    ];
    let ended = [EndKind::Cancelled, EndKind::Expired, EndKind::Failed];
    screens.extend(ended.map(|kind| Screen::Ended {
        kind,
        title: text(),
        amount: most(),
        reason: text(),
        staff: text(),
    }));
    screens.extend(idle(words));
    screens.extend(typing(words));
    screens.extend(codes(words));
    screens
}

fn idle(words: &str) -> [Screen; 3] {
    let text = || words.to_owned();
    let screen = |kind, clock: &str, code| Screen::Idle {
        label: text(),
        clock: clock.to_owned(),
        link: Link { kind, text: text() },
        hint: text(),
        code,
        logo: None,
        walk: None,
    };
    let open = OpenCode { title: text(), payload: OPEN_PAYLOAD.into(), lines: vec![line(words); 6] };
    [
        screen(LinkKind::Good, "23:59:59", None),
        screen(LinkKind::Down, words, None),
        screen(LinkKind::Limited, "23:59", Some(open)),
    ]
}

fn typing(words: &str) -> [Screen; 3] {
    let text = || words.to_owned();
    let screen = |amount: &str| Screen::Typing {
        label: text(),
        title: text(),
        amount: amount.to_owned(),
        sum: text(),
        problem: text(),
        staff: text(),
    };
    [screen(MOST), screen(""), screen("999.999.999.999.999.999 ₫")]
}

fn codes(words: &str) -> [Screen; 3] {
    let text = || words.to_owned();
    let countdown = || Countdown { left_ms: u64::MAX, total_ms: 1, text: text() };
    let short = |label: &str| Screen::Short {
        title: text(),
        amount: MOST.to_owned(),
        received: line(words),
        missing: Line { label: label.to_owned(), value: MOST.to_owned() },
        payload: PAYLOAD.into(),
        countdown: Countdown { left_ms: 1, total_ms: 1000, text: text() },
        lines: vec![line(words); 3],
        hint: text(),
        staff: text(),
    };
    [
        Screen::Code {
            title: text(),
            amount: MOST.to_owned(),
            payload: PAYLOAD.into(),
            countdown: countdown(),
            lines: vec![line(words); 6],
            hint: text(),
            staff: text(),
        },
        short(words),
        short("Another label than the title"),
    ]
}

fn line(words: &str) -> Line {
    Line { label: words.to_owned(), value: words.to_owned() }
}
