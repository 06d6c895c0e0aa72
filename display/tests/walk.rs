//! The idle screen that walks by a few pixels: it never stands still for long, nothing of it is cut off or meets another
//! thing, and its code can be read at every place.

mod samples;

use std::collections::HashSet;

use embedded_graphics::geometry::Point;
use samples::sheet::{SIZES, THEMES};
use samples::{Language, OPEN_PAYLOAD, brand, offline_with_code, with_logo};
use till_display::{Frame, Logo, Placed, QUIET_ZONE, QrCode, Screen, Size, Theme, Type, draw_placed};

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

/// Idle screens with much to show, at a step of the walk.
fn screens(step: u32) -> Vec<Screen> {
    let logo = Logo::decode(&brand::png()).expect("a picture");
    let all = with_logo(Language::Vietnamese, &logo).into_iter().chain([offline_with_code(Language::English)]);
    all.map(|mut screen| {
        if let Screen::Idle { walk, .. } = &mut screen {
            *walk = Some(step);
        }
        screen
    })
    .collect()
}

fn drawn(screen: &Screen, theme: Theme, size: Size, letters: &mut Type) -> (Frame, Vec<Placed>) {
    let mut frame = Frame::new(size);
    let placed = draw_placed(screen, theme, &mut frame, letters).expect("the code fits");
    (frame, placed)
}

#[test]
fn each_step_is_a_pixel_or_two_and_every_place_is_visited() {
    let mut letters = Type::new();
    let place = |step, letters: &mut Type| {
        let placed = drawn(&screens(step)[0], Theme::Light, size("480x320"), letters).1;
        placed.iter().find(|placed| placed.what == "14:05").expect("the clock").area.top_left
    };
    let mut seen = HashSet::new();
    let mut last: Option<Point> = None;
    // 320 pixels are walked over by 3 to either side: 7 by 7 places, there and back.
    for step in 0..72 {
        let here = place(step, &mut letters);
        if let Some(last) = last {
            let (across, down) = ((here.x - last.x).abs(), (here.y - last.y).abs());
            assert!(across == 1 && down <= 1, "step {step}: {last:?} to {here:?}");
        }
        seen.insert((here.x, here.y));
        last = Some(here);
    }
    let (left, right) = (seen.iter().map(|at| at.0).min(), seen.iter().map(|at| at.0).max());
    let (top, bottom) = (seen.iter().map(|at| at.1).min(), seen.iter().map(|at| at.1).max());
    assert_eq!(right.zip(left).map(|(right, left)| right - left), Some(6));
    assert_eq!(bottom.zip(top).map(|(bottom, top)| bottom - top), Some(6));
    assert_eq!(place(72, &mut letters), place(0, &mut letters), "the walk comes round");
    let _ = place(u32::MAX, &mut letters);
}

#[test]
fn nothing_is_cut_off_or_meets_another_thing_at_any_place() {
    let mut letters = Type::new();
    for size in SIZES.map(size) {
        // The corners and the middle of the widest walk are among these.
        for step in [0, 4, 8, 16, 31, 64, 136, 256] {
            for screen in screens(step) {
                let (_, placed) = drawn(&screen, Theme::Light, size, &mut letters);
                for (index, one) in placed.iter().enumerate() {
                    let corner = one.area.top_left + one.area.size;
                    let inside = one.area.top_left.x >= 0 && one.area.top_left.y >= 0;
                    let (width, height) = (size.width() as i32, size.height() as i32);
                    assert!(inside && corner.x <= width && corner.y <= height, "{size}, step {step}: {one:?}");
                    for other in placed.iter().skip(index + 1) {
                        let shared = one.area.intersection(&other.area);
                        assert!(shared.is_zero_sized(), "{size}, step {step}: {one:?} meets {other:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_code_can_be_read_and_keeps_its_quiet_zone_at_any_place() {
    let mut letters = Type::new();
    let modules = QrCode::encode(OPEN_PAYLOAD).expect("a code").modules();
    for text in SIZES {
        let (size, theme) = (size(text), THEMES[1].0);
        for step in [0, 31, 136] {
            let (frame, placed) = drawn(&screens(step)[2], theme, size, &mut letters);
            let code = placed.iter().find(|placed| placed.what == "code").expect("the code").area;
            let (width, height) = (size.width() as usize, size.height() as usize);
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
                frame.bytes()[(y * width + x) * 3 + 1]
            });
            let read: Vec<String> =
                image.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect();
            assert_eq!(read, [OPEN_PAYLOAD], "{size}, step {step}");
            let quiet = code.size.width / modules * QUIET_ZONE;
            let (left, top) = (code.top_left.x as u32, code.top_left.y as u32);
            let dark = (0..code.size.width).find(|along| {
                let edge = [frame.pixel(left + along, top + quiet - 1), frame.pixel(left + quiet - 1, top + along)];
                edge.iter().any(|pixel| *pixel != frame.pixel(left, top))
            });
            assert_eq!(dark, None, "{size}, step {step}: something is in the quiet zone");
        }
    }
}
