//! Blocks one below another in a box: what does not fit is set smaller, and what still does not is left out, the least
//! important first. Knows heights, not meanings.

use embedded_graphics::pixelcolor::Rgb888;

use super::area::Area;
use super::page::{Align, Page};
use super::piece::{DETAIL_RELIEFS, LAST_RELIEFS, Measured, Piece, RELIEFS, closer, measure, paint};

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

/// The highest rank of blocks that are left out rather than set small.
pub(super) const DETAIL: u8 = 4;

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
    measured: Measured,
    above: i32,
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
        let height = sized.measured.height;
        let place = Area::new(area.left, top, area.width, height);
        paint(page, &sized.block.piece, &sized.measured, place, (align, sized.block.colour));
        top += height;
    }
    total
}

/// Finds the largest sizes at which the blocks fit, leaving out the least important where none does.
fn settle<'a>(page: &Page<'_>, mut blocks: Vec<Block<'a>>, area: Area) -> Vec<Sized<'a>> {
    loop {
        let lowest = blocks.iter().map(|block| block.rank).min().unwrap_or(KEEP);
        let reliefs = match lowest {
            0..=DETAIL => DETAIL_RELIEFS,
            KEEP => LAST_RELIEFS,
            _ => RELIEFS,
        };
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
    gaps + sized.iter().map(|sized| sized.measured.height).sum::<i32>()
}

/// Measures a block with its size reduced `relief` times; an empty text is no block.
fn size<'a>(page: &Page<'_>, block: &Block<'a>, area: Area, relief: u8) -> Option<Sized<'a>> {
    let measured = measure(page, &block.piece, area, relief)?;
    Some(Sized { block: block.clone(), measured, above: closer(block.above, relief) })
}
