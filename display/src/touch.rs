//! What a finger does to a screen: keys at their places, and the way from a touch on the device's surface to a key.
//! Knows places and directions, not what a key brings about.

use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

use crate::size::{Rotation, Size};

/// A key on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A digit, 0 to 9.
    Digit(u8),
    /// Two zeros.
    DoubleZero,
    /// Three zeros.
    TripleZero,
    /// Adds an item up.
    Plus,
    /// Multiplies by a quantity.
    Times,
    /// Takes the last key back.
    Back,
    /// Clears, or cancels.
    Escape,
    /// It is complete.
    Enter,
}

/// What is to be drawn for a finger beside what a screen shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// The width and height of the frame in millimetres, where the panel tells them.
    pub millimetres: Option<(u32, u32)>,
    /// The key that is held down.
    pub pressed: Option<Key>,
    /// What is written on [`Key::Enter`].
    pub enter: String,
    /// What is written on [`Key::Enter`] beside a code that needs nobody to wait for it; without it there is no such key.
    pub next: Option<String>,
    /// What is written on [`Key::Escape`] where there is something to cancel.
    pub cancel: String,
}

/// The keys of a picture and where they can be hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub(crate) places: Vec<(Key, Rectangle)>,
}

impl Keys {
    /// The side in millimetres that every key should have at least, so that a finger hits one alone.
    pub const LEAST_MM: u32 = 9;

    /// Returns the key at a place of the frame, in pixels from its top left.
    pub fn at(&self, (x, y): (u32, u32)) -> Option<Key> {
        let place = Point::new(i32::try_from(x).ok()?, i32::try_from(y).ok()?);
        self.places.iter().find(|(_, area)| area.contains(place)).map(|(key, _)| *key)
    }

    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the shortest side of any key in tenths of a millimetre, if there are keys and the frame's size in
    /// millimetres is known.
    pub fn shortest_tenths(&self, frame: Size, millimetres: Option<(u32, u32)>) -> Option<u32> {
        let (wide, high) = millimetres?;
        let tenths = |pixels: u32, of: u32, mm: u32| {
            // A frame has at most `Size::MAX` pixels; what a panel tells of itself can be any number.
            u32::try_from(u64::from(pixels) * u64::from(mm) * 10 / u64::from(of.max(1))).unwrap_or(u32::MAX)
        };
        let sides = self.places.iter().map(|(_, area)| {
            tenths(area.size.width, frame.width(), wide).min(tenths(area.size.height, frame.height(), high))
        });
        sides.min()
    }
}

/// How a touch surface lies over the panel behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// How far the picture is turned clockwise on its way to the panel.
    pub rotation: Rotation,
    /// The matrix that makes the surface's places the panel's, row by row, as libinput's calibration matrix: both in
    /// shares of width and height from the top left.
    pub matrix: [f32; 6],
}

impl Surface {
    /// A surface that lies over its panel just so.
    pub const PLAIN: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

    /// Returns the pixel of the frame that lies under a place of the surface, which is told in shares of its width and
    /// height from the top left, as the device has them. What lies beside the frame is taken for its edge.
    pub fn pixel(&self, (across, down): (f32, f32), frame: Size) -> (u32, u32) {
        let [a, b, c, d, e, f] = self.matrix;
        let (u, v) = (a * across + b * down + c, d * across + e * down + f);
        let (x, y) = match self.rotation {
            Rotation::Deg0 => (u, v),
            Rotation::Deg90 => (v, 1.0 - u),
            Rotation::Deg180 => (1.0 - u, 1.0 - v),
            Rotation::Deg270 => (1.0 - v, u),
        };
        // A share that is no number becomes 0.
        let pixel = |share: f32, side: u32| ((share * side as f32).max(0.0) as u32).min(side - 1);
        (pixel(x, frame.width()), pixel(y, frame.height()))
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::geometry::Size as Extent;
    use proptest::prelude::*;

    use super::*;
    use crate::frame::Frame;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).expect("within bounds")
    }

    /// A pixel is drawn, the frame turned as for the panel, and the panel touched where the pixel is then.
    #[test]
    fn a_touch_on_a_pixel_finds_it_however_the_panel_is_mounted() {
        use embedded_graphics::Pixel;
        use embedded_graphics::draw_target::DrawTarget;
        use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
        let frame_size = size(300, 240);
        for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
            for (x, y) in [(0, 0), (299, 0), (0, 239), (299, 239), (17, 200), (150, 119)] {
                let mut frame = Frame::new(frame_size);
                let Ok(()) = frame.draw_iter([Pixel(Point::new(x as i32, y as i32), Rgb888::RED)]);
                let turned = frame.turned(rotation);
                let device = turned.dimensions();
                let at =
                    turned.bytes().chunks_exact(3).position(|pixel| pixel == [255, 0, 0]).expect("the pixel") as u32;
                let (column, row) = (at % device.width(), at / device.width());
                let share = |place: u32, side: u32| (place as f32 + 0.5) / side as f32;
                let touch = (share(column, device.width()), share(row, device.height()));
                let surface = Surface { rotation, matrix: Surface::PLAIN };
                assert_eq!(surface.pixel(touch, frame_size), (x, y), "{rotation:?}");
            }
        }
    }

    #[test]
    fn a_matrix_mends_a_surface_that_lies_otherwise() {
        let frame = size(800, 480);
        let pixel = |matrix| Surface { rotation: Rotation::Deg0, matrix }.pixel((0.25, 0.5), frame);
        assert_eq!(pixel(Surface::PLAIN), (200, 240));
        // Libinput's documentation: turned by 90, 180 and 270 degrees clockwise.
        assert_eq!(pixel([0.0, -1.0, 1.0, 1.0, 0.0, 0.0]), (400, 120));
        assert_eq!(pixel([-1.0, 0.0, 1.0, 0.0, -1.0, 1.0]), (600, 240));
        assert_eq!(pixel([0.0, 1.0, 0.0, -1.0, 0.0, 1.0]), (400, 360));
        // A surface that reaches a tenth beyond the panel on each side.
        assert_eq!(pixel([1.2, 0.0, -0.1, 0.0, 1.2, -0.1]), (160, 240));
    }

    #[test]
    fn a_key_is_hit_within_its_place_and_nowhere_else() {
        let place = |x, y| Rectangle::new(Point::new(x, y), Extent::new(50, 40));
        let keys = Keys { places: vec![(Key::Digit(1), place(0, 0)), (Key::Enter, place(50, 0))] };
        for (at, want) in [
            ((0, 0), Some(Key::Digit(1))),
            ((49, 39), Some(Key::Digit(1))),
            ((50, 39), Some(Key::Enter)),
            ((49, 40), None),
            ((100, 0), None),
            ((u32::MAX, 0), None),
        ] {
            assert_eq!(keys.at(at), want, "{at:?}");
        }
        assert_eq!(keys.shortest_tenths(size(800, 480), Some((160, 96))), Some(80));
        assert_eq!(keys.shortest_tenths(size(800, 480), None), None);
        assert_eq!(Keys::default().shortest_tenths(size(800, 480), Some((160, 96))), None);
        assert_eq!(keys.shortest_tenths(size(240, 240), Some((u32::MAX, u32::MAX))), Some(u32::MAX));
    }

    proptest! {
        #[test]
        fn p11_no_touch_leaves_the_frame(
            across in any::<f32>(), down in any::<f32>(), matrix in any::<[f32; 6]>(), degrees in 0_u32..4,
        ) {
            let rotation = Rotation::from_degrees(degrees * 90).expect("one of the four");
            let (x, y) = Surface { rotation, matrix }.pixel((across, down), size(800, 480));
            prop_assert!(x < 800 && y < 480);
        }
    }
}
