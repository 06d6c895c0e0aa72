//! The screens without a code: one mark, one amount, few words, in the middle of the page.

use embedded_graphics::pixelcolor::Rgb888;

use super::area::Area;
use super::page::{Align, Page, Placed};
use super::stack::{Anchor, Block, KEEP, Piece, figures, stack, words};
use super::{EndKind, Link, LinkKind};
use crate::lettering::{Face, Step};
use crate::mark::Mark;
use crate::theme::{FIELD, FIELD_SOFT, FIELD_TEXT, WHITE};

/// Draws the page of a program that is not ready yet.
pub(super) fn start_up(mut page: Page<'_>, [label, title, text]: [&str; 3], motion: u32) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let tall = page.measures.whole.height;
    let mark = Piece::Moving { mark: Mark::Hourglass, side: tall / 4, motion, track: colours.rule };
    let blocks = vec![
        Block { piece: mark, colour: colours.accent, above: 0, rank: KEEP },
        headline(&page, title, colours.ink),
        body(&page, text, colours.muted, 1),
    ];
    with_footer(page, blocks, label)
}

/// Draws the page of a counter at which nobody pays.
pub(super) fn idle(mut page: Page<'_>, [label, clock, hint]: [&str; 3], link: &Link) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let whole = page.measures.whole;
    let clock_size = Step::at_most((whole.height.min(whole.width) * 2 / 5) as u32);
    let name = words(Face::Bold, page.measures.body.up(2), 2);
    let blocks = vec![
        Block { piece: Piece::Text { text: label, fit: name }, colour: colours.ink, above: 0, rank: 2 },
        Block {
            piece: Piece::Text { text: clock, fit: figures(clock_size) },
            colour: colours.ink,
            above: page.measures.gap * 3,
            rank: KEEP,
        },
        Block { above: page.measures.gap * 3, ..body(&page, hint, colours.muted, 1) },
    ];
    let (mark, colour) = match link.kind {
        LinkKind::Good => (Mark::Tick, colours.good),
        LinkKind::Limited => (Mark::Half, colours.warn),
        LinkKind::Down => (Mark::Cross, colours.bad),
    };
    let fit = words(Face::Regular, page.measures.body, 1);
    let line = Piece::Marked { mark, disc: colour, text: &link.text, fit };
    let taken = footer(&mut page, line, colours.ink);
    let area = inner(&page).without_bottom(taken);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

/// Draws the page of a sale that has no code yet.
pub(super) fn waiting(mut page: Page<'_>, [title, amount, text]: [&str; 3], motion: u32) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let side = page.measures.whole.height / 4;
    let mark = Piece::Moving { mark: Mark::Hourglass, side, motion, track: colours.rule };
    let blocks = vec![
        Block { piece: mark, colour: colours.accent, above: 0, rank: 3 },
        headline(&page, title, colours.ink),
        sum(&page, amount, colours.ink),
        body(&page, text, colours.muted, 1),
    ];
    centred(page, blocks)
}

/// Draws the page that nobody can mistake: the money is here.
pub(super) fn paid(mut page: Page<'_>, [title, amount, detail, clock]: [&str; 4], motion: u32) -> Vec<Placed> {
    page.cover(FIELD);
    let side = page.measures.whole.height * 37 / 100;
    let below = [detail, clock].into_iter().filter(|text| !text.is_empty());
    let below = below.collect::<Vec<_>>().join(" · ");
    let mark = Piece::MovingDisc { mark: Mark::Tick, side, motion, track: FIELD_SOFT };
    let blocks = vec![
        Block { piece: mark, colour: WHITE, above: 0, rank: KEEP },
        Block {
            piece: Piece::Text { text: title, fit: words(Face::Bold, page.measures.body.up(4), 2) },
            ..headline(&page, title, WHITE)
        },
        sum(&page, amount, WHITE),
        body(&page, &below, FIELD_TEXT, 1),
    ];
    centred(page, blocks)
}

/// Draws the page of a sale that ended without its money.
pub(super) fn ended(mut page: Page<'_>, kind: EndKind, [title, amount, reason, hint]: [&str; 4]) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let (mark, colour) = match kind {
        EndKind::Cancelled => (Mark::Cross, colours.muted),
        EndKind::Expired => (Mark::Hourglass, colours.warn),
        EndKind::Failed => (Mark::Exclamation, colours.bad),
    };
    let side = page.measures.whole.height * 3 / 10;
    let blocks = vec![
        Block { piece: Piece::Ringed { mark, side }, colour, above: 0, rank: KEEP },
        headline(&page, title, colours.ink),
        Block { piece: small_sum(&page, amount), ..sum(&page, amount, colours.muted) },
        body(&page, reason, colours.ink, 2),
        body(&page, hint, colours.muted, 1),
    ];
    centred(page, blocks)
}

/// Draws the page of money that belongs to no sale.
pub(super) fn receipt(mut page: Page<'_>, [title, amount, detail]: [&str; 3]) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let side = page.measures.whole.height / 4;
    let blocks = vec![
        Block { piece: Piece::Ringed { mark: Mark::Plus, side }, colour: colours.good, above: 0, rank: KEEP },
        headline(&page, title, colours.ink),
        sum(&page, amount, colours.good),
        body(&page, detail, colours.muted, 1),
    ];
    centred(page, blocks)
}

/// Draws a message.
pub(super) fn notice(mut page: Page<'_>, [title, text]: [&str; 2]) -> Vec<Placed> {
    let colours = page.palette;
    page.cover(colours.ground);
    let side = page.measures.whole.height / 4;
    let blocks = vec![
        Block { piece: Piece::Disc { mark: Mark::Exclamation, side }, colour: colours.warn, above: 0, rank: 1 },
        headline(&page, title, colours.ink),
        Block {
            piece: Piece::Text { text, fit: words(Face::Regular, page.measures.body.up(1), 6) },
            ..body(&page, text, colours.ink, KEEP)
        },
    ];
    centred(page, blocks)
}

fn inner(page: &Page<'_>) -> Area {
    page.measures.whole.inset(page.measures.margin, page.measures.margin)
}

fn centred(mut page: Page<'_>, blocks: Vec<Block<'_>>) -> Vec<Placed> {
    let area = inner(&page);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

fn with_footer(mut page: Page<'_>, blocks: Vec<Block<'_>>, text: &str) -> Vec<Placed> {
    let colour = page.palette.muted;
    let fit = words(Face::Regular, page.measures.body, 1);
    let taken = footer(&mut page, Piece::Text { text, fit }, colour);
    let area = inner(&page).without_bottom(taken);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

/// Draws a centred line at the bottom, below a rule, and returns the height that it took from the inner box.
fn footer(page: &mut Page<'_>, piece: Piece<'_>, colour: Rgb888) -> i32 {
    let (area, gap) = (inner(page), page.measures.gap);
    let block = Block { piece, colour, above: 0, rank: KEEP };
    let height = stack(page, vec![block], area, Anchor::Bottom, Align::Centre);
    let rule = Area::new(area.left, area.bottom() - height - gap - 2, area.width, 2);
    page.fill(rule, page.palette.rule);
    height + 2 * gap + 2
}

fn headline<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888) -> Block<'a> {
    let fit = words(Face::Bold, page.measures.body.up(3), 2);
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank: KEEP }
}

fn sum<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888) -> Block<'a> {
    let fit = figures(page.measures.amount());
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank: KEEP }
}

fn small_sum<'a>(page: &Page<'_>, text: &'a str) -> Piece<'a> {
    Piece::Text { text, fit: figures(page.measures.amount().down(3)) }
}

fn body<'a>(page: &Page<'_>, text: &'a str, colour: Rgb888, rank: u8) -> Block<'a> {
    let fit = words(Face::Regular, page.measures.body, 3);
    Block { piece: Piece::Text { text, fit }, colour, above: page.measures.gap, rank }
}
