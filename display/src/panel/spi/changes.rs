//! Which rectangles of a picture have changed, so that no more than those goes over a slow bus. Knows pixels only.

use std::ops::Range;

use crate::frame::Frame;
use crate::size::{Rotation, Size};

/// So many unchanged pixels are rather written than left out by a rectangle of their own: its addresses take eleven bytes
/// and as many system calls, in which a bus of 32 MHz moves about 500 pixels.
const JOIN: usize = 500;

const BYTES: usize = 3;

/// A rectangle of pixels, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
}

impl Area {
    fn pixels(&self) -> usize {
        self.columns.len() * self.rows.len()
    }

    /// Returns the smallest area around both.
    fn around(&self, other: &Self) -> Self {
        let around = |a: &Range<usize>, b: &Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        Self { columns: around(&self.columns, &other.columns), rows: around(&self.rows, &other.rows) }
    }

    /// Returns where this area of a picture of that size lies once the picture was turned clockwise.
    pub(super) fn turned(&self, size: Size, rotation: Rotation) -> Self {
        let (width, height) = (size.width() as usize, size.height() as usize);
        let back = |range: &Range<usize>, length: usize| length - range.end..length - range.start;
        let (columns, rows) = match rotation {
            Rotation::Deg0 => (self.columns.clone(), self.rows.clone()),
            Rotation::Deg90 => (back(&self.rows, height), self.columns.clone()),
            Rotation::Deg180 => (back(&self.columns, width), back(&self.rows, height)),
            Rotation::Deg270 => (self.rows.clone(), back(&self.columns, width)),
        };
        Self { columns, rows }
    }
}

/// Returns areas that hold every pixel in which the frame differs from `shown`, the bytes of a frame of the same size; all
/// of the frame when nothing is shown.
pub(super) fn changes(frame: &Frame, shown: &[u8]) -> Vec<Area> {
    let (width, height) = (frame.dimensions().width() as usize, frame.dimensions().height() as usize);
    if shown.is_empty() {
        return vec![Area { columns: 0..width, rows: 0..height }];
    }
    let mut areas: Vec<Area> = Vec::new();
    let rows = frame.bytes().chunks_exact(width * BYTES).zip(shown.chunks_exact(width * BYTES));
    for (y, (new, old)) in rows.enumerate() {
        let Some(columns) = changed_columns(new, old) else { continue };
        let row = Area { columns, rows: y..y + 1 };
        match areas.last_mut() {
            Some(last) if last.around(&row).pixels() <= last.pixels() + row.pixels() + JOIN => {
                *last = last.around(&row)
            }
            Some(_) | None => areas.push(row),
        }
    }
    areas
}

/// Returns from which column to which two rows differ.
fn changed_columns(new: &[u8], old: &[u8]) -> Option<Range<usize>> {
    let differs = |(new, old): (&u8, &u8)| new != old;
    let first = new.iter().zip(old).position(differs)?;
    let last = new.iter().zip(old).rposition(differs)?;
    Some(first / BYTES..last / BYTES + 1)
}

#[cfg(test)]
mod tests {
    use embedded_graphics::draw_target::DrawTarget;
    use embedded_graphics::geometry::{Point, Size as Extent};
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
    use embedded_graphics::primitives::Rectangle;

    use super::*;

    fn blank() -> Frame {
        Frame::new(Size::new(320, 240).expect("a size"))
    }

    fn fill(frame: &mut Frame, columns: Range<i32>, rows: Range<i32>) {
        let extent = Extent::new((columns.end - columns.start) as u32, (rows.end - rows.start) as u32);
        let Ok(()) = frame.fill_solid(&Rectangle::new(Point::new(columns.start, rows.start), extent), Rgb888::WHITE);
    }

    fn area(columns: Range<usize>, rows: Range<usize>) -> Area {
        Area { columns, rows }
    }

    #[test]
    fn nothing_changed_is_nothing_to_write_and_nothing_shown_is_all_of_it() {
        let frame = blank();
        assert_eq!(changes(&frame, frame.bytes()), []);
        assert_eq!(changes(&frame, &[]), [area(0..320, 0..240)]);
    }

    #[test]
    fn what_lies_close_is_one_area_and_what_lies_apart_is_two() {
        let (shown, mut frame) = (blank(), blank());
        fill(&mut frame, 10..30, 5..15);
        // Ten rows of 20 pixels are written along, sooner than begun anew.
        fill(&mut frame, 12..31, 25..26);
        fill(&mut frame, 0..1, 239..240);
        assert_eq!(changes(&frame, shown.bytes()), [area(10..31, 5..26), area(0..1, 239..240)]);
        // One pixel in each corner is four areas' corners, but a row holds one only.
        let mut frame = blank();
        for (x, y) in [(0, 0), (319, 0), (0, 239), (319, 239)] {
            fill(&mut frame, x..x + 1, y..y + 1);
        }
        assert_eq!(changes(&frame, shown.bytes()), [area(0..320, 0..1), area(0..320, 239..240)]);
    }

    #[test]
    fn an_area_turns_with_its_picture() {
        let mut frame = blank();
        fill(&mut frame, 10..30, 5..9);
        let black = blank();
        for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
            let areas = changes(&frame, black.bytes());
            let turned: Vec<_> = areas.iter().map(|area| area.turned(frame.dimensions(), rotation)).collect();
            assert_eq!(turned, changes(&frame.turned(rotation), black.turned(rotation).bytes()), "{rotation:?}");
        }
    }
}
