//! Smooth type on any draw target: measuring, drawing, and fitting text into a width. Knows two faces of one family
//! and plain text, nothing of what the text says.

mod fit;
mod glyph;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;

use crate::shape::Ink;
pub use fit::{Fit, SCALE, Setting, Step};
use glyph::{FULL, Glyphs, UNITS};

/// The weight of the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// Noto Sans Regular.
    Regular,
    /// Noto Sans Bold.
    Bold,
}

/// How much height a line of text takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leading {
    /// Room for capitals with two accents above and letters with a tail and a dot below.
    Text,
    /// Room for digits, signs and `₫` only, for amounts and clocks.
    Figures,
}

impl Leading {
    /// Returns how far a line reaches above and below its baseline, in thousandths of the size.
    fn reach(self) -> (u32, u32) {
        match self {
            Self::Text => (1069, 293),
            Self::Figures => (790, 175),
        }
    }
}

/// Face, size and leading of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The weight.
    pub face: Face,
    /// The size in pixels an em, one step of the one scale.
    pub step: Step,
    /// The height of a line.
    pub leading: Leading,
}

impl Style {
    /// Returns the distance from the top of a line to its baseline, in pixels.
    pub fn ascent(self) -> u32 {
        (u32::from(self.step.px()) * self.leading.reach().0).div_ceil(1000)
    }

    /// Returns the height of a line in pixels.
    pub fn line_height(self) -> u32 {
        self.ascent() + (u32::from(self.step.px()) * self.leading.reach().1).div_ceil(1000)
    }
}

/// The letters of a text that are measured and drawn; what follows them is left out. Far more than any panel shows,
/// and few enough that a hostile text cannot take the time of a frame.
const MAX_LETTERS: usize = 400;

/// The faces, and the letters that were drawn lately.
pub struct Type {
    glyphs: Glyphs,
}

impl Type {
    /// Returns the two faces, which are compiled in.
    pub fn new() -> Self {
        Self { glyphs: Glyphs::new() }
    }

    /// Returns whether every letter of a text has a picture of its own in both faces.
    pub fn has_all(&self, text: &str) -> bool {
        letters(text).all(|letter| [Face::Regular, Face::Bold].into_iter().all(|face| self.glyphs.has(face, letter)))
    }

    /// Returns the width of a line of text in whole pixels, rounded up.
    pub fn width(&self, text: &str, face: Face, step: Step) -> u32 {
        let units: u32 = letters(text).map(|letter| self.glyphs.advance(face, letter)).sum();
        quarters(units, step).div_ceil(4)
    }

    /// Draws a line of text from `start`, which is the left end of its baseline.
    pub fn draw<D>(&mut self, target: &mut D, text: &str, start: Point, style: Style, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let mut units = 0;
        let mixed: [Rgb888; FULL as usize + 1] = std::array::from_fn(|share| ink.mix(share as u32, u32::from(FULL)));
        for letter in letters(text) {
            let along = quarters(units, style.step);
            units += self.glyphs.advance(style.face, letter);
            // Bounded by MAX_LETTERS ems of the largest size, far below i32::MAX.
            let (x, part) = (start.x + (along / 4) as i32, along % 4);
            let glyph = self.glyphs.drawn(style.face, letter, style.step, part as u8);
            let rows = glyph.coverage.chunks(glyph.width as usize).zip(start.y + glyph.top..);
            for (row, y) in rows {
                let places = row.iter().zip(x + glyph.left..).filter(|&(&share, _)| share > 0);
                target.draw_iter(
                    places.map(|(&share, x)| Pixel(Point::new(x, y), mixed[usize::from(share.min(FULL))])),
                )?;
            }
        }
        Ok(())
    }
}

impl Default for Type {
    fn default() -> Self {
        Self::new()
    }
}

/// Walks over the letters that are drawn: line breaks and other controls become spaces, marks without width vanish.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|letter| !matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'))
        .map(|letter| if letter.is_whitespace() || letter.is_control() { ' ' } else { letter })
        .take(MAX_LETTERS)
}

/// Turns font units into quarters of a pixel.
fn quarters(units: u32, step: Step) -> u32 {
    let units_an_em = u32::from(UNITS);
    (units * u32::from(step.px()) * 4 + units_an_em / 2) / units_an_em
}

#[cfg(test)]
mod tests;
