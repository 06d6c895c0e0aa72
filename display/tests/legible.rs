//! Whether a screen can be read and believed: from across the counter, without seeing colours, and not as a photograph.

mod samples;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use samples::worded::worded;
use samples::{Language, screens};
use till_display::{Countdown, EndKind, Frame, MOTION_STEPS, Placed, Screen, Size, Theme, Type, draw, draw_placed};

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

fn placed(screen: &Screen, size: Size, letters: &mut Type) -> Vec<Placed> {
    draw_placed(screen, Theme::Light, &mut Frame::new(size), letters).expect("the code fits")
}

fn drawn(screen: &Screen, theme: Theme, size: Size, letters: &mut Type) -> Frame {
    let mut frame = Frame::new(size);
    draw(screen, theme, &mut frame, letters).expect("the code fits");
    frame
}

/// Returns the amount that a screen is about, and whether it stands beside a code.
fn amount_of(screen: &Screen) -> Option<(&str, bool)> {
    match screen {
        Screen::StartUp { .. } | Screen::Idle { .. } | Screen::Notice { .. } => None,
        Screen::Typing { amount, .. }
        | Screen::Waiting { amount, .. }
        | Screen::Checking { amount, .. }
        | Screen::Paid { amount, .. }
        | Screen::Ended { amount, .. }
        | Screen::Receipt { amount, .. } => Some((amount, false)),
        Screen::Code { amount, .. } => Some((amount, true)),
        Screen::Short { missing, .. } => Some((&missing.value, true)),
    }
}

/// A rule of thumb: digits 7 mm high are read at ease from two metres; healthy eyes need 3 mm.
#[test]
fn an_amount_can_be_read_from_two_metres() {
    let mut letters = Type::new();
    for (panel, inches, least, beside_code) in [
        ("480x320", 3.5, 7.0, 3.5),
        ("800x480", 7.0, 7.0, 7.0),
        ("480x800", 7.0, 7.0, 7.0),
        ("1024x600", 7.0, 7.0, 7.0),
        ("1280x800", 10.1, 7.0, 7.0),
        ("1920x1080", 15.6, 7.0, 7.0),
    ] {
        let size = size(panel);
        let diagonal = f64::from(size.width()).hypot(f64::from(size.height()));
        let mm_a_pixel = inches * 25.4 / diagonal;
        let screens = Language::BOTH.into_iter().flat_map(screens);
        for (name, screen) in screens {
            let Some((amount, code)) = amount_of(&screen).filter(|(amount, _)| !amount.is_empty()) else { continue };
            let placed = placed(&screen, size, &mut letters);
            let line = placed.iter().find(|placed| placed.what == amount).expect("the amount is drawn");
            // A line of figures is 0.965 em high, a digit 0.714.
            let found = f64::from(line.area.size.height) * 0.714 / 0.965 * mm_a_pixel;
            let least = if code { beside_code } else { least };
            assert!(found >= least, "{name} on {panel}: {found:.1} mm");
        }
    }
}

/// Returns the marks on a screen for the customer, without those of the strip.
fn marks(placed: &[Placed]) -> Vec<&str> {
    let known = [
        "Tick",
        "Cross",
        "Hourglass",
        "Exclamation",
        "Plus",
        "Half",
        "Clock",
        "Lens",
        "Power",
        "Info",
        "Keypad",
        "code",
    ];
    let customers = placed.iter().filter(|placed| placed.audience == till_display::Audience::Customer);
    customers.map(|placed| placed.what.as_str()).filter(|what| known.contains(what)).collect()
}

#[test]
fn p13_every_state_has_a_mark_of_its_own_and_only_paid_has_the_tick() {
    let mut letters = Type::new();
    let want = [
        ("idle", &[] as &[&str]),
        ("idle-code", &["code"]),
        ("typing", &["Keypad"]),
        ("typing-problem", &["Keypad", "Exclamation"]),
        ("start-up", &["Power"]),
        ("waiting", &["Hourglass"]),
        ("checking", &["Lens"]),
        ("code", &["code"]),
        ("code-large", &["code", "Hourglass"]),
        ("short", &["code", "Half"]),
        ("paid", &["Tick"]),
        ("cancelled", &["Cross"]),
        ("expired", &["Clock"]),
        ("failed", &["Exclamation"]),
        ("receipt", &["Plus"]),
        ("notice", &["Info"]),
    ];
    for panel in ["240x320", "480x320", "800x480", "1920x1080"] {
        let screens = screens(Language::Vietnamese);
        for (name, marks_of_state) in want {
            let (_, screen) = screens.iter().find(|(known, _)| *known == name).expect("a sample");
            let placed = placed(screen, size(panel), &mut letters);
            let mut found = marks(&placed);
            found.sort_by_key(|mark| marks_of_state.iter().position(|known| known == mark));
            assert_eq!(found, marks_of_state, "{name} on {panel}");
        }
    }
}

/// Returns a picture without its colours, as somebody sees it who cannot tell them apart.
fn grey(frame: &Frame) -> Vec<u8> {
    let luma =
        |pixel: &[u8]| (u32::from(pixel[0]) * 299 + u32::from(pixel[1]) * 587 + u32::from(pixel[2]) * 114) / 1000;
    frame.bytes().chunks_exact(3).map(|pixel| luma(pixel) as u8 / 8).collect()
}

#[test]
fn p13_states_can_be_told_apart_without_colours_even_when_they_say_the_same() {
    let mut letters = Type::new();
    for panel in ["240x240", "480x320", "800x480"] {
        for theme in [Theme::Light, Theme::Dark] {
            let mut seen = HashSet::new();
            // Without the code that says another label over the same amount: on small panels it is the same screen.
            for screen in worded("–")
                .iter()
                .filter(|screen| !matches!(screen, Screen::Short { missing, .. } if missing.label != "–"))
            {
                let frame = drawn(screen, theme, size(panel), &mut letters);
                assert!(seen.insert(grey(&frame)), "{panel} {theme:?}: {screen:?} looks like another state");
            }
        }
    }
}

fn paid(motion: u32, clock: &str) -> Screen {
    Screen::Paid {
        title: "ĐÃ NHẬN TIỀN".into(),
        amount: "50.000 ₫".into(),
        detail: String::new(),
        clock: clock.into(),
        staff: "Nhập số tiền để bán tiếp".into(),
        motion,
    }
}

#[test]
fn what_moves_on_a_paid_screen_is_never_twice_the_same_and_comes_round() {
    let mut letters = Type::new();
    for panel in ["240x240", "480x320", "480x800", "800x480"] {
        let mut picture = |motion| {
            let mut hasher = DefaultHasher::new();
            drawn(&paid(motion, "14:05:32"), Theme::Light, size(panel), &mut letters).bytes().hash(&mut hasher);
            hasher.finish()
        };
        let steps: HashSet<u64> = (0..MOTION_STEPS).map(&mut picture).collect();
        assert_eq!(steps.len(), MOTION_STEPS as usize, "{panel}");
        assert_eq!(picture(MOTION_STEPS), picture(0), "{panel}");
    }
}

#[test]
fn a_paid_screen_changes_so_much_that_it_is_seen_from_across_the_shop() {
    let mut letters = Type::new();
    for panel in ["240x240", "480x320", "480x800", "800x480", "1920x1080"] {
        let size = size(panel);
        let all = (size.width() * size.height()) as usize;
        for motion in [0, 7, 12, 19] {
            let one = drawn(&paid(motion, "14:05:32"), Theme::Light, size, &mut letters);
            let next = drawn(&paid(motion + 4, "14:05:32"), Theme::Light, size, &mut letters);
            let changed = one.bytes().chunks_exact(3).zip(next.bytes().chunks_exact(3)).filter(|(a, b)| a != b).count();
            assert!(changed * 50 > all, "{panel} {motion}: {changed} of {all} pixels");
        }
    }
}

#[test]
fn the_clock_on_a_paid_screen_is_as_large_as_a_headline() {
    let mut letters = Type::new();
    for panel in ["240x240", "480x320", "480x800", "800x480", "1920x1080"] {
        let placed = placed(&paid(3, "14:05:32"), size(panel), &mut letters);
        let clock = placed.iter().find(|placed| placed.what == "14:05:32").expect("a clock with seconds");
        let least = size(panel).height().min(size(panel).width()) / 12;
        assert!(clock.area.size.height >= least, "{panel}: {clock:?}");
    }
}

fn code_with(left_ms: u64) -> Screen {
    Screen::Code {
        title: "Quét mã".into(),
        amount: "50.000 ₫".into(),
        payload: samples::PAYLOAD.into(),
        countdown: Countdown { left_ms, total_ms: 300_000, text: "Còn".into() },
        lines: Vec::new(),
        hint: String::new(),
        staff: String::new(),
    }
}

#[test]
fn the_countdown_moves_by_eighths_of_a_pixel_down_to_nothing() {
    let mut letters = Type::new();
    let panel = size("800x480");
    let bar = placed(&code_with(300_000), panel, &mut letters).into_iter().find(|placed| placed.what == "bar");
    let width = u64::from(bar.expect("a bar").area.size.width);
    let eighth_ms = 300_000_u64.div_ceil(width * 8);
    for from in [299_000, 150_000, 45_000, 29_000, 3000, 800] {
        let mut pictures = HashSet::new();
        for step in 0..4 {
            pictures
                .insert(drawn(&code_with(from - step * eighth_ms), Theme::Light, panel, &mut letters).bytes().to_vec());
        }
        assert_eq!(pictures.len(), 4, "{from} ms");
    }
}

#[test]
fn the_last_tenth_of_the_time_is_told_by_a_mark() {
    let mut letters = Type::new();
    for (left_ms, told) in [(300_000, false), (30_000, false), (29_999, true), (0, true)] {
        let placed = placed(&code_with(left_ms), size("480x320"), &mut letters);
        assert_eq!(placed.iter().any(|placed| placed.what == "Hourglass"), told, "{left_ms} ms");
    }
}

#[test]
fn themes_and_endings_can_be_told_apart() {
    let mut letters = Type::new();
    let mut seen = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        for kind in [EndKind::Cancelled, EndKind::Expired, EndKind::Failed] {
            let text = || "-".to_owned();
            let screen = Screen::Ended { kind, title: text(), amount: text(), reason: text(), staff: text() };
            let frame = drawn(&screen, theme, size("480x320"), &mut letters);
            assert!(!seen.contains(&frame), "{theme:?} {kind:?}");
            seen.push(frame);
        }
    }
}
