//! A small blocking HTTP/1.1 client: one request per connection, and the answer of a server that stops reading early is
//! read all the same. It must not know who is called.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The longest that one read or write may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// E.g. 200.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and the short name of the problem, such as `(409, "busy")`; the name is empty when the body is no problem
    /// report as the contract describes it.
    pub fn problem(&self) -> (u16, String) {
        let kind = self.header("content-type").unwrap_or_default();
        let body = self.json();
        let name = body["type"].as_str().and_then(|text| text.strip_prefix("urn:tilld:problem:"));
        let is_report = kind.starts_with("application/problem+json") && body["status"] == self.status;
        (self.status, name.filter(|_| is_report).unwrap_or_default().to_owned())
    }
}

/// Sends a request without a body.
///
/// # Errors
/// When there is no whole answer.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    send(address, "GET", path, &[], b"")
}

/// Sends a JSON body.
///
/// # Errors
/// When there is no whole answer.
pub fn post_json(address: SocketAddr, path: &str, body: impl AsRef<[u8]>) -> io::Result<Answer> {
    send(address, "POST", path, &[("Content-Type", "application/json")], body.as_ref())
}

/// Sends a request. `Host`, `Content-Length` and `Connection` are added unless `headers` has them.
///
/// # Errors
/// When there is no whole answer.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    if !has("host") {
        head.push_str(&format!("Host: {address}\r\n"));
    }
    if !has("content-length") && method != "GET" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    exchange(address, &[head.as_bytes(), body].concat())
}

/// Sends bytes as they are and reads the answer.
///
/// # Errors
/// When there is no whole answer.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // A server may refuse a body before it has read all of it; its answer counts.
    let written = stream.write_all(bytes);
    let mut answer = Vec::new();
    let read = read_to_end(&mut stream, &mut answer);
    match read_answer(&answer) {
        Some(answer) => Ok(answer),
        None => {
            written?;
            read?;
            let start = String::from_utf8_lossy(answer.get(..200).unwrap_or(&answer)).into_owned();
            Err(io::Error::new(io::ErrorKind::InvalidData, format!("not a whole HTTP answer: `{start}`")))
        }
    }
}

/// Reads until the server closes the connection, or until the answer has as many bytes as it announced: some servers
/// keep the connection whatever they are asked.
fn read_to_end(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    while !is_whole(answer) {
        match stream.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => answer.extend(piece.iter().take(length)),
            // A socket with a time limit says so when its process was stopped and goes on (signal(7)).
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the answer announces its length and has it.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}

fn read_answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let rest = bytes.get(end + 4..)?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    answer.body = match (answer.header("transfer-encoding"), answer.header("content-length")) {
        (Some("chunked"), _) => without_chunks(rest)?,
        (_, Some(length)) => rest.get(..length.parse().ok()?)?.to_vec(),
        (_, None) => rest.to_vec(),
    };
    Some(answer)
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
