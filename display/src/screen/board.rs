//! The keys for a finger: a keypad beside or below the screens on which amounts are typed, a key below those on which
//! there is something to cancel, and a whole result that one touch clears. Knows places and looks, not what a key does.

use super::area::Area;
use super::drift::Drift;
use super::page::{Align, Audience, Page, Placed};
use super::{DrawError, Screen, draw_still};
use crate::frame::Frame;
use crate::lettering::{Face, Fit, Leading, Step, Type};
use crate::mark::Mark;
use crate::size::Size;
use crate::theme::Theme;
use crate::touch::{Key, Keys, Touch};

/// The shortest side of the part that shows the screen: every layout is made for it.
const CANVAS: i32 = Size::MIN as i32;
/// The shortest side in pixels at which a key can still be told apart.
const LEAST: i32 = 24;

const COLUMNS: i32 = 4;
const ROWS: i32 = 5;

/// The keypad: column, row, and how many rows it is high.
const PAD: [(Key, i32, i32, i32); 17] = [
    (Key::Escape, 0, 0, 1),
    (Key::Back, 1, 0, 1),
    (Key::Times, 2, 0, 1),
    (Key::Plus, 3, 0, 1),
    (Key::Digit(7), 0, 1, 1),
    (Key::Digit(8), 1, 1, 1),
    (Key::Digit(9), 2, 1, 1),
    (Key::Digit(4), 0, 2, 1),
    (Key::Digit(5), 1, 2, 1),
    (Key::Digit(6), 2, 2, 1),
    (Key::Digit(1), 0, 3, 1),
    (Key::Digit(2), 1, 3, 1),
    (Key::Digit(3), 2, 3, 1),
    (Key::Digit(0), 0, 4, 1),
    (Key::DoubleZero, 1, 4, 1),
    (Key::TripleZero, 2, 4, 1),
    (Key::Enter, 3, 1, 4),
];

/// Draws a screen as [`super::draw`] does, with keys for a finger where there is room for them, and returns the keys.
///
/// # Errors
/// As [`super::draw`]; a code that fits without a key beside it is drawn without.
pub fn draw_touch(
    screen: &Screen,
    touch: &Touch,
    theme: Theme,
    frame: &mut Frame,
    letters: &mut Type,
) -> Result<(Vec<Placed>, Keys), DrawError> {
    let mut still = screen.clone();
    let step = if let Screen::Idle { walk, .. } = &mut still { walk.take() } else { None };
    if let Some(step) = step {
        let drift = Drift::at(step, frame.dimensions());
        let mut inner = Frame::new(drift.inner);
        if let Ok((placed, keys)) = compose(&still, touch, theme, &mut inner, letters) {
            return Ok((drift.place(&inner, frame, placed), drift.place_keys(keys)));
        }
    }
    compose(&still, touch, theme, frame, letters)
}

/// Tells whether a keypad for a finger has room beside what a screen shows, on a frame of this size and of so many
/// millimetres, where they are known.
pub fn has_room_for_keypad(size: Size, millimetres: Option<(u32, u32)>) -> bool {
    Layout::pad(size, millimetres) != Layout::None
}

/// Where the screen goes and where the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// The keypad in the second box.
    Pad(Area, Area),
    /// One key in the second box.
    Bar(Area, Area),
    /// The whole picture is the key.
    Whole,
    /// There is nothing to touch, or no room for it.
    None,
}

impl Layout {
    fn of(screen: &Screen, size: Size, millimetres: Option<(u32, u32)>) -> Self {
        match screen {
            Screen::Idle { .. } | Screen::Typing { .. } => Self::pad(size, millimetres),
            Screen::Code { .. } | Screen::Short { .. } | Screen::Waiting { .. } => Self::bar(size, millimetres),
            Screen::Paid { .. } | Screen::Ended { .. } | Screen::Receipt { .. } => Self::Whole,
            Screen::StartUp { .. } | Screen::Checking { .. } | Screen::Notice { .. } => Self::None,
        }
    }

    fn pad(size: Size, millimetres: Option<(u32, u32)>) -> Self {
        let whole = Area::of(size);
        let (wide, high) = finger(size, millimetres);
        if whole.width > whole.height {
            let width = (whole.width * 45 / 100).max(wide * COLUMNS).min(whole.width - CANVAS);
            if width < LEAST * COLUMNS {
                return Self::None;
            }
            let canvas = Area::new(0, 0, whole.width - width, whole.height);
            return Self::Pad(canvas, whole.without_left(canvas.width));
        }
        let height = (whole.height / 2).max(high * ROWS).min(whole.height - CANVAS);
        if height < LEAST * ROWS {
            return Self::None;
        }
        Self::Pad(whole.without_bottom(height), whole.without_top(whole.height - height))
    }

    fn bar(size: Size, millimetres: Option<(u32, u32)>) -> Self {
        let whole = Area::of(size);
        let height = (whole.height.min(whole.width) / 8).max(finger(size, millimetres).1).min(whole.height - CANVAS);
        if height < LEAST {
            return Self::None;
        }
        Self::Bar(whole.without_bottom(height), whole.without_top(whole.height - height))
    }
}

/// Returns the sides of the smallest key that a finger hits alone, in pixels, its share of the gaps included; 0 where
/// the panel's size is not known.
fn finger(size: Size, millimetres: Option<(u32, u32)>) -> (i32, i32) {
    let least = |pixels: u32, millimetres: u32| {
        let least = (pixels * Keys::LEAST_MM).div_ceil(millimetres.max(1));
        i32::try_from(least).unwrap_or(i32::MAX / COLUMNS.max(ROWS)) + gap(size)
    };
    let known = millimetres.filter(|&(wide, high)| wide > 0 && high > 0);
    known.map_or((0, 0), |(wide, high)| (least(size.width(), wide), least(size.height(), high)))
}

/// Returns the space between two keys.
fn gap(size: Size) -> i32 {
    (size.width().min(size.height()) / 80).max(2) as i32
}

fn compose(
    screen: &Screen,
    touch: &Touch,
    theme: Theme,
    frame: &mut Frame,
    letters: &mut Type,
) -> Result<(Vec<Placed>, Keys), DrawError> {
    let size = frame.dimensions();
    let layout = Layout::of(screen, size, touch.millimetres);
    let (Layout::Pad(canvas, board) | Layout::Bar(canvas, board)) = layout else {
        let placed = draw_still(screen, theme, frame, letters)?;
        let whole = (layout == Layout::Whole).then(|| (Key::Escape, Area::of(size).rectangle()));
        return Ok((placed, Keys { places: whole.into_iter().collect() }));
    };
    let mut inner = Frame::new(Size::part(canvas.width, canvas.height));
    let Ok(mut placed) = draw_still(screen, theme, &mut inner, letters) else {
        return draw_still(screen, theme, frame, letters).map(|placed| (placed, Keys::default()));
    };
    frame.paste(&inner);
    let mut page = Page::new(frame, letters, theme);
    page.audience = Audience::Staff;
    page.fill(board, page.palette.strip);
    let places = if matches!(layout, Layout::Pad(..)) { pad(board, size) } else { bar(board, touch) };
    for (key, area) in &places {
        let look =
            if matches!(layout, Layout::Pad(..)) { Look::of_pad(*key, touch) } else { Look::of_bar(*key, touch) };
        draw_key(&mut page, &look, area.inset(gap(size) / 2, gap(size) / 2), touch.pressed == Some(*key));
    }
    placed.extend(page.finish());
    Ok((placed, Keys { places: places.into_iter().map(|(key, area)| (key, area.rectangle())).collect() }))
}

/// Returns the places of the keypad's keys, which leave no pixel between them.
fn pad(board: Area, size: Size) -> Vec<(Key, Area)> {
    let edge = gap(size) / 2;
    let board = board.inset(edge, edge);
    let column = |index: i32| board.left + board.width * index / COLUMNS;
    let row = |index: i32| board.top + board.height * index / ROWS;
    let place = |&(key, across, down, rows): &(Key, i32, i32, i32)| {
        let (left, top) = (column(across), row(down));
        (key, Area::new(left, top, column(across + 1) - left, row(down + rows) - top))
    };
    PAD.iter().map(place).collect()
}

/// Returns the places of the keys below a screen.
fn bar(board: Area, touch: &Touch) -> Vec<(Key, Area)> {
    let half = board.width / 2;
    match touch.next {
        Some(_) => vec![
            (Key::Escape, Area::new(board.left, board.top, half, board.height)),
            (Key::Enter, Area::new(board.left + half, board.top, board.width - half, board.height)),
        ],
        None => vec![(Key::Escape, board)],
    }
}

/// How a key looks.
struct Look<'a> {
    face: LookOf<'a>,
    tone: Tone,
}

/// What stands on a key.
enum LookOf<'a> {
    Figures(String),
    Words(&'a str),
    Mark(Mark),
}

/// How much a key stands out.
#[derive(Clone, Copy)]
enum Tone {
    /// A digit.
    Plain,
    /// What changes what is typed.
    Quiet,
    /// What completes it.
    Strong,
    /// What gives it up.
    Warning,
}

impl<'a> Look<'a> {
    fn of_pad(key: Key, touch: &'a Touch) -> Self {
        let figures = |text: &str, tone| Self { face: LookOf::Figures(text.to_owned()), tone };
        match key {
            Key::Digit(digit) => figures(&digit.to_string(), Tone::Plain),
            Key::DoubleZero => figures("00", Tone::Plain),
            Key::TripleZero => figures("000", Tone::Plain),
            Key::Plus => figures("+", Tone::Quiet),
            Key::Times => figures("×", Tone::Quiet),
            Key::Escape => figures("C", Tone::Quiet),
            Key::Back => Self { face: LookOf::Mark(Mark::Back), tone: Tone::Quiet },
            Key::Enter => Self { face: LookOf::Words(&touch.enter), tone: Tone::Strong },
        }
    }

    fn of_bar(key: Key, touch: &'a Touch) -> Self {
        match (key, &touch.next) {
            (Key::Enter, Some(next)) => Self { face: LookOf::Words(next), tone: Tone::Strong },
            _ => Self { face: LookOf::Words(&touch.cancel), tone: Tone::Warning },
        }
    }
}

/// Draws a key; while it is held down its colours are exchanged, so that a finger's shadow does not hide it.
fn draw_key(page: &mut Page<'_>, look: &Look<'_>, area: Area, is_pressed: bool) {
    let colours = page.palette;
    let (field, ink) = match look.tone {
        Tone::Plain => (colours.ground, colours.ink),
        Tone::Quiet => (colours.rule, colours.ink),
        Tone::Strong => (colours.accent, colours.ground),
        Tone::Warning => (colours.ground, colours.bad),
    };
    let (field, ink) = if is_pressed { (ink, field) } else { (field, ink) };
    let behind = page.ground;
    page.ground = colours.strip;
    page.rounded(area, area.width.min(area.height) / 8, field);
    page.ground = field;
    let short = area.width.min(area.height);
    match &look.face {
        LookOf::Mark(mark) => {
            let side = short * 3 / 4;
            let square =
                Area::new(area.left + (area.width - side) / 2, area.top + (area.height - side) / 2, side, side);
            page.bare(*mark, square, ink);
        }
        LookOf::Figures(text) => {
            let largest = Step::at_most((short / 2).unsigned_abs());
            let fit = Fit { face: Face::Bold, leading: Leading::Figures, largest, smallest: Step::SMALLEST, lines: 1 };
            label(page, text, fit, area, ink);
        }
        LookOf::Words(text) => {
            let largest = Step::at_most((short * 2 / 5).unsigned_abs());
            let fit = Fit { face: Face::Bold, leading: Leading::Text, largest, smallest: Step::SMALLEST, lines: 2 };
            label(page, text, fit, area.inset(short / 12, 0), ink);
        }
    }
    page.ground = behind;
}

fn label(page: &mut Page<'_>, text: &str, fit: Fit, area: Area, ink: embedded_graphics::pixelcolor::Rgb888) {
    let setting = page.letters.fit(text, area.width.unsigned_abs(), fit);
    let height = setting.height() as i32;
    let place = Area::new(area.left, area.top + (area.height - height) / 2, area.width, height);
    page.text(&setting, place, Align::Centre, ink);
}
