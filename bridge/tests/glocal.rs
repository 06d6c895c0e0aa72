//! Smart Glocal's webhooks over real HTTP: what proves one, and who gets it (contract §6).

mod support;

use serde_json::{Value, json};

use support::bridge::{BridgeProcess, Wishes};
use support::broker::{Broker, Listener};
use support::free_port;
use support::glocal::{CHANNEL, ORDER, signature, signed, webhook};
use support::http::post_with;
use support::payments::WEBHOOK_TOPIC;

const PATH: &str = "/hooks/glocal";
const UNROUTED: &str = "till/v1/unrouted/glocal";

async fn bridge(broker: u16, channel: &str) -> BridgeProcess {
    let channel: &'static str = channel.to_owned().leak();
    BridgeProcess::started(broker, &Wishes { channel, ..Wishes::default() }).await
}

fn finished(reference: &str) -> Value {
    webhook("payment_finished", "succeeded", reference)
}

#[tokio::test]
async fn p1_only_what_smart_glocal_has_signed_is_taken() {
    let bridge = bridge(free_port(), CHANNEL).await;
    let body = finished(ORDER).to_string();
    let right = signature("smart-glocal.pem", body.as_bytes());
    let line = |value: &str| format!("X-PARTNER-SIGN: {value}\r\n");
    for (what, headers, want) in [
        ("signed with the next key", line(&right), 200),
        ("signed with the key", line(&signature("merchant.pem", body.as_bytes())), 200),
        ("its name in lower case", format!("x-partner-sign: {right}\r\n"), 200),
        ("signed about another body", line(&signature("smart-glocal.pem", b"{}")), 401),
        ("no signature", String::new(), 401),
        ("an empty one", line(""), 401),
        ("no base64", line("?"), 401),
        ("half of it", line(&right[..right.len() / 2]), 401),
        ("twice", line(&right).repeat(2), 401),
    ] {
        let reply = post_with(bridge.hooks(), PATH, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, want, "{what}: {}", reply.body);
    }
    let other = format!("{body} ");
    assert_eq!(post_with(bridge.hooks(), PATH, &line(&right), other.as_bytes()).await.status, 401);
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 7);
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, 1);
    for (what, body, want) in [
        ("no JSON", "type=x", 400),
        ("no type", "{\"session\":{}}", 400),
        ("no session", "{\"type\":\"payment_finished\"}", 400),
    ] {
        let reply = post_with(bridge.hooks(), PATH, &signed(body.as_bytes()), body.as_bytes()).await;
        assert_eq!(reply.status, want, "{what}: {}", reply.body);
    }
    let large = format!("{body}{}", " ".repeat(32 * 1024));
    assert_eq!(post_with(bridge.hooks(), PATH, &signed(large.as_bytes()), large.as_bytes()).await.status, 413);
}

#[tokio::test]
async fn an_envelope_has_the_signature_byte_for_byte() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = bridge(broker.port(), &format!("{CHANNEL}public_path = \"/glocal\"\n")).await;
    let body = format!("{:#}\n", finished(ORDER));
    let headers = format!("{}X-PARTNER-PROJECT: shop\r\n", signed(body.as_bytes()));
    let reply = post_with(bridge.hooks(), "/hooks/glocal?a=b", &headers, body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let message = listener.next().await;
    assert_eq!(message.topic, WEBHOOK_TOPIC);
    let envelope: Value = serde_json::from_str(&message.body).expect("a JSON envelope");
    let sign = signature("smart-glocal.pem", body.as_bytes());
    for (key, want) in [
        ("provider", json!("smart-glocal")),
        ("path", json!("/glocal?a=b")),
        ("headers", json!({"x-partner-sign": sign})),
        ("body", json!(body)),
    ] {
        assert_eq!(envelope.get(key), Some(&want), "{key}");
    }
}

/// Sends a webhook and says where it went.
async fn topic(bridge: &BridgeProcess, listener: &mut Listener, body: &Value) -> String {
    let body = body.to_string();
    let reply = post_with(bridge.hooks(), PATH, &signed(body.as_bytes()), body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    listener.next().await.topic
}

fn payout(kind: &str, list: &str) -> Value {
    let mut body = webhook(kind, "pending", ORDER);
    let session = body["session"].as_object_mut().expect("an object");
    session.remove("acquiring_payments").expect("a list");
    session.insert(list.into(), json!([{"id": "po_1313", "status": "pending", "customer": {"reference": ORDER}}]));
    body
}

#[tokio::test]
async fn every_step_of_an_order_reaches_its_till_and_of_others_only_money() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = bridge(broker.port(), &format!("{CHANNEL}fallback = 7\n")).await;
    let fallback = "till/v1/0000007/down/webhook";
    let (foreign, shop) = ("0001017-999999999", "shop-77");
    let mut refunded = finished(ORDER);
    refunded["type"] = json!("payment_refunded");
    for (body, want) in [
        (webhook("ready_to_confirm", "pending", ORDER), WEBHOOK_TOPIC),
        (webhook("action_required", "in_progress", ORDER), WEBHOOK_TOPIC),
        (finished(ORDER), WEBHOOK_TOPIC),
        (webhook("payment_finished", "failed", ORDER), WEBHOOK_TOPIC),
        (refunded, WEBHOOK_TOPIC),
        // Whoever else sells on this account confirms for himself, and his money is looked after.
        (webhook("ready_to_confirm", "pending", foreign), UNROUTED),
        (webhook("action_required", "in_progress", shop), UNROUTED),
        (finished(foreign), fallback),
        (finished(shop), fallback),
        (webhook("payment_finished", "failed", shop), UNROUTED),
        // Payouts are no till's business, whatever order they name, and neither is what nobody knows.
        (payout("ready_to_confirm", "payout_list"), UNROUTED),
        (payout("ready_to_confirm", "payments"), UNROUTED),
        (payout("payment_finished", "payout_list"), UNROUTED),
        (webhook("subscription_renewed", "succeeded", ORDER), UNROUTED),
    ] {
        assert_eq!(topic(&bridge, &mut listener, &body).await, want, "{body}");
    }
    let count = |outcome: &str| format!("till_bridge_webhooks_total{{channel=\"glocal\",outcome=\"{outcome}\"}}");
    let counts = (bridge.metric(&count("routed")).await, bridge.metric(&count("fallback")).await);
    assert_eq!((counts, bridge.metric(&count("unrouted")).await), ((5, 2), 7));
}
