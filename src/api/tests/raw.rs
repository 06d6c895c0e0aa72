//! A client that sends exactly the bytes that a test wants.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::api::fake::Terminal;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Returns status, name of the problem's type and field.
    #[track_caller]
    pub(super) fn problem(&self) -> (u16, String, Option<String>) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], u64::from(self.status), "{json}");
        assert!(json["title"].is_string() && json["detail"].is_string(), "{json}");
        let kind = json["type"].as_str().and_then(|kind| kind.strip_prefix("urn:tilld:problem:"));
        (self.status, kind.unwrap_or_default().to_owned(), json["field"].as_str().map(str::to_owned))
    }
}

/// A limit that no answer of a healthy API comes near.
pub(super) const LONG: Duration = Duration::from_secs(30);

pub(super) async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Reply {
    let mut stream = stream;
    let mut bytes = Vec::new();
    timeout(LONG, async {
        stream.write_all(request).await.expect("the API takes a request");
        stream.read_to_end(&mut bytes).await.expect("the API answers and closes");
    })
    .await
    .expect("the API answers in time");
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let (head, body) = bytes.split_at(end);
    let head = String::from_utf8(head.to_vec()).expect("a head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status");
    Reply { status, head, body: body[4..].to_vec() }
}

/// Sends a request with these headers to the API.
pub(super) async fn call(address: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let stream = TcpStream::connect(address).await.expect("the API accepts");
    exchange(stream, &request(line, headers, body)).await
}

pub(super) async fn call_socket(path: &Path, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let stream = UnixStream::connect(path).await.expect("the API accepts");
    exchange(stream, &request(line, headers, body)).await
}

fn request(line: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        text.push_str("Host: localhost\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(super) async fn get(terminal: &Terminal, path: &str) -> Reply {
    call(terminal.address, &format!("GET {path}"), &[], b"").await
}

pub(super) async fn post(terminal: &Terminal, path: &str, body: &str) -> Reply {
    let json = [("Content-Type", "application/json")];
    call(terminal.address, &format!("POST {path}"), &json, body.as_bytes()).await
}

pub(super) async fn post_with_key(terminal: &Terminal, key: &str, body: &str) -> Reply {
    let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)];
    call(terminal.address, "POST /v1/sales", &headers, body.as_bytes()).await
}
