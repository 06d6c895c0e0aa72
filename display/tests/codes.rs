//! Codes read back from drawn screens by decoders that are not ours, at every size, theme and rotation.

mod eyes;
mod samples;

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use eyes::{Album, Grey, Photo, rqrr};
use samples::{Language, PAYLOAD, screens};
use till_display::{
    Countdown, DrawError, Frame, Placed, QrCode, QrError, Rotation, Screen, Size, Theme, Type, draw, draw_placed,
    qr_fits,
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

/// Returns what the screen's code says, if it has one.
fn payload(screen: &Screen) -> Option<&str> {
    if let Screen::Code { payload, .. } | Screen::Short { payload, .. } = screen {
        return Some(payload);
    }
    if let Screen::Idle { code: Some(code), .. } = screen { Some(&code.payload) } else { None }
}

fn codes_of(language: Language) -> Vec<(&'static str, Screen)> {
    let mut screens = screens(language);
    screens.retain(|(_, screen)| payload(screen).is_some());
    screens
}

/// The picture of a device that shows a code.
struct View {
    name: String,
    /// What the code says.
    text: String,
    /// How many pixels a module has.
    module: usize,
    picture: Grey,
}

/// Returns the pictures of a device for every screen with a code, every theme and every rotation.
fn views(device: Size) -> Vec<View> {
    let mut letters = Type::new();
    let mut views = Vec::new();
    for (name, screen) in codes_of(Language::Vietnamese) {
        for theme in [Theme::Light, Theme::Dark] {
            for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
                let mut frame = Frame::new(device.turned(rotation));
                let placed = draw_placed(&screen, theme, &mut frame, &mut letters).expect("the code fits");
                let text = payload(&screen).expect("the screen has a code").to_owned();
                views.push(View {
                    name: format!("{name} on {device}, {theme:?}, {rotation:?}"),
                    text,
                    module: (code_of(&placed).2 / modules(&screen)) as usize,
                    picture: Grey::of(&frame.turned(rotation)),
                });
            }
        }
    }
    views
}

#[test]
fn p6_every_code_that_is_drawn_is_read_by_three_decoders() {
    for device in SIZES.map(size) {
        let mut album = Album::new();
        let views = views(device);
        for View { name, text, picture, .. } in &views {
            assert_eq!(rqrr(picture), [text.as_str()], "rqrr: {name}");
            album.keep(name, picture);
        }
        assert_eq!(missed(&album, &views), [], "a plain picture is always read");
    }
}

/// As a phone sees a display: a little out of focus, from where 4 to 6 of its pixels fall on a module, not held straight,
/// in a shop whose lamp shines on one side. A phone looks many times a second, and ZBar, which reads along lines, misses
/// one such photo in a hundred by bad luck with them; so there are three looks, of which nearly always the first is enough.
#[test]
fn p6_every_code_is_read_by_two_decoders_from_a_photo_blurred_scaled_turned_by_7_degrees_and_lit_unevenly() {
    let looks = [(5.0, 7.0), (4.0, -7.0), (6.0, 7.0)];
    let looks = looks.map(|(pixels, degrees)| Photo { blur: 0.25, pixels, degrees, uneven: true, noise: 4.0 });
    let (mut codes, mut second_looks) = (0, 0);
    for device in SIZES.map(size) {
        let mut left = views(device);
        codes += left.len();
        for (photo, look) in looks.iter().zip(1..) {
            let mut album = Album::new();
            for View { name, module, picture, .. } in &left {
                album.keep(name, &photo.take(picture, *module));
            }
            let missed = missed(&album, &left);
            left.retain(|view| missed.iter().any(|(_, name)| *name == view.name));
            if left.is_empty() {
                break;
            }
            second_looks += left.len();
            assert!(look < looks.len(), "not read in any of {} looks: {missed:#?}", looks.len());
        }
    }
    assert!(second_looks * 50 <= codes, "{second_looks} of {codes} codes needed a second look");
}

/// Returns which decoder did not read the code of which picture.
fn missed(album: &Album, views: &[View]) -> Vec<(&'static str, String)> {
    let mut missed = Vec::new();
    for (decoder, seen) in [("ZBar", album.zbar()), ("ZXing", album.zxing())] {
        assert_eq!(seen.len(), views.len(), "each picture has a name of its own");
        let unread =
            views.iter().filter(|view| seen.get(&view.name).is_none_or(|texts| *texts != [view.text.as_str()]));
        missed.extend(unread.map(|view| (decoder, view.name.clone())));
    }
    missed
}

fn code_of(placed: &[Placed]) -> (i32, i32, u32) {
    let code = placed.iter().find(|placed| placed.what == "code").expect("a code was drawn");
    (code.area.top_left.x, code.area.top_left.y, code.area.size.width)
}

/// Returns the modules of a side of the screen's code, with the quiet zone.
fn modules(screen: &Screen) -> u32 {
    let text = payload(screen).expect("the screen has a code");
    QrCode::encode(text).expect("the code can be drawn").modules()
}

#[test]
fn a_code_is_black_on_white_in_whole_modules_with_a_quiet_zone_of_four() {
    let mut letters = Type::new();
    for device in ["240x240", "320x240", "480x272", "480x320", "480x800", "800x480"].map(size) {
        for theme in [Theme::Light, Theme::Dark] {
            for (name, screen) in codes_of(Language::English) {
                let mut frame = Frame::new(device);
                let placed = draw_placed(&screen, theme, &mut frame, &mut letters).expect("the code fits");
                let (left, top, side) = code_of(&placed);
                let modules = modules(&screen);
                let module = side / modules;
                assert!(side % modules == 0 && module >= 3, "{name} {device}: {side}");
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
        let mut screens = codes_of(Language::Vietnamese).into_iter();
        let (_, screen) = screens.find(|(name, _)| *name == "code").expect("a sale's code");
        let mut frame = Frame::new(size(device));
        let placed = draw_placed(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
        assert_eq!((device, code_of(&placed).2 / modules(&screen)), (device, module));
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
            assert_eq!(rqrr(&Grey::of(&frame)), [payload]);
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
