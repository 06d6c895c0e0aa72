//! The bytes of colours in formats that hardware has.

use super::*;

/// Shows one colour everywhere and returns the first pixel's bytes, the same as all others'.
#[track_caller]
fn bytes_of(geometry: &Geometry, colour: [u8; 3]) -> Vec<u8> {
    let paper = Paper::new("format");
    paper.blank(geometry);
    let (mut panel, _) = paper.panel(geometry, Rotation::Deg0);
    let size = panel.size().expect("the file stands in for a device");
    panel.show(&frame(size, colour)).expect("the file takes it");
    let bytes = paper.bytes();
    let mut pixels = bytes.chunks(geometry.bits_per_pixel as usize / 8);
    let first = pixels.next().expect("there are pixels").to_vec();
    assert!(pixels.all(|pixel| pixel == first));
    first
}

#[track_caller]
fn check_16(fields: [(u32, u32); 4], cases: &[([u8; 3], u16)]) {
    for (colour, want) in cases {
        assert_eq!(bytes_of(&geometry(16, fields), *colour), want.to_ne_bytes(), "{colour:?}");
    }
}

#[track_caller]
fn check_32(fields: [(u32, u32); 4], cases: &[([u8; 3], u32)]) {
    for (colour, want) in cases {
        assert_eq!(bytes_of(&geometry(32, fields), *colour), want.to_ne_bytes(), "{colour:?}");
    }
}

const BLACK: [u8; 3] = [0, 0, 0];
const WHITE: [u8; 3] = [255, 255, 255];
const ORANGE: [u8; 3] = [255, 128, 4];

#[test]
fn sixteen_bits() {
    // 128 of 255 is 15.6 of 31, 31.6 of 63 and 7.5 of 15; 4 is 0.5 of 31, rounded to 0, and 0.2 of 15.
    check_16([(11, 5), (5, 6), (0, 5), (0, 0)], &[(BLACK, 0), (WHITE, 0xffff), (ORANGE, 31 << 11 | 32 << 5)]);
    check_16([(0, 5), (5, 6), (11, 5), (0, 0)], &[(BLACK, 0), (WHITE, 0xffff), (ORANGE, 32 << 5 | 31)]);
    check_16([(10, 5), (5, 5), (0, 5), (0, 0)], &[(BLACK, 0), (WHITE, 0x7fff), (ORANGE, 31 << 10 | 16 << 5)]);
    check_16([(10, 5), (5, 5), (0, 5), (15, 1)], &[(BLACK, 0x8000), (WHITE, 0xffff)]);
    check_16([(8, 4), (4, 4), (0, 4), (12, 4)], &[(BLACK, 0xf000), (WHITE, 0xffff), (ORANGE, 0xff80)]);
}

#[test]
fn twenty_four_bits() {
    let rgb = geometry(24, [(16, 8), (8, 8), (0, 8), (0, 0)]);
    assert_eq!(bytes_of(&rgb, ORANGE), [4, 128, 255], "the lowest byte comes first");
    let bgr = geometry(24, [(0, 8), (8, 8), (16, 8), (0, 0)]);
    assert_eq!(bytes_of(&bgr, ORANGE), [255, 128, 4]);
    let rgb666 = geometry(24, [(12, 6), (6, 6), (0, 6), (0, 0)]);
    assert_eq!(bytes_of(&rgb666, WHITE), [0xff, 0xff, 0x03]);
}

#[test]
fn thirty_two_bits() {
    check_32([(16, 8), (8, 8), (0, 8), (0, 0)], &[(BLACK, 0), (WHITE, 0x00ff_ffff), (ORANGE, 0x00ff_8004)]);
    check_32([(0, 8), (8, 8), (16, 8), (0, 0)], &[(ORANGE, 0x0004_80ff)]);
    check_32([(8, 8), (16, 8), (24, 8), (0, 0)], &[(ORANGE, 0x0480_ff00)]);
    check_32([(16, 8), (8, 8), (0, 8), (24, 8)], &[(BLACK, 0xff00_0000), (ORANGE, 0xffff_8004)]);
    check_32([(24, 8), (16, 8), (8, 8), (0, 8)], &[(BLACK, 0x0000_00ff), (ORANGE, 0xff80_04ff)]);
    // 128 of 255 is 513.5 of 1023, 4 is 16.05.
    check_32(
        [(20, 10), (10, 10), (0, 10), (30, 2)],
        &[(WHITE, u32::MAX), (ORANGE, 0b11 << 30 | 1023 << 20 | 514 << 10 | 16)],
    );
    check_32([(20, 1), (10, 1), (0, 1), (0, 0)], &[(ORANGE, 1 << 20 | 1 << 10)]);
    check_32([(16, 16), (8, 8), (0, 8), (0, 0)], &[(ORANGE, 0xffff_8004)]);
}
