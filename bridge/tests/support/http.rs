//! A small HTTP client that says exactly what a test wants said, also what no library would.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::LIMIT;

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Reply {
    /// Returns a header's value; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines();
        lines.find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let (first, headers) = head.split_once("\r\n")?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, headers: headers.into(), body: body.into() })
    }
}

/// Sends these bytes and returns what comes back until the other side closes.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Option<Reply> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok()?;
        Reply::parse(&bytes)
    };
    timeout(LIMIT, talk).await.expect("an answer in time")
}

pub(crate) async fn post(address: SocketAddr, path: &str, body: &[u8]) -> Reply {
    post_with(address, path, "", body).await
}

/// Returns nothing when the other side is gone before it has answered.
pub(crate) async fn try_post(address: SocketAddr, path: &str, body: &str) -> Option<Reply> {
    let head = "Host: bridge\r\nConnection: close";
    let request = format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    exchange(address, request.as_bytes()).await
}

/// `headers` are whole lines, each with its line break.
pub(crate) async fn post_with(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> Reply {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    let reply = exchange(address, &request).await;
    reply.expect("an answer to a POST")
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n");
    let reply = exchange(address, request.as_bytes()).await;
    reply.expect("an answer to a GET")
}

/// Returns nothing when no connection comes about; `name` is whom the server's certificate must name, and the server is
/// told it when it is no address.
pub(crate) async fn post_over_tls(
    address: SocketAddr,
    config: rustls::ClientConfig,
    name: &'static str,
    path: &str,
    body: &str,
) -> Option<Reply> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange_over_tls(address, config, name, request.as_bytes()).await
}

/// The same as [`exchange`], over TLS.
pub(crate) async fn exchange_over_tls(
    address: SocketAddr,
    config: rustls::ClientConfig,
    name: &'static str,
    request: &[u8],
) -> Option<Reply> {
    let talk = async {
        let stream = TcpStream::connect(address).await.ok()?;
        let name = rustls::pki_types::ServerName::try_from(name).ok()?;
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
        let mut stream = connector.connect(name, stream).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok()?;
        Reply::parse(&bytes)
    };
    timeout(LIMIT, talk).await.expect("an answer in time")
}
