//! Codes that the terminal makes itself while payOS cannot be reached: the customer pays by bank transfer, Finan reports the
//! account's money, and it finds its sale by the purpose.

use serde_json::{Value, json};
use tests::folder::Folder;
use tests::port::free_port;
use tests::providers::{FinanShop, order};
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

use crate::flags;

const PIN: &str = "2468";
/// The first account of Finan's sandbox.
const ACCOUNT: &str = "{ bin = \"970422\", number = \"0933450210\", name = \"TRAN TU THIEN\" }";

/// A shop whose sales go to a payOS that nobody can reach.
fn cut_off(limits: &str) -> FinanShop {
    let hash = tilld::pin::hash(PIN).expect("the system hashes");
    let limits = limits.to_owned();
    let shop = FinanShop::open_with("", |plan| {
        plan.sells_over = "payos".to_owned();
        plan.payos_url = format!("http://127.0.0.1:{}", free_port());
        plan.sale = format!("supervisor_pin = \"{hash}\"");
        plan.tables = format!("[offline]\nmode = \"vietqr\"\nchannel = \"finan\"\naccount = {ACCOUNT}\n{limits}");
    });
    assert_eq!(shop.finan.account().details.number, "0933450210", "the code names the account that Finan reports");
    shop
}

/// What the payer's bank passes on of the code.
fn purpose(sale: &Value) -> String {
    let digits: String = order(sale).chars().filter(char::is_ascii_digit).collect();
    format!("TL{digits}")
}

/// The customer scans what the display shows and sends the money.
#[track_caller]
fn pay(shop: &FinanShop, sale: &Value) {
    let code = sale["qr"].as_str().unwrap_or_default();
    match shop.finan.read_code(code) {
        Ok(demo::finan::Bill::Account { amount, purpose: text }) => {
            assert_eq!((amount, text.as_deref()), (sale["amount"].as_u64(), Some(purpose(sale).as_str())), "{sale}");
        }
        other => panic!("the bank reads {other:?} in the code of {sale}"),
    }
    let amount = sale["amount"].as_u64().unwrap_or_default();
    shop.finan.pay_account(&purpose(sale), amount).expect("the account takes money");
}

#[test]
fn p4_p6_money_for_a_code_made_offline_finds_its_sale_while_the_counter_sells_on() {
    let shop = cut_off("");
    let till = &shop.shop.till;
    let first = till.sell_and_show(50_000);
    assert_eq!(
        (flags(&first), &first["provider_id"], &first["channel"]),
        (vec!["offline"], &Value::Null, &json!("payos"))
    );
    till.wait_for_code(first["qr"].as_str().unwrap_or_default());
    // No `busy`: the next customer's sale takes the display.
    let second = till.sell_and_show(20_000);
    till.wait_for_code(second["qr"].as_str().unwrap_or_default());
    let waiting = till.wait_state(id_of(&first), "unconfirmed", SOON);
    assert_eq!((&waiting["finished_at"], &waiting["qr"]), (&Value::Null, &first["qr"]), "{waiting}");
    let listed = till.get("/v1/sales?state=unconfirmed").json();
    assert_eq!(listed["sales"], json!([waiting]));

    pay(&shop, &first);
    let paid = till.wait_state(id_of(&first), "paid", SOON);
    assert_eq!((flags(&paid), &paid["paid_amount"]), (vec!["offline"], &json!(50_000)), "{paid}");
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
    // P6: the other sale's code stays where it is.
    till.wait_for_code(second["qr"].as_str().unwrap_or_default());
    pay(&shop, &second);
    let paid = till.wait_state(id_of(&second), "paid", SOON);
    shop.shop.assert_code_is_gone(&paid);
    assert_eq!(till.receipts(), Vec::<Value>::new(), "no money was left without a sale");
}

#[test]
fn p2_p9_unconfirmed_sales_survive_a_kill_with_their_limits_and_are_found_by_their_money() {
    let mut shop = cut_off("max_count = 1");
    let sale = shop.shop.till.sell_and_show(50_000);
    let acknowledged = shop.shop.till.post(&format!("/v1/sales/{}/acknowledge", id_of(&sale)), "");
    assert_eq!(acknowledged.status, 200, "{}", acknowledged.text());
    shop.shop.till.wait_state(id_of(&sale), "unconfirmed", SOON);
    shop.shop.till.assert_no_code();
    shop.shop.till.kill();
    shop.shop.till.start_again();
    let till = &shop.shop.till;
    assert_eq!(till.sale(id_of(&sale))["state"], "unconfirmed");
    let refused = till.sell(30_000);
    let refused = till.wait_state(id_of(&refused), "failed", SOON);
    assert_eq!(refused["failure"]["code"], "offline_limit", "{refused}");
    till.assert_no_code();
    till.wait_for_broker();
    pay(&shop, &sale);
    till.wait_state(id_of(&sale), "paid", SOON);
    let next = till.sell_and_show(30_000);
    assert_eq!(flags(&next), ["offline"], "what is settled leaves room: {next}");
}

#[test]
fn p1_a_supervisor_confirms_by_hand_and_the_sale_says_so_until_money_proves_it() {
    let shop = cut_off("");
    let till = &shop.shop.till;
    let sale = till.sell_and_show(50_000);
    let confirm =
        |pin: &str| till.post(&format!("/v1/sales/{}/confirm", id_of(&sale)), json!({ "pin": pin }).to_string());
    assert_eq!(confirm("1111").problem(), (403, "wrong-pin".to_owned()));
    assert_eq!(till.sale(id_of(&sale))["state"], "showing");
    assert_eq!(till.post(&format!("/v1/sales/{}/confirm", id_of(&sale)), "{}").status, 422);
    let folder = Folder::make();
    let file = folder.write("pin", format!("{PIN}\n"));
    let said = till.command_line(&["confirm", id_of(&sale), "--pin-file", &file.to_string_lossy(), "--json"]);
    assert!(said.status.success(), "{said:?}");
    let paid = till.wait_state(id_of(&sale), "paid", SOON);
    shop.shop.assert_code_is_gone(&paid);
    assert_eq!(
        (flags(&paid), &paid["paid_amount"], &paid["payments"]),
        (vec!["manual", "offline"], &json!(0), &json!([]))
    );
    assert_eq!(confirm(PIN).problem(), (409, "already-ended".to_owned()));
    pay(&shop, &sale);
    let proven = till.wait_sale("the money proves it", id_of(&sale), SOON, |sale| sale["paid_amount"] == 50_000);
    assert_eq!(flags(&proven), ["late", "offline"], "{proven}");
}

#[test]
fn p8_a_cancelled_code_made_offline_is_off_and_its_late_money_is_told() {
    let shop = cut_off("");
    let till = &shop.shop.till;
    let sale = till.sell_and_show(50_000);
    assert_eq!(till.cancel(id_of(&sale)).status, 202);
    let cancelled = till.wait_state(id_of(&sale), "cancelled", SOON);
    shop.shop.assert_code_is_gone(&cancelled);
    pay(&shop, &sale);
    let paid = till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(flags(&paid), ["late", "offline"], "{paid}");
    wait_for("the fleet hears of it", SOON, || {
        let topic = format!("/up/sale/{}", id_of(&sale));
        let heard = shop.shop.ear.seen_on(&topic);
        heard.iter().any(|message| message.json()["state"] == "paid").then_some(()).ok_or_else(|| format!("{heard:?}"))
    });
}
