//! payOS as it is spoken over HTTP: requests, signed answers, webhooks (providers.md §1).
//! It must not know of HTTP, retries or sales; keys are kept by [`PayOs`] and [`PayOsHooks`] alone.

mod account;
mod answer;
mod canonical;
mod judge;
mod meaning;
mod request;
mod signature;
mod webhook;

#[cfg(test)]
mod tests;

pub use account::{PayOs, PayOsAccount, PayOsHooks};
pub use answer::{AnswerError, Created, Link, LinkStatus, Transfer, read_created, read_link};
pub use canonical::{CanonicalError, canonical};
pub use meaning::Meaning;
pub use request::{CreateRequest, cancel_body};
pub use signature::{create_signature, sign, verifies};
pub use webhook::{Webhook, read_webhook};
