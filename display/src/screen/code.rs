//! The screens with a code: the code as large as the panel allows on a white field, beside or below it the amount and
//! what else the customer needs. Knows places, not what the code says.

use super::area::{Area, Measures};
use super::page::{Align, Page, Placed};
use super::stack::{Anchor, Block, KEEP, Piece, figures, stack, words};
use super::{Countdown, Line};
use crate::lettering::{Face, Step};
use crate::qr::{QrCode, QrError};
use crate::theme::WHITE;

/// What stands first.
pub(super) enum Head<'a> {
    /// The whole amount is due.
    Due { title: &'a str, amount: &'a str },
    /// A part has arrived.
    Short {
        title: &'a str,
        amount: &'a str,
        received: &'a Line,
        missing: &'a Line,
    },
}

impl<'a> Head<'a> {
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
    pub(super) countdown: &'a Countdown,
    pub(super) lines: &'a [Line],
    pub(super) hint: &'a str,
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
) -> Result<Vec<Placed>, QrError> {
    let code = QrCode::encode(payload)?;
    let plan = plan(&page, &code, head.amount())?;
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
        Words::Around {
            above: top,
            below: bottom,
        } => {
            let blocks = above(&page, head);
            stack(&mut page, blocks, top, Anchor::Middle, Align::Centre);
            let mut blocks = pairs(&page, foot.lines);
            blocks.extend(below(&page, foot));
            stack(&mut page, blocks, bottom, Anchor::Middle, Align::Centre);
        }
    }
    Ok(page.finish())
}

/// Chooses the arrangement that gives the code the larger modules.
fn plan(page: &Page<'_>, code: &QrCode, amount: &str) -> Result<Plan, QrError> {
    let measures = page.measures;
    let (width, height) = (measures.whole.width, measures.whole.height);
    let modules = code.modules() as i32;
    let beside = height.min(width - column_for(page, amount)) / modules;
    let around = width.min(height - measures.amount_band()) / modules;
    let surely = code.module_in(measures.code_side())? as i32;
    if beside >= surely.max(around) || (width > height && beside >= surely && beside >= around) {
        return Ok(plan_beside(measures, modules, beside));
    }
    if around >= surely {
        return Ok(plan_around(measures, modules, around));
    }
    // Neither leaves the amount the size that it should have: the code is what the page is for.
    Ok(plan_beside(measures, modules, surely))
}

fn plan_beside(measures: Measures, modules: i32, module: i32) -> Plan {
    let (width, height) = (measures.whole.width, measures.whole.height);
    let side = modules * module;
    // The field is a square if the column can spare the room.
    let field_width = height.min(width * 3 / 5).max(side);
    let field = Area::new(0, 0, field_width, height);
    let column = Area::new(field_width, 0, width - field_width, height);
    let words = column.inset(measures.margin.min(column.width / 10), measures.margin);
    Plan {
        field,
        module: module as u32,
        words: Words::Beside(words),
    }
}

fn plan_around(measures: Measures, modules: i32, module: i32) -> Plan {
    let (width, height) = (measures.whole.width, measures.whole.height);
    let side = modules * module;
    let spare = height - side;
    let top = (spare * 2 / 5).max(measures.amount_band()).min(spare);
    let field = Area::new(0, top, width, side);
    let above = Area::new(0, 0, width, top).inset(measures.margin, measures.gap / 2);
    let below =
        Area::new(0, top + side, width, spare - top).inset(measures.margin, measures.gap / 2);
    Plan {
        field,
        module: module as u32,
        words: Words::Around { above, below },
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
    if let Head::Short {
        received, amount, ..
    } = head
    {
        blocks.extend(pair(page, received, 5));
        blocks.push(Block {
            piece: Piece::Text {
                text: amount,
                fit: words(Face::Regular, page.measures.body, 1),
            },
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
    let title = Piece::Text {
        text: title,
        fit: words(Face::Bold, page.measures.body, 2),
    };
    let amount = Piece::Text {
        text: head.amount(),
        fit: figures(page.measures.amount()),
    };
    vec![
        Block {
            piece: title,
            colour,
            above: 0,
            rank: 20,
        },
        Block {
            piece: amount,
            colour,
            above: page.measures.gap,
            rank: KEEP,
        },
    ]
}

/// Returns the lines as blocks, of which the last are left out first.
fn pairs<'a>(page: &Page<'_>, lines: &'a [Line]) -> Vec<Block<'a>> {
    let ranks = (1..=4).rev();
    lines
        .iter()
        .zip(ranks)
        .flat_map(|(line, rank)| pair(page, line, rank))
        .collect()
}

fn pair<'a>(page: &Page<'_>, line: &'a Line, rank: u8) -> [Block<'a>; 2] {
    let body = page.measures.body;
    [
        Block {
            piece: Piece::Text {
                text: &line.label,
                fit: words(Face::Regular, body.down(1), 1),
            },
            colour: page.palette.muted,
            above: page.measures.gap,
            rank,
        },
        Block {
            piece: Piece::Text {
                text: &line.value,
                fit: words(Face::Bold, body, 2),
            },
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
            piece: Piece::Text {
                text: &countdown.text,
                fit: words(Face::Bold, page.measures.body, 1),
            },
            colour: colours.ink,
            above: page.measures.gap * 2,
            rank: 10,
        },
        Block {
            piece: bar,
            colour,
            above: page.measures.gap / 2,
            rank: 12,
        },
        Block {
            piece: Piece::Text {
                text: foot.hint,
                fit: words(Face::Regular, page.measures.body.down(1), 3),
            },
            colour: colours.muted,
            above: page.measures.gap,
            rank: 0,
        },
    ]
}
