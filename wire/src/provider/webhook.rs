//! Webhooks as they were delivered, and what a proven one says. It must not know sales.

use std::collections::BTreeMap;

use super::answer::{Action, Refund, Transfer};
use super::order::ProviderId;
use crate::ids::OrderRef;
use crate::json::JsonError;
use crate::money::Amount;
use crate::time::UnixTime;

/// A webhook as it came in, not yet believed.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The public path with its query string: Finan's signature covers it.
    pub path: &'a str,
    /// At least the headers that the signature needs, names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The raw body.
    pub body: &'a [u8],
}

/// What a proven webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The order that it is about, when a terminal can have drawn it.
    pub order: Option<OrderRef>,
    /// The order whose purpose (`TL` and sixteen digits) stands in what the payer's bank passed on.
    pub purpose: Option<OrderRef>,
    /// The provider's id of the order.
    pub provider_id: ProviderId,
    /// What it reports.
    pub said: Said,
    /// The text that the payer or bank wrote, on one line of bounded length.
    pub note: Option<String>,
    /// When the provider signed it, where that is signed too.
    pub signed_at: Option<UnixTime>,
}

/// What a proven webhook reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Money came.
    Transfer(Transfer),
    /// It looks like money and is no payment: a failure code, another currency, no reference. A person must look.
    NoPayment,
    /// The provider waits for the till's confirmation of this amount; none when it is in another currency.
    Ready(Option<Amount>),
    /// The customer is to do something, for this amount where it is said.
    Action(Option<Amount>, Action),
    /// Money went back.
    Refunds(Vec<Refund>),
    /// Something happened about which only the provider's own answer tells enough.
    Hint,
    /// The sample that is sent when a webhook's address is registered.
    Sample,
    /// Nothing that concerns a till.
    Nothing,
}

/// Why a body is not a webhook of the provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The bytes are not UTF-8.
    #[error("the webhook is not UTF-8")]
    NotUtf8,
    /// The text is not JSON, or has a key twice.
    #[error("the webhook is not JSON")]
    NotJson {
        /// What is wrong with it.
        #[source]
        source: JsonError,
    },
    /// A mandatory field is missing.
    #[error("the webhook's field `{field}` is missing")]
    Missing {
        /// Which one.
        field: &'static str,
    },
    /// A mandatory field has the wrong type.
    #[error("the webhook's field `{field}` is not {expected}")]
    WrongType {
        /// Which one.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// There is no signature.
    #[error("the webhook has no signature")]
    NotSigned,
    /// The signature is not that of the data under any of the keys, or the data has no agreed signed form.
    #[error("the webhook has a wrong signature")]
    WrongSignature,
}

impl WebhookError {
    /// Tells whether it may have been forged, as opposed to badly made.
    pub fn is_forgery(&self) -> bool {
        match self {
            Self::NotSigned | Self::WrongSignature => true,
            Self::NotUtf8 | Self::NotJson { .. } | Self::Missing { .. } | Self::WrongType { .. } => false,
        }
    }
}
