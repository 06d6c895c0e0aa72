//! Blocks one below another in a box: what does not fit is set smaller, and what still does not is left out, the least
//! important first. Knows heights, not meanings.

use embedded_graphics::pixelcolor::Rgb888;

use super::area::Area;
use super::page::{Align, Page};
use crate::lettering::{Face, Fit, Leading, Setting, Step};
use crate::mark::Mark;

/// What a block shows.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    /// A text.
    Text { text: &'a str, fit: Fit },
    /// A text with a mark on a disc before it.
    Marked { mark: Mark, disc: Rgb888, text: &'a str, fit: Fit },
    /// A mark within a ring, `side` pixels wide.
    Ringed { mark: Mark, side: i32 },
    /// A mark on a disc.
    Disc { mark: Mark, side: i32 },
    /// A mark with a ring that moves around it.
    Moving { mark: Mark, side: i32, motion: u32, track: Rgb888 },
    /// A disc with a mark, with a ring that moves around it.
    MovingDisc { mark: Mark, side: i32, motion: u32, track: Rgb888 },
    /// A bar of which `share` parts are bright.
    Bar { height: i32, share: (u64, u64), track: Rgb888 },
}

/// A piece, its colour, the space above it and how long it is kept.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    pub(super) piece: Piece<'a>,
    pub(super) colour: Rgb888,
    /// Pixels between this and the block above.
    pub(super) above: i32,
    /// Blocks of the lowest rank are left out first, all of a rank at once; [`KEEP`] stays.
    pub(super) rank: u8,
}

/// The rank of blocks that are never left out.
pub(super) const KEEP: u8 = u8::MAX;

/// How often sizes are reduced before a block is left out.
const RELIEFS: u8 = 5;
/// How often sizes are reduced when nothing more can be left out.
const LAST_RELIEFS: u8 = 11;

/// Where blocks stand when there is room to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Top,
    Middle,
    Bottom,
}

/// A block of which the size is known.
struct Sized<'a> {
    block: Block<'a>,
    set: Option<Setting>,
    above: i32,
    height: i32,
}

/// Draws blocks into a box and returns the height that they took.
pub(super) fn stack(page: &mut Page<'_>, blocks: Vec<Block<'_>>, area: Area, anchor: Anchor, align: Align) -> i32 {
    let sized = settle(page, blocks, area);
    let total = height_of(&sized);
    let mut top = match anchor {
        Anchor::Top => area.top,
        Anchor::Middle => area.top + (area.height - total).max(0) / 2,
        Anchor::Bottom => area.bottom() - total,
    };
    for (index, sized) in sized.iter().enumerate() {
        top += if index == 0 { 0 } else { sized.above };
        paint(page, sized, Area::new(area.left, top, area.width, sized.height), align);
        top += sized.height;
    }
    total
}

/// Finds the largest sizes at which the blocks fit, leaving out the least important where none does.
fn settle<'a>(page: &Page<'_>, mut blocks: Vec<Block<'a>>, area: Area) -> Vec<Sized<'a>> {
    loop {
        let lowest = blocks.iter().map(|block| block.rank).min().unwrap_or(KEEP);
        let reliefs = if lowest == KEEP { LAST_RELIEFS } else { RELIEFS };
        for relief in 0..=reliefs {
            let sized = blocks.iter().filter_map(|block| size(page, block, area, relief));
            let sized: Vec<_> = sized.collect();
            if height_of(&sized) <= area.height {
                return sized;
            }
        }
        if lowest == KEEP {
            // Nothing more may go by rank; the first goes, a mark or a title, and the amount stays to the last.
            blocks.remove(0);
        } else {
            blocks.retain(|block| block.rank > lowest);
        }
    }
}

fn height_of(sized: &[Sized<'_>]) -> i32 {
    let gaps: i32 = sized.iter().skip(1).map(|sized| sized.above).sum();
    gaps + sized.iter().map(|sized| sized.height).sum::<i32>()
}

/// Measures a block with its size reduced `relief` times; an empty text is no block.
fn size<'a>(page: &Page<'_>, block: &Block<'a>, area: Area, relief: u8) -> Option<Sized<'a>> {
    let smaller = |length: i32| length * i32::from(12 - relief.min(LAST_RELIEFS)) / 12;
    let (set, height) = match &block.piece {
        Piece::Text { text, fit } => {
            let set = set(page, text, *fit, area, relief)?;
            let height = set.height() as i32;
            (Some(set), height)
        }
        Piece::Marked { text, fit, .. } => {
            let set = set(page, text, *fit, area.without_left(lead(fit.largest)), relief)?;
            let height = set.height() as i32;
            (Some(set), height)
        }
        Piece::Ringed { side, .. }
        | Piece::Disc { side, .. }
        | Piece::Moving { side, .. }
        | Piece::MovingDisc { side, .. } => (None, smaller(*side).min(area.width)),
        Piece::Bar { height, .. } => (None, *height),
    };
    Some(Sized { block: block.clone(), set, above: smaller(block.above), height })
}

/// Fits a text whose size is reduced `relief` times; `None` where there is nothing to show.
fn set(page: &Page<'_>, text: &str, fit: Fit, area: Area, relief: u8) -> Option<Setting> {
    // Amounts are what the page is for: they give way half as fast, until only they can.
    let down = match fit.leading {
        Leading::Text => relief,
        Leading::Figures => (relief / 2).max(relief.saturating_sub(RELIEFS)),
    };
    // A line is lower than its size times 1.4, and one of figures lower than its size.
    let tallest = Step::at_most(area.height.unsigned_abs());
    let largest = fit.largest.min(tallest).down(down).max(fit.smallest);
    let fit = Fit { largest, ..fit };
    let set = page.letters.fit(text, area.width.unsigned_abs(), fit);
    (!set.lines.is_empty()).then_some(set)
}

/// Returns the room that a mark before a text of this size takes, the space behind it included.
fn lead(step: Step) -> i32 {
    i32::from(step.px()) * 13 / 8
}

fn paint(page: &mut Page<'_>, sized: &Sized<'_>, area: Area, align: Align) {
    let colour = sized.block.colour;
    let left = match align {
        Align::Left => area.left,
        Align::Centre => area.left + (area.width - area.height) / 2,
    };
    let square = Area::new(left, area.top, area.height, area.height);
    match sized.block.piece {
        Piece::Text { .. } => {
            if let Some(set) = &sized.set {
                page.text(set, area, align, colour);
            }
        }
        Piece::Marked { mark, disc, .. } => {
            if let Some(set) = &sized.set {
                paint_marked(page, set, area, align, (mark, disc, colour));
            }
        }
        Piece::Ringed { mark, .. } => page.ringed(mark, square, colour),
        Piece::Disc { mark, .. } => page.on_disc(mark, square, colour),
        Piece::Moving { mark, motion, track, .. } => {
            page.orbit(square, motion, track, colour);
            page.bare(mark, square, colour);
        }
        Piece::MovingDisc { mark, motion, track, .. } => {
            page.orbit(square, motion, track, colour);
            let inset = square.width * 9 / 100;
            page.on_disc(mark, square.inset(inset, inset), colour);
        }
        Piece::Bar { share, track, .. } => page.bar(area, share, colour, track),
    }
}

/// Draws a text with a mark before its first line.
fn paint_marked(
    page: &mut Page<'_>,
    set: &Setting,
    area: Area,
    align: Align,
    (mark, disc, colour): (Mark, Rgb888, Rgb888),
) {
    let (lead, side) = (lead(set.style.step), i32::from(set.style.step.px()) * 9 / 8);
    let width = set.width as i32;
    let left = match align {
        Align::Left => area.left,
        Align::Centre => area.left + (area.width - lead - width) / 2,
    };
    let down = (set.style.line_height() as i32 - side) / 2;
    page.on_disc(mark, Area::new(left, area.top + down, side, side), disc);
    let area = Area::new(left + lead, area.top, width, area.height);
    page.text(set, area, Align::Left, colour);
}

/// The smallest size at which all accents can be told apart.
const READABLE: Step = Step::SMALLEST.up(1);

/// Returns how an explaining text is fitted: about at one size, on several lines if need be.
pub(super) fn words(face: Face, step: Step, lines: u8) -> Fit {
    Fit { face, leading: Leading::Text, largest: step, smallest: step.down(1).max(READABLE).min(step), lines }
}

/// Returns how an amount or a clock is fitted: on one line, as large as it can be.
pub(super) fn figures(step: Step) -> Fit {
    Fit { face: Face::Bold, leading: Leading::Figures, largest: step, smallest: Step::SMALLEST, lines: 1 }
}
