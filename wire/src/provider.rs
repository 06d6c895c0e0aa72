//! What every provider comes down to, so that neither till nor bridge must know whom it talks to: requests are made and
//! answers judged here, without sending anything, and webhooks are proven. A provider is one folder beside this file.
//! It must not know of sockets, clocks or retries: time comes in, bytes go out.

mod answer;
mod order;
mod request;
mod trouble;
mod webhook;

use std::fmt;

pub use answer::{Action, CodeText, Made, OpenCode, Payee, Refund, Report, Standing, Transfer};
pub use order::{CancelReason, Customer, Item, KnownOrder, MakeStep, Making, ProviderId, Question, TransferRef};
pub use request::{Key, Method, Reply, Request, Verdict};
pub use trouble::{Refusal, RefusalCause, Trouble, Unreached};
pub use webhook::{Delivered, Heard, Said, WebhookError};

use crate::time::UnixTime;

/// What comes after a request or an answer: it is over, or another request must be sent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<T> {
    /// This is to be sent; what comes of it is judged with it.
    Send(Request),
    /// It is over.
    Done(T),
}

/// A move of a conversation with a provider.
pub type Step<T> = Result<Next<T>, Trouble>;

/// Proves the webhooks of one merchant account. All that a bridge needs of a provider.
pub trait Webhooks: fmt::Debug + Send + Sync {
    /// Returns the provider's name in configuration files and envelopes, e.g. `payos`.
    fn name(&self) -> &'static str;

    /// Returns the headers that a signature needs, in lower case: what an envelope carries, and what is kept of an answer.
    fn signed_headers(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns what a webhook says, if the provider itself has signed it (promise P1).
    ///
    /// # Errors
    /// See [`WebhookError`]. Nothing that the webhook says is looked at before the signature was right.
    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError>;
}

/// One merchant account at one provider. `at` is the time by the provider's clock, as far as it is known.
pub trait Provider: Webhooks {
    /// Returns the provider's name for people, e.g. `payOS`.
    fn title(&self) -> &'static str;

    /// Returns the headers that go with every request: the key in the configuration, the header's name, its value.
    fn identity(&self) -> Vec<(&'static str, &'static str, &[u8])>;

    /// Begins to make an order, or to go on with one.
    ///
    /// # Errors
    /// When the provider cannot be asked for this at all.
    fn make(&self, making: &Making, at: UnixTime) -> Step<Made>;

    /// Judges the answer to a request of [`Provider::make`].
    ///
    /// # Errors
    /// See [`Trouble`].
    fn made(&self, making: &Making, request: &Request, reply: &Reply, at: UnixTime) -> Step<Made>;

    /// Tells whether a creating request whose answer was lost may simply be sent again: nothing can be paid twice by it.
    fn repeats(&self, _step: &MakeStep) -> bool {
        false
    }

    /// Begins to ask how an order stands, or to have something done about it.
    ///
    /// # Errors
    /// When the provider cannot know such an order.
    fn ask(&self, known: &KnownOrder, question: Question, at: UnixTime) -> Step<Report>;

    /// Judges the answer to a request of [`Provider::ask`].
    ///
    /// # Errors
    /// See [`Trouble`].
    fn told(
        &self,
        known: &KnownOrder,
        question: Question,
        request: &Request,
        reply: &Reply,
        at: UnixTime,
    ) -> Step<Report>;

    /// Begins to ask for a code that takes any amount (`display.static_qr`).
    ///
    /// # Errors
    /// When the provider has no such codes.
    fn ask_open_code(&self, _at: UnixTime) -> Step<OpenCode> {
        Err(no_open_codes(self.title()))
    }

    /// Judges the answer to a request of [`Provider::ask_open_code`].
    ///
    /// # Errors
    /// See [`Trouble`].
    fn open_code_told(&self, _request: &Request, _reply: &Reply, _at: UnixTime) -> Step<OpenCode> {
        Err(no_open_codes(self.title()))
    }
}

fn no_open_codes(title: &str) -> Trouble {
    Trouble::Refused(Refusal::unsaid(format!("{title} has no codes that take any amount")))
}
