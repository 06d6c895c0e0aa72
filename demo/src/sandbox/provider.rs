//! The interface behind which a sandbox keeps what is a provider's own. It must not know any provider.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;

use super::desk::Desk;
use super::faults::Fault;

/// One provider: what never changes about its merchant (credentials, account), and how it answers.
pub trait Provider: fmt::Debug + Send + Sync + Sized + 'static {
    /// The calls that faults can meet.
    type Kind: Copy + fmt::Debug + PartialEq + Send + 'static;
    /// How a call names an order.
    type Order: Clone + fmt::Debug + PartialEq + Send + 'static;
    /// How the thing that a webhook tells of is named.
    type Reference: Clone + fmt::Debug + PartialEq + Send + Sync + 'static;
    /// What changes: orders, money, switches.
    type Book: fmt::Debug + Send + 'static;

    /// The name of the sandbox's thread, e.g. `payos-sandbox`; Linux keeps 15 characters of it.
    const NAME: &'static str;
    /// What comes before every path, e.g. `/open`.
    const PREFIX: &'static str = "";

    /// The call's kind; none for a call that no fault meets.
    fn kind(call: &Call) -> Option<Self::Kind>;

    /// The order that the call names, for the log.
    fn order(call: &Call) -> Option<Self::Order>;

    /// Carries the call out. Of the faults, those that change what the answer says are made here; the others never
    /// come here or are made around the answer.
    fn answer(desk: &Arc<Desk<Self>>, call: &Call, fault: &Fault) -> impl Future<Output = Reply> + Send;

    /// The answer to a call that is refused with `code` for no reason of its own.
    fn refusal(&self, code: &str) -> Reply;

    /// The answer with an HTTP error.
    fn http_error(&self, status: u16) -> Reply;

    /// The webhook that tells of `reference`, as one attempt sends it to `url`; none when nothing of that name is known.
    fn webhook(desk: &Desk<Self>, reference: &Self::Reference, url: &str) -> Option<Message>;

    /// Whether the shop's server has taken a webhook by answering with this status.
    fn is_taken(status: u16) -> bool;
}

/// A call that came in.
#[derive(Clone, Debug)]
pub struct Call {
    /// E.g. `GET`.
    pub(crate) method: String,
    /// After the provider's prefix.
    pub(crate) path: String,
    /// What follows `?`.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Without `Content-Type`, which is always JSON.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl Call {
    /// The path's parts, without the slashes.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// A header's value, when it is there once and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let only = all.next()?;
        if all.next().is_some() { None } else { only.to_str().ok() }
    }

    /// Whether the body is said to be JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|value| value.starts_with("application/json"))
    }
}

impl Reply {
    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, text: String) -> Self {
        Self { status, headers: vec![("content-type", "application/json; charset=utf-8".to_owned())], body: text }
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}
