//! Reads the bodies of calls and says what Smart Glocal would object to (providers.md §3.2, §3.4). It must not know
//! which sessions exist.

use serde_json::{Map, Value};

use super::payment::Order;
use super::refusal::Refusal;
use super::session::SessionId;

/// What a call may say about a payment, at its creation or at its start.
const SAID: [&str; 6] =
    ["payment_details", "amount_details", "customer", "participant_details", "payment_options", "metadata"];

/// Reads `session/create`: everything may be said now or at the start.
pub(crate) fn read_create(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    read_object(body).map(said)
}

/// Reads which session `session/start/payment` is for, and what it says about the payment.
pub(crate) fn read_start(body: &[u8]) -> Result<(SessionId, Map<String, Value>), Refusal> {
    let fields = read_object(body)?;
    Ok((session_id(&fields)?, said(fields)))
}

/// Reads `session/confirm`, `session/cancel` and `session/status`.
pub(crate) fn read_session_id(body: &[u8]) -> Result<SessionId, Refusal> {
    session_id(&read_object(body)?)
}

/// What is asked for, when everything that an e-wallet in Vietnam needs has been said.
pub(crate) fn read_order(mut said: Map<String, Value>, minor_units: u64) -> Result<Order, Refusal> {
    let amount = said.remove("amount_details").unwrap_or_default();
    let said = Value::Object(said);
    let wanted = [
        ("/payment_details/type", "internet_banking"),
        ("/payment_details/internet_banking/type", "country_ewallet"),
        ("/payment_details/internet_banking/country_ewallet/country_iso2", "VN"),
    ];
    for (place, want) in wanted {
        if text(&said, place)? != want {
            return Err(Refusal::invalid(&format!("`{place}` must be `{want}`")));
        }
    }
    let reference = text(&said, "/customer/reference")?.to_owned();
    if !text(&said, "/customer/contacts/0/email")?.contains('@') {
        return Err(Refusal::invalid("`/customer/contacts/0/email` must be an e-mail address"));
    }
    text(&said, "/participant_details/sender/full_name")?;
    text(&said, "/participant_details/sender/document")?;
    let currency = text(&amount, "/currency")?.to_owned();
    if !currency.eq_ignore_ascii_case("VND") {
        return Err(Refusal::invalid("`/amount_details/currency` must be `VND`"));
    }
    let whole = |units: &u64| *units > 0 && units.checked_rem(minor_units) == Some(0);
    let amount = amount["amount"].as_u64().filter(whole);
    let amount = amount.ok_or_else(|| Refusal::invalid("`/amount_details/amount` must be a sum in whole đồng"))?;
    let Value::Object(said) = said else {
        return Err(Refusal::invalid("the body must be an object"));
    };
    Ok(Order { reference, amount, currency, said })
}

fn said(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().filter(|(name, _)| SAID.contains(&name.as_str())).collect()
}

fn read_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::invalid("the body must be a JSON object"))
}

fn session_id(fields: &Map<String, Value>) -> Result<SessionId, Refusal> {
    let text = fields.get("session_id").and_then(Value::as_str);
    let text = text.ok_or_else(|| Refusal::invalid("`session_id` must be a text"))?;
    SessionId::from_text(text).ok_or_else(Refusal::unknown_session)
}

fn text<'a>(value: &'a Value, place: &str) -> Result<&'a str, Refusal> {
    let text = value.pointer(place).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| Refusal::invalid(&format!("`{place}` must be a text that says something")))
}

#[cfg(test)]
mod tests;
