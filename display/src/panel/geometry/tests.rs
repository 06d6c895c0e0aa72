//! Which framebuffers are taken and which are refused, with what is said.

use super::*;

fn field(offset: u32, length: u32) -> Bitfield {
    Bitfield { offset, length, msb_right: 0 }
}

/// 800x480, four bytes a pixel, nothing unusual.
fn plain() -> Geometry {
    Geometry {
        width: 800,
        height: 480,
        millimetres: (0, 0),
        x_offset: 0,
        y_offset: 0,
        line_length: 3200,
        bits_per_pixel: 32,
        grayscale: 0,
        nonstd: 0,
        kind: PACKED_PIXELS,
        visual: TRUECOLOR,
        red: field(16, 8),
        green: field(8, 8),
        blue: field(0, 8),
        transp: field(24, 8),
    }
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Geometry), want: &str) {
    let mut geometry = plain();
    change(&mut geometry);
    let error = geometry.format().err().expect("the geometry cannot be used");
    assert_eq!(error.to_string(), want);
}

#[test]
fn p11_what_cannot_be_drawn_on_is_refused_with_what_was_found_and_expected() {
    for (width, height) in [(0, 480), (800, 0), (239, 480), (800, 4097), (u32::MAX, u32::MAX)] {
        refused(|g| (g.width, g.height) = (width, height), "its size cannot be used");
    }
    for found in [0, 1, 8, 15, 18, 30, 64] {
        refused(|g| g.bits_per_pixel = found, &format!("it has {found} bits a pixel, expected 16, 24 or 32"));
    }
    refused(|g| g.kind = 2, "its pixels are not stored one after the other (type 2, nonstd 0), expected 0 and 0");
    refused(|g| g.nonstd = 1, "its pixels are not stored one after the other (type 0, nonstd 1), expected 0 and 0");
    refused(
        |g| g.visual = 3,
        "it has no colours of red, green and blue (visual 3, grayscale 0), expected 2 or 4, and 0",
    );
    refused(
        |g| g.grayscale = 1,
        "it has no colours of red, green and blue (visual 2, grayscale 1), expected 2 or 4, and 0",
    );
    for (line_length, x_offset) in [(3199, 0), (3200, 1), (0, 0)] {
        let needed = 3200 + 4 * x_offset;
        refused(
            |g| (g.line_length, g.x_offset) = (line_length, x_offset),
            &format!("a line has {needed} bytes, but the next begins {line_length} bytes after it"),
        );
    }
    refused(|g| g.x_offset = u32::MAX, "a line has 17179872380 bytes, but the next begins 3200 bytes after it");
}

#[test]
fn p11_fields_that_cannot_be_filled_are_refused() {
    for (offset, length, msb_right) in
        [(16, 0, 0), (16, 17, 0), (25, 8, 0), (32, 1, 0), (u32::MAX, 8, 0), (8, u32::MAX, 0), (16, 8, 1)]
    {
        let want = format!(
            "the field of red has {length} bits from bit {offset} (msb_right {msb_right}), expected 1 to 16 within the \
             pixel's 32, highest bit first"
        );
        refused(|g| g.red = Bitfield { offset, length, msb_right }, &want);
    }
    refused(|g| g.green = field(9, 8), "the field of green overlaps with another");
    refused(|g| g.blue = field(8, 8), "the field of blue overlaps with another");
    refused(|g| g.transp = field(23, 8), "the field of transparency overlaps with another");
    refused(
        |g| g.transp = field(28, 8),
        "the field of transparency has 8 bits from bit 28 (msb_right 0), expected 1 to 16 within the pixel's 32, highest \
         bit first",
    );
}

#[test]
fn what_can_be_drawn_on_is_taken() {
    let directcolor = Geometry { visual: DIRECTCOLOR, ..plain() };
    // A field of no bits is none, wherever it is said to be.
    let no_transp = Geometry { transp: Bitfield { offset: 99, length: 0, msb_right: 1 }, ..plain() };
    let padded = Geometry { line_length: 4096, x_offset: 16, y_offset: 480, ..plain() };
    for geometry in [plain(), directcolor, no_transp] {
        let format = geometry.format().expect("it can be used");
        assert_eq!((format.size().to_string(), format.row_bytes()), ("800x480".to_owned(), 3200));
        assert_eq!((format.place(0), format.place(3), format.is_seamless()), (0, 9600, true));
    }
    let format = padded.format().expect("it can be used");
    assert_eq!((format.place(0), format.place(1), format.is_seamless()), (480 * 4096 + 64, 481 * 4096 + 64, false));
}

#[test]
fn the_answers_of_a_device_are_taken_over_each_to_its_place() {
    let bits = |offset| linux::Bitfield { offset, length: offset + 1, msb_right: offset + 2 };
    let mut var = linux::VarInfo::default();
    (var.xres, var.yres, var.xoffset, var.yoffset) = (1, 2, 3, 4);
    (var.bits_per_pixel, var.grayscale, var.nonstd) = (5, 6, 7);
    (var.red, var.green, var.blue, var.transp) = (bits(10), bits(20), bits(30), bits(40));
    (var.width_mm, var.height_mm) = (50, 60);
    let mut fix = linux::FixInfo::default();
    (fix.kind, fix.visual, fix.line_length) = (8, 9, 10);
    let bits = |offset| Bitfield { offset, length: offset + 1, msb_right: offset + 2 };
    let want = Geometry {
        width: 1,
        height: 2,
        millimetres: (50, 60),
        x_offset: 3,
        y_offset: 4,
        line_length: 10,
        bits_per_pixel: 5,
        grayscale: 6,
        nonstd: 7,
        kind: 8,
        visual: 9,
        red: bits(10),
        green: bits(20),
        blue: bits(30),
        transp: bits(40),
    };
    assert_eq!(Geometry::of(&var, &fix), want);
}
