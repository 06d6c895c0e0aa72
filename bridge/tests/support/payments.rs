//! Payments in numbers: made up, sent, and told apart again when they arrive.

use serde_json::Value;

use super::bridge::BridgeProcess;
use super::broker::{Listener, Message};
use super::payos::{self, ORDER};

pub(crate) const WEBHOOK_TOPIC: &str = "till/v1/0001017/down/webhook";
pub(crate) const UNDELIVERED: &str = "till_bridge_journal_undelivered";

/// Returns the provider's references of the webhooks in these messages.
pub(crate) fn references(messages: &[Message]) -> Vec<String> {
    let reference = |message: &Message| -> Option<String> {
        let envelope: Value = serde_json::from_str(&message.body).ok()?;
        let body: Value = serde_json::from_str(envelope.get("body")?.as_str()?).ok()?;
        Some(body.get("data")?.get("reference")?.as_str()?.to_owned())
    };
    messages.iter().map(|message| reference(message).unwrap_or_default()).collect()
}

pub(crate) async fn post_payments(bridge: &BridgeProcess, names: &[String]) {
    for name in names {
        let reply = bridge.post(&payos::webhook(&payos::payment(ORDER, name))).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

pub(crate) fn names(prefix: &str, count: u32) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

pub(crate) async fn take(listener: &mut Listener, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    for _ in 0..count {
        messages.push(listener.next().await);
    }
    messages
}
