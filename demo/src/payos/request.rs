//! Reads the body of a create request and says what payOS would object to (providers.md §1.2, §1.3, §1.9, §1.10). It
//! must not know which orders exist.

use serde_json::{Map, Value};

use super::answer::Refusal;
use super::order::OrderCode;
use super::signing;
use crate::clock::Moment;

/// A create request that payOS accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CreateRequest {
    pub(crate) order: OrderCode,
    pub(crate) amount: u64,
    pub(crate) description: String,
    pub(crate) expires_at: Option<Moment>,
}

/// What the channel's account allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) checksum_key: &'a str,
    /// 25 characters, or 9 when the bank account is not linked through payOS.
    pub(crate) description_limit: usize,
    pub(crate) now: Moment,
}

const MAX_ORDER_CODE: u64 = 9_007_199_254_740_991;
/// A NAPAS transfer stays under 500 million đồng (providers.md §4).
const MAX_AMOUNT: u64 = 499_999_999;

/// Checks types first, then the signature, then values: the order in which payOS's own answers suggest it (unconfirmed).
pub(crate) fn read_create(body: &[u8], rules: Rules<'_>) -> Result<CreateRequest, Refusal> {
    let fields = read_object(body)?;
    let order_code = whole_number(&fields, "orderCode")?;
    let amount = whole_number(&fields, "amount")?;
    let description = text(&fields, "description")?;
    let cancel_url = text(&fields, "cancelUrl")?;
    let return_url = text(&fields, "returnUrl")?;
    let signature = text(&fields, "signature")?;
    let signed =
        signing::create_text(&amount.to_string(), cancel_url, description, &order_code.to_string(), return_url);
    if signing::sign(rules.checksum_key, &signed) != signature {
        return Err(Refusal::request_signature());
    }
    if order_code == 0 {
        return Err(Refusal::invalid("order_code must be a positive number"));
    }
    if order_code > MAX_ORDER_CODE {
        return Err(Refusal::invalid("order_code must not be greater than 9007199254740991"));
    }
    if amount == 0 || amount > MAX_AMOUNT {
        return Err(Refusal::invalid("amount must be a positive number below 500000000"));
    }
    if description.chars().count() > rules.description_limit {
        let limit = rules.description_limit;
        return Err(Refusal::invalid(&format!("description: Mô tả tối đa {limit} kí tự")));
    }
    for (name, url) in [("cancelUrl", cancel_url), ("returnUrl", return_url)] {
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(Refusal::invalid(&format!("{name} must be a URL address")));
        }
    }
    check_items(fields.get("items"))?;
    let expires_at = read_expiry(&fields, rules.now)?;
    Ok(CreateRequest { order: order_code.into(), amount, description: description.to_owned(), expires_at })
}

/// Reads the optional body of a cancel request.
pub(crate) fn read_cancel(body: &[u8]) -> Result<Option<String>, Refusal> {
    if body.is_empty() {
        return Ok(None);
    }
    match read_object(body)?.get("cancellationReason") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(reason)) => Ok(Some(reason.clone())),
        Some(_) => Err(Refusal::invalid("cancellationReason must be a string")),
    }
}

/// Reads the URL of a webhook registration.
pub(crate) fn read_webhook_url(body: &[u8]) -> Result<String, Refusal> {
    let fields = read_object(body)?;
    text(&fields, "webhookUrl").map(str::to_owned)
}

fn read_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::invalid("Thông tin truyền lên không đúng"))
}

fn whole_number(fields: &Map<String, Value>, name: &str) -> Result<u64, Refusal> {
    fields
        .get(name)
        .and_then(Value::as_u64)
        .ok_or_else(|| Refusal::invalid(&format!("{name} must be a positive number")))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refusal::invalid(&format!("{name} should not be empty")))
}

/// `expiredAt` is Unix seconds in an Int32 and must lie ahead; how far ahead it may lie is unconfirmed.
fn read_expiry(fields: &Map<String, Value>, now: Moment) -> Result<Option<Moment>, Refusal> {
    let Some(value) = fields.get("expiredAt").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let secs = value
        .as_i64()
        .filter(|secs| i32::try_from(*secs).is_ok())
        .ok_or_else(|| Refusal::invalid("expiredAt must be an Int32 Unix timestamp"))?;
    let at = Moment::from_secs(secs);
    if at <= now {
        return Err(Refusal::invalid("expiredAt must be in the future"));
    }
    Ok(Some(at))
}

fn check_items(items: Option<&Value>) -> Result<(), Refusal> {
    let Some(items) = items.filter(|value| !value.is_null()) else {
        return Ok(());
    };
    let list = items.as_array().ok_or_else(|| Refusal::invalid("items must be an array"))?;
    let sound = list.iter().all(|item| {
        item["name"].as_str().is_some_and(|name| !name.is_empty())
            && item["quantity"].as_u64().is_some_and(|quantity| quantity > 0)
            && item["price"].as_u64().is_some()
            && tax_is_known(&item["taxPercentage"])
    });
    if sound { Ok(()) } else { Err(Refusal::invalid("items: name, quantity, price or taxPercentage is wrong")) }
}

fn tax_is_known(tax: &Value) -> bool {
    tax.is_null() || tax.as_i64().is_some_and(|tax| [-2, -1, 0, 5, 10].contains(&tax))
}
