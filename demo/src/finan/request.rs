//! Reads the body of a create and says what Finan would object to (providers.md §2.3). It must not know which payment
//! requests and accounts exist.

use serde_json::{Map, Value};

use super::account::Bank;
use super::payment::{Method, ReferenceId};
use super::refusal::Refusal;

/// A create that Finan accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CreateRequest {
    pub(crate) amount: u64,
    pub(crate) reference: ReferenceId,
    pub(crate) reference_type: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) method: Method,
    pub(crate) account_id: Option<String>,
    pub(crate) merchant: Option<Map<String, Value>>,
    pub(crate) customer: Option<Map<String, Value>>,
}

type Object = Map<String, Value>;

/// A NAPAS transfer stays under 500 million đồng (providers.md §4).
const MAX_AMOUNT: u64 = 499_999_999;
/// In characters.
const MAX_DESCRIPTION: usize = 30;

/// Reads a create. A request for an invoice needs no customer and no items: the invoice has them.
pub(crate) fn read_create(body: &[u8], bank: Bank) -> Result<CreateRequest, Refusal> {
    let fields: Object = serde_json::from_slice(body).map_err(|_| Refusal::invalid("body must be a JSON object"))?;
    let amount = whole_number(&fields, "amount")?;
    if amount == 0 || amount > MAX_AMOUNT {
        return Err(Refusal::invalid("amount must be a positive number below 500000000"));
    }
    let reference = text(&fields, "reference_id")?.ok_or_else(|| missing("reference_id"))?;
    let reference_type = text(&fields, "reference_type")?;
    let description = text(&fields, "description")?;
    if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Refusal::invalid("description must have at most 30 characters"));
    }
    let method = text(&fields, "payment_method")?.ok_or_else(|| missing("payment_method"))?;
    let method = Method::of(&method)
        .ok_or_else(|| Refusal::invalid("payment_method must be bank_transfer, card or ewallet_momo"))?;
    let account_id = text(&fields, "account_id")?;
    if account_id.is_none() && method == Method::BankTransfer && bank == Bank::Shinhan {
        return Err(missing("account_id"));
    }
    let merchant = object(&fields, "merchant")?;
    let customer = object(&fields, "customer")?;
    check_urls(&fields)?;
    if reference_type.as_deref() != Some("invoice") {
        customer
            .as_ref()
            .map_or(Ok(None), |customer| text(customer, "name"))?
            .ok_or_else(|| missing("customer.name"))?;
        check_items(&fields, amount)?;
    }
    let reference = ReferenceId::new(reference);
    Ok(CreateRequest { amount, reference, reference_type, description, method, account_id, merchant, customer })
}

/// Every item is its price times its quantity, and all of them are the amount.
fn check_items(fields: &Object, amount: u64) -> Result<(), Refusal> {
    let items = fields.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
    let mut sum = 0_u64;
    for item in items.ok_or_else(|| missing("items"))? {
        let item = item.as_object().ok_or_else(|| Refusal::invalid("items must be objects"))?;
        text(item, "name")?.ok_or_else(|| missing("items[].name"))?;
        let price = whole_number(item, "price")?;
        let quantity = whole_number(item, "quantity")?;
        let part = whole_number(item, "amount")?;
        if quantity == 0 || price.checked_mul(quantity) != Some(part) {
            return Err(Refusal::invalid("items[].amount must be price * quantity"));
        }
        sum = sum.saturating_add(part);
    }
    if sum == amount { Ok(()) } else { Err(Refusal::invalid("amount must be the sum of items[].amount")) }
}

fn check_urls(fields: &Object) -> Result<(), Refusal> {
    for name in ["success_redirect_url", "failure_redirect_url"] {
        let url = text(fields, name)?;
        if url.is_some_and(|url| !(url.starts_with("http://") || url.starts_with("https://"))) {
            return Err(Refusal::invalid(format!("{name} must be a URL")));
        }
    }
    Ok(())
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid(format!("{name} is required"))
}

fn whole_number(fields: &Object, name: &str) -> Result<u64, Refusal> {
    let number = fields.get(name).and_then(Value::as_u64);
    number.ok_or_else(|| Refusal::invalid(format!("{name} must be a whole number")))
}

/// A text that is there; an empty one is none.
fn text(fields: &Object, name: &str) -> Result<Option<String>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(Refusal::invalid(format!("{name} must be a string"))),
    }
}

fn object(fields: &Object, name: &str) -> Result<Option<Object>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object.clone())),
        Some(_) => Err(Refusal::invalid(format!("{name} must be an object"))),
    }
}
