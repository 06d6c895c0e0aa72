//! The reckoning: what the till says, what payOS knows, what the outside was promised. It must not know how the day went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use demo::payos::Sandbox;
use serde_json::Value;

use crate::counter::{Book, Seen};
use crate::till::{Till, id_of};
use crate::wait::wait_for;

/// A transfer: payOS's id of the order, the bank's reference, the amount.
type Money = (String, String, u64);

/// Waits until payOS has delivered all its webhooks: each was answered 200 by the bridge.
///
/// # Panics
/// When that takes longer than `limit`.
pub fn all_webhooks_are_taken(payos: &Sandbox, limit: Duration) {
    wait_for("every webhook is answered 200", limit, || {
        let taken: BTreeSet<_> =
            payos.deliveries().into_iter().filter(|d| d.status == Some(200)).map(|d| d.reference).collect();
        let all = payos.orders().into_iter().flat_map(|order| order.transfers);
        let open: Vec<_> = all.filter(|transfer| !taken.contains(&transfer.reference)).collect();
        if open.is_empty() { Ok(()) } else { Err(format!("{open:?}")) }
    });
}

/// A day without sales, money and strikes in between proves nothing.
///
/// # Panics
/// When it was such a day.
pub fn something_happened(books: &[Book], payos: &Sandbox) {
    let sales: usize = books.iter().map(|book| book.seen.promised.len()).sum();
    let strikes: u64 = books.iter().map(|book| book.strikes).sum();
    let transfers: usize = payos.orders().iter().map(|order| order.transfers.len()).sum();
    println!("{sales} sales, {transfers} transfers, {strikes} strikes");
    assert!(strikes < 20 || (sales >= 5 && transfers >= 5), "hardly anything happened");
}

/// Compares a till that hears of nothing new with what was seen of it: each sale is there, with its amount, with all
/// the money that it was seen with, and not in an older revision.
///
/// # Panics
/// When anything is missing.
#[track_caller]
pub fn has_all(till: &Till, seen: &Seen) {
    let sales = till.sales();
    let known: BTreeMap<_, _> = sales.iter().map(|sale| (id_of(sale), sale)).collect();
    assert_eq!(known.len(), sales.len(), "a sale is listed once");
    for (id, amount) in &seen.promised {
        let sale = known.get(id.as_str()).unwrap_or_else(|| panic!("sale {id} was promised and is gone"));
        assert_eq!(sale["amount"], *amount, "{sale}");
    }
    for (id, seen) in &seen.sales {
        let sale = known.get(id.as_str()).unwrap_or_else(|| panic!("this sale was seen and is gone: {seen}"));
        assert!(sale["revision"].as_u64() >= seen["revision"].as_u64(), "seen {seen}, and now it is {sale}");
        let money: Vec<_> = money_of(sale).collect();
        assert!(money_of(seen).all(|transfer| money.contains(&transfer)), "seen {seen}, and now it is {sale}");
    }
}

/// Compares one till with payOS and with what it promised.
///
/// # Panics
/// When money or a sale is missing, or is there twice.
pub fn agree(till: &Till, seen: &Seen, payos: &Sandbox) {
    till.wait_for_broker();
    let at_payos = money_at_payos(payos, till.number);
    wait_for("all money is counted", Duration::from_secs(30), || {
        let counted = money_at(till);
        if counted.len() >= at_payos.len() {
            return Ok(());
        }
        let missing: Vec<_> = at_payos.iter().filter(|money| !counted.contains(money)).collect();
        Err(format!("missing: {missing:?}"))
    });
    let mut counted = money_at(till);
    counted.sort();
    assert_eq!(counted, at_payos, "every transfer is counted once, in a sale or a receipt");

    let sales = wait_for_rest(till);
    let known: BTreeMap<_, _> = sales.iter().map(|sale| (id_of(sale).to_owned(), sale["amount"].clone())).collect();
    assert_eq!(known.len(), sales.len(), "a sale is listed once");
    for (id, amount) in &seen.promised {
        assert_eq!(known.get(id), Some(&Value::from(*amount)), "sale {id} was promised");
    }
    for sale in &sales {
        let paid: u64 = money_of(sale).map(|(_, _, amount)| amount).sum();
        let wanted = sale["amount"].as_u64().unwrap_or_default();
        assert_eq!(sale["paid_amount"].as_u64(), Some(paid), "{sale}");
        assert_eq!(sale["state"] == "paid", paid >= wanted, "{sale}");
    }
}

/// Every sale ends or shows; what is being cancelled ends within 30 s.
fn wait_for_rest(till: &Till) -> Vec<Value> {
    wait_for("every sale has ended or shows", Duration::from_secs(60), || {
        let sales = till.sales();
        let open = |sale: &&Value| {
            let state = sale["state"].as_str().unwrap_or_default();
            !["paid", "cancelled", "expired", "failed", "showing"].contains(&state)
        };
        match sales.iter().find(open) {
            Some(sale) => Err(sale.to_string()),
            None => Ok(sales),
        }
    })
}

/// No order reference named two sales, and what payOS made for one reference has one amount.
///
/// # Panics
/// When one did.
pub fn no_number_served_two_sales(payos: &Sandbox) {
    let mut asked: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for call in payos.requests().into_iter().filter(|call| call.path == "/v2/payment-requests") {
        let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
        let order = body["orderCode"].as_u64().unwrap_or_else(|| panic!("a create names its order: {}", call.body));
        asked.entry(order).or_default().insert(format!("{} for {}", body["amount"], body["description"]));
    }
    let twice: Vec<_> = asked.iter().filter(|(_, wanted)| wanted.len() > 1).collect();
    assert!(twice.is_empty(), "references that were used for two things: {twice:?}");
}

fn money_at(till: &Till) -> Vec<Money> {
    let in_sales: Vec<_> = till.sales().iter().flat_map(|sale| money_of(sale).collect::<Vec<_>>()).collect();
    let receipts = till.receipts();
    in_sales.into_iter().chain(receipts.iter().map(transfer)).collect()
}

fn money_of(sale: &Value) -> impl Iterator<Item = Money> + '_ {
    sale["payments"].as_array().into_iter().flatten().map(transfer)
}

fn transfer(told: &Value) -> Money {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    (text("provider_id"), text("provider_ref"), told["amount"].as_u64().unwrap_or_default())
}

fn money_at_payos(payos: &Sandbox, number: u32) -> Vec<Money> {
    let own = payos.orders().into_iter().filter(|order| order.code.value() / 1_000_000_000 == u64::from(number));
    let mut money: Vec<_> = own
        .flat_map(|order| {
            let transfers = order.transfers.into_iter();
            transfers.map(move |t| (order.link_id.clone(), t.reference.as_str().to_owned(), t.amount))
        })
        .collect();
    money.sort();
    money
}
