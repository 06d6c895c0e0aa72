//! Tells of whole squares of pixels whether they lie inside or outside shapes, so that only edges are looked at pixel by
//! pixel. Knows geometry only; what it says must agree with [`Shape::contains`] for every spot.

use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::primitives::Rectangle;

use super::{Shape, Spot, cross, near_line, within};

/// The sides in pixels of the squares that are looked at first, and of those into which they are cut at edges.
pub(super) const LARGE: u32 = 16;
pub(super) const SMALL: u32 = 4;

/// Cuts an area into squares; those at its right and lower edge may be smaller.
pub(super) fn squares_of(area: Rectangle, side: u32) -> impl Iterator<Item = Rectangle> {
    let starts = move |length: u32| (0..length).step_by(side as usize);
    starts(area.size.height).flat_map(move |y| {
        starts(area.size.width).map(move |x| {
            let size = Extent::new(side.min(area.size.width - x), side.min(area.size.height - y));
            Rectangle::new(area.top_left + Point::new(x as i32, y as i32), size)
        })
    })
}

/// How much of a square lies inside shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// Nothing.
    None,
    /// Perhaps a part, perhaps all or nothing: its pixels tell.
    Some,
    /// All of it.
    All,
}

impl Cover {
    /// Tells how much of the square lies inside any of the shapes.
    pub(super) fn of(shapes: &[Shape], square: Rectangle) -> Self {
        let corners = corners_of(square);
        let mut cover = Self::None;
        for shape in shapes {
            match shape.cover(corners) {
                Self::All => return Self::All,
                Self::Some => cover = Self::Some,
                Self::None => {}
            }
        }
        cover
    }
}

/// Returns a square's corners: top left, top right, bottom left, bottom right.
fn corners_of(square: Rectangle) -> [Spot; 4] {
    let from = Spot::new(square.top_left.x * Spot::UNIT, square.top_left.y * Spot::UNIT);
    let right = from.x + square.size.width as i32 * Spot::UNIT;
    let lower = from.y + square.size.height as i32 * Spot::UNIT;
    [from, Spot::new(right, from.y), Spot::new(from.x, lower), Spot::new(right, lower)]
}

impl Shape {
    /// Tells whether something of the shape may lie in the square.
    pub(super) fn is_near(&self, square: Rectangle) -> bool {
        self.cover(corners_of(square)) != Cover::None
    }

    /// Tells how much of the box between four corners lies inside.
    fn cover(&self, corners: [Spot; 4]) -> Cover {
        let [from, .., to] = corners;
        let (low, high) = self.corners();
        if to.x < low.x || to.y < low.y || from.x > high.x || from.y > high.y {
            return Cover::None;
        }
        match *self {
            Self::Ring { centre, outer, inner } => cover_of_ring(corners, centre, outer, inner),
            Self::Arc { centre, outer, inner, from, to } => {
                let sides = corners.map(|corner| {
                    let away = corner.minus(centre);
                    (
                        cross((i64::from(from.x), i64::from(from.y)), away),
                        cross(away, (i64::from(to.x), i64::from(to.y))),
                    )
                });
                let outside = sides.iter().all(|side| side.0 < 0) || sides.iter().all(|side| side.1 < 0);
                let inside = sides.iter().all(|side| side.0 >= 0 && side.1 >= 0);
                match cover_of_ring(corners, centre, outer, inner) {
                    Cover::All if inside => Cover::All,
                    Cover::All | Cover::Some if !outside => Cover::Some,
                    Cover::All | Cover::Some | Cover::None => Cover::None,
                }
            }
            Self::Stroke { from: begin, to: end, radius } if !is_near_line(corners, begin, end, radius) => Cover::None,
            Self::Disc { .. } | Self::Stroke { .. } | Self::Triangle { .. } | Self::Box { .. } => {
                // A shape without dents that has all four corners has everything between them.
                if corners.iter().all(|corner| self.contains(*corner)) { Cover::All } else { Cover::Some }
            }
        }
    }
}

/// Of a box's spots a corner is the farthest from a centre; the nearest may lie on an edge or be the centre itself.
fn cover_of_ring(corners: [Spot; 4], centre: Spot, outer: i32, inner: i32) -> Cover {
    let [from, .., to] = corners;
    let nearest = Spot::new(centre.x.clamp(from.x, to.x), centre.y.clamp(from.y, to.y)).minus(centre);
    let all_within = |radius| corners.iter().all(|corner| within(corner.minus(centre), radius));
    if !within(nearest, outer) || all_within(inner) {
        Cover::None
    } else if all_within(outer) && !within(nearest, inner) {
        Cover::All
    } else {
        Cover::Some
    }
}

/// Tells whether the box may reach a line's surroundings: no spot of it is farther from its middle than half its sides.
fn is_near_line(corners: [Spot; 4], begin: Spot, end: Spot, radius: i32) -> bool {
    let [from, .., to] = corners;
    let (width, height) = (to.x - from.x, to.y - from.y);
    let middle = Spot::new(from.x + width / 2, from.y + height / 2);
    near_line(middle, begin, end, radius + (width + height) / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 399, the same in every run.
    fn numbers() -> impl FnMut() -> i32 {
        let mut state = 11_u32;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) % 400) as i32
        }
    }

    fn shapes(mut next: impl FnMut() -> i32) -> Vec<Shape> {
        let mut spot = || Spot::new(next(), next());
        let (a, b, c) = (spot(), spot(), spot());
        let (outer, inner) = (a.x.max(a.y) / 2 + 8, a.x.min(a.y) / 3);
        let (low, high) = (b.least(c), Spot::new(b.x.max(c.x) + 40, b.y.max(c.y) + 40));
        vec![
            Shape::Disc { centre: b, radius: outer },
            Shape::Ring { centre: b, outer, inner },
            Shape::Arc {
                centre: b,
                outer,
                inner,
                from: Spot::new(200 - c.x, 200 - c.y),
                to: Spot::new(c.x - 200, c.y - 200),
            },
            Shape::Arc { centre: b, outer, inner: 0, from: Spot::new(1, 0), to: Spot::new(c.x - 200, c.y) },
            Shape::Stroke { from: b, to: c, radius: inner + 8 },
            Shape::Triangle { corners: [a, b, c] },
            Shape::Box { from: low, to: high, radius: 20 },
        ]
    }

    #[test]
    fn what_is_said_of_a_square_is_true_of_every_sample_in_it() {
        let mut next = numbers();
        let mut told = [0, 0];
        for _ in 0..600 {
            let square = Rectangle::new(Point::new(next() / 8 - 4, next() / 8 - 4), Extent::new(LARGE, LARGE));
            let [from, .., to] = corners_of(square);
            for shape in shapes(&mut next) {
                let want = match Cover::of(&[shape], square) {
                    Cover::None => false,
                    Cover::All => true,
                    Cover::Some => continue,
                };
                told[usize::from(want)] += 1;
                for (x, y) in
                    (from.x..to.x).step_by(2).flat_map(|x| (from.y..to.y).step_by(2).map(move |y| (x + 1, y + 1)))
                {
                    assert_eq!(shape.contains(Spot::new(x, y)), want, "{shape:?} {square:?} at {x}, {y}");
                }
            }
        }
        assert!(told.iter().all(|&count| count > 50), "both answers were given: {told:?}");
    }
}
