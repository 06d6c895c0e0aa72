//! Finan's webhook: one payment collected, believed only after its signature and then its types (providers.md §2.2).
//! It must not know sales.

use serde_json::{Map, Value};

use super::{FinanSignature, Signed, bare};
use crate::fields::{self, FieldError};
use crate::ids::OrderRef;
use crate::json;
use crate::provider::{Delivered, WebhookError};
use crate::text::noted;
use crate::time::UnixTime;

/// A webhook whose signature was right. Its fields are Finan's words about one payment, in đồng.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The payment's id; may be empty.
    pub id: String,
    /// The `payment_request_id` without `PR-`; empty for money that nobody had asked for.
    pub provider_id: String,
    /// The shop's reference, whoever drew it; may be empty.
    pub reference: String,
    /// The order, when a terminal can have drawn the reference.
    pub order: Option<OrderRef>,
    /// The order whose purpose (`TL` and sixteen digits) stands in one of the texts that Finan passes on.
    pub purpose: Option<OrderRef>,
    /// How much was collected.
    pub amount: u64,
    /// When, by Finan's word.
    pub created_at: Option<UnixTime>,
    /// What the payer or the bank wrote, on one line of bounded length.
    pub note: Option<String>,
    /// When Finan signed it.
    pub signed_at: UnixTime,
}

/// The headers that a signature needs.
pub(super) const SIGNED_HEADERS: [&str; 3] = [CLIENT_ID, SIGNATURE, TIMESTAMP];

pub(super) const CLIENT_ID: &str = "x-client-id";
pub(super) const SIGNATURE: &str = "x-signature";
pub(super) const TIMESTAMP: &str = "x-timestamp";

/// Reads a webhook whose signature is right.
///
/// # Errors
/// See [`WebhookError`]. The body is not looked at before the signature was right.
pub fn read_webhook(
    delivered: &Delivered<'_>,
    secret: &[u8],
    signature: FinanSignature,
) -> Result<Webhook, WebhookError> {
    let signed_at = check_signature(delivered, secret, signature)?;
    let text = std::str::from_utf8(delivered.body).map_err(|_| WebhookError::NotUtf8)?;
    let body = json::parse(text).map_err(|source| WebhookError::NotJson { source })?;
    let Value::Object(body) = body else {
        return Err(WebhookError::WrongType { field: "body", expected: "an object" });
    };
    Ok(payment(&body, signed_at)?)
}

/// Returns when Finan signed the webhook.
///
/// The signed text does not keep its parts apart by itself: `_` may stand in each of them. With the one method that
/// webhooks have, a path that is one (without `{`, which every body begins with) and a number at the end, there is only
/// one way to take it apart. That also leaves no room for what can be appended to a plain hash without the secret.
fn check_signature(
    delivered: &Delivered<'_>,
    secret: &[u8],
    signature: FinanSignature,
) -> Result<UnixTime, WebhookError> {
    let header = |name: &str| delivered.headers.get(name).filter(|value| !value.is_empty());
    let (Some(stated), Some(timestamp)) = (header(SIGNATURE), header(TIMESTAMP)) else {
        return Err(WebhookError::NotSigned);
    };
    let signed_at = decimal(timestamp).ok_or(WebhookError::WrongSignature)?;
    let signed = Signed {
        method: delivered.method,
        path: delivered.path,
        payload: delivered.body,
        timestamp: timestamp.as_str(),
    };
    let plain = delivered.method == "POST" && is_path(delivered.path);
    if plain && signature.verifies(secret, &signed, stated) { Ok(signed_at) } else { Err(WebhookError::WrongSignature) }
}

/// Reads Unix seconds: digits and nothing else, at most twelve.
fn decimal(text: &str) -> Option<UnixTime> {
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let secs = text.parse().ok().filter(|_| digits)?;
    Some(UnixTime::from_secs(secs))
}

/// Tells whether a text is a path, perhaps with a query, of characters that stand in addresses (RFC 3986).
fn is_path(text: &str) -> bool {
    let stands_in_addresses = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'|')
    };
    text.starts_with('/') && text.bytes().all(stands_in_addresses)
}

fn payment(body: &Map<String, Value>, signed_at: UnixTime) -> Result<Webhook, FieldError> {
    let optional = |field| fields::optional(body, field).map(Option::unwrap_or_default);
    let reference = optional("reference_id")?;
    let (description, remark) = (optional("description")?, optional("remark")?);
    let order: Option<OrderRef> = reference.parse().ok();
    let own = [&description, &remark];
    // A reference of ours says nothing that a person does not know already.
    let texts = own.into_iter().chain(order.is_none().then_some(&reference));
    let note = texts.filter_map(|text| noted(text)).next();
    // Two different purposes in one payment prove nothing, wherever they stand.
    let purpose = OrderRef::find_purpose(&[reference.as_str(), &description, &remark].join("\n"));
    Ok(Webhook {
        id: fields::text(body, "id")?,
        provider_id: bare(&optional("payment_request_id")?).to_owned(),
        reference,
        order,
        purpose,
        amount: fields::whole(body, "amount")?,
        created_at: optional("created_at")?.parse().ok(),
        note,
        signed_at,
    })
}
