//! How large a panel is, as it says itself, judged. It must not touch a device.

use crate::size::{Rotation, Size};

/// The shortest and longest side that a panel at a counter can have, in millimetres.
const SIDES: std::ops::RangeInclusive<u32> = 20..=2000;

/// Returns the width and height of the frames for a device, if what the device tells of itself can be. Drivers that do not
/// know say 0 or the largest number, and some displays tell a ratio, 16 and 9; a pixel that were twice as wide as high, or
/// as high as wide, would be such a lie.
pub(super) fn of(device: Size, (wide, high): (u32, u32), rotation: Rotation) -> Option<(u32, u32)> {
    if !SIDES.contains(&wide) || !SIDES.contains(&high) {
        return None;
    }
    // Neither product comes near the bounds of its type: a side has at most `Size::MAX` pixels.
    let (across, down) = (wide * device.height(), high * device.width());
    let is_square = across < 2 * down && down < 2 * across;
    let turned = match rotation {
        Rotation::Deg0 | Rotation::Deg180 => (wide, high),
        Rotation::Deg90 | Rotation::Deg270 => (high, wide),
    };
    is_square.then_some(turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_can_be_is_turned_with_the_picture_and_another_is_not_known() {
        let device = Size::new(800, 480).expect("within bounds");
        let largest = Size::new(Size::MAX, Size::MAX).expect("within bounds");
        for (device, told, rotation, want) in [
            (device, (154, 86), Rotation::Deg0, Some((154, 86))),
            (device, (154, 86), Rotation::Deg180, Some((154, 86))),
            (device, (154, 86), Rotation::Deg90, Some((86, 154))),
            (device, (154, 86), Rotation::Deg270, Some((86, 154))),
            (device, (0, 0), Rotation::Deg0, None),
            (device, (154, 0), Rotation::Deg0, None),
            (device, (u32::MAX, u32::MAX), Rotation::Deg0, None),
            (device, (16, 9), Rotation::Deg0, None),
            (device, (2001, 1200), Rotation::Deg0, None),
            (device, (86, 154), Rotation::Deg0, None),
            (largest, (2000, 2000), Rotation::Deg0, Some((2000, 2000))),
        ] {
            assert_eq!(of(device, told, rotation), want, "{told:?} {rotation:?}");
        }
    }
}
