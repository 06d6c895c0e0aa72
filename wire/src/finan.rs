//! Finan (Sổ Bán Hàng) as it is spoken over HTTP: signed requests, answers believed because of TLS, signed webhooks
//! (providers.md §2). It must not know of HTTP, retries or sales; keys are kept by [`Finan`] and [`FinanHooks`] alone.

mod account;
mod answer;
mod bank;
mod judge;
mod request;
mod signature;
mod webhook;

#[cfg(test)]
mod tests;

pub use account::{Finan, FinanAccount, FinanHooks};
pub use answer::{
    AnswerError, Created, PaymentRequest, PaymentStatus, Requests, Transfer, read_created, read_requests,
};
pub use bank::{BankAccount, MasterAccount, read_bank_accounts, read_master_accounts};
pub use request::{CreateRequest, FinanMethod, Merchant};
pub use signature::{FinanSignature, Signed};
pub use webhook::{Webhook, read_webhook};

/// Returns an id as it is compared and kept: answers to a create have the bare id, all else may have `PR-` before it.
fn bare(id: &str) -> &str {
    id.strip_prefix("PR-").unwrap_or(id)
}
