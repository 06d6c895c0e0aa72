//! The screens with a code: the code as large as the panel allows on a white field, beside or around it the amount and
//! what else the customer needs. Knows places, not what the code says.

use super::area::Area;
use super::page::{Align, Page, Placed};
use super::piece::{Piece, figures, fits_row, title, words};
use super::plan::{Plan, Words, legible_width};
use super::stack::{Anchor, Block, KEEP, stack};
use super::strip::{self, Note};
use super::{Countdown, DrawError, Line};
use crate::lettering::Face;
use crate::mark::Mark;
use crate::qr::QrCode;
use crate::theme::WHITE;

/// What stands first.
pub(super) struct Head<'a> {
    pub(super) title: &'a str,
    /// The text that is set largest.
    pub(super) amount: &'a str,
    pub(super) short: Option<Short<'a>>,
}

/// What more there is to say when a part has arrived.
pub(super) struct Short<'a> {
    pub(super) received: &'a Line,
    /// What the amount is.
    pub(super) label: &'a str,
    pub(super) total: &'a str,
}

/// What stands below.
pub(super) struct Foot<'a> {
    pub(super) countdown: &'a Countdown,
    pub(super) lines: &'a [Line],
    pub(super) hint: &'a str,
    pub(super) staff: &'a str,
}

/// Blocks for one side of a code, in the order in which they stand.
pub(super) struct Sides<'a> {
    /// At the top of a column, or above the code.
    pub(super) head: Vec<Block<'a>>,
    /// Below the head in a column, or below the code.
    pub(super) lead: Option<Block<'a>>,
    /// Below the lead.
    pub(super) rows: Vec<(&'a Line, u8)>,
    /// Below the rows.
    pub(super) hint: &'a str,
    /// At the bottom.
    pub(super) foot: Vec<Block<'a>>,
    /// Along the edge.
    pub(super) notes: Vec<Note<'a>>,
    /// The least height below a code at which notes stand there.
    pub(super) least: i32,
}

/// Draws the page of a sale's code, or nothing when the code does not fit.
pub(super) fn draw(page: Page<'_>, payload: &str, head: &Head<'_>, foot: &Foot<'_>) -> Result<Vec<Placed>, DrawError> {
    let code = QrCode::encode(payload).map_err(DrawError::Code)?;
    let plan = Plan::of(&page, &code, legible_width(&page, head.amount)).map_err(DrawError::Code)?;
    let total;
    let mut rows: Vec<(&Line, u8)> = Vec::new();
    if let Some(short) = &head.short {
        total = Line { label: String::new(), value: short.total.to_owned() };
        rows.extend([(short.received, 15), (&total, 14)]);
    }
    // The last lines are left out first.
    rows.extend(foot.lines.iter().zip((1..=4).rev()));
    let sides = Sides {
        head: head_blocks(&page, head, &plan),
        lead: None,
        rows,
        hint: foot.hint,
        foot: foot_blocks(&page, foot),
        notes: vec![Note::staff(&page, foot.staff)],
        // The time that is left goes first.
        least: i32::from(page.measures.body.px()) * 6,
    };
    Ok(lay_out(page, &code, &plan, sides))
}

/// Draws a code and what stands around it.
pub(super) fn lay_out(mut page: Page<'_>, code: &QrCode, plan: &Plan, sides: Sides<'_>) -> Vec<Placed> {
    page.cover(page.palette.ground);
    page.fill(plan.field, WHITE);
    let side = (code.modules() * plan.module) as i32;
    let left = plan.field.left + (plan.field.width - side) / 2;
    let top = plan.field.top + (plan.field.height - side) / 2;
    page.code(code, left, top, plan.module);
    match plan.words {
        Words::Beside { column, across } => beside(&mut page, sides, column, across),
        Words::Around { above, below } => around(&mut page, sides, above, below),
    }
    page.finish()
}

fn beside(page: &mut Page<'_>, sides: Sides<'_>, column: Area, across: i32) {
    let rest = strip::draw(page, &sides.notes, column, across);
    let inner = rest.inset(across, page.measures.margin.min(rest.height / 16));
    let taken = stack(page, sides.foot, inner, Anchor::Bottom, Align::Left);
    let gap = if taken > 0 { page.measures.gap * 2 } else { 0 };
    let mut blocks = sides.head;
    blocks.extend(sides.lead);
    blocks.extend(rows(page, &sides.rows, inner.width));
    blocks.push(hint(page, sides.hint));
    stack(page, blocks, inner.without_bottom(taken + gap), Anchor::Top, Align::Left);
}

fn around(page: &mut Page<'_>, sides: Sides<'_>, above: Area, below: Area) {
    stack(page, sides.head, above, Anchor::Middle, Align::Centre);
    let notes = if below.height >= sides.least { sides.notes } else { Vec::new() };
    let margin = page.measures.margin;
    let rest = strip::draw(page, &notes, below, margin);
    let inner = rest.inset(margin, page.measures.gap / 4);
    let mut blocks: Vec<Block<'_>> = sides.lead.into_iter().collect();
    blocks.extend(rows(page, &sides.rows, inner.width));
    blocks.push(hint(page, sides.hint));
    blocks.extend(sides.foot);
    stack(page, blocks, inner, Anchor::Middle, Align::Centre);
}

fn head_blocks<'a>(page: &Page<'_>, head: &Head<'a>, plan: &Plan) -> Vec<Block<'a>> {
    let (body, disc) = (page.measures.body, page.palette.warn);
    let low = matches!(plan.words, Words::Around { above, .. } if above.height < i32::from(body.px()) * 4);
    if head.short.is_some() && low {
        // One line has to do.
        let (label, amount) = (head.title, head.amount);
        let fit = figures(page.measures.amount());
        let piece = Piece::Named { mark: Mark::Half, disc, label, step: body, amount, fit };
        return vec![Block { piece, colour: disc, above: 0, rank: KEEP }];
    }
    let fit = title(page, head.title, body, plan.width());
    let text = Piece::Text { text: head.title, fit };
    let colours = page.palette;
    // What is due can be guessed from a code and an amount, what is missing cannot.
    let (piece, colour, rank) = match &head.short {
        None => (text, colours.ink, 20),
        Some(_) => (Piece::Marked { mark: Mark::Half, disc, text: head.title, fit }, colours.warn, KEEP),
    };
    let mut blocks = vec![Block { piece, colour, above: 0, rank }];
    if let Some(short) = head.short.as_ref().filter(|short| short.label != head.title) {
        let fit = words(Face::Regular, page.measures.small(), 1);
        let label = Piece::Text { text: short.label, fit };
        blocks.push(Block { piece: label, colour: colours.ink, above: page.measures.gap, rank: 16 });
    }
    let amount = Piece::Text { text: head.amount, fit: figures(page.measures.amount()) };
    blocks.push(Block { piece: amount, colour, above: page.measures.gap, rank: KEEP });
    blocks
}

/// Returns labels and values as blocks: side by side where they fit so, else one below the other. A value without a
/// label belongs to the line above it and stands below its value.
fn rows<'a>(page: &Page<'_>, rows: &[(&'a Line, u8)], width: i32) -> Vec<Block<'a>> {
    let step = page.measures.small();
    let mut beside = true;
    let blocks = rows.iter().map(|&(line, rank)| {
        let fits = fits_row(page, [&line.label, &line.value], step, width);
        beside = fits && (beside || !line.label.is_empty());
        if beside { vec![row(page, line, rank)] } else { pair(page, line, rank).to_vec() }
    });
    blocks.flatten().collect()
}

/// Returns how it is done, which is left out first.
fn hint<'a>(page: &Page<'_>, text: &'a str) -> Block<'a> {
    let fit = words(Face::Regular, page.measures.small(), 3);
    Block { piece: Piece::Text { text, fit }, colour: page.palette.muted, above: page.measures.gap * 3 / 2, rank: 0 }
}

fn row<'a>(page: &Page<'_>, line: &'a Line, rank: u8) -> Block<'a> {
    let (step, muted) = (page.measures.small(), page.palette.muted);
    let piece = Piece::Row { label: &line.label, value: &line.value, step, muted };
    Block { piece, colour: page.palette.ink, above: page.measures.gap, rank }
}

fn pair<'a>(page: &Page<'_>, line: &'a Line, rank: u8) -> [Block<'a>; 2] {
    let step = page.measures.small();
    let face = if line.label.is_empty() { Face::Regular } else { Face::Bold };
    [
        Block {
            piece: Piece::Text { text: &line.label, fit: words(Face::Regular, step, 1) },
            colour: page.palette.muted,
            above: page.measures.gap,
            rank,
        },
        Block {
            piece: Piece::Text { text: &line.value, fit: words(face, step, 4) },
            colour: page.palette.ink,
            above: 0,
            rank,
        },
    ]
}

fn foot_blocks<'a>(page: &Page<'_>, foot: &Foot<'a>) -> Vec<Block<'a>> {
    let colours = page.palette;
    let (countdown, gap) = (foot.countdown, page.measures.gap);
    let fit = words(Face::Bold, page.measures.body, 1);
    // The last of the time is told by a mark and a colour.
    let last = countdown.left_ms < countdown.total_ms / 10;
    let (text, colour) = if last {
        let mark = Mark::Hourglass;
        (Piece::Marked { mark, disc: colours.warn, text: &countdown.text, fit }, colours.warn)
    } else {
        (Piece::Text { text: &countdown.text, fit }, colours.accent)
    };
    let share = (countdown.left_ms, countdown.total_ms);
    let bar = Piece::Bar { height: (gap * 2 / 3).max(4), share, track: colours.rule };
    vec![
        Block { piece: text, colour: colours.ink, above: gap * 2, rank: 10 },
        Block { piece: bar, colour, above: gap / 2, rank: 12 },
    ]
}
