//! The screen of a counter at which nobody pays: the shop's picture where it has one, the counter's name, the clock, and
//! a code that takes any amount where there is one. Knows places, not words.

use super::code::{Sides, lay_out};
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, title, words};
use super::plain::inner;
use super::plan::Plan;
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use super::{DrawError, Line, Link, LinkKind, OpenCode};
use crate::lettering::{Face, Step};
use crate::logo::Logo;
use crate::mark::Mark;
use crate::qr::QrCode;

/// Draws the page, or nothing when it has a code that does not fit.
pub(super) fn draw(
    page: Page<'_>,
    [label, clock, hint]: [&str; 3],
    link: &Link,
    code: Option<&OpenCode>,
    logo: Option<&Logo>,
) -> Result<Vec<Placed>, DrawError> {
    let notes = vec![link_note(&page, link), Note::staff(&page, hint)];
    match code {
        None => Ok(plain(page, [label, clock], &notes, logo)),
        Some(open) => with_code(page, [label, clock], open, notes, logo),
    }
}

fn link_note<'a>(page: &Page<'_>, link: &'a Link) -> Note<'a> {
    let (mark, disc) = match link.kind {
        LinkKind::Good => (Mark::Bars, page.palette.good),
        LinkKind::Limited => (Mark::Half, page.palette.warn),
        LinkKind::Down => (Mark::Cross, page.palette.bad),
    };
    Note { mark, disc, text: &link.text }
}

fn plain(mut page: Page<'_>, [label, clock]: [&str; 2], notes: &[Note<'_>], logo: Option<&Logo>) -> Vec<Placed> {
    let (colours, measures) = (page.palette, page.measures);
    page.cover(colours.ground);
    let rest = strip::draw(&mut page, notes, measures.whole, measures.margin);
    let area = inner(&page, rest);
    // Beside a picture the clock is one of two things to look at.
    let short = measures.whole.height.min(measures.whole.width);
    let largest = Step::at_most((if logo.is_some() { short / 4 } else { short * 2 / 5 }) as u32);
    let name = Piece::Text { text: label, fit: words(Face::Bold, measures.body.up(2), 2) };
    let time = Piece::Text { text: clock, fit: figures(largest) };
    let above = if logo.is_some() { measures.gap * 3 } else { 0 };
    let mut blocks: Vec<Block<'_>> = picture(&page, logo, (area.width, area.height * 2 / 5)).into_iter().collect();
    blocks.extend([
        Block { piece: name, colour: colours.ink, above, rank: 12 },
        Block { piece: time, colour: colours.ink, above: measures.gap * 3, rank: KEEP },
    ]);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

/// Returns the shop's picture as the first block; of all blocks it is left out first.
fn picture<'a>(page: &Page<'_>, logo: Option<&'a Logo>, (width, height): (i32, i32)) -> Option<Block<'a>> {
    let piece = Piece::Logo { logo: logo?, width, height };
    Some(Block { piece, colour: page.palette.ink, above: 0, rank: 11 })
}

fn with_code<'a>(
    page: Page<'_>,
    [label, clock]: [&'a str; 2],
    open: &'a OpenCode,
    notes: Vec<Note<'a>>,
    logo: Option<&'a Logo>,
) -> Result<Vec<Placed>, DrawError> {
    let code = QrCode::encode(&open.payload).map_err(DrawError::Code)?;
    let (colours, measures) = (page.palette, page.measures);
    // Room for words of some length beside the code.
    let wide = i32::from(measures.body.px()) * 9;
    let plan = Plan::of(&page, &code, wide).map_err(DrawError::Code)?;
    let fit = |text| title(&page, text, measures.body, plan.width());
    let name = Piece::Text { text: label, fit: fit(label) };
    // The clock makes room for a picture; whom the code pays matters more than either.
    let time = figures(measures.amount().down(if logo.is_some() { 4 } else { 1 }));
    let time = Piece::Text { text: clock, fit: time };
    let what = Piece::Text { text: &open.title, fit: fit(&open.title) };
    let rows: Vec<(&Line, u8)> = open.lines.iter().zip((1..=4).rev()).collect();
    let above = if logo.is_some() { measures.gap * 2 } else { 0 };
    let mut head: Vec<Block<'_>> =
        picture(&page, logo, (plan.width(), measures.whole.height.min(measures.whole.width) / 6)).into_iter().collect();
    head.extend([
        Block { piece: name, colour: colours.muted, above, rank: 16 },
        Block { piece: time, colour: colours.ink, above: measures.gap, rank: KEEP },
    ]);
    let sides = Sides {
        head,
        lead: Some(Block { piece: what, colour: colours.ink, above: measures.gap * 2, rank: 15 }),
        rows,
        hint: "",
        foot: Vec::new(),
        notes,
        least: i32::from(measures.body.px()) * 3 / 2,
    };
    Ok(lay_out(page, &code, &plan, sides))
}
