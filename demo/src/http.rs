//! A small HTTP/1.1 client for loopback: one request per connection, bounded in size and time. It must not know who is
//! called. Writing it here keeps the demo's traffic independent of the library that the till itself uses.

use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer that is larger is refused, in bytes.
pub const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// A request to an `http://` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// E.g. 200.
    pub status: u16,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Only `http://host[:port]/path` is spoken here.
    #[error("`{url}` is not an address of the form http://host:port/path")]
    Address {
        /// The address that was given.
        url: String,
    },
    /// No connection could be made.
    #[error("cannot connect to `{host}`")]
    Connect {
        /// Host and port.
        host: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The connection broke.
    #[error("the connection to `{host}` broke")]
    Broken {
        /// Host and port.
        host: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The answer did not end in time.
    #[error("no answer of `{host}` within {limit_ms} ms")]
    TimeOut {
        /// Host and port.
        host: String,
        /// The time that was given.
        limit_ms: u128,
    },
    /// What came is not a whole HTTP answer.
    #[error("the answer of `{host}` is cut off, too large or not HTTP")]
    Malformed {
        /// Host and port.
        host: String,
    },
}

impl Request {
    /// A request without a body.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET", url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A request with a JSON body.
    pub fn post_json(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        let json = ("Content-Type".to_owned(), "application/json".to_owned());
        Self { method: "POST", url: url.into(), headers: vec![json], body: body.into() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// See [`HttpError`]. A status such as 500 is an answer, not an error.
    pub async fn send(self, limit: Duration) -> Result<Answer, HttpError> {
        let (host, path) = split_address(&self.url).ok_or_else(|| HttpError::Address { url: self.url.clone() })?;
        match timeout(limit, self.exchange(host, path)).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpError::TimeOut { host: host.to_owned(), limit_ms: limit.as_millis() }),
        }
    }

    async fn exchange(&self, host: &str, path: &str) -> Result<Answer, HttpError> {
        let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let mut stream = TcpStream::connect(with_port)
            .await
            .map_err(|source| HttpError::Connect { host: host.to_owned(), source })?;
        let broken = |source| HttpError::Broken { host: host.to_owned(), source };
        stream.write_all(&self.to_bytes(host, path)).await.map_err(broken)?;
        let mut bytes = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut bytes).await.map_err(broken)?;
        read_answer(&bytes).ok_or_else(|| HttpError::Malformed { host: host.to_owned() })
    }

    fn to_bytes(&self, host: &str, path: &str) -> Vec<u8> {
        let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", self.method);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

impl Answer {
    /// The first header of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, with a mark in place of what is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Splits `http://host:port/path?query` into `host:port` and `/path?query`.
fn split_address(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "/"),
    };
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
    (!host.is_empty() && plain(host) && plain(path)).then_some((host, path))
}

fn read_answer(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = split_head(bytes)?;
    let mut lines = head.split("\r\n");
    let mut status_line = lines.next()?.splitn(3, ' ');
    status_line.next().filter(|version| version.starts_with("HTTP/1."))?;
    let status = status_line.next()?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    answer.body = match (answer.header("transfer-encoding"), answer.header("content-length")) {
        (Some("chunked"), _) => without_chunks(body)?,
        (_, Some(length)) => body.get(..length.parse().ok()?)?.to_vec(),
        (_, None) => body.to_vec(),
    };
    Some(answer)
}

fn split_head(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some((head, bytes.get(end + 4..)?))
}

fn without_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, read_answer, split_address};

    #[test]
    fn an_address_is_split_or_refused() {
        assert_eq!(split_address("http://127.0.0.1:80/a?b=c"), Some(("127.0.0.1:80", "/a?b=c")));
        assert_eq!(split_address("http://localhost"), Some(("localhost", "/")));
        assert_eq!(split_address("https://localhost/"), None);
        assert_eq!(split_address("http:///x"), None);
        assert_eq!(split_address("http://a/\r\nX: y"), None);
    }

    #[test]
    fn whole_answers_are_read_and_cut_ones_refused() {
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let counted = Answer { status: 201, headers: header("content-length", "2"), body: b"ok".to_vec() };
        assert_eq!(read_answer(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"), Some(counted));
        let chunked = Answer { status: 200, headers: header("transfer-encoding", "chunked"), body: b"abc".to_vec() };
        let text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(read_answer(text), Some(chunked));
        assert_eq!(read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"), None);
        assert_eq!(read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), None);
        assert_eq!(read_answer(b""), None);
    }
}
