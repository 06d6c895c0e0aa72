//! Asks payOS to take a webhook's address: one request, bounded in time and size. It must not know what the answer means.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::json;
use till_settings::Secret;
use till_settings::tls::{self, Roots, whole_chain};

use crate::config::Account;

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) status: u16,
    /// Empty when it did not come whole, or is larger than it may be.
    pub(super) body: Vec<u8>,
}

/// For all of it: payOS calls the webhook's address before it answers.
const PATIENCE: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(10);
const LARGEST_BODY: usize = 65_536;

/// Returns the answer, or a sentence that says why there is none.
pub(super) async fn confirm(account: &Account, url: &str) -> Result<Answered, String> {
    let base = &account.base_url;
    let unusable = |key: &str| format!("the channel's {key} cannot be sent in a header");
    let request = client(account.roots.clone())?
        .post(base.join("/confirm-webhook"))
        .header(CONTENT_TYPE, "application/json")
        .header("x-client-id", header(&account.client_id).ok_or_else(|| unusable("client_id"))?)
        .header("x-api-key", header(&account.api_key).ok_or_else(|| unusable("api_key"))?)
        .body(json!({"webhookUrl": url}).to_string())
        .timeout(PATIENCE);
    let mut response = request.send().await.map_err(|error| unanswered(base.as_str(), error))?;
    let status = response.status().as_u16();
    let body = read(&mut response).await.unwrap_or_default();
    Ok(Answered { status, body })
}

#[expect(clippy::disallowed_methods, reason = "the one constructor: time-outs, no redirects, no proxies")]
fn client(roots: Roots) -> Result<Client, String> {
    let tls = tls::client_config(roots, None).map_err(|error| format!("cannot set up TLS: {}", whole_chain(&error)))?;
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("till-bridge/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(Policy::none())
        .no_proxy()
        .build();
    client.map_err(|error| format!("cannot set up HTTP: {}", whole_chain(&error)))
}

fn header(secret: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(secret.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn unanswered(base: &str, error: reqwest::Error) -> String {
    let timed_out = error.is_timeout() && !error.is_connect();
    let never_connected = error.is_connect();
    let reason = whole_chain(&error.without_url());
    if timed_out {
        return format!(
            "payOS ({base}) did not answer within {} s, so it may or may not have stored the address: run this again, and \
             see that the bridge answers payOS's test at once",
            PATIENCE.as_secs()
        );
    }
    match never_connected {
        true => format!("cannot reach payOS at {base}, so nothing was changed: {reason}"),
        false => format!("the connection to payOS ({base}) broke before its answer, run this again: {reason}"),
    }
}

/// Reads a body piece by piece; what the headers said of its length is not believed.
async fn read(response: &mut Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.ok()? {
        if body.len().saturating_add(piece.len()) > LARGEST_BODY {
            return None;
        }
        body.extend_from_slice(&piece);
    }
    Some(body)
}
