//! The pieces that pages are made of: measured for a width, drawn into a box. Knows sizes, not meanings or neighbours.

use embedded_graphics::pixelcolor::Rgb888;

use super::area::{Area, READABLE};
use super::page::{Align, Page};
use crate::lettering::{Face, Fit, Leading, Setting, Step};
use crate::logo::Logo;
use crate::mark::Mark;

/// What a block shows.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    /// A text.
    Text { text: &'a str, fit: Fit },
    /// A text with a caret behind it; it stands even when the text is empty.
    Typed { text: &'a str, fit: Fit, caret: Rgb888 },
    /// A text with a mark on a disc before it.
    Marked { mark: Mark, disc: Rgb888, text: &'a str, fit: Fit },
    /// A label at the left end of a line and its value at the right end.
    Row { label: &'a str, value: &'a str, step: Step, muted: Rgb888 },
    /// A mark within a ring, `side` pixels wide.
    Ringed { mark: Mark, side: i32 },
    /// A mark on a disc.
    Disc { mark: Mark, side: i32 },
    /// A mark with a ring that moves around it.
    Moving { mark: Mark, side: i32, motion: u32, track: Rgb888 },
    /// A word with a mark before it and an amount behind it, on one line.
    Named { mark: Mark, disc: Rgb888, label: &'a str, step: Step, amount: &'a str, fit: Fit },
    /// A disc with a mark and a ring that moves around it, and a title beside it.
    Titled { mark: Mark, side: i32, motion: u32, track: Rgb888, text: &'a str, fit: Fit },
    /// A disc with a mark, with a ring that moves around it.
    MovingDisc { mark: Mark, side: i32, motion: u32, track: Rgb888 },
    /// A picture in a room of at most `width` by `height` pixels.
    Logo { logo: &'a Logo, width: i32, height: i32 },
    /// A bar of which `share` parts are bright.
    Bar { height: i32, share: (u64, u64), track: Rgb888 },
}

/// A piece of which the size is known.
pub(super) struct Measured {
    set: Option<Setting>,
    label: Option<Setting>,
    /// The side of the mark, the width of the picture, or of what stands before an amount.
    side: i32,
    pub(super) height: i32,
}

impl Measured {
    fn plain(height: i32) -> Self {
        Self { set: None, label: None, side: height, height }
    }

    fn text(set: Setting) -> Self {
        Self { height: set.height() as i32, set: Some(set), label: None, side: 0 }
    }
}

/// How often sizes are reduced before a detail is left out: its spaces only.
pub(super) const DETAIL_RELIEFS: u8 = 1;
/// How often sizes are reduced before a block is left out.
pub(super) const RELIEFS: u8 = 5;
/// How often sizes are reduced when nothing more can be left out.
pub(super) const LAST_RELIEFS: u8 = 11;

/// Returns the side of a mark that was reduced `relief` times.
fn smaller(side: i32, relief: u8) -> i32 {
    side * i32::from(12 - relief.min(LAST_RELIEFS)) / 12
}

/// Returns a space that was reduced `relief` times: spaces give way first, then marks, then words.
pub(super) fn closer(space: i32, relief: u8) -> i32 {
    space * i32::from(8 - relief.min(6)) / 8
}

/// Measures a piece whose size is reduced `relief` times; `None` where there is nothing to show.
pub(super) fn measure(page: &Page<'_>, piece: &Piece<'_>, area: Area, relief: u8) -> Option<Measured> {
    match *piece {
        Piece::Text { text, fit } => set(page, text, fit, area, relief).map(Measured::text),
        Piece::Typed { text, fit, .. } => {
            // The caret's room follows from the size that the text would have without it.
            let alone = set(page, text, fit, area, relief).map_or(fit.largest, |set| set.style.step);
            let narrow = Area::new(0, 0, area.width - caret(alone), area.height);
            let empty = || Setting { lines: Vec::new(), style: page.letters.fit("0", 9999, fit).style, width: 0 };
            let set = set(page, text, fit, narrow, relief).unwrap_or_else(empty);
            let height = set.style.line_height() as i32 * set.lines.len().max(1) as i32;
            Some(Measured { height, set: Some(set), label: None, side: 0 })
        }
        Piece::Marked { text, fit, .. } => {
            set(page, text, fit, area.without_left(lead(fit.largest)), relief).map(Measured::text)
        }
        Piece::Titled { text, fit, side, .. } => {
            let side = smaller(side, relief).min(area.width / 3);
            let rest = Area::new(0, 0, area.width - titled_lead(side), area.height);
            let set = set(page, text, fit, rest, relief)?;
            Some(Measured { height: side.max(set.height() as i32), set: Some(set), label: None, side })
        }
        Piece::Named { label, step, amount, fit, .. } => named(page, (label, step), (amount, fit), area, relief),
        Piece::Row { label, value, step, .. } => row(page, [label, value], step, area, relief),
        Piece::Ringed { side, .. }
        | Piece::Disc { side, .. }
        | Piece::Moving { side, .. }
        | Piece::MovingDisc { side, .. } => Some(Measured::plain(smaller(side, relief).min(area.width))),
        Piece::Bar { height, .. } => Some(Measured::plain(height)),
        Piece::Logo { logo, width, height } => {
            let (width, height) = (smaller(width, relief).min(area.width), smaller(height, relief).min(area.height));
            let (width, height) = logo.fit(width.unsigned_abs(), height.unsigned_abs());
            Some(Measured { side: width as i32, ..Measured::plain(height as i32) })
        }
    }
}

/// Fits a text whose size is reduced `relief` times; `None` where there is nothing to show.
fn set(page: &Page<'_>, text: &str, fit: Fit, area: Area, relief: u8) -> Option<Setting> {
    // Amounts are what the page is for: they give way last, until only they can.
    let down = match fit.leading {
        Leading::Text => relief / 2,
        Leading::Figures => (relief / 3).max(relief.saturating_sub(RELIEFS)),
    };
    // A line is lower than its size times 1.4, and one of figures lower than its size.
    let tallest = Step::at_most(area.height.unsigned_abs());
    let largest = fit.largest.min(tallest).down(down).max(fit.smallest);
    let fit = Fit { largest, ..fit };
    let set = page.letters.fit(text, area.width.unsigned_abs(), fit);
    (!set.lines.is_empty()).then_some(set)
}

/// Fits a label and a value side by side; both are of one size.
fn row(page: &Page<'_>, [label, value]: [&str; 2], step: Step, area: Area, relief: u8) -> Option<Measured> {
    let gap = row_gap(step);
    let mut fit = words(Face::Bold, step.down(relief / 2).max(READABLE), 1);
    let widest = if label.is_empty() { area.width } else { area.width * 2 / 3 };
    let widest = Area::new(0, 0, widest, area.height);
    let value = set(page, value, fit, widest, 0)?;
    fit.face = Face::Regular;
    fit.largest = value.style.step;
    fit.smallest = fit.smallest.min(fit.largest);
    let rest = Area::new(0, 0, area.width - value.width as i32 - gap, area.height);
    let label = set(page, label, fit, rest, 0);
    Some(Measured { height: value.height() as i32, set: Some(value), label, side: 0 })
}

/// Returns whether a label and a value stand side by side in a width without being cut or made smaller.
pub(super) fn fits_row(page: &Page<'_>, [label, value]: [&str; 2], step: Step, width: i32) -> bool {
    let wide = |text: &str, face| page.letters.width(text, face, step) as i32;
    let value = wide(value, Face::Bold);
    if label.is_empty() {
        return value <= width;
    }
    wide(label, Face::Regular) + row_gap(step) + value <= width && value <= width * 2 / 3
}

/// Fits a word and an amount on one line, the amount as large as it can be beside the word.
fn named(
    page: &Page<'_>,
    (label, step): (&str, Step),
    (amount, fit): (&str, Fit),
    area: Area,
    relief: u8,
) -> Option<Measured> {
    let narrow = Area::new(0, 0, area.width / 2 - lead(step), area.height);
    let label = set(page, label, words(Face::Bold, step, 1), narrow, 0);
    let taken = label.as_ref().map_or(0, |label| lead(step) + label.width as i32 + row_gap(step) / 2);
    let amount = set(page, amount, fit, Area::new(0, 0, area.width - taken, area.height), relief)?;
    let height = label.as_ref().map_or(0, Setting::height).max(amount.height()) as i32;
    Some(Measured { height, set: Some(amount), label, side: taken })
}

fn row_gap(step: Step) -> i32 {
    i32::from(step.px())
}

/// Returns the room that a caret behind a text of this size takes.
fn caret(step: Step) -> i32 {
    i32::from(step.px()) / 8
}

/// Returns the room that a large mark before a title takes, the space behind it included.
fn titled_lead(side: i32) -> i32 {
    side * 5 / 4
}

/// Returns the room that a mark before a text of this size takes, the space behind it included.
pub(super) fn lead(step: Step) -> i32 {
    i32::from(step.px()) * 13 / 8
}

/// Draws a piece into a box of its height.
pub(super) fn paint(
    page: &mut Page<'_>,
    piece: &Piece<'_>,
    measured: &Measured,
    area: Area,
    (align, colour): (Align, Rgb888),
) {
    let left = align.left(area, area.height);
    let square = Area::new(left, area.top, area.height, area.height);
    match *piece {
        Piece::Ringed { mark, .. } => page.ringed(mark, square, colour),
        Piece::Disc { mark, .. } => page.on_disc(mark, square, colour),
        Piece::Moving { mark, motion, track, .. } => {
            page.orbit(square, motion, track, colour);
            page.bare(mark, square, colour);
        }
        Piece::MovingDisc { mark, motion, track, .. } => {
            page.disc_in_orbit(mark, square, motion, (track, colour));
        }
        Piece::Titled { mark, motion, track, .. } => {
            let (set, side) = (measured.set.as_ref(), measured.side);
            let width = set.map_or(0, |set| set.width as i32);
            let left = align.left(area, titled_lead(side) + width);
            let disc = Area::new(left, area.top + (area.height - side) / 2, side, side);
            page.disc_in_orbit(mark, disc, motion, (track, colour));
            if let Some(set) = set {
                let height = set.height() as i32;
                let top = area.top + (area.height - height) / 2;
                page.text(set, Area::new(left + titled_lead(side), top, width, height), Align::Left, colour);
            }
        }
        Piece::Bar { share, track, .. } => page.bar(area, share, colour, track),
        Piece::Logo { logo, .. } => {
            let width = measured.side;
            page.logo(logo, Area::new(align.left(area, width), area.top, width, area.height));
        }
        Piece::Named { mark, disc, .. } => {
            paint_named(page, measured, area, align, (mark, disc, colour));
        }
        Piece::Text { .. } | Piece::Typed { .. } | Piece::Marked { .. } | Piece::Row { .. } => {
            if let Some(set) = &measured.set {
                paint_text(page, piece, (set, measured.label.as_ref()), area, (align, colour));
            }
        }
    }
}

fn paint_text(
    page: &mut Page<'_>,
    piece: &Piece<'_>,
    (set, label): (&Setting, Option<&Setting>),
    area: Area,
    (align, colour): (Align, Rgb888),
) {
    match *piece {
        Piece::Typed { caret, .. } => paint_typed(page, set, area, align, (colour, caret)),
        Piece::Marked { mark, disc, .. } => paint_marked(page, set, area, align, (mark, disc, colour)),
        Piece::Row { muted, .. } => {
            page.text(set, area, Align::Right, colour);
            if let Some(label) = label {
                page.text(label, area, Align::Left, muted);
            }
        }
        Piece::Text { .. }
        | Piece::Ringed { .. }
        | Piece::Disc { .. }
        | Piece::Moving { .. }
        | Piece::MovingDisc { .. }
        | Piece::Named { .. }
        | Piece::Titled { .. }
        | Piece::Logo { .. }
        | Piece::Bar { .. } => page.text(set, area, align, colour),
    }
}

/// Draws a word with a mark before it, and an amount behind it.
fn paint_named(
    page: &mut Page<'_>,
    measured: &Measured,
    area: Area,
    align: Align,
    (mark, disc, colour): (Mark, Rgb888, Rgb888),
) {
    let Some(set) = &measured.set else {
        return;
    };
    let width = set.width as i32;
    let left = align.left(area, measured.side + width);
    if let Some(label) = &measured.label {
        let height = label.height() as i32;
        let line = Area::new(left, area.top + (area.height - height) / 2, measured.side, height);
        paint_marked(page, label, line, Align::Left, (mark, disc, colour));
    }
    page.text(set, Area::new(left + measured.side, area.top, width, area.height), Align::Left, colour);
}

/// Draws a text and a caret behind it, as tall as a digit.
fn paint_typed(page: &mut Page<'_>, set: &Setting, area: Area, align: Align, (colour, ink): (Rgb888, Rgb888)) {
    let width = set.width as i32;
    let px = i32::from(set.style.step.px());
    let left = align.left(area, width + caret(set.style.step));
    page.text(set, Area::new(left, area.top, width, area.height), Align::Left, colour);
    let baseline = area.top + set.style.ascent() as i32;
    let digit = px * 5 / 7;
    let thick = (px / 16).max(2);
    page.caret(Area::new(left + width + caret(set.style.step) - thick, baseline - digit, thick, digit), ink);
}

/// Draws a text with a mark before its first line.
fn paint_marked(
    page: &mut Page<'_>,
    set: &Setting,
    area: Area,
    align: Align,
    (mark, disc, colour): (Mark, Rgb888, Rgb888),
) {
    let (lead, side) = (lead(set.style.step), i32::from(set.style.step.px()) * 9 / 8);
    let width = set.width as i32;
    let left = align.left(area, lead + width);
    let down = (set.style.line_height() as i32 - side) / 2;
    page.on_disc(mark, Area::new(left, area.top + down, side, side), disc);
    let area = Area::new(left + lead, area.top, width, area.height);
    page.text(set, area, Align::Left, colour);
}

/// Returns how an explaining text is fitted: about at one size, on several lines if need be.
pub(super) fn words(face: Face, step: Step, lines: u8) -> Fit {
    Fit { face, leading: Leading::Text, largest: step, smallest: step.down(1).max(READABLE).min(step), lines }
}

/// Returns how a title is fitted: on one line even if it has to be smaller for that, else on two.
pub(super) fn title(page: &Page<'_>, text: &str, step: Step, width: i32) -> Fit {
    let smallest = step.down(2).max(READABLE).min(step);
    let two = words(Face::Bold, step, 2);
    let fits = page.letters.width(text, Face::Bold, smallest) as i32 <= width;
    if fits { Fit { smallest, lines: 1, ..two } } else { two }
}

/// Returns how an amount or a clock is fitted: on one line, as large as it can be.
pub(super) fn figures(step: Step) -> Fit {
    Fit { face: Face::Bold, leading: Leading::Figures, largest: step, smallest: Step::SMALLEST, lines: 1 }
}
