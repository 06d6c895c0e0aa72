//! Where a code and the words beside it go: the code as large as the panel allows. Knows boxes and widths, not words.

use super::area::{Area, Measures, READABLE};
use super::page::Page;
use crate::lettering::{Face, Step};
use crate::qr::{QrCode, QrError};

/// Where code and words go.
pub(super) struct Plan {
    /// White, with the code in its middle.
    pub(super) field: Area,
    pub(super) module: u32,
    pub(super) words: Words,
}

pub(super) enum Words {
    /// All in one column, and the space at its sides.
    Beside { column: Area, across: i32 },
    /// The amount above the code, the rest below it.
    Around { above: Area, below: Area },
}

impl Plan {
    /// Chooses the arrangement: as large a code as the panel allows, of which a pixel a module may go to a column that is
    /// wide enough for words of `wide` pixels.
    pub(super) fn of(page: &Page<'_>, code: &QrCode, wide: i32) -> Result<Self, QrError> {
        let measures = page.measures;
        let (width, height) = (measures.whole.width, measures.whole.height);
        let modules = code.modules() as i32;
        let most = code.module_in(measures.code_side())? as i32;
        let enough = if most > 4 { most - 1 } else { most };
        let column = column_for(measures, wide);
        let beside = (height.min(width - measures.narrowest_column()) / modules).min(most);
        let roomy = (height.min(width - column) / modules).min(most);
        let foot = i32::from(measures.body.px()) * 5 / 2;
        let airy = width.min(height - measures.amount_band() - foot) / modules;
        let around = width.min(height - measures.amount_band()) / modules;
        let around = if airy >= enough { airy } else { around }.min(most);
        if beside >= enough && (width > height || around < enough) {
            let module = if roomy >= enough { roomy } else { enough };
            return Ok(Self::beside(measures, (modules, module), wide));
        }
        if around >= enough {
            return Ok(Self::around(measures, modules * around, around));
        }
        // Only a narrow column remains: the code is what the page is for.
        Ok(Self::beside(measures, (modules, most), wide))
    }

    /// Returns the width of a line of words.
    pub(super) fn width(&self) -> i32 {
        match self.words {
            Words::Beside { column, across } => column.width - 2 * across,
            Words::Around { above, .. } => above.width,
        }
    }

    fn beside(measures: Measures, (modules, module): (i32, i32), wide: i32) -> Self {
        let (width, height) = (measures.whole.width, measures.whole.height);
        // The field is a square if the column can spare the room.
        let field_width = height.min(width * 11 / 20).min(width - column_for(measures, wide)).max(modules * module);
        let column = Area::new(field_width, 0, width - field_width, height);
        Self {
            field: Area::new(0, 0, field_width, height),
            module: module as u32,
            words: Words::Beside { column, across: across(measures, column.width, wide) },
        }
    }

    fn around(measures: Measures, side: i32, module: i32) -> Self {
        let (width, height) = (measures.whole.width, measures.whole.height);
        let spare = height - side;
        let top = (spare * 11 / 25).max(measures.amount_band()).min(spare);
        // What is too low for a line is white, not a sliver of another colour.
        let sliver = if spare - top < i32::from(READABLE.px()) { spare - top } else { 0 };
        Self {
            field: Area::new(0, top, width, side + sliver),
            module: module as u32,
            words: Words::Around {
                above: Area::new(0, 0, width, top).inset(measures.margin, measures.gap / 2),
                below: Area::new(0, top + side, width, spare - top),
            },
        }
    }
}

/// Returns the space at the sides of a column: less where figures of this width need it.
fn across(measures: Measures, width: i32, wide: i32) -> i32 {
    measures.margin.min(width / 24).min((width - wide) / 2).max(measures.gap)
}

/// Returns the width of figures that can be read from across the counter.
pub(super) fn legible_width(page: &Page<'_>, figures: &str) -> i32 {
    let legible = Step::at_most((page.measures.whole.height / 9) as u32);
    page.letters.width(figures, Face::Bold, legible) as i32
}

/// Returns the width of a column for figures of a width.
fn column_for(measures: Measures, wide: i32) -> i32 {
    (wide * 12 / 11 + 2).max(measures.narrowest_column())
}
