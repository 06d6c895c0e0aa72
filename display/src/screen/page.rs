//! A frame that is being drawn: type, marks and fields at their places, each place noted. Knows where something is
//! drawn, not what it means.

use std::convert::Infallible;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use super::MOTION_STEPS;
use super::area::{Area, Measures};
use crate::frame::Frame;
use crate::lettering::{Setting, Type};
use crate::logo::Logo;
use crate::mark::Mark;
use crate::qr::QrCode;
use crate::shape::{Ink, Shape, Spot};
use crate::theme::{Palette, Theme};

/// Something that was drawn and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The text, or the name of a mark.
    pub what: String,
    /// Its place in pixels.
    pub area: Rectangle,
    /// Whom it is for.
    pub audience: Audience,
}

/// Whom something on a screen is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The customer, and whoever looks.
    Customer,
    /// The cashier: what stands in the strip at the bottom.
    Staff,
}

/// At which side of a box something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Align {
    /// Returns the left edge of something that is `width` pixels wide.
    pub(super) fn left(self, area: Area, width: i32) -> i32 {
        match self {
            Self::Left => area.left,
            Self::Centre => area.left + (area.width - width) / 2,
            Self::Right => area.right() - width,
        }
    }
}

pub(super) struct Page<'a> {
    frame: &'a mut Frame,
    pub(super) letters: &'a mut Type,
    pub(super) palette: Palette,
    pub(super) measures: Measures,
    /// What lies behind whatever is drawn next.
    pub(super) ground: Rgb888,
    /// Whom what is drawn next is for.
    pub(super) audience: Audience,
    placed: Vec<Placed>,
}

impl<'a> Page<'a> {
    pub(super) fn new(frame: &'a mut Frame, letters: &'a mut Type, theme: Theme) -> Self {
        let measures = Measures::of(frame.dimensions());
        let palette = theme.palette();
        Self {
            frame,
            letters,
            palette,
            measures,
            ground: palette.ground,
            audience: Audience::Customer,
            placed: Vec::new(),
        }
    }

    /// Returns what was drawn.
    pub(super) fn finish(self) -> Vec<Placed> {
        self.placed
    }

    /// Covers everything with one colour, which is the ground from then on.
    pub(super) fn cover(&mut self, colour: Rgb888) {
        self.ground = colour;
        self.fill(self.measures.whole, colour);
    }

    /// Fills a box.
    pub(super) fn fill(&mut self, area: Area, colour: Rgb888) {
        done(self.frame.fill_solid(&area.rectangle(), colour));
    }

    /// Draws a fitted text into a box that has its height.
    pub(super) fn text(&mut self, setting: &Setting, area: Area, align: Align, colour: Rgb888) {
        let ink = Ink { colour, ground: self.ground };
        let mut top = area.top;
        for line in &setting.lines {
            let width = self.letters.width(line, setting.style.face, setting.style.step) as i32;
            let left = align.left(area, width);
            let height = setting.style.line_height() as i32;
            self.note(line, Area::new(left, top, width, height));
            let start = Point::new(left, top + setting.style.ascent() as i32);
            done(self.letters.draw(self.frame, line, start, setting.style, ink));
            top += height;
        }
    }

    /// Draws a mark within a ring.
    pub(super) fn ringed(&mut self, mark: Mark, area: Area, colour: Rgb888) {
        self.note(&format!("{mark:?}"), area);
        done(mark.draw_in_ring(self.frame, area.rectangle(), Ink { colour, ground: self.ground }));
    }

    /// Draws a mark on a disc.
    pub(super) fn on_disc(&mut self, mark: Mark, area: Area, colour: Rgb888) {
        self.note(&format!("{mark:?}"), area);
        done(mark.draw_on_disc(self.frame, area.rectangle(), Ink { colour, ground: self.ground }));
    }

    /// Draws a mark alone.
    pub(super) fn bare(&mut self, mark: Mark, area: Area, colour: Rgb888) {
        self.note(&format!("{mark:?}"), area);
        done(mark.draw(self.frame, area.rectangle(), Ink { colour, ground: self.ground }));
    }

    /// Draws a ring along the edges of a square of which a quarter is bright, further round with every step.
    pub(super) fn orbit(&mut self, area: Area, motion: u32, track: Rgb888, bright: Rgb888) {
        let unit = Spot::UNIT;
        let outer = area.width.min(area.height) * unit / 2;
        let centre = Spot::new(area.left * unit + area.width * unit / 2, area.top * unit + area.height * unit / 2);
        let inner = outer - (outer / 11).max(2 * unit);
        let ring = Shape::Ring { centre, outer, inner };
        done(ring.draw(self.frame, Ink { colour: track, ground: self.ground }));
        let (from, to) = (direction(motion), direction(motion.wrapping_add(MOTION_STEPS / 4)));
        let arc = Shape::Arc { centre, outer, inner, from, to };
        // Its long edges lie along the page, only its ends in the track.
        done(arc.draw(self.frame, Ink { colour: bright, ground: self.ground }));
    }

    /// Draws a mark on a disc with a ring that moves around it.
    pub(super) fn disc_in_orbit(&mut self, mark: Mark, area: Area, motion: u32, (track, bright): (Rgb888, Rgb888)) {
        self.orbit(area, motion, track, bright);
        let inset = area.width * 9 / 100;
        self.on_disc(mark, area.inset(inset, inset), bright);
    }

    /// Draws a band of boxes along the edges of a box, of which a part is bright and runs round, further with every
    /// step.
    pub(super) fn chase(&mut self, area: Area, thick: i32, motion: u32, (track, bright): (Rgb888, Rgb888)) {
        let (width, height) = (area.width, area.height);
        let sides = [
            Area::new(area.left, area.top, width, thick),
            Area::new(area.right() - thick, area.top, thick, height),
            Area::new(area.left, area.bottom() - thick, width, thick),
            Area::new(area.left, area.top, thick, height),
        ];
        for side in sides {
            self.fill(side, track);
        }
        let round = 2 * (width + height);
        let steps = MOTION_STEPS as i32;
        let start = (motion % MOTION_STEPS) as i32 * round / steps;
        for part in along(area, thick, start, round * 3 / 8) {
            self.fill(part, bright);
        }
    }

    /// Draws a track with round ends of which the first `share` of `whole` parts are bright, to an eighth of a pixel.
    pub(super) fn bar(&mut self, area: Area, (share, whole): (u64, u64), bright: Rgb888, track: Rgb888) {
        self.note("bar", area);
        let (whole, unit) = (whole.max(1), Spot::UNIT);
        let eighths = u128::from((area.width * unit).unsigned_abs());
        // At most the area's width.
        let long = (eighths * u128::from(share.min(whole)) / u128::from(whole)) as i32;
        let (from, to) =
            (Spot::new(area.left * unit, area.top * unit), Spot::new(area.right() * unit, area.bottom() * unit));
        let radius = area.height.min(area.width) * unit / 2;
        done(Shape::Box { from, to, radius }.draw(self.frame, Ink { colour: track, ground: self.ground }));
        let end = Spot::new(from.x + long, to.y);
        // Too short for two round ends, it is a part of one.
        let shape = if long < 2 * radius {
            Shape::Part { from, to, radius, until: end.x }
        } else {
            Shape::Box { from, to: end, radius }
        };
        done(shape.draw(self.frame, Ink { colour: bright, ground: track }));
    }

    /// Draws a caret.
    pub(super) fn caret(&mut self, area: Area, colour: Rgb888) {
        self.note("caret", area);
        self.fill(area, colour);
    }

    /// Draws a code, its quiet zone included, from a corner.
    pub(super) fn code(&mut self, code: &QrCode, left: i32, top: i32, module: u32) {
        let side = (code.modules() * module) as i32;
        self.note("code", Area::new(left, top, side, side));
        done(code.draw(self.frame, Point::new(left, top), module));
    }

    /// Fills a box with round corners.
    pub(super) fn rounded(&mut self, area: Area, radius: i32, colour: Rgb888) {
        let unit = Spot::UNIT;
        let from = Spot::new(area.left * unit, area.top * unit);
        let to = Spot::new(area.right() * unit, area.bottom() * unit);
        done(Shape::Box { from, to, radius: radius * unit }.draw(self.frame, Ink { colour, ground: self.ground }));
    }

    /// Draws a picture into a box that has its shape.
    pub(super) fn logo(&mut self, logo: &Logo, area: Area) {
        self.note("logo", area);
        done(logo.draw(self.frame, area.rectangle(), self.ground));
    }

    fn note(&mut self, what: &str, area: Area) {
        self.placed.push(Placed { what: what.to_owned(), area: area.rectangle(), audience: self.audience });
    }
}

/// Returns the boxes of the part of a band along the edges that begins `start` pixels clockwise from the top left
/// corner and is `long` pixels long.
fn along(area: Area, thick: i32, start: i32, long: i32) -> Vec<Area> {
    let (width, height) = (area.width, area.height);
    let mut boxes = Vec::new();
    let mut from = 0;
    // Twice round, because the part may lie across the corner where counting begins.
    for (side, length) in [width, height, width, height].into_iter().cycle().take(8).enumerate() {
        let (low, high) = ((start - from).max(0), (start + long - from).min(length));
        if low < high {
            boxes.push(match side % 4 {
                0 => Area::new(area.left + low, area.top, high - low, thick),
                1 => Area::new(area.right() - thick, area.top + low, thick, high - low),
                2 => Area::new(area.right() - high, area.bottom() - thick, high - low, thick),
                _ => Area::new(area.left, area.bottom() - high, thick, high - low),
            });
        }
        from += length;
    }
    boxes
}

/// Takes the result of drawing on a frame, which cannot fail.
fn done(result: Result<(), Infallible>) {
    match result {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// Sines of 0, 15, … 90 degrees in thousandths.
const SINES: [i32; 7] = [0, 259, 500, 707, 866, 966, 1000];

/// Returns the direction of a step of the way round, clockwise from the top.
fn direction(motion: u32) -> Spot {
    let step = (motion % MOTION_STEPS) as usize;
    let (rise, fall) = (SINES[step % 6], SINES[6 - step % 6]);
    match step / 6 {
        0 => Spot::new(rise, -fall),
        1 => Spot::new(fall, rise),
        2 => Spot::new(-rise, fall),
        _ => Spot::new(-fall, -rise),
    }
}
