//! The screen that nobody can mistake and no photograph can imitate: the money is here. Knows places, not words.

use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, words};
use super::plain::{body, headline, mark_side, sum};
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use crate::lettering::Face;
use crate::mark::Mark;
use crate::theme::{FIELD, FIELD_SOFT, FIELD_TEXT, WHITE};

/// Draws the page: a field of its own colour, a band that runs round its edge, the clock with its seconds.
pub(super) fn draw(mut page: Page<'_>, [title, amount, detail, clock, staff]: [&str; 5], motion: u32) -> Vec<Placed> {
    let measures = page.measures;
    page.cover(FIELD);
    let note = Note::staff(&page, staff);
    let rest = strip::draw(&mut page, &[note], measures.whole, measures.margin);
    let thick = measures.margin * 3 / 4;
    page.chase(rest, thick, motion, (FIELD_SOFT, WHITE));
    let area = rest.inset(thick + measures.gap * 2, thick + measures.gap);
    let mark = Piece::MovingDisc { mark: Mark::Tick, side: mark_side(&page), motion, track: FIELD_SOFT };
    let fit = words(Face::Bold, measures.body.up(3), 2);
    let blocks = vec![
        Block { piece: mark, colour: WHITE, above: 0, rank: KEEP },
        Block { piece: Piece::Text { text: title, fit }, ..headline(&page, title, WHITE) },
        sum(&page, amount, WHITE),
        body(&page, detail, FIELD_TEXT, 1),
        Block {
            piece: Piece::Text { text: clock, fit: figures(measures.body.up(3)) },
            colour: WHITE,
            above: measures.gap * 2,
            rank: KEEP,
        },
    ];
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}
