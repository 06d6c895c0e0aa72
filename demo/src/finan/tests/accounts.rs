//! The merchant's bank accounts, and their static codes.

use serde_json::{Value, json};

use super::{Shop, done, made, refusal};
use crate::finan::{Bank, Bill, CallKind, Fault, Lasting};
use crate::vietqr::{self, Scanned};

fn account_of(shop: &Shop) -> Value {
    let account = shop.sandbox.account();
    json!({
        "id": account.id, "account_number": "0933450210", "account_name": "TRAN TU THIEN", "bank_name": "MB",
        "bank_bin": "970422", "status": "active", "master_bank_account_id": account.master_id,
        "qr_code": shop.sandbox.static_code(),
    })
}

#[tokio::test]
async fn accounts_are_listed_filtered_and_found_by_their_ids() {
    let shop = Shop::open();
    let first = account_of(&shop);
    let second = shop.sandbox.add_account("19001000", "QUAN HAI");
    let id = shop.sandbox.account().id;
    let numbers = async |path: &str| -> Vec<Value> {
        let list = done(shop.get(path).await);
        list.as_array().expect("a list").iter().map(|account| account["account_number"].clone()).collect()
    };
    assert_eq!(numbers("/api/v1/bank-accounts").await, ["0933450210", "19001000"]);
    assert_eq!(numbers("/api/v1/bank-accounts?id=&account_number=19001000").await, ["19001000"]);
    assert_eq!(numbers(&format!("/api/v1/bank-accounts?id={id}&account_number=")).await, ["0933450210"]);
    assert_eq!(numbers(&format!("/api/v1/bank-accounts?id={id}&account_number=19001000")).await, Vec::<Value>::new());
    assert_eq!(done(shop.get(&format!("/api/v1/bank-accounts/{id}")).await), first);
    assert_eq!(refusal(shop.get("/api/v1/bank-accounts/nobody").await), (404, 404_001));
    assert_eq!(numbers("/api/v1/master-bank-accounts").await, ["0933450210", "19001000"]);
    let path = format!("/api/v1/master-bank-accounts?id={}&account_number=", second.master_id);
    let masters = done(shop.get(&path).await);
    assert_eq!((&masters[0]["id"], masters.as_array().map(Vec::len)), (&json!(second.master_id), Some(1)));
}

#[tokio::test]
async fn a_static_code_has_the_account_and_leaves_the_rest_to_the_payer() {
    let shop = Shop::open();
    let code = shop.sandbox.static_code();
    let want = Scanned { bin: "970422".into(), account: "0933450210".into(), amount: None, purpose: None };
    assert_eq!(vietqr::scan(&code), Ok(want));
    assert_eq!(shop.sandbox.read_code(&code), Ok(Bill::Account { amount: None, purpose: None }));
}

#[tokio::test]
async fn a_static_code_can_be_wrong_or_absent() {
    let shop = Shop::open();
    let path = format!("/api/v1/bank-accounts/{}", shop.sandbox.account().id);
    for fault in
        [Fault::NoQr, Fault::OtherQr("https://x.example/qr.png".into()), Fault::OtherAmountInQr, Fault::ExtraField]
    {
        shop.sandbox.plan(CallKind::Accounts, fault, Lasting::Calls(1));
    }
    assert_eq!(done(shop.get(&path).await).get("qr_code"), None);
    assert_eq!(done(shop.get(&path).await)["qr_code"], "https://x.example/qr.png");
    let code = done(shop.get(&path).await)["qr_code"].as_str().map(vietqr::scan).and_then(Result::ok);
    assert_eq!(code.and_then(|scanned| scanned.amount), Some(1_000));
    assert_eq!(done(shop.get(&path).await)["ghi_chu_moi"], "một trường mới");
    assert_eq!(done(shop.get(&path).await), account_of(&shop));
}

#[tokio::test]
async fn a_request_collects_into_the_account_that_it_names() {
    let shop = Shop::open();
    let second = shop.sandbox.add_account("19001000", "QUAN HAI");
    let mut body = shop.order("a", 1_000);
    body["account_id"] = json!(second.id);
    let detail = made(shop.create(&body).await)["bank_transfer_detail"].clone();
    let scanned = detail["qr_code"].as_str().map(vietqr::scan).and_then(Result::ok).expect("a sound code");
    assert_eq!((&detail["account_number"], scanned.account.as_str()), (&json!("19001000"), "19001000"));
    body["account_id"] = json!("nobody");
    assert_eq!(refusal(shop.create(&body).await), (400, 400_001));
}

#[tokio::test]
async fn shinhan_wants_its_account_named_for_transfers() {
    let shop = Shop::open_at(Bank::Shinhan);
    let mut body = shop.order("a", 1_000);
    assert_eq!(refusal(shop.create(&body).await), (400, 400_001));
    body["account_id"] = json!(shop.sandbox.account().id);
    let detail = made(shop.create(&body).await)["bank_transfer_detail"].clone();
    assert_eq!(detail["bank_name"], "SHINHAN");
    assert_eq!(
        detail["qr_code"].as_str().map(vietqr::scan).and_then(Result::ok).map(|s| s.bin).as_deref(),
        Some("970424")
    );
    body["account_id"] = Value::Null;
    body["payment_method"] = json!("card");
    made(shop.create(&body).await);
}
