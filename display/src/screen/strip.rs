//! The strip along the bottom edge with the cashier's words, on a ground of its own, apart from what the customer
//! reads. Knows place and order, not what the words say.

use embedded_graphics::pixelcolor::Rgb888;

use super::area::Area;
use super::page::{Align, Audience, Page};
use super::piece::{Piece, lead, words};
use super::stack::{Anchor, Block, KEEP, stack};
use crate::lettering::{Face, Step};
use crate::mark::Mark;

/// A mark and a few words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note<'a> {
    pub(super) mark: Mark,
    pub(super) disc: Rgb888,
    pub(super) text: &'a str,
}

impl<'a> Note<'a> {
    /// Returns the note of words for the cashier.
    pub(super) fn staff(page: &Page<'_>, text: &'a str) -> Self {
        Self { mark: Mark::Person, disc: page.palette.muted, text }
    }
}

/// Draws notes along the bottom of a box over its whole width, `across` pixels away from its sides, and returns the
/// part of the box above them. Without notes there is no strip.
pub(super) fn draw(page: &mut Page<'_>, notes: &[Note<'_>], area: Area, across: i32) -> Area {
    let mut notes: Vec<Note<'_>> = notes.iter().filter(|note| !note.text.trim().is_empty()).copied().collect();
    if notes.is_empty() {
        return area;
    }
    let (ground, audience) = (page.ground, page.audience);
    let size = page.measures.small();
    // A narrow column takes more lines, but they must leave room for the customer's.
    let column = area.width < page.measures.whole.width;
    let (lines, most) = if column { (4, area.height * 2 / 5) } else { (2, area.height) };
    let mut height = height_of(page, &notes, area.inset(across, 0), (size, lines));
    while height > most && notes.pop().is_some() {
        height = height_of(page, &notes, area.inset(across, 0), (size, lines));
    }
    let down = (page.measures.gap * 2 / 3).min((area.height - height) / 2);
    let strip = Area::new(area.left, area.bottom() - height - 2 * down, area.width, height + 2 * down);
    page.fill(strip, page.palette.strip);
    page.fill(Area::new(strip.left, strip.top, strip.width, page.measures.rule), page.palette.rule);
    page.ground = page.palette.strip;
    page.audience = Audience::Staff;
    let inner = strip.inset(across, down);
    if let ([one, other], true) = (notes.as_slice(), side_by_side(page, &notes, inner, size)) {
        stack(page, vec![block(page, one, size, 1)], inner, Anchor::Middle, Align::Left);
        stack(page, vec![block(page, other, size, 1)], inner, Anchor::Middle, Align::Right);
    } else {
        let blocks = notes.iter().map(|note| block(page, note, size, lines)).collect();
        stack(page, blocks, inner, Anchor::Middle, Align::Left);
    }
    (page.ground, page.audience) = (ground, audience);
    area.without_bottom(strip.height)
}

fn side_by_side(page: &Page<'_>, notes: &[Note<'_>], inner: Area, size: Step) -> bool {
    let widths = notes.iter().map(|note| page.letters.width(note.text, Face::Regular, size) as i32 + lead(size));
    notes.len() == 2 && widths.sum::<i32>() + 2 * lead(size) <= inner.width
}

/// Returns the height of all notes.
fn height_of(page: &Page<'_>, notes: &[Note<'_>], inner: Area, (size, lines): (Step, u8)) -> i32 {
    let width = (inner.width - lead(size)).max(0).unsigned_abs();
    let fit = |note: &Note<'_>| page.letters.fit(note.text, width, words(Face::Regular, size, lines));
    let heights = notes.iter().map(|note| fit(note).height() as i32);
    if side_by_side(page, notes, inner, size) {
        return heights.max().unwrap_or(0);
    }
    heights.sum()
}

fn block<'a>(page: &Page<'_>, note: &Note<'a>, size: Step, lines: u8) -> Block<'a> {
    let fit = words(Face::Regular, size, lines);
    let piece = Piece::Marked { mark: note.mark, disc: note.disc, text: note.text, fit };
    Block { piece, colour: page.palette.ink, above: 0, rank: KEEP }
}
