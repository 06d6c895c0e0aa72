//! The screens of one mark, one amount and few words in the middle of the page. Knows places, not words.

use embedded_graphics::pixelcolor::Rgb888;

use super::EndKind;
use super::area::Area;
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, words};
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use crate::lettering::Face;
use crate::mark::Mark;

/// Draws the page of a program that is not ready yet.
pub(super) fn start_up(page: Page<'_>, [label, title, text]: [&str; 3], motion: u32) -> Vec<Placed> {
    let colours = page.palette;
    let mark = Piece::Moving { mark: Mark::Power, side: mark_side(&page), motion, track: colours.rule };
    let blocks = vec![
        body(&page, label, colours.muted, 12),
        Block { piece: mark, colour: colours.accent, above: page.measures.gap * 3, rank: KEEP },
        Block { above: page.measures.gap * 2, ..headline(&page, title, colours.ink) },
        body(&page, text, colours.muted, 11),
    ];
    centred(page, blocks, "")
}

/// Draws the page of a sale that has no code yet.
pub(super) fn waiting(page: Page<'_>, words: [&str; 4], motion: u32) -> Vec<Placed> {
    busy(page, Mark::Hourglass, words, motion)
}

/// Draws the page of money that has been reported and is being checked: nothing of it resembles the page of money that
/// is here.
pub(super) fn checking(page: Page<'_>, words: [&str; 4], motion: u32) -> Vec<Placed> {
    busy(page, Mark::Lens, words, motion)
}

fn busy(page: Page<'_>, mark: Mark, [title, amount, text, staff]: [&str; 4], motion: u32) -> Vec<Placed> {
    let colours = page.palette;
    let mark = Piece::Moving { mark, side: mark_side(&page), motion, track: colours.rule };
    let blocks = vec![
        Block { piece: mark, colour: colours.accent, above: 0, rank: 13 },
        headline(&page, title, colours.ink),
        sum(&page, amount, colours.ink),
        body(&page, text, colours.muted, 12),
    ];
    centred(page, blocks, staff)
}

/// Draws the page of a sale that ended without its money.
pub(super) fn ended(page: Page<'_>, kind: EndKind, [title, amount, reason, staff]: [&str; 4]) -> Vec<Placed> {
    let colours = page.palette;
    let (mark, colour) = match kind {
        EndKind::Cancelled => (Mark::Cross, colours.muted),
        EndKind::Expired => (Mark::Clock, colours.warn),
        EndKind::Failed => (Mark::Exclamation, colours.bad),
    };
    let ring = Piece::Ringed { mark, side: mark_side(&page) };
    let small = Piece::Text { text: amount, fit: figures(page.measures.amount().down(1)) };
    let blocks = vec![
        Block { piece: ring, colour, above: 0, rank: KEEP },
        headline(&page, title, colours.ink),
        Block { piece: small, ..sum(&page, amount, colours.muted) },
        body(&page, reason, colours.ink, 12),
    ];
    centred(page, blocks, staff)
}

/// Draws the page of money that belongs to no sale.
pub(super) fn receipt(page: Page<'_>, [title, amount, detail, staff]: [&str; 4]) -> Vec<Placed> {
    let colours = page.palette;
    let ring = Piece::Ringed { mark: Mark::Plus, side: mark_side(&page) };
    let blocks = vec![
        Block { piece: ring, colour: colours.good, above: 0, rank: KEEP },
        headline(&page, title, colours.ink),
        sum(&page, amount, colours.good),
        body(&page, detail, colours.muted, 12),
    ];
    centred(page, blocks, staff)
}

/// Draws a message.
pub(super) fn notice(page: Page<'_>, [title, text, staff]: [&str; 3]) -> Vec<Placed> {
    let colours = page.palette;
    let disc = Piece::Disc { mark: Mark::Info, side: mark_side(&page) };
    let fit = words(Face::Regular, page.measures.body.up(1), 6);
    let blocks = vec![
        Block { piece: disc, colour: colours.warn, above: 0, rank: 11 },
        Block { above: page.measures.gap * 2, ..headline(&page, title, colours.ink) },
        Block { piece: Piece::Text { text, fit }, ..body(&page, text, colours.ink, KEEP) },
    ];
    centred(page, blocks, staff)
}

/// Returns the side of the one large mark of a page.
fn mark_side(page: &Page<'_>) -> i32 {
    page.measures.whole.height.min(page.measures.whole.width * 5 / 4) * 27 / 100
}

/// Returns the box in which a page's words stand.
pub(super) fn inner(page: &Page<'_>, area: Area) -> Area {
    area.inset(page.measures.margin, page.measures.margin)
}

fn centred(mut page: Page<'_>, blocks: Vec<Block<'_>>, staff: &str) -> Vec<Placed> {
    page.cover(page.palette.ground);
    let note = Note::staff(&page, staff);
    let (whole, margin) = (page.measures.whole, page.measures.margin);
    let rest = strip::draw(&mut page, &[note], whole, margin);
    let area = inner(&page, rest);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

pub(super) fn headline<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888) -> Block<'a> {
    let fit = words(Face::Bold, page.measures.body.up(2), 2);
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank: KEEP }
}

pub(super) fn sum<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888) -> Block<'a> {
    let fit = figures(page.measures.amount());
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank: KEEP }
}

pub(super) fn body<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888, rank: u8) -> Block<'a> {
    let fit = words(Face::Regular, page.measures.body, 3);
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank }
}
