//! Codes read back from drawn screens by a decoder that is not ours, at every size, theme and rotation.

mod samples;

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use samples::{Language, PAYLOAD, screens};
use till_display::{
    Countdown, DrawError, Frame, Placed, QrError, Rotation, Screen, Size, Theme, Type, draw, draw_placed, qr_fits,
};

const SIZES: [&str; 13] = [
    "240x240",
    "240x320",
    "320x240",
    "320x480",
    "480x272",
    "480x320",
    "480x480",
    "480x800",
    "720x720",
    "800x480",
    "1024x600",
    "1280x800",
    "1920x1080",
];

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

/// Returns the texts of all codes in a picture.
fn decode(frame: &Frame) -> Vec<String> {
    let size = frame.dimensions();
    // Green is enough: a code is black on white.
    let greens: Vec<u8> = frame.bytes().iter().skip(1).step_by(3).copied().collect();
    let (width, height) = (size.width() as usize, size.height() as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| greens[y * width + x]);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

fn codes_of(language: Language) -> Vec<(&'static str, Screen)> {
    let mut screens = screens(language);
    screens.retain(|(_, screen)| matches!(screen, Screen::Code { .. } | Screen::Short { .. }));
    screens
}

#[test]
fn p6_every_code_that_is_drawn_can_be_read() {
    let mut letters = Type::new();
    for device in SIZES.map(size) {
        for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
            for theme in [Theme::Light, Theme::Dark] {
                for (name, screen) in codes_of(Language::Vietnamese) {
                    if name != "code" && rotation != Rotation::Deg0 {
                        // What turning does to one code it does to all.
                        continue;
                    }
                    let mut frame = Frame::new(device.turned(rotation));
                    draw(&screen, theme, &mut frame, &mut letters).expect("the code fits");
                    let found = decode(&frame.turned(rotation));
                    assert_eq!(found, [PAYLOAD], "{name} {device} {rotation:?} {theme:?}");
                }
            }
        }
    }
}

fn code_of(placed: &[Placed]) -> (i32, i32, u32) {
    let code = placed.iter().find(|placed| placed.what == "code").expect("a code was drawn");
    (code.area.top_left.x, code.area.top_left.y, code.area.size.width)
}

/// 140 characters make 41 modules, 49 with the quiet zone.
const MODULES: u32 = 49;

#[test]
fn a_code_is_black_on_white_in_whole_modules_with_a_quiet_zone_of_four() {
    let mut letters = Type::new();
    for device in ["240x240", "320x240", "480x272", "480x320", "480x800", "800x480"].map(size) {
        for theme in [Theme::Light, Theme::Dark] {
            for (name, screen) in codes_of(Language::English) {
                let mut frame = Frame::new(device);
                let placed = draw_placed(&screen, theme, &mut frame, &mut letters).expect("the code fits");
                let (left, top, side) = code_of(&placed);
                let module = side / MODULES;
                assert!(side % MODULES == 0 && module >= 3, "{name} {device}: {side}");
                for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
                    let at = |x: u32, y: u32| frame.pixel(left as u32 + x, top as u32 + y);
                    let colour = at(x, y);
                    let first_of_module = at(x / module * module, y / module * module);
                    assert_eq!(colour, first_of_module, "{name} {device} {theme:?}: module torn at {x}, {y}");
                    assert!(colour == Some(Rgb888::BLACK) || colour == Some(Rgb888::WHITE));
                    let inner = 4 * module..side - 4 * module;
                    if !inner.contains(&x) || !inner.contains(&y) {
                        assert_eq!(colour, Some(Rgb888::WHITE), "{name} {device} {theme:?}: quiet zone at {x}, {y}");
                    }
                }
            }
        }
    }
}

#[test]
fn on_common_panels_a_code_is_as_large_as_the_height_allows() {
    let mut letters = Type::new();
    for (device, module) in [("800x480", 9), ("480x320", 6), ("1024x600", 12), ("480x800", 9)] {
        let (_, screen) = codes_of(Language::Vietnamese).remove(0);
        let mut frame = Frame::new(size(device));
        let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
        assert_eq!((device, code_of(&placed).2 / MODULES), (device, module));
        assert_eq!(qr_fits(PAYLOAD, size(device)), Ok(module));
    }
}

fn screen_of(payload: String) -> Screen {
    Screen::Code {
        title: "Quét mã".into(),
        amount: "499.999.999 ₫".into(),
        payload,
        countdown: Countdown { left_ms: 1, total_ms: 0, text: "0:00".into() },
        lines: Vec::new(),
        hint: String::new(),
        staff: String::new(),
    }
}

#[test]
fn p6_a_code_is_drawn_whole_or_the_frame_stays_as_it_was() {
    let mut letters = Type::new();
    let device = size("240x240");
    let before = {
        let mut frame = Frame::new(device);
        draw(&screens(Language::English)[0].1, Theme::Light, &mut frame, &mut letters).expect("no code");
        frame
    };
    let mut refused = 0;
    for length in (100..2600).step_by(40) {
        let payload = "z".repeat(length);
        let mut frame = before.clone();
        let drawn = draw(&screen_of(payload.clone()), Theme::Dark, &mut frame, &mut letters);
        let said = drawn.map_err(|DrawError::Code(error)| error);
        assert_eq!(qr_fits(&payload, device).map(drop), said);
        if said.is_ok() {
            assert_eq!(decode(&frame), [payload]);
        } else {
            assert!(frame == before, "{length}");
            refused += 1;
        }
    }
    assert!(refused > 10);
}

#[test]
fn a_code_that_is_too_dense_says_what_it_needs_and_what_there_is() {
    let error = qr_fits(&"z".repeat(400), size("240x240")).expect_err("85 modules do not fit");
    let want = QrError::TooDense { modules: 85, pixels: 200 };
    assert_eq!(error, want);
    assert_eq!(error.to_string(), "a code of 85 modules needs 255 pixels, the panel has 200");
    assert!(matches!(qr_fits(&"z".repeat(3000), size("1920x1080")), Err(QrError::TooLong { bytes: 3000, .. })));
}
