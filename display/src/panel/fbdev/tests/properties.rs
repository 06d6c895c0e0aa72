//! Any framebuffer that can be used shows every colour as exactly as its fields allow.

use proptest::prelude::*;

use super::*;

/// Any fields that fit into a pixel: four of these lengths, in this order, with gaps.
fn fields(bits: u32) -> impl Strategy<Value = [Bitfield; 4]> {
    let lengths = prop_oneof![(1..=8u32, 1..=8u32, 1..=8u32), Just((10, 10, 10)), Just((5, 6, 5)), Just((16, 8, 8))];
    (lengths, 0..=8u32, Just([0usize, 1, 2, 3]).prop_shuffle(), 0..=3u32).prop_filter_map(
        "too long together",
        move |((red, green, blue), transp, order, gap)| {
            let lengths = [red, green, blue, transp];
            let mut fields = [Bitfield::default(); 4];
            let mut offset = gap;
            for at in order {
                fields[at] = field(offset, lengths[at]);
                offset += lengths[at];
            }
            (offset <= bits).then_some(fields)
        },
    )
}

fn any_geometry() -> impl Strategy<Value = Geometry> {
    prop_oneof![Just(16u32), Just(24), Just(32)].prop_flat_map(|bits| {
        let place = (240..=300u32, 240..=300u32, 0..=9u32, 0..=9u32, 0..=70u32);
        (fields(bits), place).prop_map(move |([red, green, blue, transp], place)| {
            let (width, height, x_offset, y_offset, padding) = place;
            let line_length = (x_offset + width) * bits / 8 + padding;
            let plain = geometry(bits, [(0, 0); 4]);
            Geometry { width, height, x_offset, y_offset, line_length, red, green, blue, transp, ..plain }
        })
    })
}

/// Reads a pixel's value.
fn value(bytes: &[u8]) -> u32 {
    match *bytes {
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]),
        _ => unreachable!("pixels of 2, 3 and 4 bytes"),
    }
}

/// Returns whether a field holds the value that is nearest to this strength.
fn is_nearest(value: u32, field: Bitfield, strength: u8) -> bool {
    let most = f64::from((1u32 << field.length) - 1);
    let found = f64::from(value >> field.offset & ((1 << field.length) - 1));
    (found - f64::from(strength) / 255.0 * most).abs() <= 0.5
}

fn noise(size: Size, seed: u32) -> Frame {
    let mut frame = Frame::new(size);
    let mut state = seed | 1;
    let area = Rectangle::new(Point::zero(), Extent::new(size.width(), size.height()));
    let colours = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb888::new((state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8)
    });
    let Ok(()) = frame.fill_contiguous(&area, colours);
    frame
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_pixel_is_read_back_as_exactly_as_its_fields_allow(
        geometry in any_geometry(), seed in any::<u32>(), degrees in prop_oneof![Just(0u32), Just(90), Just(180), Just(270)]
    ) {
        let paper = Paper::new("any");
        paper.blank(&geometry);
        let rotation = Rotation::from_degrees(degrees).expect("one of four");
        let (mut panel, _) = paper.panel(&geometry, rotation);
        let picture = noise(panel.size().expect("any such geometry can be used"), seed);
        panel.show(&picture).expect("the file takes it");
        let (bytes, turned) = (paper.bytes(), picture.turned(rotation));
        let pixel = geometry.bits_per_pixel as usize / 8;
        for (line, y) in bytes.chunks(geometry.line_length as usize).skip(geometry.y_offset as usize).zip(0..) {
            let row = &line[geometry.x_offset as usize * pixel..][..geometry.width as usize * pixel];
            for (bytes, x) in row.chunks(pixel).zip(0..) {
                let start = (y * geometry.width as usize + x) * 3;
                let (value, colour) = (value(bytes), &turned.bytes()[start..start + 3]);
                let colours = [geometry.red, geometry.green, geometry.blue].into_iter().zip(colour);
                prop_assert!(colours.clone().all(|(field, strength)| is_nearest(value, field, *strength)));
                // A field of no bits may be said to begin anywhere.
                let mask = |field: Bitfield| ((1u32 << field.length) - 1).checked_shl(field.offset).unwrap_or(0);
                let named = colours.map(|(field, _)| mask(field)).fold(mask(geometry.transp), |all, mask| all | mask);
                prop_assert_eq!(value & mask(geometry.transp), mask(geometry.transp), "opaque");
                prop_assert_eq!(value & !named, 0, "nothing beside the fields");
            }
        }
    }
}
