//! The screen of an amount that is being typed. Knows places, not what an amount is.

use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, words};
use super::plain::{body, headline, inner};
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use crate::lettering::Face;
use crate::mark::Mark;

/// Draws the page.
pub(super) fn draw(mut page: Page<'_>, [label, title, amount, sum, problem, staff]: [&str; 6]) -> Vec<Placed> {
    let (colours, measures) = (page.palette, page.measures);
    page.cover(colours.ground);
    let note = Note::staff(&page, staff);
    let rest = strip::draw(&mut page, &[note], measures.whole, measures.margin);
    let area = inner(&page, rest);
    let name = vec![body(&page, label, colours.muted, 11)];
    let taken = stack(&mut page, name, area, Anchor::Top, Align::Centre);
    let fit = words(Face::Bold, measures.body.up(2), 1);
    let title = Piece::Marked { mark: Mark::Keypad, disc: colours.accent, text: title, fit };
    let typed = Piece::Typed { text: amount, fit: figures(measures.amount().up(1)), caret: colours.accent };
    let warning = Piece::Marked {
        mark: Mark::Exclamation,
        disc: colours.warn,
        text: problem,
        fit: words(Face::Bold, measures.body, 2),
    };
    let blocks = vec![
        Block { piece: title, rank: 13, ..headline(&page, "", colours.ink) },
        Block { piece: typed, colour: colours.ink, above: measures.gap * 2, rank: KEEP },
        body(&page, sum, colours.muted, 12),
        Block { piece: warning, colour: colours.warn, above: measures.gap * 2, rank: KEEP },
    ];
    let below = area.without_top(if taken > 0 { taken + measures.gap } else { 0 });
    stack(&mut page, blocks, below, Anchor::Middle, Align::Centre);
    page.finish()
}
