//! What the customer is to do (`customer_interaction`), and whether a code can bring it about: an address can be drawn, a
//! form that a browser must send cannot. It must not know whose payment it is.

use serde_json::{Map, Value};

use super::fields::{maybe_object, maybe_text, present};
use crate::provider::{Action, CodeText};
use crate::text::shown;

/// The longest address that is drawn.
const LONGEST: usize = 1024;

/// Reads what the customer is to do.
pub(super) fn read(interaction: &Value) -> Action {
    match address(interaction) {
        Ok(address) => Action::Scan(CodeText::Url(address)),
        Err(reason) => Action::Unsupported(reason),
    }
}

/// Returns the address that is all there is to it, or why that is not all.
fn address(interaction: &Value) -> Result<String, String> {
    let unknown = || "Smart Glocal does not say what the customer is to do".to_owned();
    let interaction = interaction.as_object().ok_or_else(unknown)?;
    let kind = maybe_text(interaction, "type").ok_or_else(unknown)?;
    if kind != "redirect" {
        return Err(format!("Smart Glocal wants `{}` of the customer, which a code cannot bring about", shown(kind)));
    }
    let redirect = maybe_object(interaction, "redirect").ok_or_else(unknown)?;
    let method = maybe_text(redirect, "method").unwrap_or_default();
    if !method.eq_ignore_ascii_case("GET") {
        return Err("Smart Glocal wants the customer's browser to send a form, which a code cannot do".to_owned());
    }
    let url = maybe_text(redirect, "url").filter(|url| !url.is_empty());
    let url = url.ok_or("Smart Glocal sends the customer to an address that it does not name")?;
    let whole = with_params(url, &params(redirect)?);
    match whole {
        whole if !is_https(&whole) => Err("Smart Glocal sends the customer to an address without https".to_owned()),
        whole if whole.len() > LONGEST || !whole.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err("Smart Glocal sends the customer to an address that is too long or not in ASCII".to_owned())
        }
        whole => Ok(whole),
    }
}

/// Tells whether an address begins with `https://` and a host.
fn is_https(url: &str) -> bool {
    let host = url.split_at_checked(8).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https://"));
    host.is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
}

/// Returns the parameters. An empty list stands for none: some writers of JSON do not tell it from an empty object.
fn params(redirect: &Map<String, Value>) -> Result<Vec<(&str, String)>, String> {
    let odd = || "Smart Glocal sends the customer to an address with parameters in an unknown form".to_owned();
    match present(redirect, "params") {
        None => Ok(Vec::new()),
        Some(Value::Array(none)) if none.is_empty() => Ok(Vec::new()),
        Some(Value::Object(params)) => params
            .iter()
            .map(|(name, value)| Some((name.as_str(), plain(value)?)))
            .collect::<Option<_>>()
            .ok_or_else(odd),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => Err(odd()),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Appends those parameters that an address does not have yet.
fn with_params(url: &str, params: &[(&str, String)]) -> String {
    let (front, fragment) = url.find('#').and_then(|at| url.split_at_checked(at)).unwrap_or((url, ""));
    let query = front.split_once('?').map_or("", |(_, query)| query);
    let there: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let is_there = |name: &str, value: &str| there.iter().any(|(n, v)| means(n, name) && means(v, value));
    let mut whole = front.to_owned();
    for (name, value) in params.iter().filter(|(name, value)| !is_there(name, value)) {
        let join = match () {
            () if !whole.contains('?') => "?",
            () if whole.ends_with(['?', '&']) => "",
            () => "&",
        };
        whole.push_str(join);
        encode_into(&mut whole, name);
        whole.push('=');
        encode_into(&mut whole, value);
    }
    whole + fragment
}

/// Tells whether a part of a query is this text, plain or encoded in any of the usual ways.
fn means(part: &str, text: &str) -> bool {
    let mut decoded = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = bytes.next().zip(bytes.next());
                let value = digits.and_then(|(high, low)| Some(hex(high)? << 4 | hex(low)?));
                match value {
                    Some(value) => value,
                    None => return part == text,
                }
            }
            other => other,
        });
    }
    decoded == text.as_bytes() || part == text
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn encode_into(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
}
