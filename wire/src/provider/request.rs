//! Requests as they are to be sent, and answers as they came. It must not know who sends them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use subtle::ConstantTimeEq;

/// A secret that signs, as bytes; `Debug` does not show it.
#[derive(Clone)]
pub struct Key(Box<[u8]>);

impl Key {
    /// Takes the bytes of a secret.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Tells whether something sent is this, in a time that depends on its length alone.
    pub fn is(&self, sent: &[u8]) -> bool {
        self.0.ct_eq(sent).into()
    }

    /// Returns the bytes, for signing and for nothing else.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// How HTTP is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// For a look.
    Get,
    /// For a change.
    Post,
}

impl Method {
    /// Returns HTTP's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One request. `Debug` shows the names of its headers alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Names the request, so that its answer is judged as what it is.
    pub name: &'static str,
    /// How HTTP is asked.
    pub method: Method,
    /// Path and query string, to be joined to the channel's `base_url`.
    pub path: String,
    /// What goes with this request only: signatures and times.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The JSON, byte for byte as it was signed; empty with GET.
    pub body: Vec<u8>,
    /// What the judge of its answer must know of earlier answers; never sent.
    pub carried: Option<String>,
}

impl Request {
    /// Returns a request to look at something.
    pub fn get(name: &'static str, path: String) -> Self {
        Self { name, method: Method::Get, path, headers: Vec::new(), body: Vec::new(), carried: None }
    }

    /// Returns a request with a JSON body.
    pub fn post(name: &'static str, path: String, body: Vec<u8>) -> Self {
        Self { name, method: Method::Post, path, headers: Vec::new(), body, carried: None }
    }

    /// Adds a header.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: String) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Keeps something for the judge of its answer.
    pub fn carrying(mut self, text: String) -> Self {
        self.carried = Some(text);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_ref()).collect();
        f.debug_struct("Request")
            .field("name", &self.name)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .field("body", &String::from_utf8_lossy(&self.body))
            .field("carried", &self.carried)
            .finish()
    }
}

/// What the provider said, before anybody believes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether it stands behind a yes or a no of HTTP.
    pub verdict: Verdict,
    /// Those headers that the provider's signature needs, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, at most 64 KiB; empty where a no came without a readable one.
    pub body: Vec<u8>,
    /// How long the provider wants a pause.
    pub after: Option<Duration>,
}

/// What HTTP itself says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 2xx.
    Yes,
    /// 401 or 403: no code in the body can change that.
    Forbidden {
        /// The status, as a sentence.
        reason: String,
    },
    /// Another 4xx, which a code in the body may explain.
    No {
        /// The status, where a provider has no codes that tell more, e.g. 404.
        status: u16,
        /// The status, as a sentence.
        reason: String,
    },
}
