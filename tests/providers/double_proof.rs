//! `sale.double_proof_over`: a webhook makes the till ask, and only the provider's own answer counts (P1), for all three.

use std::time::Duration;

use demo::{finan, glocal, payos};
use serde_json::{Value, json};
use tests::providers::{FinanShop, GlocalShop, PAYER};
use tests::shop::Shop;
use tests::till::{Till, TillPlan, id_of};
use tests::wait::{SOON, holds_for};

const LARGE: u64 = 100_000;

fn careful(plan: &mut TillPlan) {
    plan.sale = format!("double_proof_over = {LARGE}");
    plan.tables = "[offline]\nmax_amount = 50000".to_owned();
}

/// The webhook has come and the provider cannot be asked: the sale stays as it is. Then it can, and the sale is paid.
#[track_caller]
fn check(till: &Till, sale: &Value, mend: impl FnOnce()) {
    let id = id_of(sale);
    holds_for("a webhook alone is no proof", Duration::from_secs(4), || {
        let sale = till.sale(id);
        let unproven = sale["state"] == "showing" && sale["paid_amount"] == 0 && sale["payments"] == json!([]);
        if unproven && till.receipts().is_empty() { Ok(()) } else { Err(sale.to_string()) }
    });
    mend();
    let paid = till.wait_state(id, "paid", SOON * 4);
    assert_eq!((&paid["payments"][0]["via"], &paid["paid_amount"]), (&json!("poll"), &json!(LARGE)), "{paid}");
}

#[test]
fn p1_a_large_sale_over_payos_is_paid_by_payos_s_own_answer() {
    let shop = Shop::open_with(careful);
    let sale = shop.till.sell_and_show(LARGE);
    let down = payos::Fault::HttpStatus { status: 503, retry_after_s: None };
    shop.payos.plan(payos::CallKind::Get, down, payos::Lasting::UntilReset);
    shop.pay(&sale, LARGE);
    check(&shop.till, &sale, || shop.payos.reset_faults());
}

#[test]
fn p1_a_large_sale_over_finan_is_paid_by_finan_s_own_answer() {
    let shop = FinanShop::open_with("", careful);
    let sale = shop.shop.till.sell_and_show(LARGE);
    let down = finan::Fault::HttpStatus { status: 503, retry_after_s: None };
    for kind in [finan::CallKind::Get, finan::CallKind::List] {
        shop.finan.plan(kind, down.clone(), finan::Lasting::UntilReset);
    }
    shop.pay(&sale, LARGE);
    check(&shop.shop.till, &sale, || shop.finan.reset_faults());
}

#[test]
fn p1_a_large_sale_over_smart_glocal_is_paid_by_its_own_answer() {
    let shop = GlocalShop::open_with(PAYER, careful);
    let sale = shop.shop.till.sell_and_show(LARGE);
    let down = glocal::Fault::HttpStatus { status: 503, retry_after_s: None };
    shop.glocal.plan(glocal::CallKind::Status, down, glocal::Lasting::UntilReset);
    shop.pay(&sale);
    check(&shop.shop.till, &sale, || shop.glocal.reset_faults());
}
