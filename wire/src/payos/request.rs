//! The bodies that a till sends to payOS (providers.md §1.2).
//! It must not know of addresses, headers or retries.

use serde_json::json;

use super::create_signature;
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::time::UnixTime;

/// A request to create a payment link. Its JSON may be sent again only as the same order: payOS answers 231.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest<'a> {
    /// The order reference that payOS hears as `orderCode`.
    pub order: OrderRef,
    /// What the customer shall pay.
    pub amount: Amount,
    /// At most 25 characters, or 9 when the bank account is not linked through payOS (providers.md §1.10).
    pub description: &'a str,
    /// Where payOS's own page sends the customer afterwards.
    pub return_url: &'a str,
    /// Where payOS's own page sends a customer who gives up.
    pub cancel_url: &'a str,
    /// When payOS shall stop taking money for it; whole seconds that fit 32 bits, so never later than 2038.
    pub expired_at: Option<UnixTime>,
}

impl CreateRequest<'_> {
    /// Returns the JSON, signed with the channel's checksum key.
    pub fn body(&self, key: &[u8]) -> Vec<u8> {
        let (order_code, amount) = (self.order.payos_code(), self.amount.value());
        let mut body = json!({
            "orderCode": order_code,
            "amount": amount,
            "description": self.description,
            "returnUrl": self.return_url,
            "cancelUrl": self.cancel_url,
            "signature": create_signature(
                key, amount, self.cancel_url, self.description, order_code, self.return_url,
            ),
        });
        if let (Some(at), Some(fields)) = (self.expired_at, body.as_object_mut()) {
            let secs = at.secs().clamp(0, i64::from(i32::MAX));
            fields.insert("expiredAt".to_owned(), secs.into());
        }
        body.to_string().into_bytes()
    }
}

/// Returns the JSON of a request to cancel a payment link.
pub fn cancel_body(reason: &str) -> Vec<u8> {
    json!({ "cancellationReason": reason }).to_string().into_bytes()
}
