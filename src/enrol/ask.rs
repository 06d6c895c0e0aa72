//! One question to the enrolment server over HTTPS. It must not judge the certificate that comes.

use std::error::Error as _;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use till_settings::tls::{self, Identity, Roots, whole_chain};

use super::{EnrolError, PATIENCE};

/// The largest answer that is read, in bytes.
const LARGEST: usize = 65_536;

/// The longest reason of a refusal that is shown, in characters.
const LONGEST_REASON: usize = 200;

/// Whom to ask, whom to believe, and who asks.
pub(super) struct Server<'a> {
    pub(super) url: &'a str,
    /// The fleet's authority alone.
    pub(super) roots: Roots,
    /// The certificate that is to be renewed.
    pub(super) identity: Option<Identity>,
}

impl Server<'_> {
    /// Asks for a certificate: with a claim, or with the certificate of the connection. Returns the chain as it came.
    pub(super) async fn ask(self, claim: Option<&str>, request: &str) -> Result<String, EnrolError> {
        let mut body = json!({ "csr": request });
        if let (Some(claim), Some(fields)) = (claim, body.as_object_mut()) {
            fields.insert("claim".to_owned(), claim.into());
        }
        let url = self.url.to_owned();
        let client = client(self.roots, self.identity)?;
        let sent = client.post(&url).header("content-type", "application/json").body(body.to_string()).send().await;
        let answer = sent.map_err(|error| EnrolError::NotReached { url: url.clone(), reason: innermost(&error) })?;
        let status = answer.status().as_u16();
        let body = read(answer).await.map_err(|reason| EnrolError::NotReached { url: url.clone(), reason })?;
        let said: Option<Value> = serde_json::from_slice(&body).ok();
        let text = |key: &str| said.as_ref().and_then(|said| said.get(key)).and_then(Value::as_str);
        if status != 200 {
            let reason = text("detail").or_else(|| text("title")).unwrap_or("it does not say why");
            return Err(EnrolError::Refused { url, status, reason: one_line(reason) });
        }
        let missing = || EnrolError::Answer { url: url.clone(), reason: "there is none in the answer".to_owned() };
        text("certificate").map(str::to_owned).ok_or_else(missing)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes clients of the enrolment server")]
fn client(roots: Roots, identity: Option<Identity>) -> Result<Client, EnrolError> {
    let tls = tls::client_config(roots, identity).map_err(EnrolError::Tls)?;
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("tilld/", env!("CARGO_PKG_VERSION")))
        .timeout(PATIENCE)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(EnrolError::Http)
}

async fn read(mut answer: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| innermost(&error))? {
        if body.len().saturating_add(part.len()) > LARGEST {
            return Err(format!("its answer is larger than {LARGEST} bytes"));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// reqwest's own words say what was attempted, its causes why it failed.
fn innermost(error: &reqwest::Error) -> String {
    error.source().map_or_else(|| error.to_string(), whole_chain)
}

/// Returns what somebody else says as one short line.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(LONGEST_REASON).collect::<String>().trim().to_owned()
}
