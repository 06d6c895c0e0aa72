//! What payOS's answer to a webhook's address means, in words for whoever typed the command (providers.md §1.7). It must
//! not know how the answer came. The answer is unsigned: it decides nothing but these words.

use serde_json::Value;
use till_wire::json;
use till_wire::payos::Meaning;

use super::ask::Answered;

/// How much of somebody else's text is shown.
const LONGEST_WORDS: usize = 200;

/// Returns what has been stored, or why nothing was and what to do.
pub(super) fn judge(answered: &Answered, url: &str) -> Result<String, String> {
    let body = std::str::from_utf8(&answered.body).ok().and_then(|text| json::parse(text).ok()).unwrap_or_default();
    let said = said(&body);
    match answered.status {
        200..=299 => match body.get("code").and_then(Value::as_str) {
            Some("00") => Ok(stored(&body, url)),
            Some(code) => Err(format!("{}{said}: {}", Meaning::of(code), refused_advice(code))),
            None => Err(format!(
                "the answer (HTTP {}) is none of payOS: is the channel's base_url right, and does nobody stand in between?",
                answered.status
            )),
        },
        401 | 403 => Err(format!(
            "payOS does not accept the channel's keys (HTTP {}{said}): compare client_id and api_key with my.payos.vn",
            answered.status
        )),
        400 => Err(format!("payOS cannot use the address `{url}` (HTTP 400{said}): {REACHABLE}")),
        429 => Err(format!("payOS was asked too often (HTTP 429{said}): wait a minute and run this again")),
        status @ 500..=599 => {
            Err(format!("payOS could not deliver its test to `{url}` (HTTP {status}{said}): {REACHABLE}"))
        }
        status => {
            Err(format!("payOS gave an answer that nobody expects (HTTP {status}{said}): is the base_url right?"))
        }
    }
}

const REACHABLE: &str = "is the bridge running, can the address be reached from the internet without redirections and \
                         login pages, and does the bridge have this channel's checksum_key? Its log says what came";

fn refused_advice(code: &str) -> &'static str {
    match Meaning::of(code) {
        Meaning::Invalid | Meaning::NotFound => REACHABLE,
        Meaning::ChannelClosed | Meaning::Unauthorised => "compare client_id and api_key with my.payos.vn",
        Meaning::TooManyRequests => "wait a minute and run this again",
        Meaning::RequestSignature | Meaning::Duplicate | Meaning::Other => "ask payOS what it means by that",
    }
}

fn stored(body: &Value, url: &str) -> String {
    let field = |name: &str| body.get("data").and_then(|data| data.get(name)).and_then(words);
    let place = field("webhookUrl").unwrap_or_else(|| url.to_owned());
    let mut sentence = format!("payOS has tested the address and sends this channel's webhooks to {place}");
    let account = match (field("accountNumber"), field("accountName")) {
        (Some(number), Some(name)) => Some(format!("account {number} ({name})")),
        (Some(number), None) => Some(format!("account {number}")),
        (None, Some(name)) => Some(format!("the account of {name}")),
        (None, None) => None,
    };
    let channel = field("name").or_else(|| field("shortName")).map(|name| format!("payment channel {name}"));
    for part in [account, channel].into_iter().flatten() {
        sentence.push_str(", ");
        sentence.push_str(&part);
    }
    sentence
}

/// Returns payOS's own words with their code, to stand behind a sentence.
fn said(body: &Value) -> String {
    let field = |name: &str| body.get(name).and_then(words);
    match (field("code"), field("desc")) {
        (Some(code), Some(desc)) => format!(", code {code}: \"{desc}\""),
        (Some(code), None) => format!(", code {code}"),
        (None, Some(desc)) => format!(", \"{desc}\""),
        (None, None) => String::new(),
    }
}

/// Returns somebody else's text on one line of bounded length.
fn words(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    let line = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    Some(line.take(LONGEST_WORDS).collect())
}
