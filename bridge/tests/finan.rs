//! Finan's webhooks over real HTTP: what proves one, what a till gets of it, and how old it may be (contract §6).

mod support;

use serde_json::{Value, json};

use support::bridge::{BridgeProcess, Wishes};
use support::broker::{Broker, Listener};
use support::finan::{
    CHANNEL, NEXT_SECRET, ORDER, SECRET, hmac_signature, lines, payment, signature, signed, timestamp,
};
use support::free_port;
use support::http::{Reply, post, post_with};
use support::payments::WEBHOOK_TOPIC;

const PATH: &str = "/hooks/finan";
const UNROUTED: &str = "till/v1/unrouted/finan";

async fn bridge(channel: &str) -> BridgeProcess {
    bridge_at(free_port(), channel).await
}

async fn bridge_at(broker: u16, channel: &str) -> BridgeProcess {
    let channel: &'static str = channel.to_owned().leak();
    BridgeProcess::started(broker, &Wishes { channel, http: "forged_per_s = 1000", ..Wishes::default() }).await
}

async fn send(bridge: &BridgeProcess, path: &str, headers: &str, body: &[u8]) -> Reply {
    post_with(bridge.hooks(), path, headers, body).await
}

async fn outcome(bridge: &BridgeProcess, outcome: &str) -> u64 {
    bridge.metric(&format!("till_bridge_webhooks_total{{channel=\"finan\",outcome=\"{outcome}\"}}")).await
}

#[tokio::test]
async fn p1_only_what_finan_has_signed_is_taken() {
    let bridge = bridge(CHANNEL).await;
    let body = payment(ORDER, "p1").to_string();
    let body = body.as_bytes();
    let now = timestamp(0);
    let sign = |secret, path| signature(secret, path, body, &now);
    let right = sign(SECRET, PATH);
    let without = |name: &str| {
        let all = lines(&right, &now);
        all.split_inclusive("\r\n").filter(|line| !line.starts_with(name)).collect::<String>()
    };
    for (what, headers, want) in [
        ("signed", lines(&right, &now), 200),
        ("names in lower case", lines(&right, &now).to_lowercase(), 200),
        ("signed with the next secret", lines(&sign(NEXT_SECRET, PATH), &now), 200),
        ("no client id, which is not signed", without("X-Client-Id"), 200),
        ("signed with another secret", lines(&sign("another", PATH), &now), 401),
        ("signed in the other way", lines(&hmac_signature(SECRET, PATH, body, &now), &now), 401),
        ("signed for another path", lines(&sign(SECRET, "/hooks/other"), &now), 401),
        ("signed for a query that was not called", lines(&sign(SECRET, "/hooks/finan?a=b"), &now), 401),
        ("another time than that signed", lines(&right, &timestamp(-1)), 401),
        ("no signature", without("X-Signature"), 401),
        ("no time", without("X-Timestamp"), 401),
        ("nothing", String::new(), 401),
        ("an empty signature", lines("", &now), 401),
        ("two signatures", format!("X-Signature: {right}\r\n{}", lines(&right, &now)), 401),
        ("two times", format!("X-Timestamp: {now}\r\n{}", lines(&right, &now)), 401),
        ("a signature that is no text", lines("\u{ff}", &now), 401),
    ] {
        let reply = send(&bridge, PATH, &headers, body).await;
        assert_eq!(reply.status, want, "{what}: {}", reply.body);
    }
    let spaced = format!(" {}", String::from_utf8_lossy(body));
    assert_eq!(send(&bridge, PATH, &lines(&right, &now), spaced.as_bytes()).await.status, 401, "another body");
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 13);
    // What came four times is kept once.
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, 1);
}

#[tokio::test]
async fn p1_the_other_reading_of_the_documentation_is_a_switch() {
    let bridge = bridge(&format!("{CHANNEL}signature = \"hmac_sha256\"\n")).await;
    let body = payment(ORDER, "p1").to_string();
    let now = timestamp(0);
    let headers = lines(&hmac_signature(SECRET, PATH, body.as_bytes(), &now), &now);
    assert_eq!(send(&bridge, PATH, &headers, body.as_bytes()).await.status, 200);
    assert_eq!(send(&bridge, PATH, &signed(PATH, body.as_bytes()), body.as_bytes()).await.status, 401);
}

#[tokio::test]
async fn what_is_signed_and_no_webhook_is_told_apart() {
    let bridge = bridge(CHANNEL).await;
    let padded = |length: usize| {
        let body = payment(ORDER, "p1").to_string();
        format!("{body}{}", " ".repeat(length - body.len())).into_bytes()
    };
    let mut short = payment(ORDER, "p1");
    short.as_object_mut().expect("an object").remove("amount");
    let mut textual = payment(ORDER, "p1");
    textual["amount"] = json!("50000");
    for (what, body, want) in [
        ("empty", Vec::new(), 400),
        ("no JSON", b"amount=1".to_vec(), 400),
        ("no UTF-8", b"{\"id\":\"\xff\"}".to_vec(), 400),
        ("no object", b"[1]".to_vec(), 400),
        ("no amount", short.to_string().into(), 400),
        ("an amount as text", textual.to_string().into(), 400),
        ("as large as may be", padded(32 * 1024), 200),
        ("one byte more", padded(32 * 1024 + 1), 413),
    ] {
        let reply = send(&bridge, PATH, &signed(PATH, &body), &body).await;
        assert_eq!(reply.status, want, "{what}: {}", reply.body);
    }
    assert_eq!(outcome(&bridge, "malformed").await, 6);
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 0);
}

#[tokio::test]
async fn finan_hears_what_its_documentation_asks_for() {
    let bridge = bridge(CHANNEL).await;
    let body = payment(ORDER, "p1").to_string();
    let reply = send(&bridge, PATH, &signed(PATH, body.as_bytes()), body.as_bytes()).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let answer: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(answer.get("status"), Some(&json!("success")));
    assert!(answer["message"].is_string() && answer["timestamp"].is_string(), "{answer}");
}

#[tokio::test]
async fn an_envelope_has_the_signed_headers_and_the_public_path_byte_for_byte() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = bridge_at(broker.port(), &format!("{CHANNEL}public_path = \"/shop/7/finan-hook\"\n")).await;
    // What the provider calls, with its query, is what it signs.
    for query in ["", "?shop=7&x=%20_", "?"] {
        // Spaces and the order of keys are Finan's business.
        let payment = payment(ORDER, query).to_string();
        let body = format!("{{ \"remark\" : \"Cảm ơn\\n\",  {}", payment.trim_start_matches('{'));
        let (path, now) = (format!("/shop/7/finan-hook{query}"), timestamp(0));
        let signature = signature(SECRET, &path, body.as_bytes(), &now);
        let headers = format!("{}X-Other: secret\r\nUser-Agent: finan\r\n", lines(&signature, &now));
        let reply = send(&bridge, &format!("/hooks/finan{query}"), &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);

        let message = listener.next().await;
        assert_eq!(message.topic, WEBHOOK_TOPIC);
        let mut envelope: Value = serde_json::from_str(&message.body).expect("a JSON envelope");
        let object = envelope.as_object_mut().expect("an object");
        object.remove("id").expect("an id");
        object.remove("received_at").expect("a time");
        let want = json!({"v": 1, "channel": "finan", "provider": "finan", "method": "POST", "path": path,
            "headers": {"x-client-id": "client-1", "x-signature": signature, "x-timestamp": now}, "body": body});
        assert_eq!(envelope, want);
    }
}

#[tokio::test]
async fn a_webhook_at_any_age_is_taken_unless_freshness_s_is_set() {
    let body = payment(ORDER, "p1").to_string();
    let at = |offset_s: i64| {
        let then = timestamp(offset_s);
        lines(&signature(SECRET, PATH, body.as_bytes(), &then), &then)
    };
    let bridge = bridge(CHANNEL).await;
    for age in [-86_400, 0, 86_400] {
        assert_eq!(send(&bridge, PATH, &at(age), body.as_bytes()).await.status, 200, "{age}");
    }
}

#[tokio::test]
async fn an_old_webhook_is_refused_and_its_source_is_no_forger() {
    let wishes = Wishes {
        http: "forged_per_s = 1",
        channel: format!("{CHANNEL}freshness_s = 60\n").leak(),
        ..Wishes::default()
    };
    let bridge = BridgeProcess::started(free_port(), &wishes).await;
    let body = payment(ORDER, "p1").to_string();
    let at = |secret: &str, offset_s: i64| {
        let then = timestamp(offset_s);
        lines(&signature(secret, PATH, body.as_bytes(), &then), &then)
    };
    for _ in 0..10 {
        for age in [-3600, -70, 70, 3600] {
            let reply = send(&bridge, PATH, &at(SECRET, age), body.as_bytes()).await;
            assert_eq!(reply.status, 401, "{age}: {}", reply.body);
        }
    }
    for age in [-50, 0, 50] {
        assert_eq!(send(&bridge, PATH, &at(SECRET, age), body.as_bytes()).await.status, 200, "{age}");
    }
    assert_eq!(outcome(&bridge, "stale").await, 40);
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 0);
    assert_eq!(bridge.metric("till_bridge_journal_undelivered").await, 1);
    // An old one that is wrong as well is a forgery.
    assert_eq!(send(&bridge, PATH, &at("another", -3600), body.as_bytes()).await.status, 401);
    assert_eq!(bridge.metric("till_bridge_forged_total").await, 1);
}

/// Sends a payment and says where it went.
async fn topic(bridge: &BridgeProcess, listener: &mut Listener, body: &Value) -> String {
    let body = body.to_string();
    let reply = send(bridge, PATH, &signed(PATH, body.as_bytes()), body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    listener.next().await.topic
}

fn remarked(reference: &str, remark: &str) -> Value {
    let mut body = payment(reference, remark);
    body["remark"] = json!(remark);
    body
}

#[tokio::test]
async fn p4_money_goes_to_the_till_that_its_order_or_else_its_purpose_names() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = bridge_at(broker.port(), CHANNEL).await;
    let own = "till/v1/0001017/down/webhook";
    let other = "till/v1/0001018/down/webhook";
    for (body, want) in [
        (payment(ORDER, "a"), own),
        (remarked("", "thanh toan TL0001018029727122 cafe"), other),
        (remarked("shop-order-77", "tl0001018029727122"), other),
        (payment("TL0001018029727122", "b"), other),
        // An order of ours always wins.
        (remarked(ORDER, "TL0001018029727122"), own),
        // A foreign order, a foreign purpose, two purposes, none.
        (payment("0001017-999999999", "c"), UNROUTED),
        (remarked("", "TL0001018999999999"), UNROUTED),
        (remarked("", "TL0001018029727122 TL0001017029727122"), UNROUTED),
        (remarked("shop-order-77", "cafe"), UNROUTED),
    ] {
        assert_eq!(topic(&bridge, &mut listener, &body).await, want, "{body}");
    }
    assert_eq!((outcome(&bridge, "routed").await, outcome(&bridge, "unrouted").await), (5, 4));
}

#[tokio::test]
async fn p4_money_that_names_no_till_goes_to_the_fallback_till_and_nothing_else_does() {
    let broker = Broker::running().await;
    let mut listener = Listener::connect(&broker).await;
    let bridge = bridge_at(broker.port(), &format!("{CHANNEL}fallback = 7\n")).await;
    let fallback = "till/v1/0000007/down/webhook";
    assert_eq!(topic(&bridge, &mut listener, &payment("shop-order-77", "a")).await, fallback);
    assert_eq!(topic(&bridge, &mut listener, &payment("0001017-999999999", "b")).await, fallback);
    assert_eq!(
        topic(&bridge, &mut listener, &remarked("", "TL0001018029727122")).await,
        "till/v1/0001018/down/webhook"
    );
    let mut nothing = payment("shop-order-77", "c");
    nothing["amount"] = json!(0);
    assert_eq!(topic(&bridge, &mut listener, &nothing).await, UNROUTED);
    assert_eq!(outcome(&bridge, "fallback").await, 2);
}

#[tokio::test]
async fn channels_do_not_take_each_other_s_webhooks() {
    let bridge = bridge(CHANNEL).await;
    let ours = payment(ORDER, "p1").to_string();
    let headers = signed(PATH, ours.as_bytes());
    assert_eq!(send(&bridge, "/hooks/payos", &headers, ours.as_bytes()).await.status, 400);
    let theirs = support::payos::webhook(&support::payos::payment(support::payos::ORDER, "TF1"));
    assert_eq!(post(bridge.hooks(), PATH, theirs.as_bytes()).await.status, 401);
}
