//! What the sandbox does when nothing goes wrong.

use serde_json::{Value, json};

use super::{Shop, done, made};
use crate::finan::{Bill, Duplicates, Habits, IdForm, Method, PayError, Single, Status};
use crate::vietqr::{self, BankAccount, ScanError, Scanned};

const ORDER: &str = "0001017-029727122";

fn with(shop: &Shop, reference: &str, fields: &[(&str, Value)]) -> Value {
    let mut body = shop.order(reference, 50_000);
    for (name, value) in fields {
        body[*name] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_transfer_is_asked_for_with_a_code_that_carries_amount_and_remark() {
    let shop = Shop::open();
    let data = shop.make(ORDER, 50_000).await;
    let request = shop.sandbox.payment_request(ORDER).expect("the request is in the book");
    let account = shop.sandbox.account().details;
    let code = vietqr::build(&account, Some(50_000), &request.remark);
    let want = json!({
        "payment_request_id": request.id.as_str(), "payment_request_code": request.code, "payment_url": "",
        "bank_transfer_detail": {
            "qr_code": code, "bank_name": "MB", "account_name": "TRAN TU THIEN", "account_number": "0933450210",
            "remark": request.remark,
        },
    });
    assert_eq!(data, want);
    let scanned = Scanned {
        bin: "970422".into(),
        account: account.number.clone(),
        amount: Some(50_000),
        purpose: Some(request.remark.clone()),
    };
    assert_eq!(vietqr::scan(&code), Ok(scanned));
    assert!(request.remark.starts_with("TT") && request.code.starts_with("PR"));
    let parts: Vec<_> = request.id.as_str().split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "the id is bare");
    assert_eq!(shop.sandbox.read_code(&code), Ok(Bill::Request { id: request.id, amount: Some(50_000) }));
}

#[tokio::test]
async fn cards_and_wallets_get_a_page_instead_of_a_code() {
    let shop = Shop::open();
    for method in [Method::Card, Method::EwalletMomo] {
        let fields = [("payment_method", json!(method.as_str()))];
        let data = made(shop.create(&with(&shop, method.as_str(), &fields)).await);
        let request = shop.sandbox.payment_request(method.as_str()).expect("the request is in the book");
        let url = data["payment_url"].as_str().expect("there is a page");
        assert!(url.starts_with("https://"), "{url}");
        assert_eq!(data["bank_transfer_detail"], Value::Null);
        assert_eq!(shop.sandbox.read_code(url), Ok(Bill::Request { id: request.id, amount: Some(50_000) }));
        assert_eq!(shop.ask(method.as_str()).await["payment_method"], method.as_str());
    }
    assert_eq!(shop.sandbox.read_code("https://pay.finan.example/PRX"), Err(PayError::PageOfCode));
}

#[tokio::test]
async fn partial_and_extra_payments_add_up_in_every_answer() {
    let shop = Shop::open();
    shop.make(ORDER, 50_000).await;
    let mut seen = Vec::new();
    let mut ids = Vec::new();
    for amount in [20_000, 30_000, 1_000] {
        let data = shop.ask(ORDER).await;
        seen.push((data["status"].clone(), data["paid_amount"].clone()));
        ids.push(shop.sandbox.pay_silently(ORDER, amount).expect("the request is known"));
    }
    let data = shop.ask(ORDER).await;
    assert_eq!(
        seen,
        [(json!("unpaid"), json!(0)), (json!("partial_paid"), json!(20_000)), (json!("paid"), json!(50_000))]
    );
    let request = shop.sandbox.payment_request(ORDER).expect("the request is known");
    let payments: Vec<_> = request
        .payments
        .iter()
        .map(|p| json!({"id": p.id.as_str(), "amount": p.amount, "method": "bank_transfer", "created_at": p.at.in_utc()}))
        .collect();
    let want = json!({
        "payment_request_id": format!("PR-{}", request.id), "paid_amount": 51_000, "status": "extra_paid",
        "payment_method": "bank_transfer", "amount": 50_000, "description": "thanh toan", "reference_type": "",
        "reference_id": ORDER, "payments": payments, "customer": {"name": "Khách lẻ"},
    });
    assert_eq!(data, want);
    assert_eq!(request.payments.iter().map(|payment| payment.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(request.status(), Status::ExtraPaid);
}

#[tokio::test]
async fn an_id_is_taken_with_and_without_its_prefix_and_written_as_told() {
    let shop = Shop::open();
    let made = shop.make(ORDER, 50_000).await;
    let id = made["payment_request_id"].as_str().expect("an id");
    let prefixed = done(shop.get(&format!("/api/v1/payments/PR-{id}")).await);
    assert_eq!(prefixed, done(shop.get(&format!("/api/v1/payments/{id}")).await));
    assert_eq!(prefixed["payment_request_id"], format!("PR-{id}"));
    shop.sandbox.set_habits(Habits { ids: IdForm::Bare, single: Single::List, ..Habits::default() });
    let bare = done(shop.get(&format!("/api/v1/payments/{id}")).await);
    assert_eq!((&bare[0]["payment_request_id"], bare.as_array().map(Vec::len)), (&json!(id), Some(1)));
    for name in [id, &format!("PR-{id}"), ORDER] {
        shop.sandbox.pay_silently(name, 1).expect("the request is known");
    }
    assert_eq!(shop.ask(ORDER).await[0]["paid_amount"], 3);
}

#[tokio::test]
async fn a_list_is_filtered_by_reference_and_shows_every_request_of_it() {
    let shop = Shop::open();
    shop.sandbox.add_foreign_order(ORDER, 1_000);
    shop.make(ORDER, 50_000).await;
    let invoice = [("reference_type", json!("invoice")), ("items", Value::Null), ("customer", Value::Null)];
    made(shop.create(&with(&shop, "INV 1/2", &invoice)).await);
    let amounts = async |query: &str| -> Vec<Value> {
        let list = done(shop.get(&format!("/api/v1/payments{query}")).await);
        list.as_array().expect("a list").iter().map(|one| one["amount"].clone()).collect()
    };
    assert_eq!(amounts("").await, [50_000, 50_000, 1_000]);
    assert_eq!(amounts(&format!("?reference_type=&reference_id={ORDER}")).await, [50_000, 1_000]);
    assert_eq!(amounts("?reference_type=invoice&reference_id=INV%201%2F2").await, [50_000]);
    assert_eq!(amounts("?reference_type=invoice").await, [50_000]);
    assert_eq!(amounts("?reference_id=nobody").await, Vec::<Value>::new());
    let calls = shop.sandbox.requests();
    let seen: Vec<_> =
        calls.iter().map(|call| (call.method.as_str(), call.order.as_ref().map(|order| order.as_str()))).collect();
    let want = [
        ("POST", Some(ORDER)),
        ("POST", Some("INV 1/2")),
        ("GET", None),
        ("GET", Some(ORDER)),
        ("GET", Some("INV 1/2")),
        ("GET", None),
        ("GET", Some("nobody")),
    ];
    assert_eq!(seen, want);
    assert_eq!(calls[0].path, "/open/api/v1/payments");
}

#[tokio::test]
async fn a_reference_may_come_again_unless_duplicates_are_refused() {
    let shop = Shop::open();
    let first = shop.make(ORDER, 50_000).await;
    let second = shop.make(ORDER, 50_000).await;
    assert_ne!(first["payment_request_id"], second["payment_request_id"]);
    shop.sandbox.pay_silently(ORDER, 50_000).expect("the request is known");
    let paid: Vec<_> = shop.sandbox.payment_requests().iter().map(|request| request.paid_amount()).collect();
    assert_eq!(paid, [0, 50_000], "a reference means its newest request");
    shop.sandbox.set_habits(Habits { duplicates: Duplicates::Refused, ..Habits::default() });
    assert_eq!(super::refusal(shop.create(&shop.order(ORDER, 50_000)).await), (409, 409_001));
    shop.make("another", 50_000).await;
}

#[tokio::test]
async fn late_money_comes_by_transfer_but_a_page_closes_after_half_an_hour() {
    let shop = Shop::open();
    shop.make("transfer", 50_000).await;
    made(shop.create(&with(&shop, "card", &[("payment_method", json!("card"))])).await);
    shop.sandbox.set_clock_offset_s(29 * 60);
    shop.sandbox.pay_silently("card", 10_000).expect("the page is open");
    shop.sandbox.set_clock_offset_s(30 * 60 + 1);
    assert_eq!(shop.sandbox.pay_silently("card", 40_000), Err(PayError::Closed));
    shop.sandbox.pay_silently("transfer", 50_000).expect("the code can still be scanned");
    let request = shop.sandbox.payment_request("transfer").expect("the request is known");
    assert_eq!(request.status(), Status::Paid);
    assert!(request.payments[0].at > request.expires_at());
}

#[tokio::test]
async fn a_customer_cannot_pay_with_a_bad_code() {
    let shop = Shop::open();
    shop.make(ORDER, 50_000).await;
    let account = &shop.sandbox.account().details;
    let read = |code: &str| shop.sandbox.read_code(code);
    let other = BankAccount { number: "1".into(), ..account.clone() };
    let remark = &shop.sandbox.payment_requests()[0].remark;
    assert!(matches!(read(&vietqr::build(account, Some(1), remark)), Ok(Bill::Request { amount: Some(1), .. })));
    assert_eq!(read(&vietqr::build(&other, Some(1), remark)), Err(PayError::AccountOfCode));
    assert!(matches!(read("000201"), Err(PayError::Code(ScanError::Field { .. }))));
    let offline = Bill::Account { amount: Some(7_000), purpose: Some("TL0001017029727122".into()) };
    assert_eq!(read(&vietqr::build(account, Some(7_000), "TL0001017029727122")), Ok(offline));
    assert_eq!(shop.sandbox.pay(ORDER, 0), Err(PayError::Nothing));
    assert_eq!(shop.sandbox.pay_account("x", 0), Err(PayError::Nothing));
    assert_eq!(shop.sandbox.pay("nobody", 1), Err(PayError::UnknownRequest("nobody".into())));
}
