//! What the sandbox does when nothing goes wrong, and what it refuses.

use serde_json::{Value, json};

use super::{Shop, read, refusal};
use crate::http::Request;
use crate::payos::{Bill, PayError, Status};
use crate::sandbox::tests::LIMIT;
use crate::vietqr::{self, Scanned};

const CODE: u64 = 1_017_029_727_122;

fn status_of(shop: &Shop) -> Option<Status> {
    shop.sandbox.order(CODE).map(|order| order.status)
}

#[tokio::test]
async fn a_created_order_has_a_real_code_with_payos_own_mark_before_the_description() {
    let shop = Shop::open();
    let data = shop.data(shop.create(&shop.order(CODE, 50_000, "029727122")).await);
    let order = shop.sandbox.order(CODE).expect("the order is in the book");
    let account = shop.sandbox.account();
    let qr = data["qrCode"].as_str().expect("the answer has a code");
    let scanned = Scanned {
        bin: account.bin.clone(),
        account: account.number.clone(),
        amount: Some(50_000),
        purpose: Some(order.bank_description.clone()),
    };
    assert_eq!(vietqr::scan(qr), Ok(scanned));
    assert_eq!(order.bank_description.len(), "CS62H9BJD45 ".len() + 9);
    assert!(order.bank_description.starts_with("CS") && order.bank_description.ends_with(" 029727122"));
    let want = json!({
        "bin": "970422", "accountNumber": "113366668888", "accountName": account.name, "amount": 50_000,
        "description": order.bank_description, "orderCode": CODE, "currency": "VND", "paymentLinkId": order.link_id,
        "status": "PENDING", "checkoutUrl": format!("https://pay.payos.vn/web/{}", order.link_id), "qrCode": qr,
    });
    assert_eq!(data, want);
    assert_eq!(shop.sandbox.read_code(qr), Ok(Bill { order: CODE.into(), amount: 50_000 }));
}

#[tokio::test]
async fn an_order_is_found_by_its_number_and_by_its_link_and_shows_its_money() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(CODE, 50_000, "x")).await);
    let first = shop.sandbox.pay_silently(CODE, 20_000).expect("the order is known");
    let link_id = shop.sandbox.orders()[0].link_id.clone();
    let data = shop.data(shop.get(&CODE.to_string()).await);
    assert_eq!(data, shop.data(shop.get(&link_id).await));
    let mut names: Vec<_> = data.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    let want = [
        "amount",
        "amountPaid",
        "amountRemaining",
        "canceledAt",
        "cancellationReason",
        "createdAt",
        "id",
        "orderCode",
        "status",
        "transactions",
    ];
    assert_eq!(names, want, "a status answer has no code and no account");
    assert_eq!(
        (&data["status"], &data["amountPaid"], &data["amountRemaining"]),
        (&json!("UNDERPAID"), &json!(20_000), &json!(30_000))
    );
    assert_eq!(data["transactions"][0]["reference"], first.as_str());
    shop.sandbox.pay_silently(CODE, 30_000).expect("the order is known");
    let data = shop.data(shop.get(&CODE.to_string()).await);
    assert_eq!((&data["status"], &data["amountPaid"]), (&json!("PAID"), &json!(50_000)));
    assert_eq!(data["transactions"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_number_is_used_once_whatever_became_of_its_order() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(CODE, 50_000, "x")).await);
    assert_eq!(refusal(shop.create(&shop.order(CODE, 50_000, "x")).await), "231");
    shop.data(shop.cancel(&CODE.to_string()).await);
    assert_eq!(refusal(shop.create(&shop.order(CODE, 60_000, "y")).await), "231");
    shop.sandbox.add_foreign_order(7, 1000);
    assert_eq!(refusal(shop.create(&shop.order(7, 1000, "x")).await), "231");
    assert_eq!(shop.data(shop.get("7").await)["amount"], 1000);
    let seen: Vec<_> = shop.sandbox.requests().into_iter().map(|r| (r.method, r.order.map(|o| o.value()))).collect();
    let post = |code| ("POST".to_owned(), Some(code));
    let get = ("GET".to_owned(), Some(7));
    assert_eq!(seen, [post(CODE), post(CODE), post(CODE), post(CODE), post(7), get]);
}

#[tokio::test]
async fn a_cancel_ends_an_open_order_and_leaves_a_paid_one() {
    let shop = Shop::open();
    shop.data(shop.create(&shop.order(CODE, 50_000, "x")).await);
    let data = shop.data(shop.cancel(&CODE.to_string()).await);
    assert_eq!((&data["status"], &data["cancellationReason"]), (&json!("CANCELLED"), &json!("khách đổi ý")));
    assert!(data["canceledAt"].as_str().is_some_and(|at| at.ends_with("+07:00")));
    assert_eq!(shop.data(shop.cancel(&CODE.to_string()).await)["status"], "CANCELLED");
    shop.data(shop.create(&shop.order(2, 50_000, "x")).await);
    shop.sandbox.pay_silently(2, 50_000).expect("the order is known");
    assert_eq!(refusal(shop.cancel("2").await), "20");
    assert_eq!(shop.sandbox.order(2).map(|order| order.status), Some(Status::Paid));
    assert_eq!(refusal(shop.cancel("3").await), "101");
    assert_eq!(refusal(shop.get("3").await), "101");
    assert_eq!(refusal(shop.get("no-such-link").await), "101");
}

#[tokio::test]
async fn an_order_expires_by_the_sandboxs_own_clock() {
    let shop = Shop::open();
    let mut body = shop.order(CODE, 50_000, "x");
    let end = super::super::Moment::now(0).secs() + 300;
    body["expiredAt"] = json!(end);
    assert_eq!(shop.data(shop.create(&body).await)["expiredAt"], json!(end));
    shop.sandbox.set_clock_offset_s(200);
    assert_eq!(status_of(&shop), Some(Status::Pending));
    shop.sandbox.set_clock_offset_s(301);
    let answer = shop.get(&CODE.to_string()).await.expect("the sandbox answers");
    let ahead: jiff::Zoned = jiff::fmt::rfc2822::parse(answer.header("date").unwrap_or_default()).expect("a date");
    assert!(ahead.timestamp().as_second() >= end, "the header `Date` goes with the sandbox's clock");
    assert_eq!(shop.data(Ok(answer))["status"], "EXPIRED");
    assert_eq!(refusal(shop.cancel(&CODE.to_string()).await), "20");
    shop.sandbox.pay_silently(CODE, 50_000).expect("the code can still be scanned");
    let data = shop.data(shop.get(&CODE.to_string()).await);
    assert_eq!((&data["status"], &data["amountPaid"]), (&json!("EXPIRED"), &json!(50_000)));
}

#[tokio::test]
async fn bad_requests_get_payos_codes() {
    let shop = Shop::open();
    let good = || shop.order(1, 50_000, "x");
    let with = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        body
    };
    let past = super::super::Moment::now(0).secs() - 1;
    let cases = [
        ("a description of 26", shop.order(1, 1, "abcdefghijklmnopqrstuvwxyz"), "20"),
        ("no money", shop.order(1, 0, "x"), "20"),
        ("500 million", shop.order(1, 500_000_000, "x"), "20"),
        ("no number", shop.order(0, 1, "x"), "20"),
        ("2^53", shop.order(9_007_199_254_740_992, 1, "x"), "20"),
        ("an empty description", shop.order(1, 1, ""), "20"),
        ("an amount in quotes", with("amount", json!("50000")), "20"),
        ("an end in the past", with("expiredAt", json!(past)), "20"),
        ("an end beyond Int32", with("expiredAt", json!(2_147_483_648_u32)), "20"),
        ("an item without a price", with("items", json!([{"name": "x", "quantity": 1}])), "20"),
        ("an unknown tax", with("items", json!([{"name": "x", "quantity": 1, "price": 1, "taxPercentage": 7}])), "20"),
        ("another amount than the signed one", with("amount", json!(1)), "201"),
        ("a wrong signature", with("signature", json!("00")), "201"),
        ("a list", json!([1]), "20"),
    ];
    for (what, body, code) in cases {
        assert_eq!(refusal(shop.create(&body).await), code, "{what}");
    }
    assert_eq!(shop.sandbox.orders(), []);
    shop.sandbox.set_description_limit(9);
    assert_eq!(refusal(shop.create(&shop.order(1, 1, "0123456789")).await), "20");
    shop.data(shop.create(&shop.order(1, 1, "Quầy số 1")).await);
    let largest = shop.order(9_007_199_254_740_991, 499_999_999, "x");
    shop.data(shop.create(&largest).await);
}

#[tokio::test]
async fn calls_without_the_right_keys_are_unauthorised() {
    let shop = Shop::open();
    let keys = shop.sandbox.credentials();
    let url = shop.url("/v2/payment-requests/1");
    let none = Request::get(&url);
    let one = Request::get(&url).header("x-client-id", &keys.client_id);
    let wrong = Request::get(&url).header("x-client-id", &keys.client_id).header("x-api-key", "x");
    for request in [none, one, wrong] {
        let answer = request.send(LIMIT).await.expect("the sandbox answers");
        assert_eq!(answer.status, 401);
    }
    let unknown = shop.send(Request::get(shop.url("/v1/x"))).await.expect("the sandbox answers");
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_customer_cannot_pay_with_a_bad_code() {
    let shop = Shop::open();
    let body = read(shop.create(&shop.order(CODE, 50_000, "x")).await);
    let bank = &shop.sandbox.account();
    let purpose = &shop.sandbox.orders()[0].bank_description;
    let read_code = |code: &str| shop.sandbox.read_code(code);
    assert!(body["data"]["qrCode"].as_str().is_some_and(|code| read_code(code).is_ok()));
    assert_eq!(read_code(&vietqr::build(bank, None, purpose)), Err(PayError::AmountOfCode));
    assert_eq!(read_code(&vietqr::build(bank, Some(1), "CS1 x")), Err(PayError::OrderOfCode));
    let other = vietqr::BankAccount { number: "1".into(), ..bank.clone() };
    assert_eq!(read_code(&vietqr::build(&other, Some(1), purpose)), Err(PayError::OrderOfCode));
    assert!(matches!(read_code("https://pay.payos.vn"), Err(PayError::Code(_))));
    assert_eq!(shop.sandbox.pay(CODE, 0), Err(PayError::Nothing));
    assert_eq!(shop.sandbox.pay(5, 1), Err(PayError::UnknownOrder(5.into())));
}
