//! Payments whose terminal could not be told, as bridges publish them: the newest ones. It must not know providers.

use std::collections::VecDeque;

use serde_json::Value;
use till_wire::{ChannelId, Envelope, EnvelopeId, MAX_MESSAGE, UnixTime};

use super::{Refused, within};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Unrouted {
    /// The oldest first.
    payments: VecDeque<Payment>,
    /// How many there were since the start.
    pub(crate) seen: u64,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) id: EnvelopeId,
    pub(crate) channel: ChannelId,
    pub(crate) provider: String,
    pub(crate) received_at: UnixTime,
    /// What the provider has said.
    pub(crate) body: String,
    /// What stands in it under the usual names.
    pub(crate) amount: Option<u64>,
    pub(crate) words: Option<String>,
    pub(crate) order: Option<String>,
}

const MAX_PAYMENTS: usize = 200;
/// The longest text that is kept of a webhook, in characters.
const MAX_BODY: usize = 2000;
const MAX_FIELD: usize = 200;
/// How deep a webhook is looked through.
const DEEPEST: usize = 4;

impl Unrouted {
    pub(super) fn take(&mut self, channel: &ChannelId, body: &[u8]) -> Result<(), Refused> {
        let envelope = Envelope::parse(within(body, MAX_MESSAGE)?).map_err(|_| Refused)?;
        if envelope.channel != *channel {
            return Err(Refused);
        }
        // The same one may come twice.
        if self.payments.iter().any(|payment| payment.id == envelope.id) {
            return Ok(());
        }
        self.seen = self.seen.saturating_add(1);
        self.payments.push_back(Payment::of(envelope));
        if self.payments.len() > MAX_PAYMENTS {
            self.payments.pop_front();
        }
        Ok(())
    }

    /// The newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().rev()
    }
}

impl Payment {
    fn of(envelope: Envelope) -> Self {
        let said: Value = serde_json::from_str(&envelope.body).unwrap_or(Value::Null);
        let find = |names: &[&str]| names.iter().find_map(|name| find(&said, name, DEEPEST));
        let text = |value: &Value| match value {
            Value::String(text) => Some(cut(text, MAX_FIELD)),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        Self {
            id: envelope.id,
            channel: envelope.channel,
            provider: cut(&envelope.provider, MAX_FIELD),
            received_at: envelope.received_at,
            amount: find(&["amount"]).and_then(Value::as_u64),
            words: find(&["description", "remark", "message"]).and_then(text),
            order: find(&["orderCode", "reference_id", "reference"]).and_then(text),
            body: cut(&envelope.body, MAX_BODY),
        }
    }
}

fn find<'v>(value: &'v Value, name: &str, left: usize) -> Option<&'v Value> {
    let inside = value.as_object()?;
    let own = inside.get(name).filter(|found| found.is_number() || found.is_string());
    own.or_else(|| inside.values().filter(|_| left > 0).find_map(|value| find(value, name, left - 1)))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
