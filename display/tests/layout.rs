//! Layout at every size: nothing outside the frame, nothing on top of anything else, however long the words are; the
//! cashier's words apart from the customer's.

mod samples;

use embedded_graphics::primitives::Rectangle;
use samples::sheet::SIZES;
use samples::worded::worded;
use samples::{Language, screens};
use till_display::{Audience, Frame, Placed, Screen, Size, Theme, Type, draw_placed};

/// Shapes that no panel has, and some that few have.
const EXTREMES: [&str; 8] =
    ["4096x240", "240x4096", "480x272", "320x480", "480x480", "720x720", "800x240", "1080x1920"];

const LONG: &str = "Công ty trách nhiệm hữu hạn một thành viên thương mại dịch vụ ẩm thực Nguyễn Thị Minh Khai";
const WORD: &str = "Nghiêngnghiêngngảngảnghiêngnghiêngnghiêngnghiêngngảngảnghiêngnghiêng";

fn samples_of_both() -> impl Iterator<Item = Screen> {
    Language::BOTH.into_iter().flat_map(|language| screens(language).into_iter().map(|(_, screen)| screen))
}

fn all_screens() -> Vec<Screen> {
    let longest = format!("{LONG} {LONG} {LONG} {LONG}");
    samples_of_both().chain([LONG, &longest, WORD, "", "W"].into_iter().flat_map(worded)).collect()
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
fn check_boxes(placed: &[Placed], size: Size, screen: &Screen) {
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
        Screen::StartUp { .. } | Screen::Idle { .. } | Screen::Notice { .. } | Screen::Typing { .. } => return,
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

/// Everything for the cashier lies below everything for the customer, in one place; beside a code it is the place
/// below the words.
#[track_caller]
fn check_strip(placed: &[Placed], size: Size, screen: &Screen) {
    let staff: Vec<&Placed> = placed.iter().filter(|placed| placed.audience == Audience::Staff).collect();
    let Some(top) = staff.iter().map(|placed| placed.area.top_left.y).min() else {
        return;
    };
    let left = staff.iter().map(|placed| placed.area.top_left.x).min().unwrap_or(0);
    for placed in placed.iter().filter(|placed| placed.audience == Audience::Customer) {
        let bottom = placed.area.top_left.y + placed.area.size.height as i32;
        let beside = placed.what == "code" && placed.area.top_left.x + placed.area.size.width as i32 <= left;
        assert!(bottom <= top || beside, "{size}: {placed:?} reaches into the strip of {screen:?}");
    }
}

#[test]
fn p6_nothing_is_outside_the_frame_nothing_overlaps_and_amounts_are_whole() {
    let mut letters = Type::new();
    let screens = all_screens();
    for size in SIZES.iter().chain(&EXTREMES).map(|text| text.parse::<Size>().expect("a size")) {
        let mut frame = Frame::new(size);
        for screen in &screens {
            let placed = draw_placed(screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            check_boxes(&placed, size, screen);
            check_amount(&placed, size, screen);
            check_strip(&placed, size, screen);
        }
    }
}

#[test]
fn p13_what_a_till_says_is_never_cut() {
    let mut letters = Type::new();
    for size in SIZES.map(|text| text.parse::<Size>().expect("a size")) {
        let mut frame = Frame::new(size);
        for screen in samples_of_both().chain(Language::BOTH.map(samples::offline_with_code)) {
            let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            let cut = placed.iter().find(|placed| placed.what.ends_with('…'));
            assert_eq!(cut, None, "{size}: {screen:?}");
        }
    }
}

#[test]
fn p13_the_cashier_is_told_what_to_do_wherever_there_is_room() {
    let mut letters = Type::new();
    for size in SIZES.map(|text| text.parse::<Size>().expect("a size")) {
        let mut frame = Frame::new(size);
        for screen in samples_of_both() {
            let code =
                matches!(screen, Screen::Code { .. } | Screen::Short { .. } | Screen::Idle { code: Some(_), .. });
            if matches!(screen, Screen::StartUp { .. }) || code && size.width() <= 320 {
                continue;
            }
            let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            let told = placed.iter().any(|placed| placed.audience == Audience::Staff && placed.what == "Person");
            assert!(told, "{size}: {screen:?}");
        }
    }
}

#[test]
fn the_link_is_told_on_every_idle_screen() {
    let mut letters = Type::new();
    for size in SIZES.map(|text| text.parse::<Size>().expect("a size")) {
        let mut frame = Frame::new(size);
        for screen in samples_of_both().filter(|screen| matches!(screen, Screen::Idle { .. })) {
            let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
            let told = placed.iter().any(|placed| ["Bars", "Half", "Cross"].contains(&placed.what.as_str()));
            assert!(told, "{size}: {screen:?}");
        }
    }
}
