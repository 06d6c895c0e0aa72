//! The screen that nobody can mistake and no photograph can imitate: the money is here. Knows places, not words.

use super::area::Area;
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, words};
use super::plain::{body, headline, sum};
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
    let area = rest.inset(thick + measures.gap, thick + measures.gap);
    let mut blocks = heading(&page, area, title, motion);
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
fn heading<'a>(page: &Page<'_>, area: Area, title: &'a str, motion: u32) -> Vec<Block<'a>> {
    let (mark, track) = (Mark::Tick, FIELD_SOFT);
    let fit = words(Face::Bold, page.measures.body.up(4), 2);
    if area.width * 2 > area.height * 3 {
        let side = area.height * 3 / 10;
        let piece = Piece::Titled { mark, side, motion, track, text: title, fit };
        return vec![Block { piece, colour: WHITE, above: 0, rank: KEEP }];
    }
    let side = area.width * 2 / 5;
    vec![
        Block { piece: Piece::MovingDisc { mark, side, motion, track }, colour: WHITE, above: 0, rank: KEEP },
        Block { piece: Piece::Text { text: title, fit }, ..headline(page, title, WHITE) },
    ]
}
