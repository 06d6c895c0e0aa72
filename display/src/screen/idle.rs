//! The screen of a counter at which nobody pays: its name, the clock, and a code that takes any amount where there is
//! one. Knows places, not words.

use super::code::{Sides, lay_out};
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, title, words};
use super::plain::inner;
use super::plan::Plan;
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use super::{DrawError, Line, Link, LinkKind, OpenCode};
use crate::lettering::{Face, Step};
use crate::mark::Mark;
use crate::qr::QrCode;

/// Draws the page, or nothing when it has a code that does not fit.
pub(super) fn draw(
    page: Page<'_>,
    [label, clock, hint]: [&str; 3],
    link: &Link,
    code: Option<&OpenCode>,
) -> Result<Vec<Placed>, DrawError> {
    let notes = vec![link_note(&page, link), Note::staff(&page, hint)];
    match code {
        None => Ok(plain(page, [label, clock], &notes)),
        Some(open) => with_code(page, [label, clock], open, notes),
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

fn plain(mut page: Page<'_>, [label, clock]: [&str; 2], notes: &[Note<'_>]) -> Vec<Placed> {
    let (colours, measures) = (page.palette, page.measures);
    page.cover(colours.ground);
    let rest = strip::draw(&mut page, notes, measures.whole, measures.margin);
    let largest = Step::at_most((measures.whole.height.min(measures.whole.width) * 2 / 5) as u32);
    let name = Piece::Text { text: label, fit: words(Face::Bold, measures.body.up(2), 2) };
    let time = Piece::Text { text: clock, fit: figures(largest) };
    let blocks = vec![
        Block { piece: name, colour: colours.ink, above: 0, rank: 12 },
        Block { piece: time, colour: colours.ink, above: measures.gap * 3, rank: KEEP },
    ];
    let area = inner(&page, rest);
    stack(&mut page, blocks, area, Anchor::Middle, Align::Centre);
    page.finish()
}

fn with_code<'a>(
    page: Page<'_>,
    [label, clock]: [&'a str; 2],
    open: &'a OpenCode,
    notes: Vec<Note<'a>>,
) -> Result<Vec<Placed>, DrawError> {
    let code = QrCode::encode(&open.payload).map_err(DrawError::Code)?;
    let (colours, measures) = (page.palette, page.measures);
    // Room for words of some length beside the code.
    let wide = i32::from(measures.body.px()) * 9;
    let plan = Plan::of(&page, &code, wide).map_err(DrawError::Code)?;
    let fit = |text| title(&page, text, measures.body, plan.width());
    let name = Piece::Text { text: label, fit: fit(label) };
    let time = Piece::Text { text: clock, fit: figures(measures.amount().down(1)) };
    let what = Piece::Text { text: &open.title, fit: fit(&open.title) };
    let rows: Vec<(&Line, u8)> = open.lines.iter().zip((1..=4).rev()).collect();
    let sides = Sides {
        head: vec![
            Block { piece: name, colour: colours.muted, above: 0, rank: 16 },
            Block { piece: time, colour: colours.ink, above: measures.gap, rank: KEEP },
        ],
        lead: Some(Block { piece: what, colour: colours.ink, above: measures.gap * 2, rank: 15 }),
        rows,
        hint: "",
        foot: Vec::new(),
        notes,
        least: i32::from(measures.body.px()) * 3 / 2,
    };
    Ok(lay_out(page, &code, &plan, sides))
}
