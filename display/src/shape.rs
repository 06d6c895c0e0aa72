//! Smooth shapes: discs, rings, strokes, triangles and rounded boxes, by sixteen samples a pixel in whole numbers, so
//! that every machine draws the same pixels. Knows geometry and two colours, nothing of what a shape means.

mod cover;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::{PointsIter, Rectangle};

use cover::{Cover, LARGE, SMALL, squares_of};

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

    fn minus(self, other: Self) -> (i64, i64) {
        (i64::from(self.x) - i64::from(other.x), i64::from(self.y) - i64::from(other.y))
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
        let mixed: [Rgb888; 17] = std::array::from_fn(|share| ink.mix(share as u32, 16));
        draw_squares(shapes, target, area, LARGE, &mixed)
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
        }
    }

    fn contains(&self, spot: Spot) -> bool {
        match *self {
            Self::Disc { centre, radius } => within(spot.minus(centre), radius),
            Self::Ring { centre, outer, inner } => {
                let away = spot.minus(centre);
                within(away, outer) && !within(away, inner)
            }
            Self::Arc { centre, outer, inner, from, to } => {
                let away = spot.minus(centre);
                within(away, outer)
                    && !within(away, inner)
                    && cross((i64::from(from.x), i64::from(from.y)), away) >= 0
                    && cross(away, (i64::from(to.x), i64::from(to.y))) >= 0
            }
            Self::Stroke { from, to, radius } => near_line(spot, from, to, radius),
            Self::Triangle { corners: [a, b, c] } => {
                let sides = [(a, b), (b, c), (c, a)].map(|(p, q)| cross(q.minus(p), spot.minus(p)));
                sides.iter().all(|&side| side >= 0) || sides.iter().all(|&side| side <= 0)
            }
            Self::Box { from, to, radius } => {
                // Distance to the inner box whose corners are the centres of the round corners.
                let beyond = |value: i32, low: i32, high: i32| i64::from((low - value).max(value - high).max(0));
                let away =
                    (beyond(spot.x, from.x + radius, to.x - radius), beyond(spot.y, from.y + radius, to.y - radius));
                within(away, radius)
            }
        }
    }
}

/// Draws what lies in an area, square by square: whole ones at once, those at an edge as smaller ones, those as pixels.
/// `mixed` has the colour for each number of samples inside.
fn draw_squares<D>(
    shapes: &[Shape],
    target: &mut D,
    area: Rectangle,
    side: u32,
    mixed: &[Rgb888; 17],
) -> Result<(), D::Error>
where
    D: DrawTarget<Color = Rgb888>,
{
    for square in squares_of(area, side) {
        match Cover::of(shapes, square) {
            Cover::None => {}
            Cover::All => target.fill_solid(&square, mixed[16])?,
            Cover::Some if side > SMALL => {
                let near: Vec<Shape> = shapes.iter().filter(|shape| shape.is_near(square)).copied().collect();
                draw_squares(&near, target, square, SMALL, mixed)?;
            }
            Cover::Some => target.draw_iter(square.points().filter_map(|place| {
                let share = coverage(shapes, place);
                (share > 0).then(|| Pixel(place, mixed[share as usize]))
            }))?,
        }
    }
    Ok(())
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

/// Returns how many of a pixel's sixteen samples lie inside any of the shapes.
fn coverage(shapes: &[Shape], place: Point) -> u32 {
    let (left, top) = (place.x * Spot::UNIT, place.y * Spot::UNIT);
    let sample = |dx: i32, dy: i32| {
        let spot = Spot::new(left + dx, top + dy);
        u32::from(shapes.iter().any(|shape| shape.contains(spot)))
    };
    // All drawn features are thicker than a pixel, so four equal corners speak for the whole pixel.
    match sample(1, 1) + sample(7, 1) + sample(1, 7) + sample(7, 7) {
        0 => 0,
        4 => 16,
        _ => {
            let row = |dy: i32| [1, 3, 5, 7].iter().map(|&dx| sample(dx, dy)).sum::<u32>();
            [1, 3, 5, 7].iter().map(|&dy| row(dy)).sum()
        }
    }
}

fn within((x, y): (i64, i64), radius: i32) -> bool {
    x * x + y * y <= i64::from(radius) * i64::from(radius)
}

fn cross(one: (i64, i64), other: (i64, i64)) -> i64 {
    one.0 * other.1 - one.1 * other.0
}

/// Returns whether a spot is within `radius` of the line from one end to the other.
fn near_line(spot: Spot, from: Spot, to: Spot, radius: i32) -> bool {
    let line = to.minus(from);
    let away = spot.minus(from);
    let length = line.0 * line.0 + line.1 * line.1;
    let along = away.0 * line.0 + away.1 * line.1;
    if along <= 0 {
        return within(away, radius);
    }
    if along >= length {
        return within(spot.minus(to), radius);
    }
    // Squares of products of lengths need more than 64 bits on the largest panels.
    let aside = i128::from(cross(line, away));
    aside * aside <= i128::from(radius) * i128::from(radius) * i128::from(length)
}

#[cfg(test)]
mod tests;
