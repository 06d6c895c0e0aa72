//! The screens of a counter as values with plain text in them. Knows what can be shown, not where or how.

use crate::logo::Logo;

/// What the display shows. An empty text takes no room.
///
/// `staff` is what the cashier should know or do, as is `hint` of [`Screen::Idle`]: it stands in a strip of its own at
/// the bottom, apart from the words for the customer, and is left out where a small panel has no room for it.
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
        /// The phase of the moving element, see [`crate::MOTION_STEPS`].
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
        /// The cashier's words: what to do next.
        hint: String,
        /// A code that can be paid at any time.
        code: Option<OpenCode>,
        /// The shop's own picture; left out where a small panel has no room for it.
        logo: Option<Logo>,
        /// The step of a slow walk of a few pixels, which keeps a panel from burning in; any number, the walk comes
        /// round. Without one, everything stays at its place.
        walk: Option<u32>,
    },
    /// The cashier is typing an amount.
    Typing {
        /// The counter's name.
        label: String,
        /// What is being typed.
        title: String,
        /// The amount as far as it is typed; drawn with a caret behind it.
        amount: String,
        /// What the amount is made of, such as `50.000 + 20.000 × 2`.
        sum: String,
        /// What is wrong with it.
        problem: String,
        /// The cashier's words.
        staff: String,
    },
    /// A sale has begun and has no code yet.
    Waiting {
        /// What is going on, in a few words.
        title: String,
        /// The sale's amount.
        amount: String,
        /// What is waited for.
        text: String,
        /// The cashier's words.
        staff: String,
        /// The phase of the moving element, see [`crate::MOTION_STEPS`].
        motion: u32,
    },
    /// Money has been reported and is being checked; it is not here yet.
    Checking {
        /// What is going on, in a few words.
        title: String,
        /// The sale's amount.
        amount: String,
        /// What is being done.
        text: String,
        /// The cashier's words.
        staff: String,
        /// The phase of the moving element, see [`crate::MOTION_STEPS`].
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
        /// The cashier's words.
        staff: String,
    },
    /// A part has arrived and the customer can pay the rest.
    Short {
        /// What happened.
        title: String,
        /// The sale's amount.
        amount: String,
        /// What has arrived.
        received: Line,
        /// What is still missing; its value is drawn largest, its label stands over it unless it repeats the title.
        missing: Line,
        /// The text that the code carries.
        payload: String,
        /// The time that is left.
        countdown: Countdown,
        /// As in [`Screen::Code`].
        lines: Vec<Line>,
        /// What to do.
        hint: String,
        /// The cashier's words.
        staff: String,
    },
    /// The money is here.
    Paid {
        /// Says so.
        title: String,
        /// The sale's amount.
        amount: String,
        /// The sale, in a few words.
        detail: String,
        /// The time of day, with seconds: a photograph of this screen stands still.
        clock: String,
        /// The cashier's words.
        staff: String,
        /// The phase of the moving element, see [`crate::MOTION_STEPS`]; a photograph of this screen stands still.
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
        /// The cashier's words.
        staff: String,
    },
    /// Money has come in that belongs to no sale of this counter.
    Receipt {
        /// Says so.
        title: String,
        /// The amount that came in.
        amount: String,
        /// From where, in a few words.
        detail: String,
        /// The cashier's words.
        staff: String,
    },
    /// A message to the people at the counter.
    Notice {
        /// In a few words.
        title: String,
        /// What is wrong and what to do.
        text: String,
        /// The cashier's words.
        staff: String,
    },
}

/// A code that takes any amount, at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCode {
    /// What to do.
    pub title: String,
    /// The text that the code carries.
    pub payload: String,
    /// Bank, account, name and the like, the most important first; what finds no room is left out.
    pub lines: Vec<Line>,
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
