//! Draws screens. Knows what is shown where; the words are the caller's, and so is their language.

mod area;
mod board;
mod code;
mod drift;
mod idle;
mod kinds;
mod page;
mod paid;
mod piece;
mod plain;
mod plan;
mod stack;
mod strip;
mod typing;

use crate::frame::Frame;
use crate::lettering::Type;
use crate::qr::{QrCode, QrError};
use crate::size::Size;
use crate::theme::Theme;
use area::Measures;
pub use board::{draw_touch, has_room_for_keypad};
use drift::Drift;
pub use kinds::{Countdown, EndKind, Line, Link, LinkKind, OpenCode, Screen};
use page::Page;
pub use page::{Audience, Placed};

/// The steps in which a moving element goes round once; `motion` may be any number and wraps here.
pub const MOTION_STEPS: u32 = 24;

/// Why a screen was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// The code does not fit; the frame is as it was before.
    #[error("cannot draw the code")]
    Code(#[source] QrError),
}

/// Draws a screen over the whole frame. Layout follows from the frame's size alone.
///
/// # Errors
/// When the screen has a code that does not fit; the frame is then unchanged, so a code is drawn whole or not at all.
pub fn draw(screen: &Screen, theme: Theme, frame: &mut Frame, letters: &mut Type) -> Result<(), DrawError> {
    draw_placed(screen, theme, frame, letters).map(drop)
}

/// Returns the most pixels that a module of this code can have on frames of this size.
///
/// # Errors
/// When a screen with this code cannot be drawn on frames of this size.
pub fn qr_fits(payload: &str, size: Size) -> Result<u32, QrError> {
    QrCode::encode(payload)?.module_in(Measures::of(size).code_side())
}

/// Draws a screen as [`draw`] does and returns where its texts, marks and codes stand.
///
/// # Errors
/// As [`draw`].
pub fn draw_placed(
    screen: &Screen,
    theme: Theme,
    frame: &mut Frame,
    letters: &mut Type,
) -> Result<Vec<Placed>, DrawError> {
    if let Screen::Idle { walk: Some(step), .. } = screen {
        let drift = Drift::at(*step, frame.dimensions());
        let mut inner = Frame::new(drift.inner);
        // A code that fits the whole frame just so has no room to walk.
        if let Ok(placed) = draw_still(screen, theme, &mut inner, letters) {
            return Ok(drift.place(&inner, frame, placed));
        }
    }
    draw_still(screen, theme, frame, letters)
}

/// Draws a screen at its place.
fn draw_still(screen: &Screen, theme: Theme, frame: &mut Frame, letters: &mut Type) -> Result<Vec<Placed>, DrawError> {
    let page = Page::new(frame, letters, theme);
    match screen {
        Screen::StartUp { label, title, text, motion } => Ok(plain::start_up(page, [label, title, text], *motion)),
        Screen::Idle { label, clock, link, hint, code, logo, walk: _ } => {
            idle::draw(page, [label, clock, hint], link, code.as_ref(), logo.as_ref())
        }
        Screen::Typing { label, title, amount, sum, problem, staff } => {
            Ok(typing::draw(page, [label, title, amount, sum, problem, staff]))
        }
        Screen::Waiting { title, amount, text, staff, motion } => {
            Ok(plain::waiting(page, [title, amount, text, staff], *motion))
        }
        Screen::Checking { title, amount, text, staff, motion } => {
            Ok(plain::checking(page, [title, amount, text, staff], *motion))
        }
        Screen::Code { title, amount, payload, countdown, lines, hint, staff } => {
            let head = code::Head { title, amount, short: None };
            code::draw(page, payload, &head, &code::Foot { countdown, lines, hint, staff })
        }
        Screen::Short { title, amount, received, missing, payload, countdown, lines, hint, staff } => {
            let short = code::Short { received, label: &missing.label, total: amount };
            let head = code::Head { title, amount: &missing.value, short: Some(short) };
            code::draw(page, payload, &head, &code::Foot { countdown, lines, hint, staff })
        }
        Screen::Paid { title, amount, detail, clock, staff, motion } => {
            Ok(paid::draw(page, [title, amount, detail, clock, staff], *motion))
        }
        Screen::Ended { kind, title, amount, reason, staff } => {
            Ok(plain::ended(page, *kind, [title, amount, reason, staff]))
        }
        Screen::Receipt { title, amount, detail, staff } => Ok(plain::receipt(page, [title, amount, detail, staff])),
        Screen::Notice { title, text, staff } => Ok(plain::notice(page, [title, text, staff])),
    }
}
