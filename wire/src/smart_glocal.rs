//! Smart Glocal as it is spoken over HTTP: signed requests, sessions in answers and webhooks (providers.md §3).
//! It must not know of HTTP, retries or sales; keys are kept by [`SmartGlocal`] and [`SmartGlocalHooks`] alone.

mod account;
mod answer;
mod der;
mod fields;
mod interaction;
mod judge;
mod keys;
mod pem;
mod request;
mod session;
mod units;
mod webhook;

#[cfg(test)]
mod tests;

pub use account::{ApiNames, Flow, Payer, SmartGlocal, SmartGlocalAccount, SmartGlocalHooks};
pub use keys::{KeyError, SigningKey, VerifyingKey};
pub use units::MinorUnits;
