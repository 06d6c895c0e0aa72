//! Layout at every size: nothing outside the frame, nothing on top of anything else, however long the words are.

mod samples;

use embedded_graphics::primitives::Rectangle;
use samples::{Language, PAYLOAD, screens};
use till_display::{
    Countdown, EndKind, Frame, Line, Link, LinkKind, OpenCode, Placed, Screen, Size, Theme, Type, draw, draw_placed,
};

const SIZES: [&str; 11] = [
    "240x240",
    "240x320",
    "320x240",
    "4096x240",
    "320x480",
    "480x272",
    "480x320",
    "480x800",
    "800x480",
    "1024x600",
    "1920x1080",
];

const LONG: &str = "Công ty trách nhiệm hữu hạn một thành viên thương mại dịch vụ ẩm thực Nguyễn Thị Minh Khai";
const WORD: &str = "Nghiêngnghiêngngảngảnghiêngnghiêngnghiêngnghiêngngảngảnghiêngnghiêng";
const MOST: &str = "499.999.999 ₫";

/// Returns every kind of screen with the given words and the largest amount.
fn worded(words: &str) -> Vec<Screen> {
    let text = || words.to_owned();
    let most = || MOST.to_owned();
    let line = || Line { label: words.to_owned(), value: words.to_owned() };
    let link = |kind| Link { kind, text: words.to_owned() };
    let mut screens = vec![
        Screen::StartUp { label: text(), title: text(), text: text(), motion: u32::MAX },
        Screen::Idle { label: text(), clock: "23:59:59".into(), link: link(LinkKind::Good), hint: text(), code: None },
        Screen::Idle { label: text(), clock: text(), link: link(LinkKind::Down), hint: text(), code: None },
        Screen::Idle {
            label: text(),
            clock: "23:59".into(),
            link: link(LinkKind::Limited),
            hint: text(),
            code: Some(OpenCode {
                title: text(),
                payload: PAYLOAD.into(),
                lines: vec![line(), line(), line(), line()],
            }),
        },
        Screen::Typing { label: text(), title: text(), amount: most(), sum: text(), problem: text(), staff: text() },
        Screen::Typing {
            label: text(),
            title: text(),
            amount: String::new(),
            sum: text(),
            problem: text(),
            staff: text(),
        },
        Screen::Waiting { title: text(), amount: most(), text: text(), staff: text(), motion: 23 },
        Screen::Checking { title: text(), amount: most(), text: text(), staff: text(), motion: 11 },
        Screen::Paid { title: text(), amount: most(), detail: text(), clock: text(), staff: text(), motion: 7 },
        Screen::Ended { kind: EndKind::Failed, title: text(), amount: most(), reason: text(), staff: text() },
        Screen::Receipt { title: text(), amount: format!("+{MOST}"), detail: text(), staff: text() },
        Screen::Notice { title: text(), text: text(), staff: text() },
    ];
    screens.extend(worded_codes(words));
    screens
}

/// The screens with a code among them.
fn worded_codes(words: &str) -> [Screen; 2] {
    let text = || words.to_owned();
    let most = || MOST.to_owned();
    let line = || Line { label: words.to_owned(), value: words.to_owned() };
    let countdown = || Countdown { left_ms: u64::MAX, total_ms: 1, text: words.to_owned() };
    [
        Screen::Code {
            title: text(),
            amount: most(),
            payload: PAYLOAD.into(),
            countdown: countdown(),
            lines: vec![line(), line(), line(), line(), line(), line()],
            hint: text(),
            staff: text(),
        },
        Screen::Short {
            title: text(),
            amount: most(),
            received: line(),
            missing: Line { label: text(), value: most() },
            payload: PAYLOAD.into(),
            countdown: countdown(),
            lines: vec![line(), line(), line()],
            hint: text(),
            staff: text(),
        },
    ]
}

fn all_screens() -> Vec<Screen> {
    let kinds = Language::BOTH.into_iter().flat_map(|language| screens(language).into_iter().map(|(_, screen)| screen));
    let longest = format!("{LONG} {LONG} {LONG} {LONG}");
    let worded = [LONG, &longest, WORD, "", "W"].into_iter().flat_map(worded);
    kinds.chain(worded).collect()
}

fn inside(area: &Rectangle, size: Size) -> bool {
    let right = i64::from(area.top_left.x) + i64::from(area.size.width);
    let bottom = i64::from(area.top_left.y) + i64::from(area.size.height);
    area.top_left.x >= 0
        && area.top_left.y >= 0
        && right <= i64::from(size.width())
        && bottom <= i64::from(size.height())
}

#[track_caller]
fn check(placed: &[Placed], size: Size, screen: &Screen) {
    for (index, one) in placed.iter().enumerate() {
        assert!(inside(&one.area, size), "{size}: {one:?} is outside on {screen:?}");
        for other in placed.iter().skip(index + 1) {
            let shared = one.area.intersection(&other.area);
            assert!(shared.is_zero_sized(), "{size}: {one:?} meets {other:?} on {screen:?}");
        }
    }
}

/// A screen that has an amount shows it, all of it.
#[track_caller]
fn check_amount(placed: &[Placed], size: Size, screen: &Screen) {
    let amount = match screen {
        Screen::StartUp { .. } | Screen::Idle { .. } | Screen::Typing { .. } | Screen::Notice { .. } => return,
        Screen::Short { missing, .. } => &missing.value,
        Screen::Waiting { amount, .. }
        | Screen::Checking { amount, .. }
        | Screen::Code { amount, .. }
        | Screen::Paid { amount, .. }
        | Screen::Ended { amount, .. }
        | Screen::Receipt { amount, .. } => amount,
    };
    let whole = placed.iter().any(|placed| placed.what == *amount);
    assert!(whole, "{size}: no {amount} in {placed:?} of {screen:?}");
}

#[test]
fn p6_nothing_is_outside_the_frame_nothing_overlaps_and_amounts_are_whole() {
    let mut letters = Type::new();
    for size in SIZES.map(|text| text.parse::<Size>().expect("a size")) {
        let mut frame = Frame::new(size);
        for screen in all_screens() {
            let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            check(&placed, size, &screen);
            check_amount(&placed, size, &screen);
        }
    }
}

#[test]
fn an_amount_can_be_read_from_across_the_counter() {
    let mut letters = Type::new();
    // Seven inches at 800 pixels and three and a half at 480: the least height of an amount's line in pixels.
    for (size, least) in [("800x480", 40), ("480x320", 25)] {
        let size: Size = size.parse().expect("a size");
        let mut frame = Frame::new(size);
        for screen in worded("Quét mã") {
            let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            let heights = placed.iter().filter(|placed| placed.what == MOST);
            let highest = heights.map(|placed| placed.area.size.height).max();
            assert!(highest.is_none_or(|highest| highest >= least), "{size}: {highest:?} of {screen:?}");
        }
    }
}

#[test]
fn a_moving_element_moves_and_comes_round() {
    let mut letters = Type::new();
    let size: Size = "480x320".parse().expect("a size");
    let mut picture = |motion| {
        let mut frame = Frame::new(size);
        let screen = Screen::Paid {
            title: "PAID".into(),
            amount: MOST.into(),
            detail: String::new(),
            clock: String::new(),
            staff: String::new(),
            motion,
        };
        draw(&screen, Theme::Light, &mut frame, &mut letters).expect("no code");
        frame.bytes().to_vec()
    };
    let steps: Vec<_> = (0..till_display::MOTION_STEPS).map(&mut picture).collect();
    for (index, step) in steps.iter().enumerate() {
        assert!(!steps[..index].contains(step), "step {index} looks like an earlier one");
    }
    assert!(picture(till_display::MOTION_STEPS) == steps[0]);
}

#[test]
fn themes_and_states_can_be_told_apart() {
    let mut letters = Type::new();
    let size: Size = "480x320".parse().expect("a size");
    let mut seen = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        for kind in [EndKind::Cancelled, EndKind::Expired, EndKind::Failed] {
            let mut frame = Frame::new(size);
            let text = || "-".to_owned();
            let screen = Screen::Ended { kind, title: text(), amount: text(), reason: text(), staff: text() };
            draw(&screen, theme, &mut frame, &mut letters).expect("no code");
            assert!(!seen.contains(&frame), "{theme:?} {kind:?}");
            seen.push(frame);
        }
    }
}
