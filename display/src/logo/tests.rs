//! Logos from bytes: every kind of PNG, what is refused and why, and the pixels of smaller ones.

use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use proptest::prelude::*;

use super::*;
use crate::frame::Frame;
use crate::size::Size;

fn encoded((width, height): (u32, u32), colours: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(depth);
    encoder.set_color(colours);
    if colours == png::ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 0, 200, 100, 50]);
        encoder.set_trns(vec![255, 128]);
    }
    let mut writer = encoder.write_header().expect("memory takes all bytes");
    writer.write_image_data(data).expect("as many bytes as pixels");
    writer.finish().expect("memory takes all bytes");
    bytes
}

fn rgba(width: u32, height: u32, pixel: [u8; 4]) -> Logo {
    let data = pixel.repeat((width * height) as usize);
    Logo::decode(&encoded((width, height), png::ColorType::Rgba, png::BitDepth::Eight, &data)).expect("a picture")
}

/// Draws a logo at its place on a frame of one colour and returns the pixel there.
fn pixel_on(logo: &Logo, ground: Rgb888) -> Option<Rgb888> {
    let mut frame = Frame::new(Size::new(240, 240).expect("within bounds"));
    let Ok(()) = frame.fill_solid(&Rectangle::new(Point::zero(), Extent::new(240, 240)), ground);
    let (width, height) = logo.fit(200, 200);
    let Ok(()) = logo.draw(&mut frame, Rectangle::new(Point::new(7, 9), Extent::new(width, height)), ground);
    assert_eq!((frame.pixel(6, 9), frame.pixel(7, 8)), (Some(ground), Some(ground)));
    assert_eq!(frame.pixel(7 + width, 9), Some(ground));
    frame.pixel(7, 9)
}

#[test]
fn every_kind_of_png_is_decoded() {
    use png::{BitDepth, ColorType};
    let on_white = |kind: (u32, u32), colours, depth, data: &[u8]| {
        let logo = Logo::decode(&encoded(kind, colours, depth, data)).expect("a picture");
        pixel_on(&logo, Rgb888::WHITE).map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
    };
    let one = (1, 1);
    assert_eq!(on_white(one, ColorType::Grayscale, BitDepth::One, &[0]), Some([0; 3]));
    assert_eq!(on_white(one, ColorType::Grayscale, BitDepth::Eight, &[77]), Some([77; 3]));
    assert_eq!(on_white(one, ColorType::Grayscale, BitDepth::Sixteen, &[77, 99]), Some([77; 3]));
    assert_eq!(on_white(one, ColorType::GrayscaleAlpha, BitDepth::Eight, &[0, 128]), Some([127; 3]));
    assert_eq!(on_white(one, ColorType::Rgb, BitDepth::Eight, &[1, 2, 3]), Some([1, 2, 3]));
    assert_eq!(on_white(one, ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 0]), Some([255; 3]));
    assert_eq!(on_white(one, ColorType::Rgba, BitDepth::Sixteen, &[1, 0, 2, 0, 3, 0, 255, 255]), Some([1, 2, 3]));
    assert_eq!(on_white((2, 1), ColorType::Indexed, BitDepth::One, &[0b1000_0000]), Some([227, 177, 152]));
}

#[test]
fn what_is_too_large_is_refused_before_it_is_decoded() {
    let long = vec![0; Logo::MAX_BYTES + 1];
    assert!(matches!(Logo::decode(&long), Err(LogoError::Bytes { found }) if found == Logo::MAX_BYTES + 1));
    // The header alone says so: there is no pixel behind it.
    for (width, height) in [(2049, 1), (1, 2049), (u32::MAX >> 1, u32::MAX >> 1)] {
        let mut bytes = encoded((1, 1), png::ColorType::Grayscale, png::BitDepth::Eight, &[0]);
        bytes.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
        let sum = crc(&bytes[12..29]);
        bytes.splice(29..33, sum.to_be_bytes());
        let refused = Logo::decode(&bytes[..45]);
        assert!(matches!(refused, Err(LogoError::Pixels { width: w, height: h }) if (w, h) == (width, height)));
    }
    let largest = vec![9; (Logo::MAX_SIDE * Logo::MAX_SIDE) as usize];
    let side = (Logo::MAX_SIDE, Logo::MAX_SIDE);
    let largest = Logo::decode(&encoded(side, png::ColorType::Grayscale, png::BitDepth::Eight, &largest));
    assert_eq!(largest.expect("just within bounds").fit(9999, 9999), (1024, 1024));
}

/// The sum of a PNG's chunk. Source: PNG specification, annex D.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn a_logo_keeps_its_shape_in_every_room_and_is_never_made_larger() {
    let wide = rgba(400, 100, [0, 0, 0, 255]);
    for (room, want) in [
        ((200, 200), (200, 50)),
        ((1000, 10), (40, 10)),
        ((4000, 4000), (400, 100)),
        ((30, 0), (1, 1)),
        ((0, 0), (1, 1)),
        ((3, 99), (3, 1)),
    ] {
        assert_eq!(wide.fit(room.0, room.1), want, "{room:?}");
    }
}

#[test]
fn a_field_of_one_colour_stays_what_it_is_at_every_size() {
    for pixel in [[200, 100, 50, 255], [200, 100, 50, 128], [255, 255, 255, 1], [9, 9, 9, 0]] {
        let large = rgba(150, 90, pixel);
        let whole = large.raster.pixels[..4].to_vec();
        for (width, height) in [(149, 89), (75, 45), (50, 30), (7, 4), (1, 1)] {
            let small = large.raster.shrunk(width, height);
            assert!(small.pixels.chunks_exact(4).all(|found| found == whole), "{pixel:?} at {width}x{height}");
        }
    }
}

#[test]
fn an_edge_stays_at_its_place_and_what_cannot_be_seen_gives_no_colour() {
    // The left half is opaque white, the right half is of a red that cannot be seen.
    let row = [[255, 255, 255, 255].repeat(40), [255, 0, 0, 0].repeat(40)].concat();
    let bytes = encoded((80, 20), png::ColorType::Rgba, png::BitDepth::Eight, &row.repeat(20));
    let small = Logo::decode(&bytes).expect("a picture").raster.shrunk(20, 5);
    for (x, pixel) in small.pixels.chunks_exact(4).take(20).enumerate() {
        let want = if x < 10 { 255 } else { 0 };
        assert!(pixel[3].abs_diff(want) < 26, "{x}: {pixel:?}");
        assert!(pixel[0] == pixel[1] && pixel[1] == pixel[2], "{x}: {pixel:?} is coloured");
    }
}

proptest! {
    #[test]
    fn p11_no_bytes_panic_whatever_was_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = encoded((9, 3), png::ColorType::Rgba, png::BitDepth::Eight, &[7; 9 * 3 * 4]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(logo) = Logo::decode(&bytes) {
            let (width, height) = logo.fit(5, 5);
            prop_assert!(width <= 5 && height <= 5);
            pixel_on(&logo, Rgb888::WHITE);
        }
    }
}
