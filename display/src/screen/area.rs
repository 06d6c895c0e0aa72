//! Boxes and the measures of a panel: margins, gaps and the size of ordinary text, all from its width and height.

use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::primitives::Rectangle;

use crate::lettering::Step;
use crate::size::Size;

/// A box in pixels; never of negative size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Area {
    pub(super) fn new(left: i32, top: i32, width: i32, height: i32) -> Self {
        Self { left, top, width: width.max(0), height: height.max(0) }
    }

    pub(super) fn of(size: Size) -> Self {
        // Sides are at most `Size::MAX`.
        Self::new(0, 0, size.width() as i32, size.height() as i32)
    }

    pub(super) fn right(self) -> i32 {
        self.left + self.width
    }

    pub(super) fn bottom(self) -> i32 {
        self.top + self.height
    }

    pub(super) fn inset(self, across: i32, down: i32) -> Self {
        Self::new(self.left + across, self.top + down, self.width - 2 * across, self.height - 2 * down)
    }

    /// Returns the part above `height` pixels that are taken from the bottom.
    pub(super) fn without_bottom(self, height: i32) -> Self {
        Self::new(self.left, self.top, self.width, self.height - height)
    }

    /// Returns the part below `height` pixels that are taken from the top.
    pub(super) fn without_top(self, height: i32) -> Self {
        Self::new(self.left, self.top + height, self.width, self.height - height)
    }

    /// Returns the part to the right of `width` pixels that are taken from the left.
    pub(super) fn without_left(self, width: i32) -> Self {
        Self::new(self.left + width, self.top, self.width - width, self.height)
    }

    pub(super) fn rectangle(self) -> Rectangle {
        Rectangle::new(
            Point::new(self.left, self.top),
            Extent::new(self.width.max(0) as u32, self.height.max(0) as u32),
        )
    }
}

/// The smallest size at which all accents can be told apart.
pub(super) const READABLE: Step = Step::SMALLEST.up(1);

/// The measures of a panel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    pub(super) whole: Area,
    /// Between the edge and anything.
    pub(super) margin: i32,
    /// Between things that belong together.
    pub(super) gap: i32,
    /// The thickness of a rule.
    pub(super) rule: i32,
    /// The size of ordinary text.
    pub(super) body: Step,
}

impl Measures {
    pub(super) fn of(size: Size) -> Self {
        let whole = Area::of(size);
        let short = whole.height.min(whole.width * 4 / 5);
        Self {
            whole,
            margin: short / 18,
            gap: short / 40,
            rule: (short / 240).max(1),
            body: Step::at_most((short / 18) as u32).max(READABLE),
        }
    }

    /// Returns the size of text that explains.
    pub(super) fn small(self) -> Step {
        self.body.down(1).max(READABLE)
    }

    /// Returns the largest size of an amount that has the page for itself.
    pub(super) fn amount(self) -> Step {
        Step::at_most((self.whole.height.min(self.whole.width) * 3 / 10) as u32)
    }

    /// Returns the side of the largest square that a code can have on every screen that shows one: beside a column
    /// on panels that are wide enough, else below a line with the amount.
    pub(super) fn code_side(self) -> u32 {
        let (width, height) = (self.whole.width, self.whole.height);
        let beside = height.min(width - self.narrowest_column());
        let below = width.min(height - self.amount_band());
        // The sides are at least 240, the column and the band far narrower.
        beside.max(below) as u32
    }

    /// Returns the width of the narrowest column that can stand beside a code.
    pub(super) fn narrowest_column(self) -> i32 {
        self.whole.width / 3
    }

    /// Returns the height of the lowest band with an amount that can stand above a code.
    pub(super) fn amount_band(self) -> i32 {
        self.whole.height / 6
    }
}
