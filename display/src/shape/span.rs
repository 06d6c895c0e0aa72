//! How much of each pixel of a row shapes cover: four lines a row, along each of which a shape is a few spans with
//! exact ends. Only the ends cost anything, so large shapes are as cheap as small ones.

use super::{Shape, Spot};

/// The share of a pixel that lies wholly inside; the same as that of letters, so that a screen has fewer colours.
pub(super) const FULL: u32 = 15;

/// The lines of a row of pixels along which shapes are measured, in eighths of a pixel below its top.
const LINES: [i32; 4] = [1, 3, 5, 7];
/// The eighths of all lines of a pixel.
const WHOLE: u8 = 32;

/// A part of a line in eighths of a pixel, `until` exclusive; empty when it does not lie behind `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: i32,
    until: i32,
}

impl Span {
    const ALL: Self = Self { from: i32::MIN, until: i32::MAX };
    const NONE: Self = Self { from: 0, until: 0 };

    fn intersection(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }

    /// Returns the least span around both.
    fn hull(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Self { from: self.from.min(other.from), until: self.until.max(other.until) },
        }
    }

    fn is_empty(self) -> bool {
        self.from >= self.until
    }
}

/// The coverage of a row of pixels.
pub(super) struct Coverage {
    left: i32,
    /// Of each pixel, the eighths of its lines that are covered.
    eighths: Vec<u8>,
    spans: Vec<Span>,
}

impl Coverage {
    /// Returns an empty row from a place on.
    pub(super) fn new(left: i32, width: u32) -> Self {
        Self { left, eighths: vec![0; width as usize], spans: Vec::new() }
    }

    /// Measures shapes along a row.
    pub(super) fn take(&mut self, shapes: &[Shape], y: i32) {
        self.eighths.fill(0);
        let from = self.left * Spot::UNIT;
        // A row has at most as many pixels as a frame is wide.
        let bounds = Span { from, until: from + self.eighths.len() as i32 * Spot::UNIT };
        for line in LINES {
            self.spans.clear();
            for shape in shapes {
                let found = spans(shape, y * Spot::UNIT + line);
                let found = found.into_iter().map(|span| span.intersection(bounds)).filter(|span| !span.is_empty());
                self.spans.extend(found);
            }
            self.spans.sort_unstable_by_key(|span| span.from);
            let mut reached = bounds.from;
            for span in &self.spans {
                let fresh = span.intersection(Span { from: reached, ..Span::ALL });
                if !fresh.is_empty() {
                    add(&mut self.eighths, fresh.from - bounds.from, fresh.until - bounds.from);
                    reached = fresh.until;
                }
            }
        }
    }

    /// Walks over the runs of pixels that are wholly covered, as places of the first and the one behind the last.
    pub(super) fn solid_runs(&self) -> impl Iterator<Item = (i32, i32)> + '_ {
        let mut at = self.left;
        self.eighths.chunk_by(|one, other| (*one >= WHOLE) == (*other >= WHOLE)).filter_map(move |run| {
            let from = at;
            at += run.len() as i32;
            run.first().is_some_and(|&first| first >= WHOLE).then_some((from, at))
        })
    }

    /// Walks over the pixels that are covered in part, with their share of [`FULL`].
    pub(super) fn edges(&self) -> impl Iterator<Item = (i32, u32)> + '_ {
        let partly = self.eighths.iter().zip(self.left..).filter(|(eighths, _)| (1..WHOLE).contains(*eighths));
        partly.map(|(&eighths, x)| (x, (u32::from(eighths) * FULL + 16) / u32::from(WHOLE)))
    }
}

/// Adds a span to the pixels that it covers; it lies within them.
fn add(eighths: &mut [u8], from: i32, until: i32) {
    let (first, last) = ((from / Spot::UNIT) as usize, ((until - 1) / Spot::UNIT) as usize);
    let part = |length: i32| length as u8;
    let Some(pixels) = eighths.get_mut(first..=last) else {
        return;
    };
    if let [one] = pixels {
        *one += part(until - from);
    } else if let [one, between @ .., other] = pixels {
        *one += part(Spot::UNIT - from % Spot::UNIT);
        *other += part((until - 1) % Spot::UNIT + 1);
        between.iter_mut().for_each(|pixel| *pixel += part(Spot::UNIT));
    }
}

/// Returns where a shape crosses the line at `y`.
fn spans(shape: &Shape, y: i32) -> [Span; 2] {
    match *shape {
        Shape::Disc { centre, radius } => [disc(centre, radius, y), Span::NONE],
        Shape::Ring { centre, outer, inner } => ring(centre, outer, inner, y),
        Shape::Arc { centre, outer, inner, from, to } => {
            // Clockwise of `from` and anticlockwise of `to`.
            let near = half_plane(centre, from, y);
            let far = half_plane(centre, Spot::new(-to.x, -to.y), y);
            ring(centre, outer, inner, y).map(|span| span.intersection(near).intersection(far))
        }
        Shape::Stroke { from, to, radius } => [stroke(from, to, radius, y), Span::NONE],
        Shape::Triangle { corners } => [triangle(corners, y), Span::NONE],
        Shape::Box { from, to, radius } => [round_box(from, to, radius, y), Span::NONE],
        Shape::Part { from, to, radius, until } => {
            [round_box(from, to, radius, y).intersection(Span { until, ..Span::ALL }), Span::NONE]
        }
    }
}

fn round_box(from: Spot, to: Spot, radius: i32, y: i32) -> Span {
    let beyond = (from.y + radius - y).max(y - (to.y - radius)).max(0);
    chord(radius, beyond).map_or(Span::NONE, |half| Span { from: from.x + radius - half, until: to.x - radius + half })
}

/// Returns half the width of a disc at a distance from its middle.
fn chord(radius: i32, away: i32) -> Option<i32> {
    let (radius, away) = (i64::from(radius), i64::from(away));
    let square = radius * radius - away * away;
    // The root of a square that came from an `i32` fits into one.
    (square >= 0).then(|| square.unsigned_abs().isqrt() as i32)
}

fn disc(centre: Spot, radius: i32, y: i32) -> Span {
    chord(radius, y - centre.y).map_or(Span::NONE, |half| Span { from: centre.x - half, until: centre.x + half })
}

fn ring(centre: Spot, outer: i32, inner: i32, y: i32) -> [Span; 2] {
    let (whole, hole) = (disc(centre, outer, y), disc(centre, inner, y));
    if hole.is_empty() {
        return [whole, Span::NONE];
    }
    [Span { until: hole.from, ..whole }, Span { from: hole.until, ..whole }]
}

/// Returns the part of a line on the clockwise side of the line through `start` in a direction.
fn half_plane(start: Spot, direction: Spot, y: i32) -> Span {
    // cross(direction, (x, y) - start) >= 0, that is, direction.y × x <= direction.x × (y - start.y) + direction.y × start.x.
    let side = i64::from(direction.x) * (i64::from(y) - i64::from(start.y));
    at_most(i64::from(direction.y), side, start.x)
}

/// Returns all `x` with `slope × (x - start) <= side`, rounded outwards so that shapes that touch have no seam.
fn at_most(slope: i64, side: i64, start: i32) -> Span {
    let limit =
        |length: i64| i32::try_from(i64::from(start) + length).unwrap_or(if length < 0 { i32::MIN } else { i32::MAX });
    match slope.cmp(&0) {
        std::cmp::Ordering::Greater => Span { until: limit(-(-side).div_euclid(slope)), ..Span::ALL },
        std::cmp::Ordering::Less => Span { from: limit((-side).div_euclid(-slope)), ..Span::ALL },
        std::cmp::Ordering::Equal if side >= 0 => Span::ALL,
        std::cmp::Ordering::Equal => Span::NONE,
    }
}

fn triangle([a, b, c]: [Spot; 3], y: i32) -> Span {
    let direction = |from: Spot, to: Spot| Spot::new(to.x - from.x, to.y - from.y);
    let (ab, ac) = (direction(a, b), direction(a, c));
    let clockwise = i64::from(ab.x) * i64::from(ac.y) - i64::from(ab.y) * i64::from(ac.x) >= 0;
    let sides = if clockwise { [(a, b), (b, c), (c, a)] } else { [(b, a), (c, b), (a, c)] };
    let spans = sides.map(|(from, to)| half_plane(from, direction(from, to), y));
    spans.into_iter().fold(Span::ALL, Span::intersection)
}

/// Returns the span of a line with round ends: as the shape is convex, the one around those of its three parts.
fn stroke(from: Spot, to: Spot, radius: i32, y: i32) -> Span {
    let ends = disc(from, radius, y).hull(disc(to, radius, y));
    let (dx, dy) = (i64::from(to.x) - i64::from(from.x), i64::from(to.y) - i64::from(from.y));
    let length = (dx * dx + dy * dy).unsigned_abs();
    if length == 0 {
        return ends;
    }
    let below = i64::from(y) - i64::from(from.y);
    // How far aside the edge is, times the length; both fit, as sides are at most 2^15 eighths.
    let aside = (i64::from(radius).unsigned_abs().pow(2) * length).isqrt() as i64;
    // |dx × below - dy × x| <= aside, and 0 <= dx × x + dy × below <= length.
    let body = at_most(dy, dx * below + aside, from.x)
        .intersection(at_most(-dy, aside - dx * below, from.x))
        .intersection(at_most(-dx, dy * below, from.x))
        .intersection(at_most(dx, length as i64 - dy * below, from.x));
    ends.hull(body)
}
