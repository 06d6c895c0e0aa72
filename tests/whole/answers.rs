//! Every bad answer that payOS or what stands between can give: the sale fails with the contract's code, nothing is
//! drawn, and the next sale works. It must not know webhooks.

use std::collections::BTreeSet;
use std::time::Duration;

use demo::payos::{CallKind, Fault, Lasting, Status};
use serde_json::{Value, json};
use tests::events::{Event, Events};
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::together::together;
use tests::wait::{SOON, wait_for};

/// With `sale.request_s = 5` a sale has given up by then.
const GIVEN_UP: Duration = Duration::from_secs(20);

/// A sale fails with this code and never shows a code; afterwards the next sale works. Returns the failed sale.
#[track_caller]
fn check(shop: &Shop, fault: Fault, want: &[&str]) -> Value {
    let what = format!("{fault:?}");
    let orders_before = shop.payos.orders().len();
    shop.payos.plan(CallKind::Create, fault, Lasting::UntilReset);
    let events = Events::open(shop.till.api(), None);
    let sale = shop.till.sell(50_000);
    let failed = wait_for(&format!("{what}: the sale fails"), GIVEN_UP, || {
        let sale = shop.till.sale(id_of(&sale));
        if sale["finished_at"].is_null() { Err(sale.to_string()) } else { Ok(sale) }
    });
    shop.till.assert_no_code();
    let code = failed["failure"]["code"].as_str().unwrap_or_default();
    assert!(failed["state"] == "failed" && want.contains(&code), "{what}: want {want:?}, have {failed}");
    assert!(failed["failure"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{what}: {failed}");
    let same = |event: &Event| event.data["id"] == failed["id"] && event.data["revision"] == failed["revision"];
    let told = events.wait(&format!("{what}: the end is told"), SOON, same);
    assert_eq!(told.data, failed, "{what}: one revision says one thing");
    let mut states: Vec<_> =
        events.seen().iter().filter_map(|event| event.data["state"].as_str().map(str::to_owned)).collect();
    states.dedup();
    assert_eq!(states.last().map(String::as_str), Some("failed"), "{what}");
    assert!(!states.contains(&"showing".to_owned()), "{what}: {states:?}");
    shop.payos.reset_faults();
    wait_for(&format!("{what}: what was made at payOS is cancelled there"), GIVEN_UP * 2, || {
        let made = shop.payos.orders().split_off(orders_before);
        let open: Vec<_> = made.iter().filter(|order| order.status == Status::Pending).collect();
        if open.is_empty() { Ok(()) } else { Err(format!("{open:?}")) }
    });
    shop.assert_sells(20_000);
    failed
}

/// The numbers of all orders that payOS was asked to make, in the order of asking.
fn asked_for(shop: &Shop) -> Vec<u64> {
    let creates = shop.payos.requests().into_iter().filter(|call| call.path == "/v2/payment-requests");
    creates.filter_map(|call| call.order.map(|order| order.value())).collect()
}

#[track_caller]
fn assert_no_number_came_back(shop: &Shop) {
    let numbers = asked_for(shop);
    let distinct: BTreeSet<_> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
}

/// P1, P6, P11: whole answers that do not verify or do not match.
#[test]
fn p11_an_answer_that_does_not_verify_or_match_fails_the_sale_and_draws_nothing() {
    let shop = Shop::open();
    let invalid = &["provider_invalid"][..];
    check(&shop, Fault::Html, invalid);
    check(&shop, Fault::NoSignature, invalid);
    check(&shop, Fault::WrongSignature, invalid);
    check(&shop, Fault::OtherOrder, invalid);
    check(&shop, Fault::NoQr, invalid);
    assert_no_number_came_back(&shop);
}

/// P6: a code that asks for something else is not drawn.
#[test]
fn p6_a_code_that_is_not_the_sales_is_never_drawn() {
    let shop = Shop::open();
    let mismatch = &["qr_mismatch"][..];
    check(&shop, Fault::OtherAmountInQr, mismatch);
    check(&shop, Fault::BrokenQr, mismatch);
    check(&shop, Fault::OtherQr("https://pay.example/1".to_owned()), mismatch);
    check(&shop, Fault::OtherQr("0002010102123857".to_owned()), mismatch);
    // Sound, and without an amount.
    let account = shop.payos.account();
    check(&shop, Fault::OtherQr(demo::vietqr::build(&account, None, "CS1 X")), mismatch);
    assert_no_number_came_back(&shop);
}

#[test]
fn p6_a_code_for_another_account_than_the_channels_is_never_drawn() {
    let shop = Shop::open_with(|plan| {
        plan.channel = "account = { bin = \"970422\", number = \"1\" }".to_owned();
    });
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    shop.till.assert_no_code();
    assert_eq!(failed["failure"]["code"], "qr_mismatch", "{failed}");
}

#[test]
fn p7_a_refusal_of_payos_fails_the_sale_with_its_words() {
    let shop = Shop::open();
    for code in ["20", "201", "214", "401"] {
        let failed = check(&shop, Fault::Refuse(code.to_owned()), &["provider_refused"]);
        assert_eq!(failed["failure"]["provider_code"], *code, "the program has payOS's own code: {failed}");
    }
    let failed = check(&shop, Fault::HttpStatus { status: 401, retry_after_s: None }, &["provider_refused"]);
    assert_eq!(failed["failure"]["provider_code"], "401", "{failed}");
    assert_no_number_came_back(&shop);
}

/// P5: an order that somebody made before us is not ours; the sale goes on under another number.
#[test]
fn p5_p4_a_taken_number_is_left_to_its_owner_and_its_money_is_a_receipt() {
    let shop = Shop::open();
    let first = shop.assert_sells(10_000);
    // Numbers follow each other.
    let taken = order_of(&first).value() + 1;
    shop.payos.add_foreign_order(taken, 50_000);
    let sale = shop.till.sell_and_show(50_000);
    assert_eq!((&sale["attempt"], order_of(&sale).value()), (&json!(2), taken + 1), "{sale}");
    assert!(id_of(&sale).ends_with(&format!("{:09}", taken % 1_000_000_000)), "the sale keeps its id: {sale}");
    shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
    shop.payos.pay(taken, 50_000).expect("the other order is paid");
    let receipt = wait_for("the receipt", SOON, || shop.till.receipts().pop().ok_or_else(|| "none".to_owned()));
    assert_eq!((&receipt["amount"], &receipt["flags"]), (&json!(50_000), &json!(["attention"])), "{receipt}");
    let now = shop.till.sale(id_of(&sale));
    assert_eq!((&now["state"], &now["paid_amount"]), (&json!("showing"), &json!(0)), "{now}");
    shop.pay(&sale, 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
    assert_eq!(shop.payos.order(taken).map(|order| order.status), Some(Status::Paid), "it was not cancelled");
    // Somebody took them all: its own and five new references, then the sale fails.
    shop.payos.plan(CallKind::Create, Fault::Refuse("231".to_owned()), Lasting::UntilReset);
    let before = asked_for(&shop).len();
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "provider_refused", "{failed}");
    assert_eq!(asked_for(&shop).len() - before, 6);
    assert_no_number_came_back(&shop);
}

/// P5: an answer that was lost cannot be had again, so the order is cancelled and another is made.
fn a_lost_answer_is_cancelled_and_made_anew() {
    let shop = Shop::open();
    for (fault, amount) in
        [(Fault::CloseBeforeAnswer, 50_000), (Fault::HalfBody, 60_000), (Fault::HttpStatusAfter(502), 70_000)]
    {
        shop.payos.plan(CallKind::Create, fault.clone(), Lasting::Calls(1));
        let sale = shop.till.sell_and_show(amount);
        assert_eq!(sale["attempt"], 2, "{fault:?}: {sale}");
        assert_ne!(sale["order"], sale["id"], "{fault:?}");
        shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        let lost = id_of(&sale).replace('-', "").parse::<u64>().expect("an id is digits");
        wait_for("the lost order is cancelled at payOS", SOON, || {
            let status = shop.payos.order(lost).map(|order| order.status);
            if status == Some(Status::Cancelled) { Ok(()) } else { Err(format!("{status:?}")) }
        });
        shop.pay(&sale, amount);
        let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
        shop.assert_code_is_gone(&paid);
    }
    assert_no_number_came_back(&shop);
}

/// A request that never arrived is made again; payOS makes one order of it.
fn a_request_that_was_lost_is_made_again() {
    let shop = Shop::open();
    shop.payos.plan(CallKind::Create, Fault::CloseBeforeProcessing, Lasting::Calls(1));
    shop.assert_sells(50_000);
    assert_eq!(shop.payos.orders().len(), 1, "{:?}", shop.payos.orders());
}

fn a_payos_that_asks_to_wait_is_asked_again_after_that_time() {
    let shop = Shop::open();
    let busy = Fault::HttpStatus { status: 429, retry_after_s: Some(3) };
    shop.payos.plan(CallKind::Create, busy, Lasting::Calls(1));
    let sale = shop.till.sell(50_000);
    let waiting = shop.till.wait_sale("it waits", id_of(&sale), SOON, |sale| sale["waiting_for"] == "provider");
    assert_eq!(waiting["state"], "requesting");
    shop.till.wait_state(id_of(&sale), "showing", SOON);
    let creates: Vec<_> = shop
        .payos
        .requests()
        .into_iter()
        .filter(|call| call.path == "/v2/payment-requests")
        .map(|c| c.at.ms())
        .collect();
    let [first, second] = creates.as_slice() else { panic!("two requests: {creates:?}") };
    assert!(second - first >= 2_900, "asked again after {} ms", second - first);
    shop.pay(&sale_of(&shop, &sale), 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}

fn sale_of(shop: &Shop, sale: &Value) -> Value {
    shop.till.sale(id_of(sale))
}

fn a_payos_that_fails_for_request_s_is_unreachable() {
    let shop = Shop::open_with(|plan| plan.request_s = 5);
    check(&shop, Fault::HttpStatus { status: 500, retry_after_s: None }, &["provider_unreachable"]);
    check(&shop, Fault::HttpStatus { status: 429, retry_after_s: Some(1) }, &["provider_unreachable"]);
}

fn answers_that_break_off_for_request_s_end_the_sale() {
    let shop = Shop::open_with(|plan| plan.request_s = 5);
    // Five references may be used up just before the time is.
    let given_up = &["provider_unreachable", "provider_refused"];
    check(&shop, Fault::HalfBody, given_up);
    check(&shop, Fault::CloseBeforeAnswer, given_up);
    assert_no_number_came_back(&shop);
}

fn a_payos_that_never_answers_is_unreachable() {
    let shop = Shop::open_with(|plan| plan.request_s = 5);
    shop.payos.plan(CallKind::Create, Fault::Delay(Duration::from_secs(60)), Lasting::UntilReset);
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", Duration::from_secs(30));
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    shop.till.assert_no_code();
    shop.payos.reset_faults();
    shop.assert_sells(20_000);
}

/// Without any network a sale waits, can be cancelled at once, and ends by `offline.wait_s`.
fn a_sale_without_network_waits_and_ends() {
    let dead = format!("http://127.0.0.1:{}", tests::port::free_port());
    let shop = Shop::open_with(|plan| {
        plan.payos_url = dead.clone();
        plan.tables = "[offline]\nmode = \"wait\"\nwait_s = 4".to_owned();
    });
    let waits = |sale: &Value| sale["waiting_for"] == "network";
    let sale = shop.till.sell(50_000);
    shop.till.wait_sale("it waits for the network", id_of(&sale), SOON, waits);
    let cancelled = shop.till.cancel(id_of(&sale));
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    shop.till.wait_state(id_of(&sale), "cancelled", Duration::from_secs(3));
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "wait_timeout", "{failed}");
    assert_eq!(shop.till.status()["links"]["payos"]["up"], false);
}

fn a_sale_without_network_is_refused_where_that_is_wanted() {
    let dead = format!("http://127.0.0.1:{}", tests::port::free_port());
    let shop = Shop::open_with(|plan| {
        plan.payos_url = dead.clone();
        plan.tables = "[offline]\nmode = \"refuse\"".to_owned();
    });
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "offline_refused", "{failed}");
}

fn a_slow_answer_and_an_unknown_field_are_no_fault() {
    let shop = Shop::open();
    shop.payos.plan(CallKind::Create, Fault::Delay(Duration::from_secs(3)), Lasting::Calls(1));
    shop.payos.plan(CallKind::Create, Fault::ExtraField, Lasting::UntilReset);
    shop.payos.plan(CallKind::Get, Fault::ExtraField, Lasting::UntilReset);
    shop.payos.plan(CallKind::Cancel, Fault::ExtraField, Lasting::UntilReset);
    shop.assert_sells(50_000);
    let sale = shop.till.sell_and_show(20_000);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    shop.till.wait_state(id_of(&sale), "cancelled", SOON);
}

/// P7: whatever payOS and the network do, the sale ends, and money is asked for under new numbers only.
#[test]
fn p7_p5_silence_and_broken_answers_end_a_sale_and_never_use_a_number_twice() {
    together(&[
        ("a lost answer is cancelled and made anew", &a_lost_answer_is_cancelled_and_made_anew),
        ("a request that was lost is made again", &a_request_that_was_lost_is_made_again),
        ("429 is honoured", &a_payos_that_asks_to_wait_is_asked_again_after_that_time),
        ("500 for request_s", &a_payos_that_fails_for_request_s_is_unreachable),
        ("broken answers for request_s", &answers_that_break_off_for_request_s_end_the_sale),
        ("silence for request_s", &a_payos_that_never_answers_is_unreachable),
        ("no network, wait", &a_sale_without_network_waits_and_ends),
        ("no network, refuse", &a_sale_without_network_is_refused_where_that_is_wanted),
        ("slow and unknown", &a_slow_answer_and_an_unknown_field_are_no_fault),
    ]);
}
