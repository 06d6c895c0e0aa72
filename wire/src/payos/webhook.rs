//! payOS's webhook: one bank transfer, believed only after its signature and then its types (providers.md §1.6, §1.7).
//! It must not know sales; what stands outside of `data` is unsigned and decides nothing.

use serde_json::{Map, Value};

use super::{canonical, verifies};
use crate::fields::{self, FieldError};
use crate::ids::OrderRef;
use crate::json;
use crate::provider::WebhookError;
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
    /// A field that decides about money and that the signature fits in more than one reading, if there is one. Such a
    /// webhook proves nothing; it is a reason to ask payOS.
    pub ambiguous: Option<&'static str>,
}

impl Webhook {
    /// Tells whether this is the sample transfer that payOS sends when a webhook address is registered.
    pub fn is_registration_ping(&self) -> bool {
        let sample = ["VQRIO123", "Ma giao dich thu nghiem"];
        self.order_code == 123 && sample.contains(&self.description.as_str())
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
    Ok(Webhook { ambiguous: ambiguous(&signed, data)?, ..webhook })
}

/// What decides about money.
const DECISIVE: [&str; 7] =
    ["amount", "code", "currency", "orderCode", "paymentLinkId", "reference", "transactionDateTime"];

/// Names a field of which the signed text itself does not say what was read. That text does not keep fields apart: a
/// payer who writes `&orderCode=5` into his transfer has that signed too, and others could take the text apart so that his
/// money is another order's.
fn ambiguous(signed: &str, data: &Map<String, Value>) -> Result<Option<&'static str>, FieldError> {
    let pieces: Vec<(&str, &str)> = signed.split('&').filter_map(|piece| piece.split_once('=')).collect();
    for field in DECISIVE {
        let mut stated = pieces.iter().filter(|(name, _)| *name == field).map(|(_, value)| *value);
        let read = match fields::present(data, field)? {
            Value::String(text) => text.clone(),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        };
        if (stated.next(), stated.next()) != (Some(read.as_str()), None) {
            return Ok(Some(field));
        }
    }
    Ok(None)
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
        ambiguous: None,
    })
}
