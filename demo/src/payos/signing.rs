//! payOS's signatures, written from its documentation (providers.md §1.3, §1.4) and not from the till's code, so that
//! the two check each other. It must not know orders.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::sandbox::{Fields, Json};

/// HMAC-SHA256 of `text` under the key's own characters, in lower-case hex. The key is not hex-decoded.
pub(crate) fn sign(checksum_key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(checksum_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a create request's signature covers: five fields in a fixed order, raw.
pub(crate) fn create_text(
    amount: &str,
    cancel_url: &str,
    description: &str,
    order_code: &str,
    return_url: &str,
) -> String {
    format!(
        "amount={amount}&cancelUrl={cancel_url}&description={description}&orderCode={order_code}&returnUrl={return_url}"
    )
}

/// What the signature of an answer or a webhook covers: `key=value` of every field of `data`, sorted, joined by `&`.
pub(crate) fn data_text(data: &Fields) -> String {
    let fields: Vec<_> = data.sorted().into_iter().map(|(key, value)| format!("{key}={}", value_text(value))).collect();
    fields.join("&")
}

fn value_text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Text(text) if text == "null" || text == "undefined" => String::new(),
        Json::Text(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_text(),
        Json::List(items) => {
            let items: Vec<_> = items.iter().map(Json::to_text_sorted_once).collect();
            format!("[{}]", items.join(","))
        }
    }
}

#[cfg(test)]
mod tests;
