//! What may be posted to the bridge, and what it answers to everything else. It must not know the till.

use serde_json::{Map, Value, json};
use tests::folder::Folder;
use tests::http;
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::wait::{SOON, wait_until};

/// The `data` of a webhook about a transfer, as payOS tells it.
fn data(sale: &Value) -> Map<String, Value> {
    let data = json!({
        "orderCode": order_of(sale).value(), "amount": 50_000, "description": "CS1 x",
        "accountNumber": "113366668888", "reference": "FT1", "transactionDateTime": "2026-11-20 10:04:05",
        "currency": "VND", "paymentLinkId": sale["provider_id"], "code": "00", "desc": "success",
    });
    data.as_object().cloned().unwrap_or_default()
}

/// P11: the contract's table, and after it the bridge still takes the true webhook.
#[test]
fn p11_what_is_no_webhook_is_refused_with_its_status_and_reaches_nobody() {
    let shop = Shop::open_with_both(|_| {}, |plan| plan.http = "forged_per_s = 1000".to_owned());
    let sale = shop.till.sell_and_show(50_000);
    let signed = shop.payos.sign_webhook(&data(&sale));
    let value: Value = serde_json::from_str(&signed).expect("a webhook is JSON");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = value.clone();
        change(&mut value);
        value.to_string().into_bytes()
    };
    let with = |field: &str, to: Value| {
        let mut data = data(&sale);
        data.insert(field.to_owned(), to);
        shop.payos.sign_webhook(&data).into_bytes()
    };
    let code = order_of(&sale).to_string();
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("nothing", b"".to_vec(), 400),
        ("not JSON", b"hello".to_vec(), 400),
        ("half of it", signed.as_bytes().get(..signed.len() / 2).unwrap_or_default().to_vec(), 400),
        ("an empty object", b"{}".to_vec(), 400),
        ("a list", b"[]".to_vec(), 400),
        (
            "not UTF-8",
            signed.replace("CS1 x", "CS1 ?").into_bytes().iter().map(|b| if *b == b'?' { 0xff } else { *b }).collect(),
            400,
        ),
        ("deep nesting", [b"{\"data\":".to_vec(), vec![b'['; 30_000]].concat(), 400),
        (
            "deep nesting, closed",
            format!("{{\"data\":{}{}}}", "[".repeat(15_000), "]".repeat(15_000)).into_bytes(),
            400,
        ),
        ("a key twice", signed.replacen("\"amount\"", "\"amount\":50000,\"amount\"", 1).into_bytes(), 400),
        ("the number as a text, signed", with("orderCode", json!(code)), 400),
        ("the amount as a text, signed", with("amount", json!("50000")), 400),
        ("the amount as a fraction", changed(&|value| value["data"]["amount"] = json!(50_000.5)), 401),
        ("no signature", changed(&|value| drop(value.as_object_mut().and_then(|v| v.remove("signature")))), 401),
        ("a wrong signature", changed(&|value| value["signature"] = json!("0".repeat(64))), 401),
        ("a short signature", changed(&|value| value["signature"] = json!("00")), 401),
        ("an empty signature", changed(&|value| value["signature"] = json!("")), 401),
        ("another amount", changed(&|value| value["data"]["amount"] = json!(50_001)), 401),
        ("32 KiB and 1 byte", vec![b' '; 32_769], 413),
        ("10 MB", vec![b'x'; 10_000_000], 413),
    ];
    for (what, body, status) in cases {
        let answer = shop.bridge.post(&body);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
    }
    let hooks = shop.bridge.hooks();
    let elsewhere = http::post_json(hooks, "/hooks/stranger", &signed).expect("the bridge answers");
    assert_eq!(elsewhere.status, 404, "{}", elsewhere.text());
    let read = http::get(hooks, "/hooks/payos").expect("the bridge answers");
    assert!(read.status == 405 || read.status == 404, "{}", read.status);
    for path in ["/metrics", "/healthz", "/readyz", "/"] {
        let answer = http::get(hooks, path).expect("the bridge answers");
        assert_eq!(answer.status, 404, "{path} is not for providers");
    }
    assert_eq!(shop.ear.seen_on("webhook").len(), 0, "nothing of it was published");
    let now = shop.till.sale(id_of(&sale));
    assert_eq!((&now["state"], &now["paid_amount"]), (&json!("showing"), &json!(0)), "{now}");
    shop.pay(&sale, 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}

/// P9: somebody who guesses signatures is slowed down; payOS, from the same address, is not.
#[test]
fn p9_forgers_are_slowed_down_and_a_true_webhook_never_is() {
    let shop = Shop::open_with_both(|_| {}, |plan| plan.http = "forged_per_s = 3".to_owned());
    let sale = shop.till.sell_and_show(50_000);
    let signed = shop.payos.sign_webhook(&data(&sale));
    let forged = signed.replace("50000", "50001");
    let mut slowed = None;
    wait_until("the forger is slowed down", SOON, || {
        let answer = shop.bridge.post(&forged);
        assert!(answer.status == 401 || answer.status == 429, "{}", answer.text());
        slowed = Some(answer.clone()).filter(|answer| answer.status == 429);
        slowed.is_some()
    });
    let waits = slowed.and_then(|answer| answer.header("retry-after").map(str::to_owned));
    assert!(waits.as_deref().is_some_and(|secs| secs.parse::<u32>().is_ok_and(|secs| secs >= 1)), "{waits:?}");
    let reference = shop.pay_silently(&sale, 50_000);
    let body = shop.payos.webhook_body(&reference).expect("the transfer is known");
    assert_eq!(shop.bridge.post(&body).status, 200, "a webhook that verifies is never answered 429");
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}

/// The 200 comes within 2 s whatever the broker does.
#[test]
fn a_webhook_is_answered_soon_though_the_broker_hangs() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    shop.broker.freeze();
    let reference = shop.pay_silently(&sale, 50_000);
    let body = shop.payos.webhook_body(&reference).expect("the transfer is known");
    let start = std::time::Instant::now();
    assert_eq!(shop.bridge.post(&body).status, 200);
    let took = start.elapsed();
    assert!(took.as_millis() < 2_000, "it took {took:?}");
    shop.broker.thaw();
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}

/// While keys are changed, both are valid.
#[test]
fn a_second_checksum_key_is_valid_too() {
    let keys = Folder::make();
    let shop = Shop::open_with_both(
        |_| {},
        |plan| {
            let next = keys.write("next", &plan.checksum_key);
            plan.channel = format!("checksum_key_next = {{ file = {next:?} }}");
            plan.checksum_key = "an-older-key".to_owned();
        },
    );
    shop.assert_sells(50_000);
}
