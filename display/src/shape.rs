//! Smooth shapes: discs, rings, strokes, triangles and rounded boxes, reckoned in whole numbers, so that every machine
//! draws the same pixels. Knows geometry and two colours, nothing of what a shape means.

mod span;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;

use span::{Coverage, FULL};

/// A colour and what lies behind it: a draw target cannot be read, so edges are mixed towards a known ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// The colour of the shape or the letters.
    pub colour: Rgb888,
    /// The colour that is already there.
    pub ground: Rgb888,
}

impl Ink {
    /// Mixes colour and ground: `share` of `whole` parts are colour.
    pub(crate) fn mix(self, share: u32, whole: u32) -> Rgb888 {
        let part = |colour: u8, ground: u8| {
            let whole = whole.max(1);
            let sum = u32::from(colour) * share.min(whole) + u32::from(ground) * (whole - share.min(whole));
            // A weighted mean of two bytes is a byte.
            ((sum + whole / 2) / whole) as u8
        };
        Rgb888::new(
            part(self.colour.r(), self.ground.r()),
            part(self.colour.g(), self.ground.g()),
            part(self.colour.b(), self.ground.b()),
        )
    }
}

/// A place in eighths of a pixel from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Eighths of a pixel to the right.
    pub x: i32,
    /// Eighths of a pixel down.
    pub y: i32,
}

impl Spot {
    /// The number of units in a pixel.
    pub const UNIT: i32 = 8;

    /// Returns the spot at the given eighths of a pixel.
    pub fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }

    fn least(self, other: Self) -> Self {
        Self::new(self.x.min(other.x), self.y.min(other.y))
    }

    fn most(self, other: Self) -> Self {
        Self::new(self.x.max(other.x), self.y.max(other.y))
    }
}

/// A shape; all lengths are eighths of a pixel ([`Spot::UNIT`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Everything within `radius` of `centre`.
    Disc {
        /// The middle.
        centre: Spot,
        /// Half the width.
        radius: i32,
    },
    /// What is within `outer` but not within `inner` of `centre`.
    Ring {
        /// The middle.
        centre: Spot,
        /// The radius of the outer edge.
        outer: i32,
        /// The radius of the inner edge.
        inner: i32,
    },
    /// The part of a ring on the clockwise side of `from` and the anticlockwise side of `to`, at most half a turn.
    Arc {
        /// The middle.
        centre: Spot,
        /// The radius of the outer edge.
        outer: i32,
        /// The radius of the inner edge.
        inner: i32,
        /// The direction in which the arc begins, as a vector of any length.
        from: Spot,
        /// The direction in which it ends.
        to: Spot,
    },
    /// A line with round ends, `radius` to either side.
    Stroke {
        /// One end.
        from: Spot,
        /// The other end.
        to: Spot,
        /// Half the thickness.
        radius: i32,
    },
    /// What lies between three corners.
    Triangle {
        /// The corners, in either direction.
        corners: [Spot; 3],
    },
    /// A box with round corners.
    Box {
        /// The top left corner.
        from: Spot,
        /// The bottom right corner, exclusive.
        to: Spot,
        /// The radius of the corners, at most half the shorter side.
        radius: i32,
    },
    /// The part of a box with round corners that lies to the left of `until`.
    Part {
        /// The top left corner of the whole box.
        from: Spot,
        /// The bottom right corner of the whole box, exclusive.
        to: Spot,
        /// The radius of its corners, at most half the shorter side.
        radius: i32,
        /// Where the part ends.
        until: i32,
    },
}

impl Shape {
    /// Draws the shape with smooth edges.
    pub fn draw<D>(&self, target: &mut D, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        Self::draw_all(std::slice::from_ref(self), target, ink)
    }

    /// Draws shapes as one: where they touch or overlap there is no seam.
    pub fn draw_all<D>(shapes: &[Self], target: &mut D, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let area = pixels_of(shapes).intersection(&target.bounding_box());
        let mixed: [Rgb888; FULL as usize + 1] = std::array::from_fn(|share| ink.mix(share as u32, FULL));
        let mut coverage = Coverage::new(area.top_left.x, area.size.width);
        for y in area.rows() {
            coverage.take(shapes, y);
            for (from, until) in coverage.solid_runs() {
                let run = Rectangle::new(Point::new(from, y), Extent::new((until - from) as u32, 1));
                target.fill_solid(&run, ink.colour)?;
            }
            let edges = coverage.edges().map(|(x, share)| Pixel(Point::new(x, y), mixed[share as usize]));
            target.draw_iter(edges)?;
        }
        Ok(())
    }

    /// Returns the top left and the bottom right corner of the box around the shape.
    fn corners(&self) -> (Spot, Spot) {
        let around = |centre: Spot, radius: i32| {
            let from = Spot::new(centre.x - radius, centre.y - radius);
            (from, Spot::new(centre.x + radius, centre.y + radius))
        };
        match *self {
            Self::Disc { centre, radius } => around(centre, radius),
            Self::Ring { centre, outer, .. } | Self::Arc { centre, outer, .. } => around(centre, outer),
            Self::Stroke { from, to, radius } => (around(from.least(to), radius).0, around(from.most(to), radius).1),
            Self::Triangle { corners: [a, b, c] } => (a.least(b).least(c), a.most(b).most(c)),
            Self::Box { from, to, .. } => (from, to),
            Self::Part { from, to, until, .. } => (from, Spot::new(to.x.min(until), to.y)),
        }
    }
}

/// Returns the pixels that shapes may touch.
fn pixels_of(shapes: &[Shape]) -> Rectangle {
    let corners = shapes.iter().map(Shape::corners);
    let Some((from, to)) = corners.reduce(|one, other| (one.0.least(other.0), one.1.most(other.1))) else {
        return Rectangle::zero();
    };
    let floor = |value: i32| value.div_euclid(Spot::UNIT);
    let side = |from: i32, to: i32| u32::try_from(floor(to) + 1 - floor(from)).unwrap_or(0);
    Rectangle::new(Point::new(floor(from.x), floor(from.y)), Extent::new(side(from.x, to.x), side(from.y, to.y)))
}

#[cfg(test)]
mod tests;
