//! The bodies that a till sends to Smart Glocal (providers.md §3.2, and the page on e-wallets in Vietnam). It must not
//! know of addresses, headers or signatures.

use serde_json::{Map, Value, json};

use crate::ids::OrderRef;

/// A payment to be started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payment<'a> {
    /// Sent as the customer's reference, by which webhooks name the order.
    pub(super) order: OrderRef,
    /// In the units of bodies.
    pub(super) units: u64,
    pub(super) currency: &'a str,
    pub(super) full_name: &'a str,
    pub(super) document: &'a str,
    pub(super) email: &'a str,
    pub(super) return_url: Option<&'a str>,
}

/// Returns the JSON that opens a session. Everything about the payment is said when it is started; until then the order
/// is there for whoever looks through the account's sessions.
pub(super) fn create(order: OrderRef) -> Vec<u8> {
    bytes(json!({ "metadata": order.to_string() }))
}

/// Returns the JSON that starts the payment of a session.
pub(super) fn start(session: &str, payment: Payment<'_>) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("session_id".to_owned(), session.into());
    body.extend(payment.fields());
    bytes(Value::Object(body))
}

/// Returns the JSON that opens a session and starts its payment.
pub(super) fn init(payment: Payment<'_>) -> Vec<u8> {
    bytes(Value::Object(payment.fields()))
}

/// Returns the JSON that is about a session as a whole.
pub(super) fn about(session: &str) -> Vec<u8> {
    bytes(json!({ "session_id": session }))
}

impl Payment<'_> {
    fn fields(self) -> Map<String, Value> {
        let mut options = Map::new();
        if let Some(url) = self.return_url {
            options.insert("return_url".to_owned(), url.into());
        }
        options.insert("recurrent".to_owned(), false.into());
        let wallet = json!({ "type": "country_ewallet", "country_ewallet": { "country_iso2": "VN" } });
        let customer = json!({ "reference": self.order.to_string(), "contacts": [{ "email": self.email }] });
        let sender = json!({ "full_name": self.full_name, "document": self.document });
        let fields = [
            ("payment_details", json!({ "type": "internet_banking", "internet_banking": wallet })),
            ("amount_details", json!({ "amount": self.units, "currency": self.currency })),
            ("customer", customer),
            ("participant_details", json!({ "sender": sender })),
            ("payment_options", Value::Object(options)),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn bytes(body: Value) -> Vec<u8> {
    body.to_string().into_bytes()
}
