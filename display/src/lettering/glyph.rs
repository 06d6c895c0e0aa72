//! Pictures of single letters and a small bounded store of those drawn lately. Knows the font files and one letter at
//! a time.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

use super::{Face, Step};

/// The coverage of a pixel that lies wholly inside a letter. Sixteen levels look smooth, and they keep a screen within
/// the 256 colours of a palette, which makes its PNG small and quick to write.
pub(super) const FULL: u8 = 15;

/// The bytes of letters that are kept, enough for the figures of a panel of 1920 by 1080; at this bound the store is
/// emptied and begins anew.
const STORE_BYTES: usize = 512 * 1024;

/// The units of an em in both faces; a test compares it with the files.
pub(super) const UNITS: u16 = 2048;

/// The picture of a letter; places are pixels relative to its start on the baseline.
pub(super) struct Glyph {
    pub(super) left: i32,
    pub(super) top: i32,
    /// The length of a row of `coverage`, at least 1.
    pub(super) width: i32,
    /// 0 to [`FULL`] for each pixel, row by row.
    pub(super) coverage: Vec<u8>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    face: Face,
    glyph: u16,
    px: u16,
    /// Quarters of a pixel that the letter is moved to the right.
    part: u8,
}

pub(super) struct Glyphs {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
    /// The widths of the letters of [`common`], which are nearly all that are asked for, in both faces.
    common: [Vec<u16>; 2],
    drawn: HashMap<Key, Glyph>,
    bytes: usize,
}

/// Walks over the letters of Latin script, those of Vietnamese among them.
fn common() -> impl Iterator<Item = char> {
    ('\0'..LATIN_END).chain(MORE_LATIN..MORE_LATIN_END)
}

/// Returns a letter's place among the common ones.
fn common_index(letter: char) -> Option<usize> {
    if letter < LATIN_END {
        return Some(letter as usize);
    }
    let more = (MORE_LATIN..MORE_LATIN_END).contains(&letter);
    more.then(|| letter as usize - MORE_LATIN as usize + LATIN_END as usize)
}

const LATIN_END: char = '\u{250}';
const MORE_LATIN: char = '\u{1E00}';
const MORE_LATIN_END: char = '\u{1F00}';

impl Glyphs {
    pub(super) fn new() -> Self {
        let face = |bytes| FontRef::try_from_slice(bytes).expect("a font that is compiled in, the same in every run");
        let (regular, bold) = (face(notosans::REGULAR_TTF), face(notosans::BOLD_TTF));
        let common = [&regular, &bold].map(|font| common().map(|letter| measured(font, letter)).collect::<Vec<_>>());
        Self { regular, bold, common, drawn: HashMap::new(), bytes: 0 }
    }

    /// Returns whether a face has the letter.
    pub(super) fn has(&self, face: Face, letter: char) -> bool {
        self.font(face).glyph_id(letter) != GlyphId(0)
    }

    /// Returns the distance from a letter's start to the next letter's, in font units.
    pub(super) fn advance(&self, face: Face, letter: char) -> u32 {
        let common = match face {
            Face::Regular => &self.common[0],
            Face::Bold => &self.common[1],
        };
        let known = common_index(letter).and_then(|index| common.get(index).copied());
        u32::from(known.unwrap_or_else(|| measured(self.font(face), letter)))
    }

    /// Returns the picture of a letter that starts `part` quarters of a pixel to the right of a whole pixel.
    pub(super) fn drawn(&mut self, face: Face, letter: char, step: Step, part: u8) -> &Glyph {
        let id = self.font(face).glyph_id(letter);
        let key = Key { face, glyph: id.0, px: step.px(), part };
        if !self.drawn.contains_key(&key) {
            let glyph = rasterise(self.font(face), id, step, part);
            if self.bytes + glyph.coverage.len() > STORE_BYTES {
                self.drawn.clear();
                self.bytes = 0;
            }
            self.bytes += glyph.coverage.len();
            return self.drawn.entry(key).or_insert(glyph);
        }
        self.drawn.entry(key).or_insert_with(Glyph::empty)
    }

    /// Returns the bytes of the pictures that are kept.
    #[cfg(test)]
    pub(super) fn stored_bytes(&self) -> usize {
        self.drawn.values().map(|glyph| glyph.coverage.len()).sum()
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }
}

impl Glyph {
    fn empty() -> Self {
        Self { left: 0, top: 0, width: 1, coverage: Vec::new() }
    }
}

/// Looks a letter's width up in the font's tables, in font units.
fn measured(font: &FontRef<'static>, letter: char) -> u16 {
    // Widths are whole and not negative in the file; the cast saturates whatever a file says.
    font.h_advance_unscaled(font.glyph_id(letter)) as u16
}

fn rasterise(font: &FontRef<'static>, id: GlyphId, step: Step, part: u8) -> Glyph {
    let em = f32::from(step.px());
    // ab_glyph scales by the height of a line, the scale of type by the em.
    let scale = PxScale::from(em * font.height_unscaled() / f32::from(UNITS));
    let placed = id.with_scale_and_position(scale, point(f32::from(part) / 4.0, 0.0));
    let Some(outline) = font.outline_glyph(placed) else {
        return Glyph::empty();
    };
    let bounds = outline.px_bounds();
    let (width, height) = (bounds.width() as usize, bounds.height() as usize);
    let mut coverage = vec![0; width * height];
    outline.draw(|x, y, share| {
        if let Some(pixel) = coverage.get_mut(y as usize * width + x as usize) {
            // Whole levels hide what the last bit of a float may differ by.
            *pixel = (share.clamp(0.0, 1.0) * f32::from(FULL) + 0.5) as u8;
        }
    });
    Glyph { left: bounds.min.x as i32, top: bounds.min.y as i32, width: (width as i32).max(1), coverage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_letters_are_as_wide_as_in_the_font() {
        let glyphs = Glyphs::new();
        for face in [Face::Regular, Face::Bold] {
            for letter in common().chain("₫…–漢".chars()) {
                let want = u32::from(measured(glyphs.font(face), letter));
                assert_eq!(glyphs.advance(face, letter), want, "{face:?} `{letter}`");
            }
        }
    }

    #[test]
    fn the_em_of_both_faces_is_the_one_that_is_reckoned_with() {
        let glyphs = Glyphs::new();
        for face in [Face::Regular, Face::Bold] {
            assert_eq!(glyphs.font(face).units_per_em(), Some(f32::from(UNITS)));
        }
    }
}
