//! The shop's own picture on the idle screen: as it was approved at every size, whole, in nobody's way, and never in the
//! place of a code that can be read. `UPDATE_GOLDEN=1` writes the golden pictures anew.

mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use samples::sheet::{SIZES, THEMES};
use samples::{Language, OPEN_PAYLOAD, brand, with_logo};
use till_display::{Frame, Logo, Placed, Screen, Size, Theme, Type, draw_placed};

fn logo(bytes: &[u8]) -> Logo {
    Logo::decode(bytes).expect("a picture")
}

/// A picture of one colour.
fn plain(width: u32, height: u32) -> Logo {
    let samples = vec![0x40; (width * height * 3) as usize];
    logo(&brand::encode((width, height), png::ColorType::Rgb, &samples))
}

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

/// Every theme, without and with a code, one below the other.
fn sheet(size: Size, logo: &Logo, letters: &mut Type) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (theme, _) in THEMES {
        for screen in with_logo(Language::Vietnamese, logo) {
            bytes.extend_from_slice(drawn(&screen, theme, size, letters).0.bytes());
        }
    }
    bytes
}

fn drawn(screen: &Screen, theme: Theme, size: Size, letters: &mut Type) -> (Frame, Vec<Placed>) {
    let mut frame = Frame::new(size);
    let placed = draw_placed(screen, theme, &mut frame, letters).expect("the code fits");
    (frame, placed)
}

#[test]
fn a_shops_picture_looks_as_it_was_approved_at_every_size() {
    let (mut letters, logo) = (Type::new(), logo(&brand::png()));
    let mut faults = Vec::new();
    for size in SIZES.map(size) {
        let bytes = sheet(size, &logo, &mut letters);
        let png = brand::encode((size.width(), size.height() * 4), png::ColorType::Rgb, &bytes);
        let golden = folder().join(format!("logo-{size}.png"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &png).expect("the golden folder takes files");
        } else if brand::pixels(&fs::read(&golden).unwrap_or_default()).as_deref() != Some(bytes.as_slice()) {
            let actual = std::env::temp_dir().join(format!("actual-logo-{size}.png"));
            fs::write(&actual, &png).expect("the temporary folder takes files");
            faults.push(format!("{} is not what is drawn now; see {}", golden.display(), actual.display()));
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_GOLDEN=1 approves what is drawn now", faults.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn a_picture_of_any_shape_is_whole_keeps_its_shape_and_is_never_made_larger() {
    let mut letters = Type::new();
    for (width, height) in [(1400, 440), (300, 300), (40, 20), (2048, 16), (16, 2048), (1, 1), (2048, 2048)] {
        let logo = plain(width, height);
        for size in SIZES.map(size) {
            for screen in with_logo(Language::English, &logo) {
                let (_, placed) = drawn(&screen, Theme::Light, size, &mut letters);
                let Some(found) = placed.iter().find(|placed| placed.what == "logo") else { continue };
                let (wide, high) = (found.area.size.width, found.area.size.height);
                assert!(wide <= width && high <= height, "{width}x{height} became {wide}x{high} on {size}");
                // One side is rounded to whole pixels.
                let off = (i64::from(wide) * i64::from(height) - i64::from(high) * i64::from(width)).abs();
                assert!(off <= i64::from(width.max(height)), "{width}x{height} became {wide}x{high} on {size}");
                check_apart(&placed, size, &screen);
            }
        }
    }
}

#[track_caller]
fn check_apart(placed: &[Placed], size: Size, screen: &Screen) {
    for (index, one) in placed.iter().enumerate() {
        let (right, bottom) = (one.area.size.width as i32, one.area.size.height as i32);
        let (right, bottom) = (one.area.top_left.x + right, one.area.top_left.y + bottom);
        let inside = one.area.top_left.x >= 0 && one.area.top_left.y >= 0;
        assert!(inside && right <= size.width() as i32 && bottom <= size.height() as i32, "{size}: {one:?} {screen:?}");
        for other in placed.iter().skip(index + 1) {
            assert!(one.area.intersection(&other.area).is_zero_sized(), "{size}: {one:?} meets {other:?} {screen:?}");
        }
    }
}

#[test]
fn a_picture_is_to_be_seen_on_every_panel_that_has_room_for_it_and_the_clock_on_all() {
    let (mut letters, logo) = (Type::new(), logo(&brand::png()));
    for text in SIZES {
        for (index, screen) in with_logo(Language::Vietnamese, &logo).iter().enumerate() {
            let (_, placed) = drawn(screen, Theme::Light, size(text), &mut letters);
            let has = |what: &str| placed.iter().any(|placed| placed.what == what);
            // Above a code, the smallest panels have none.
            let roomy = index == 0 || !["240x240", "240x320"].contains(&text);
            assert_eq!((has("logo"), has("14:05")), (roomy, true), "{text}, screen {index}");
        }
    }
}

#[test]
fn a_code_beside_a_picture_is_as_large_as_without_and_can_be_read() {
    let (mut letters, logo) = (Type::new(), logo(&brand::png()));
    let code = |placed: &[Placed]| placed.iter().find(|placed| placed.what == "code").map(|placed| placed.area);
    for size in SIZES.map(size) {
        let [_, screen] = with_logo(Language::Vietnamese, &logo);
        let (frame, placed) = drawn(&screen, Theme::Dark, size, &mut letters);
        let (_, without) = samples::screens(Language::Vietnamese).swap_remove(1);
        assert_eq!(code(&placed), code(&drawn(&without, Theme::Dark, size, &mut letters).1), "{size}");
        let (width, height) = (size.width() as usize, size.height() as usize);
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| frame.bytes()[(y * width + x) * 3 + 1]);
        let read: Vec<String> = image.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect();
        assert_eq!(read, [OPEN_PAYLOAD], "{size}");
    }
}
