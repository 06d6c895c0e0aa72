//! The picture in memory, where drawing cannot fail. Knows pixels only.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, OriginDimensions, Size as Extent};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;

use crate::size::{Rotation, Size};

const BYTES: usize = 3;

/// A picture of 8-bit red, green and blue, three bytes a pixel, rows from top to bottom.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    size: Size,
    bytes: Vec<u8>,
}

impl Frame {
    /// Returns a black frame.
    pub fn new(size: Size) -> Self {
        let bytes = vec![0; size.width() as usize * size.height() as usize * BYTES];
        Self { size, bytes }
    }

    /// Returns the frame's size; [`OriginDimensions`] says the same to embedded-graphics.
    pub fn dimensions(&self) -> Size {
        self.size
    }

    /// Returns the bytes: red, green, blue of each pixel, row by row from the top left.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the colour at a place, or `None` outside the frame.
    pub fn pixel(&self, x: u32, y: u32) -> Option<Rgb888> {
        if x >= self.size.width() || y >= self.size.height() {
            return None;
        }
        let start = (y as usize * self.size.width() as usize + x as usize) * BYTES;
        match self.bytes.get(start..start + BYTES) {
            Some(&[red, green, blue]) => Some(Rgb888::new(red, green, blue)),
            Some(_) | None => None,
        }
    }

    /// Puts a smaller frame at the top left.
    pub(crate) fn paste(&mut self, inner: &Self) {
        let stride = self.size.width() as usize * BYTES;
        let length = inner.size.width() as usize * BYTES;
        for (row, source) in self.bytes.chunks_exact_mut(stride).zip(inner.bytes.chunks_exact(length)) {
            let length = length.min(stride);
            row[..length].copy_from_slice(&source[..length]);
        }
    }

    /// Puts a smaller frame at a place and repeats its outermost pixels from there to the edges.
    pub(crate) fn spread(&mut self, inner: &Self, left: usize, top: usize) {
        let stride = self.size.width() as usize * BYTES;
        let length = inner.size.width() as usize * BYTES;
        let rows: Vec<&[u8]> = inner.bytes.chunks_exact(length).collect();
        for (y, row) in self.bytes.chunks_exact_mut(stride).enumerate() {
            let Some(source) = rows.get(y.saturating_sub(top).min(rows.len() - 1)) else { continue };
            let (before, rest) = row.split_at_mut((left * BYTES).min(stride));
            let (middle, after) = rest.split_at_mut(length.min(rest.len()));
            middle.copy_from_slice(&source[..middle.len()]);
            for pixel in before.chunks_exact_mut(BYTES) {
                pixel.copy_from_slice(&source[..BYTES]);
            }
            for pixel in after.chunks_exact_mut(BYTES) {
                pixel.copy_from_slice(&source[length - BYTES..]);
            }
        }
    }

    /// Returns the frame turned clockwise.
    pub fn turned(&self, rotation: Rotation) -> Self {
        let mut turned = Self::new(self.size.turned(rotation));
        let pixels = self.turned_pixels(rotation);
        for (place, pixel) in turned.bytes.chunks_exact_mut(BYTES).zip(pixels) {
            place.copy_from_slice(&pixel);
        }
        turned
    }

    /// Walks over the pixels in the order of the picture turned clockwise, without a second picture in memory.
    pub(crate) fn turned_pixels(&self, rotation: Rotation) -> impl Iterator<Item = [u8; BYTES]> + '_ {
        let rows = 0..self.size.turned(rotation).height() as usize;
        rows.flat_map(move |row| self.turned_row(rotation, row))
    }

    /// Walks over the pixels of one row of the picture turned clockwise; nothing below its last row.
    pub(crate) fn turned_row(&self, rotation: Rotation, row: usize) -> impl Iterator<Item = [u8; BYTES]> + '_ {
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        // Where the turned picture begins in this one, and how far a step along its row and to its next row goes.
        let (start, step, next_row) = match rotation {
            Rotation::Deg0 => (0, 1, width as isize),
            Rotation::Deg90 => (width * (height - 1), -(width as isize), 1),
            Rotation::Deg180 => (width * height - 1, -1, -(width as isize)),
            Rotation::Deg270 => (width - 1, width as isize, -1),
        };
        let turned = self.size.turned(rotation);
        let across = if row < turned.height() as usize { turned.width() as isize } else { 0 };
        let first = start as isize + row as isize * next_row;
        (0..across).map(move |x| {
            let at = (first + x * step) as usize * BYTES;
            // Every place lies inside: the two steps span exactly the frame.
            let pixel = &self.bytes[at..at + BYTES];
            [pixel[0], pixel[1], pixel[2]]
        })
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({})", self.size)
    }
}

impl OriginDimensions for Frame {
    fn size(&self) -> Extent {
        Extent::new(self.size.width(), self.size.height())
    }
}

impl DrawTarget for Frame {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(place, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(place.x), u32::try_from(place.y)) else {
                continue;
            };
            if x >= self.size.width() || y >= self.size.height() {
                continue;
            }
            let start = (y as usize * self.size.width() as usize + x as usize) * BYTES;
            if let Some(bytes) = self.bytes.get_mut(start..start + BYTES) {
                bytes.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Infallible> {
        let area = area.intersection(&self.bounding_box());
        if area.is_zero_sized() {
            return Ok(());
        }
        // Inside the frame after the intersection, so nothing is negative. The first row is painted pixel by pixel
        // and copied to the others, because a copy of memory is many times faster.
        let stride = self.size.width() as usize * BYTES;
        let first = area.top_left.y as usize * stride + area.top_left.x as usize * BYTES;
        let length = area.size.width as usize * BYTES;
        for pixel in self.bytes[first..first + length].chunks_exact_mut(BYTES) {
            pixel.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
        }
        for row in 1..area.size.height as usize {
            self.bytes.copy_within(first..first + length, first + row * stride);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::geometry::Point;

    use super::*;

    fn frame_with(x: i32, y: i32) -> Frame {
        let mut frame = Frame::new(Size::new(300, 240).expect("within bounds"));
        let Ok(()) = frame.draw_iter([Pixel(Point::new(x, y), Rgb888::RED)]);
        frame
    }

    #[test]
    fn a_pixel_is_found_where_it_was_drawn_and_after_turning_where_it_went() {
        for (rotation, x, y) in [
            (Rotation::Deg0, 10, 20),
            (Rotation::Deg90, 219, 10),
            (Rotation::Deg180, 289, 219),
            (Rotation::Deg270, 20, 289),
        ] {
            let turned = frame_with(10, 20).turned(rotation);
            assert_eq!(turned.pixel(x, y), Some(Rgb888::RED), "{rotation:?}");
            let red = turned.bytes().chunks_exact(3).filter(|pixel| **pixel == [255, 0, 0]);
            assert_eq!(red.count(), 1);
        }
    }

    #[test]
    fn what_lies_outside_is_neither_drawn_nor_found() {
        for (x, y) in [(-1, 0), (0, -1), (300, 0), (0, 240), (i32::MIN, i32::MAX)] {
            assert_eq!(frame_with(x, y), frame_with(-1, -1), "{x}, {y}");
        }
        let frame = frame_with(0, 0);
        assert_eq!((frame.pixel(300, 0), frame.pixel(0, 240)), (None, None));
        assert_eq!(frame.pixel(u32::MAX, u32::MAX), None);
    }

    #[test]
    fn a_box_is_filled_as_far_as_it_lies_inside() {
        let mut frame = frame_with(-1, -1);
        let area = Rectangle::new(Point::new(298, -5), Extent::new(10, 7));
        let Ok(()) = frame.fill_solid(&area, Rgb888::RED);
        let mut want = frame_with(-1, -1);
        let places = [(298, 0), (299, 0), (298, 1), (299, 1)];
        let Ok(()) = want.draw_iter(places.map(|(x, y)| Pixel(Point::new(x, y), Rgb888::RED)));
        assert_eq!(frame, want);
    }
}
