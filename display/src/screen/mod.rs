//! The screens of a counter as values with plain text in them, and the one function that draws them. Knows what is
//! shown where; the words are the caller's, and so is their language.

mod area;
mod code;
mod page;
mod plain;
mod stack;

use crate::frame::Frame;
use crate::lettering::Type;
use crate::qr::{QrCode, QrError};
use crate::size::Size;
use crate::theme::Theme;
use area::Measures;
use page::Page;
pub use page::Placed;

/// The steps in which a moving element goes round once; `motion` may be any number and wraps here.
pub const MOTION_STEPS: u32 = 24;

/// What the display shows. An empty text takes no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The program has started and is not ready yet.
    StartUp {
        /// The counter's name.
        label: String,
        /// What is going on, in a few words.
        title: String,
        /// What is waited for.
        text: String,
        /// The phase of the moving element, see [`MOTION_STEPS`].
        motion: u32,
    },
    /// Nobody is paying.
    Idle {
        /// The counter's name.
        label: String,
        /// The time of day.
        clock: String,
        /// Whether sales can be made.
        link: Link,
        /// What to do next.
        hint: String,
    },
    /// A sale has begun and has no code yet.
    Waiting {
        /// What is going on, in a few words.
        title: String,
        /// The sale's amount.
        amount: String,
        /// What is waited for.
        text: String,
        /// The phase of the moving element, see [`MOTION_STEPS`].
        motion: u32,
    },
    /// The customer can pay.
    Code {
        /// What to do.
        title: String,
        /// The sale's amount.
        amount: String,
        /// The text that the code carries.
        payload: String,
        /// The time that is left.
        countdown: Countdown,
        /// Bank, account, name and the like, the most important first; what finds no room is left out.
        lines: Vec<Line>,
        /// How to do it.
        hint: String,
    },
    /// A part has arrived and the customer can pay the rest.
    Short {
        /// What happened.
        title: String,
        /// The sale's amount.
        amount: String,
        /// What has arrived.
        received: Line,
        /// What is still missing; drawn largest.
        missing: Line,
        /// The text that the code carries.
        payload: String,
        /// The time that is left.
        countdown: Countdown,
        /// As in [`Screen::Code`].
        lines: Vec<Line>,
        /// What to do.
        hint: String,
    },
    /// The money is here.
    Paid {
        /// Says so.
        title: String,
        /// The sale's amount.
        amount: String,
        /// The sale, in a few words.
        detail: String,
        /// The time of day.
        clock: String,
        /// The phase of the moving element, see [`MOTION_STEPS`]; a photograph of this screen stands still.
        motion: u32,
    },
    /// The sale ended without its money.
    Ended {
        /// How it ended.
        kind: EndKind,
        /// Says so.
        title: String,
        /// The sale's amount.
        amount: String,
        /// Why.
        reason: String,
        /// What to do next.
        hint: String,
    },
    /// Money has come in that belongs to no sale of this counter.
    Receipt {
        /// Says so.
        title: String,
        /// The amount that came in.
        amount: String,
        /// From where, in a few words.
        detail: String,
    },
    /// A message to the people at the counter.
    Notice {
        /// In a few words.
        title: String,
        /// What is wrong and what to do.
        text: String,
    },
}

/// A label and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the value is.
    pub label: String,
    /// The value.
    pub value: String,
}

/// The time that a code is still good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// Milliseconds that are left; more than `total_ms` counts as all of it.
    pub left_ms: u64,
    /// Milliseconds that there were in the beginning.
    pub total_ms: u64,
    /// The time that is left, in words.
    pub text: String,
}

/// The link to the world in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How good it is.
    pub kind: LinkKind,
    /// The same in words.
    pub text: String,
}

/// How good the link to the world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// All of it works.
    Good,
    /// Sales can be made, with limits.
    Limited,
    /// No sale can be made.
    Down,
}

/// How a sale ended without its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    /// Somebody took it back.
    Cancelled,
    /// Its time was over.
    Expired,
    /// Something went wrong.
    Failed,
}

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
    let page = Page::new(frame, letters, theme);
    match screen {
        Screen::StartUp { label, title, text, motion } => Ok(plain::start_up(page, [label, title, text], *motion)),
        Screen::Idle { label, clock, link, hint } => Ok(plain::idle(page, [label, clock, hint], link)),
        Screen::Waiting { title, amount, text, motion } => Ok(plain::waiting(page, [title, amount, text], *motion)),
        Screen::Code { title, amount, payload, countdown, lines, hint } => {
            let foot = code::Foot::new(countdown, lines, hint);
            code::draw(page, payload, &code::Head::due(title, amount), &foot)
        }
        Screen::Short { title, amount, received, missing, payload, countdown, lines, hint } => {
            let head = code::Head::short(title, amount, received, missing);
            let foot = code::Foot::new(countdown, lines, hint);
            code::draw(page, payload, &head, &foot)
        }
        Screen::Paid { title, amount, detail, clock, motion } => {
            Ok(plain::paid(page, [title, amount, detail, clock], *motion))
        }
        Screen::Ended { kind, title, amount, reason, hint } => {
            Ok(plain::ended(page, *kind, [title, amount, reason, hint]))
        }
        Screen::Receipt { title, amount, detail } => Ok(plain::receipt(page, [title, amount, detail])),
        Screen::Notice { title, text } => Ok(plain::notice(page, [title, text])),
    }
}
