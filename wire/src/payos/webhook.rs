//! payOS's webhook: one bank transfer, believed only after its signature and then its types (providers.md §1.6, §1.7).
//! It must not know sales; what stands outside of `data` is unsigned and decides nothing.

use serde_json::{Map, Value};

use super::fields::{self, FieldError};
use super::{canonical, verifies};
use crate::ids::OrderRef;
use crate::json::{self, JsonError};
use crate::time::UnixTime;

/// A webhook whose signature was right. Its fields are payOS's words about one bank transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// payOS's `orderCode`, whoever drew it.
    pub order_code: u64,
    /// The order, when a terminal can have drawn it.
    pub order: Option<OrderRef>,
    /// payOS's `paymentLinkId`.
    pub provider_id: String,
    /// The bank's reference of the transfer; may be empty.
    pub reference: String,
    /// How much this transfer brought, in units of `currency`.
    pub amount: u64,
    /// The currency's code; anything but `VND` is no payment.
    pub currency: String,
    /// The signed code; anything but `00` is no payment.
    pub code: String,
    /// What the code means, in payOS's words.
    pub desc: String,
    /// What the payer's bank passed on.
    pub description: String,
    /// When the bank says the transfer was made.
    pub transacted_at: Option<UnixTime>,
}

impl Webhook {
    /// Tells whether this is the sample transfer that payOS sends when a webhook address is registered.
    pub fn is_registration_ping(&self) -> bool {
        let sample = ["VQRIO123", "Ma giao dich thu nghiem"];
        self.order_code == 123 && sample.contains(&self.description.as_str())
    }
}

/// Why a body is not a webhook of payOS.
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
    /// What was signed can be taken apart in another way, in which this field differs.
    #[error("the webhook's signature fits more than one reading of the field `{field}`")]
    Ambiguous {
        /// Which one.
        field: &'static str,
    },
}

impl From<FieldError> for WebhookError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Missing { field } => Self::Missing { field },
            FieldError::WrongType { field, expected } => Self::WrongType { field, expected },
        }
    }
}

/// Reads a webhook whose signature is right under one of the keys (two are valid while keys are changed).
///
/// # Errors
/// See [`WebhookError`]. No field of `data` is looked at before the signature was right.
pub fn read_webhook(body: &[u8], keys: &[&[u8]]) -> Result<Webhook, WebhookError> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookError::NotUtf8)?;
    let outer = json::parse(text).map_err(|source| WebhookError::NotJson { source })?;
    let Value::Object(outer) = outer else {
        return Err(WebhookError::WrongType { field: "body", expected: "an object" });
    };
    let Value::Object(data) = fields::present(&outer, "data")? else {
        return Err(WebhookError::WrongType { field: "data", expected: "an object" });
    };
    let Some(Value::String(signature)) = outer.get("signature") else {
        return Err(WebhookError::NotSigned);
    };
    let signed = canonical(data).map_err(|_| WebhookError::WrongSignature)?;
    if !keys.iter().any(|key| verifies(key, &signed, signature)) {
        return Err(WebhookError::WrongSignature);
    }
    let webhook = transfer(data)?;
    check_reading(&signed, data)?;
    Ok(webhook)
}

/// What decides about money.
const DECISIVE: [&str; 7] =
    ["amount", "code", "currency", "orderCode", "paymentLinkId", "reference", "transactionDateTime"];

/// Demands that the signed text itself says what was read. It does not keep fields apart: a payer who writes
/// `&orderCode=5` into his transfer has that signed too, and others could take the text apart so that his money is
/// another order's. Such a webhook proves nothing; the provider's own answer will.
fn check_reading(signed: &str, data: &Map<String, Value>) -> Result<(), WebhookError> {
    for field in DECISIVE {
        let pieces = signed.split('&').filter_map(|piece| piece.split_once('='));
        let mut stated = pieces.filter(|(name, _)| *name == field).map(|(_, value)| value);
        let read = match fields::present(data, field)? {
            Value::String(text) => text.clone(),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        };
        if (stated.next(), stated.next()) != (Some(read.as_str()), None) {
            return Err(WebhookError::Ambiguous { field });
        }
    }
    Ok(())
}

/// Takes the ten mandatory fields out of signed data.
fn transfer(data: &Map<String, Value>) -> Result<Webhook, FieldError> {
    let order_code = fields::whole(data, "orderCode")?;
    // Not needed here, but its absence would mean that the signed text was regrouped (providers.md §1.6).
    fields::text(data, "accountNumber")?;
    Ok(Webhook {
        order_code,
        order: OrderRef::from_payos_code(order_code),
        provider_id: fields::text(data, "paymentLinkId")?,
        reference: fields::text(data, "reference")?,
        amount: fields::whole(data, "amount")?,
        currency: fields::text(data, "currency")?,
        code: fields::text(data, "code")?,
        desc: fields::text(data, "desc")?,
        description: fields::text(data, "description")?,
        transacted_at: UnixTime::parse_payos(&fields::text(data, "transactionDateTime")?),
    })
}
