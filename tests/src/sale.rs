//! What is read from a sale's JSON. It must not know where the sale came from.

use demo::payos::OrderCode;
use serde_json::Value;

/// The id of a sale.
///
/// # Panics
/// When it has none.
#[track_caller]
pub fn id_of(sale: &Value) -> &str {
    sale["id"].as_str().unwrap_or_else(|| panic!("a sale has an id: {sale}"))
}

/// The number by which payOS knows the order reference of a sale, or of anything with a field `order`.
///
/// # Panics
/// When it has no order reference of the contract's form.
#[track_caller]
pub fn order_of(sale: &Value) -> OrderCode {
    let order = sale["order"].as_str().unwrap_or_default();
    let parts = order.split_once('-').filter(|(terminal, sequence)| terminal.len() == 7 && sequence.len() == 9);
    let code = parts.and_then(|(terminal, sequence)| format!("{terminal}{sequence}").parse::<u64>().ok());
    code.map(OrderCode::from).unwrap_or_else(|| panic!("`{order}` is no order reference: {sale}"))
}
