//! The screens with a code: the code as large as the panel allows on a white field, beside or below it the amount and
//! what else the customer needs. Knows places, not what the code says.

use super::area::{Area, Measures};
use super::page::{Align, Page, Placed};
use super::stack::{Anchor, Block, KEEP, Piece, figures, stack, words};
use super::{Countdown, DrawError, Line};
use crate::lettering::{Face, Step};
use crate::mark::Mark;
use crate::qr::{QrCode, QrError};
use crate::theme::WHITE;

/// What stands first.
pub(super) enum Head<'a> {
    /// The whole amount is due.
    Due { title: &'a str, amount: &'a str },
    /// A part has arrived.
    Short { title: &'a str, amount: &'a str, received: &'a Line, missing: &'a Line },
}

impl<'a> Head<'a> {
    pub(super) fn due(title: &'a str, amount: &'a str) -> Self {
        Self::Due { title, amount }
    }

    pub(super) fn short(title: &'a str, amount: &'a str, received: &'a Line, missing: &'a Line) -> Self {
        Self::Short { title, amount, received, missing }
    }

    /// Returns the text that is set largest.
    fn amount(&self) -> &'a str {
        match self {
            Self::Due { amount, .. } => amount,
            Self::Short { missing, .. } => &missing.value,
        }
    }
}

/// What stands below.
pub(super) struct Foot<'a> {
    countdown: &'a Countdown,
    lines: &'a [Line],
    hint: &'a str,
}

impl<'a> Foot<'a> {
    pub(super) fn new(countdown: &'a Countdown, lines: &'a [Line], hint: &'a str) -> Self {
        Self { countdown, lines, hint }
    }
}

/// Where code and words go.
struct Plan {
    /// White, with the code in its middle.
    field: Area,
    module: u32,
    words: Words,
}

enum Words {
    /// All in one column.
    Beside(Area),
    /// The amount above the code, the rest below it.
    Around { above: Area, below: Area },
}

/// Draws the page, or nothing when the code does not fit.
pub(super) fn draw(
    mut page: Page<'_>,
    payload: &str,
    head: &Head<'_>,
    foot: &Foot<'_>,
) -> Result<Vec<Placed>, DrawError> {
    let code = QrCode::encode(payload).map_err(DrawError::Code)?;
    let plan = plan(&page, &code, head.amount()).map_err(DrawError::Code)?;
    page.cover(page.palette.ground);
    page.fill(plan.field, WHITE);
    let side = (code.modules() * plan.module) as i32;
    let left = plan.field.left + (plan.field.width - side) / 2;
    let top = plan.field.top + (plan.field.height - side) / 2;
    page.code(&code, left, top, plan.module);
    match plan.words {
        Words::Beside(column) => {
            let blocks = below(&page, foot);
            let taken = stack(&mut page, blocks, column, Anchor::Bottom, Align::Left);
            let gap = if taken > 0 { page.measures.gap * 2 } else { 0 };
            let rest = column.without_bottom(taken + gap);
            let blocks = column_head(&page, head, foot);
            stack(&mut page, blocks, rest, Anchor::Top, Align::Left);
        }
        Words::Around { above: top, below: bottom } => {
            let blocks = above(&page, head);
            stack(&mut page, blocks, top, Anchor::Middle, Align::Centre);
            let mut blocks = pairs(&page, foot.lines);
            blocks.extend(below(&page, foot));
            stack(&mut page, blocks, bottom, Anchor::Middle, Align::Centre);
        }
    }
    Ok(page.finish())
}

/// Chooses the arrangement: as large a code as the panel allows, of which a pixel a module may go to an amount that
/// would else be hard to read.
fn plan(page: &Page<'_>, code: &QrCode, amount: &str) -> Result<Plan, QrError> {
    let measures = page.measures;
    let (width, height) = (measures.whole.width, measures.whole.height);
    let modules = code.modules() as i32;
    let most = code.module_in(measures.code_side())? as i32;
    let enough = if most > 4 { most - 1 } else { most };
    let column = column_for(page, amount);
    let beside = (height.min(width - column) / modules).min(most);
    let foot = i32::from(measures.body.px()) * 5 / 2;
    let roomy = width.min(height - measures.amount_band() - foot) / modules;
    let around = width.min(height - measures.amount_band()) / modules;
    let around = if roomy >= enough { roomy } else { around }.min(most);
    if beside >= enough && (width > height || around < enough) {
        return Ok(plan_beside(measures, modules * beside, column, beside));
    }
    if around >= enough {
        return Ok(plan_around(measures, modules * around, around));
    }
    // Only a narrow column remains: the code is what the page is for.
    Ok(plan_beside(measures, modules * most, column, most))
}

fn plan_beside(measures: Measures, side: i32, column: i32, module: i32) -> Plan {
    let (width, height) = (measures.whole.width, measures.whole.height);
    // The field is a square if the column can spare the room.
    let field_width = height.min(width * 3 / 5).min(width - column).max(side);
    let column = Area::new(field_width, 0, width - field_width, height);
    Plan {
        field: Area::new(0, 0, field_width, height),
        module: module as u32,
        words: Words::Beside(column.inset(measures.margin.min(column.width / 10), measures.margin)),
    }
}

fn plan_around(measures: Measures, side: i32, module: i32) -> Plan {
    let (width, height) = (measures.whole.width, measures.whole.height);
    let spare = height - side;
    let top = (spare * 2 / 5).max(measures.amount_band()).min(spare);
    let above = Area::new(0, 0, width, top);
    let below = Area::new(0, top + side, width, spare - top);
    Plan {
        field: Area::new(0, top, width, side),
        module: module as u32,
        words: Words::Around {
            above: above.inset(measures.margin, measures.gap / 2),
            below: below.inset(measures.margin, measures.gap / 2),
        },
    }
}

/// Returns the width of the column in which the amount can be read from across the counter.
fn column_for(page: &Page<'_>, amount: &str) -> i32 {
    let measures = page.measures;
    let legible = Step::at_most((measures.whole.height / 11) as u32);
    let wide = page.letters.width(amount, Face::Bold, legible) as i32 + 2 * measures.margin;
    wide.max(measures.narrowest_column())
}

/// Returns the blocks at the head of a column.
fn column_head<'a>(page: &Page<'_>, head: &Head<'a>, foot: &Foot<'a>) -> Vec<Block<'a>> {
    let mut blocks = above(page, head);
    if let Head::Short { received, amount, .. } = head {
        blocks.extend(pair(page, received, 5));
        blocks.push(Block {
            piece: Piece::Text { text: amount, fit: words(Face::Regular, page.measures.body, 1) },
            colour: page.palette.muted,
            above: 0,
            rank: 5,
        });
    }
    blocks.extend(pairs(page, foot.lines));
    blocks
}

fn above<'a>(page: &Page<'_>, head: &Head<'a>) -> Vec<Block<'a>> {
    let (title, colour) = match head {
        Head::Due { title, .. } => (title, page.palette.ink),
        Head::Short { title, .. } => (title, page.palette.warn),
    };
    let fit = words(Face::Bold, page.measures.body, 2);
    let title = match head {
        Head::Due { .. } => Piece::Text { text: title, fit },
        Head::Short { .. } => Piece::Marked { mark: Mark::Half, disc: colour, text: title, fit },
    };
    let amount = Piece::Text { text: head.amount(), fit: figures(page.measures.amount()) };
    // What is due can be guessed from a code and an amount, what is missing cannot.
    let rank = match head {
        Head::Due { .. } => 20,
        Head::Short { .. } => KEEP,
    };
    vec![
        Block { piece: title, colour, above: 0, rank },
        Block { piece: amount, colour, above: page.measures.gap, rank: KEEP },
    ]
}

/// Returns the lines as blocks, of which the last are left out first.
fn pairs<'a>(page: &Page<'_>, lines: &'a [Line]) -> Vec<Block<'a>> {
    let ranks = (1..=4).rev();
    lines.iter().zip(ranks).flat_map(|(line, rank)| pair(page, line, rank)).collect()
}

fn pair<'a>(page: &Page<'_>, line: &'a Line, rank: u8) -> [Block<'a>; 2] {
    let body = page.measures.body;
    [
        Block {
            piece: Piece::Text { text: &line.label, fit: words(Face::Regular, body.down(1), 1) },
            colour: page.palette.muted,
            above: page.measures.gap,
            rank,
        },
        Block {
            piece: Piece::Text { text: &line.value, fit: words(Face::Bold, body, 2) },
            colour: page.palette.ink,
            above: 0,
            rank,
        },
    ]
}

fn below<'a>(page: &Page<'_>, foot: &Foot<'a>) -> Vec<Block<'a>> {
    let colours = page.palette;
    let countdown = foot.countdown;
    let last = countdown.left_ms < countdown.total_ms / 10;
    let colour = if last { colours.warn } else { colours.accent };
    let bar = Piece::Bar {
        height: (page.measures.gap * 2 / 3).max(4),
        share: (countdown.left_ms, countdown.total_ms),
        track: colours.rule,
    };
    vec![
        Block {
            piece: Piece::Text { text: &countdown.text, fit: words(Face::Bold, page.measures.body, 1) },
            colour: colours.ink,
            above: page.measures.gap * 2,
            rank: 10,
        },
        Block { piece: bar, colour, above: page.measures.gap / 2, rank: 12 },
        Block {
            piece: Piece::Text { text: foot.hint, fit: words(Face::Regular, page.measures.body.down(1), 3) },
            colour: colours.muted,
            above: page.measures.gap,
            rank: 0,
        },
    ]
}
