//! Keys for a finger: as they were approved, at least 9 mm where the panel says how large it is, none on top of another
//! or of what the screen shows, and a code beside them that can be read. `UPDATE_GOLDEN=1` writes the golden pictures
//! anew.

mod samples;

use std::fs;
use std::path::Path;

use samples::{Language, OPEN_PAYLOAD, PAYLOAD, brand, screens};
use till_display::{Frame, Key, Keys, Placed, Screen, Size, Theme, Touch, Type, draw, draw_touch, has_room_for_keypad};

/// Panels that are touched, their width and height in millimetres, and whether all keys are of at least 9 mm there.
const PANELS: [(&str, (u32, u32), bool); 7] = [
    ("480x800", (86, 154), true),
    ("800x480", (154, 86), true),
    ("1024x600", (154, 86), true),
    ("1280x800", (217, 136), true),
    ("1920x1080", (344, 194), true),
    // 3.5 inches.
    ("480x320", (73, 49), false),
    ("320x480", (49, 73), false),
];

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

fn touch(millimetres: Option<(u32, u32)>, pressed: Option<Key>) -> Touch {
    Touch { millimetres, pressed, enter: "Tạo mã".into(), next: None, cancel: "Hủy đơn".into() }
}

fn sample(name: &str) -> Screen {
    let mut all = screens(Language::Vietnamese).into_iter();
    all.find(|(known, _)| *known == name).expect("a sample").1
}

fn drawn(screen: &Screen, touch: &Touch, theme: Theme, size: Size, letters: &mut Type) -> (Frame, Vec<Placed>, Keys) {
    let mut frame = Frame::new(size);
    let (placed, keys) = draw_touch(screen, touch, theme, &mut frame, letters).expect("the code fits");
    (frame, placed, keys)
}

#[test]
fn keys_look_as_they_were_approved() {
    let mut letters = Type::new();
    let mut faults = Vec::new();
    for (panel, millimetres, _) in &PANELS[..4] {
        let (size, known) = (size(panel), Some(*millimetres));
        let mut bytes = Vec::new();
        for (name, pressed, theme) in [
            ("idle", None, Theme::Light),
            ("idle-code", None, Theme::Dark),
            ("typing", Some(Key::Digit(5)), Theme::Light),
            ("typing-problem", Some(Key::Enter), Theme::Dark),
            ("code", None, Theme::Light),
            ("short", Some(Key::Escape), Theme::Dark),
        ] {
            let (frame, ..) = drawn(&sample(name), &touch(known, pressed), theme, size, &mut letters);
            bytes.extend_from_slice(frame.bytes());
        }
        let png = brand::encode((size.width(), size.height() * 6), png::ColorType::Rgb, &bytes);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/touch-{panel}.png"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &png).expect("the golden folder takes files");
        } else if brand::pixels(&fs::read(&golden).unwrap_or_default()).as_deref() != Some(bytes.as_slice()) {
            let actual = std::env::temp_dir().join(format!("actual-touch-{panel}.png"));
            fs::write(&actual, &png).expect("the temporary folder takes files");
            faults.push(format!("{} is not what is drawn now; see {}", golden.display(), actual.display()));
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_GOLDEN=1 approves what is drawn now", faults.join("\n"));
}

#[test]
fn a_key_is_at_least_9_mm_wide_and_high_where_the_panel_is_large_enough() {
    let mut letters = Type::new();
    for (panel, millimetres, large) in PANELS {
        for name in ["idle", "idle-code", "typing", "code", "waiting"] {
            let touch = touch(Some(millimetres), None);
            let (_, _, keys) = drawn(&sample(name), &touch, Theme::Light, size(panel), &mut letters);
            let shortest = keys.shortest_tenths(size(panel), Some(millimetres)).expect("there are keys");
            // Keys are hit in the gap around them too, so what is asked for is what is drawn.
            if large || name == "code" || name == "waiting" {
                assert!(shortest >= 90, "{name} on {panel}: {shortest} tenths of a millimetre");
            } else {
                assert!((65..100).contains(&shortest), "{name} on {panel}: {shortest} tenths of a millimetre");
            }
        }
    }
}

#[test]
fn every_key_of_the_keypad_is_there_once_and_the_pad_has_no_holes() {
    let mut letters = Type::new();
    for (panel, ..) in PANELS {
        let size = size(panel);
        let (_, _, keys) = drawn(&sample("typing"), &touch(None, None), Theme::Light, size, &mut letters);
        let mut seen: Vec<(Key, u32)> = Vec::new();
        for y in 0..size.height() {
            for x in 0..size.width() {
                let Some(key) = keys.at((x, y)) else { continue };
                match seen.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, count)) => *count += 1,
                    None => seen.push((key, 1)),
                }
            }
        }
        let digits = (0..=9).map(Key::Digit);
        let others = [Key::DoubleZero, Key::TripleZero, Key::Plus, Key::Times, Key::Back, Key::Escape, Key::Enter];
        for key in digits.chain(others) {
            assert!(seen.iter().any(|(known, _)| *known == key), "{key:?} on {panel}");
        }
        let total: u32 = seen.iter().map(|(_, count)| count).sum();
        let least = if size.width() > size.height() { 42 } else { 47 };
        assert!(total * 100 > size.width() * size.height() * least, "{panel}: {total} pixels can be hit");
    }
}

#[test]
fn keys_stand_beside_what_the_screen_shows_and_a_code_can_be_read() {
    let mut letters = Type::new();
    for (panel, millimetres, _) in PANELS {
        for (name, payload) in
            [("idle", None), ("idle-code", Some(OPEN_PAYLOAD)), ("typing", None), ("code", Some(PAYLOAD))]
        {
            let touch = touch(Some(millimetres), Some(Key::Escape));
            let (frame, placed, _) = drawn(&sample(name), &touch, Theme::Light, size(panel), &mut letters);
            for (index, one) in placed.iter().enumerate() {
                for other in placed.iter().skip(index + 1) {
                    let shared = one.area.intersection(&other.area);
                    assert!(shared.is_zero_sized(), "{name} on {panel}: {one:?} meets {other:?}");
                }
            }
            let Some(payload) = payload else { continue };
            let (width, height) = (size(panel).width() as usize, size(panel).height() as usize);
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
                frame.bytes()[(y * width + x) * 3 + 1]
            });
            let read: Vec<String> =
                image.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect();
            assert_eq!(read, [payload], "{name} on {panel}");
        }
    }
}

#[test]
fn beside_a_code_that_nobody_waits_for_one_can_go_on_or_cancel() {
    let mut letters = Type::new();
    for (panel, millimetres, _) in PANELS {
        let touch = Touch { next: Some("Khách kế".into()), ..touch(Some(millimetres), None) };
        let (frame, _, keys) = drawn(&sample("code"), &touch, Theme::Light, size(panel), &mut letters);
        let (width, bottom) = (size(panel).width(), size(panel).height() - 3);
        assert_eq!(keys.at((width / 4, bottom)), Some(Key::Escape), "{panel}");
        assert_eq!(keys.at((width * 3 / 4, bottom)), Some(Key::Enter), "{panel}");
        let held = Touch { pressed: Some(Key::Enter), ..touch };
        let (pressed, ..) = drawn(&sample("code"), &held, Theme::Light, size(panel), &mut letters);
        let y = size(panel).height() - 24;
        let row = || (0..width).filter(|x| frame.pixel(*x, y) != pressed.pixel(*x, y));
        assert!(row().count() as u32 > width / 3 && row().all(|x| x >= width / 2), "{panel}");
    }
}

#[test]
fn a_key_that_is_held_down_looks_otherwise_and_nothing_else_does() {
    let mut letters = Type::new();
    let size = size("800x480");
    let mut walking = sample("idle");
    if let Screen::Idle { walk, .. } = &mut walking {
        // The far corner of the walk, 8 pixels from where it begins.
        *walk = Some(64 + 8);
    }
    for screen in [sample("typing"), walking] {
        let (up, _, keys) = drawn(&screen, &touch(None, None), Theme::Light, size, &mut letters);
        for key in [Key::Digit(0), Key::TripleZero, Key::Back, Key::Enter] {
            let (down, ..) = drawn(&screen, &touch(None, Some(key)), Theme::Light, size, &mut letters);
            let changed: Vec<(u32, u32)> = (0..size.width() * size.height())
                .map(|at| (at % size.width(), at / size.width()))
                .filter(|&(x, y)| up.pixel(x, y) != down.pixel(x, y))
                .collect();
            assert!(changed.len() > 1000, "{key:?}: {} pixels", changed.len());
            let elsewhere = changed.iter().find(|at| keys.at(**at) != Some(key));
            assert_eq!(elsewhere, None, "{key:?}");
        }
    }
}

#[test]
fn a_result_is_cleared_by_a_touch_anywhere_and_a_panel_that_is_too_small_has_no_keys() {
    let mut letters = Type::new();
    for name in ["paid", "expired", "receipt"] {
        let (frame, _, keys) = drawn(&sample(name), &touch(None, None), Theme::Light, size("800x480"), &mut letters);
        assert_eq!([(0, 0), (799, 479)].map(|at| keys.at(at)), [Some(Key::Escape); 2], "{name}");
        let mut plain = Frame::new(size("800x480"));
        draw(&sample(name), Theme::Light, &mut plain, &mut letters).expect("it has no code");
        assert!(frame == plain, "{name} looks as without touch");
    }
    for (panel, name) in [("240x240", "typing"), ("320x240", "typing"), ("320x240", "code"), ("800x480", "checking")] {
        let (_, _, keys) = drawn(&sample(name), &touch(None, None), Theme::Light, size(panel), &mut letters);
        assert!(keys.is_empty(), "{name} on {panel}");
        assert_eq!(has_room_for_keypad(size(panel), None), panel == "800x480", "{panel}");
    }
}
