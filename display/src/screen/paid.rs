//! The screen that nobody can mistake and no photograph can imitate: the money is here. Knows places, not words.

use super::area::Area;
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, title};
use super::plain::{body, headline, sum};
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use crate::mark::Mark;
use crate::theme::{FIELD, FIELD_SOFT, FIELD_TEXT, WHITE};

/// Draws the page: a field of its own colour, a band that runs round its edge, the clock with its seconds.
pub(super) fn draw(mut page: Page<'_>, [heading, amount, detail, clock, staff]: [&str; 5], motion: u32) -> Vec<Placed> {
    let measures = page.measures;
    page.cover(FIELD);
    let note = Note::staff(&page, staff);
    let rest = strip::draw(&mut page, &[note], measures.whole, measures.margin);
    let thick = measures.margin * 3 / 4;
    page.chase(rest, thick, motion, (FIELD_SOFT, WHITE));
    let area = rest.inset(thick + measures.gap, thick + measures.gap);
    let mut blocks = tick(&page, area, heading, motion);
    blocks.extend([
        sum(&page, amount, WHITE),
        body(&page, detail, FIELD_TEXT, 11),
        Block {
            piece: Piece::Text { text: clock, fit: figures(measures.body.up(4)) },
            colour: WHITE,
            above: measures.gap * 2,
            rank: KEEP,
        },
    ]);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

/// Returns the tick and the title: beside each other where the page is wide, else one below the other.
fn tick<'a>(page: &Page<'_>, area: Area, text: &'a str, motion: u32) -> Vec<Block<'a>> {
    let (mark, track) = (Mark::Tick, FIELD_SOFT);
    let step = page.measures.body.up(4);
    if area.width * 2 > area.height * 3 {
        let side = area.height * 3 / 10;
        let fit = title(page, text, step, area.width - side * 5 / 4);
        let piece = Piece::Titled { mark, side, motion, track, text, fit };
        return vec![Block { piece, colour: WHITE, above: 0, rank: KEEP }];
    }
    let side = area.width * 2 / 5;
    let fit = title(page, text, step, area.width);
    vec![
        Block { piece: Piece::MovingDisc { mark, side, motion, track }, colour: WHITE, above: 0, rank: KEEP },
        Block { piece: Piece::Text { text, fit }, ..headline(page, text, WHITE) },
    ]
}
