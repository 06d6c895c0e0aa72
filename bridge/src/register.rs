//! `till-bridge register CHANNEL URL`: tells payOS where a channel's webhooks go. payOS sends its sample there before it
//! answers, so the bridge must be running and reachable. It must not take webhooks.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use till_settings::HttpBase;
use till_settings::tls::{self, whole_chain};
use till_wire::{ChannelId, json};

use crate::config::{Registration, RegistrationKeys, Settings};

/// payOS calls our address and waits for it before it answers.
const LIMIT: Duration = Duration::from_secs(60);

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 65_536;

/// What payOS says of the account whose webhooks go to the address now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The address, as payOS has it.
    pub url: String,
    /// The bank account that the channel collects into, with its holder; as far as payOS says.
    pub account: String,
}

/// Why an address was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The configuration has no such channel.
    #[error("there is no channel `{channel}` in the configuration; it has: {known}")]
    UnknownChannel {
        /// What was asked for.
        channel: String,
        /// What there is.
        known: String,
    },
    /// The provider takes no such call.
    #[error("the address of `{channel}` cannot be registered from here: enter it {place}")]
    ByHand {
        /// The channel.
        channel: ChannelId,
        /// Where it is entered.
        place: &'static str,
    },
    /// The configuration lacks what the call needs.
    #[error(
        "[[channel]] \"{channel}\": `{key}` is missing; registering needs it, as my.payos.vn shows it for the channel"
    )]
    MissingKey {
        /// The channel.
        channel: ChannelId,
        /// The key in the configuration.
        key: &'static str,
    },
    /// The address is none that payOS can call.
    #[error("`{url}` is no address for webhooks: {expected}")]
    Url {
        /// The address.
        url: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The call could not be made.
    #[error("cannot ask payOS to use `{url}`: {reason}")]
    NotAsked {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// payOS refused.
    #[error("payOS does not use `{url}`: {reason}; {advice}")]
    Refused {
        /// The address.
        url: String,
        /// payOS's words.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
}

impl RegisterError {
    /// Tells whether the configuration is at fault.
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::MissingKey { .. } => true,
            Self::UnknownChannel { .. }
            | Self::ByHand { .. }
            | Self::Url { .. }
            | Self::NotAsked { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// Tells whether the command was used in a way that cannot work.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::UnknownChannel { .. } | Self::ByHand { .. } | Self::Url { .. } => true,
            Self::MissingKey { .. } | Self::NotAsked { .. } | Self::Refused { .. } => false,
        }
    }
}

/// Has payOS send the webhooks of a channel to `url` from now on.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(settings: &Settings, channel: &str, url: &str) -> Result<Registered, RegisterError> {
    let known = || settings.channels.iter().map(|channel| channel.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = settings.channels.iter().find(|one| one.id.as_str() == channel);
    let found = found.ok_or_else(|| RegisterError::UnknownChannel { channel: channel.to_owned(), known: known() })?;
    let keys = match &found.registration {
        Registration::Call(keys) => keys,
        Registration::ByHand(place) => return Err(RegisterError::ByHand { channel: found.id.clone(), place }),
    };
    check_url(url, &found.public_path)?;
    let headers = headers(&found.id, keys)?;
    let not_asked = |reason: String| RegisterError::NotAsked { url: url.to_owned(), reason };
    let client = client(keys).map_err(|error| not_asked(whole_chain(error.as_ref())))?;
    let body = json!({ "webhookUrl": url }).to_string();
    let request = client.post(keys.base_url.join("/confirm-webhook")).headers(headers).body(body).timeout(LIMIT);
    let response = request.send().await.map_err(|error| not_asked(whole_chain(&error.without_url())))?;
    let status = response.status().as_u16();
    let body = read(response).await.map_err(not_asked)?;
    judge(url, status, &body)
}

/// payOS calls https addresses that lead to this bridge; plain http is for trying it out on one machine.
fn check_url(url: &str, public_path: &str) -> Result<(), RegisterError> {
    let refused = |expected| Err(RegisterError::Url { url: url.to_owned(), expected });
    let plain = url.len() <= 500 && url.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain || HttpBase::new(url).is_none() {
        return refused("expected an https:// address of at most 500 characters (http:// on loopback only)");
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if !path.ends_with(public_path) {
        return refused("expected an address that ends with the channel's path (`public_path`, else /hooks/CHANNEL)");
    }
    Ok(())
}

fn headers(channel: &ChannelId, keys: &RegistrationKeys) -> Result<HeaderMap, RegisterError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (key, name, secret) in [("client_id", "x-client-id", &keys.client_id), ("api_key", "x-api-key", &keys.api_key)]
    {
        let missing = || RegisterError::MissingKey { channel: channel.clone(), key };
        let secret = secret.as_ref().filter(|secret| !secret.is_absent()).ok_or_else(missing)?;
        let mut value = HeaderValue::from_bytes(secret.expose()).map_err(|_| missing())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

#[expect(clippy::disallowed_methods, reason = "the one place of the bridge that makes an HTTP client")]
fn client(keys: &RegistrationKeys) -> Result<Client, Box<dyn std::error::Error>> {
    let tls = tls::client_config(keys.roots.clone(), None)?;
    let builder = Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none()).no_proxy();
    Ok(builder.user_agent(concat!("till-bridge/", env!("CARGO_PKG_VERSION"))).build()?)
}

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(piece)) if body.len().saturating_add(piece.len()) > LARGEST_ANSWER => {
                return Err("the answer is larger than 64 KiB".to_owned());
            }
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Err(error) => return Err(whole_chain(&error.without_url())),
        }
    }
}

/// payOS says no with HTTP statuses and with codes in a body of HTTP 200 (providers.md §1.9).
fn judge(url: &str, status: u16, body: &[u8]) -> Result<Registered, RegisterError> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let answer = json::parse(text).unwrap_or(Value::Null);
    let code = answer["code"].as_str();
    if (200..300).contains(&status) && code == Some("00") {
        let data = &answer["data"];
        let said = |field: &str| data[field].as_str().map(shown).filter(|text| !text.is_empty());
        let account = [said("accountNumber"), said("accountName").or(said("name"))];
        return Ok(Registered {
            url: said("webhookUrl").unwrap_or_else(|| url.to_owned()),
            account: account.into_iter().flatten().collect::<Vec<_>>().join(", "),
        });
    }
    let desc = answer["desc"].as_str().map(shown).unwrap_or_default();
    let code = code.map(shown).unwrap_or_default();
    let reason = format!("HTTP status {status}, code `{code}`: `{desc}`");
    let advice = match status {
        401 | 403 => "check `client_id` and `api_key` of the channel at my.payos.vn",
        400 => "check that the address is right and that the bridge runs and can be reached there from outside",
        500..=599 => {
            "payOS could not deliver its test: check the bridge's log, and that nothing in front redirects or blocks it"
        }
        _ if code == "214" => "the channel does not exist or is suspended: look at it at my.payos.vn",
        _ => "try again later; if it stays, ask payOS with these words",
    };
    Err(RegisterError::Refused { url: url.to_owned(), reason, advice })
}

/// At most 200 characters of somebody else's words, on one line.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://pay.example/hooks/payos";

    #[test]
    fn only_an_address_that_leads_here_is_registered() {
        for good in [URL, "http://127.0.0.1:8470/hooks/payos", "https://pay.example/x/hooks/payos?a=1"] {
            assert!(check_url(good, "/hooks/payos").is_ok(), "{good}");
        }
        for bad in [
            "http://pay.example/hooks/payos",
            "pay.example/hooks/payos",
            "https://pay.example/",
            "https://a b/hooks/payos",
            "",
        ] {
            assert!(check_url(bad, "/hooks/payos").is_err(), "{bad}");
        }
    }

    #[test]
    fn payos_s_answers_are_told_with_what_to_do() {
        let ok = br#"{"code":"00","desc":"success","data":{"webhookUrl":"https://pay.example/hooks/payos","accountNumber":"12345678","accountName":"QUAN","name":"x","shortName":"y"}}"#;
        let registered = judge(URL, 200, ok).expect("it is a yes");
        assert_eq!(registered, Registered { url: URL.to_owned(), account: "12345678, QUAN".to_owned() });
        for (status, body, words) in [
            (401, "", "check `client_id`"),
            (400, r#"{"code":"20","desc":"Webhook url invalid"}"#, "Webhook url invalid"),
            (502, "<html>", "could not deliver its test"),
            (200, r#"{"code":"214","desc":"no"}"#, "suspended"),
            (200, r#"{"code":"00","code":"00"}"#, "try again later"),
            (200, "", "try again later"),
        ] {
            let refused = judge(URL, status, body.as_bytes()).expect_err("it is a no").to_string();
            assert!(refused.contains(words) && !refused.contains('\u{7}'), "{status} {body}: {refused}");
        }
    }
}
