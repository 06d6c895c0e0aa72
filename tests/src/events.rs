//! Reads a till's server-sent events. It must not know what they mean.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::wait::wait_for;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// E.g. `sale`.
    pub kind: String,
    /// The text after `id:`.
    pub id: String,
    /// The data.
    pub data: Value,
}

/// An open stream of events. Dropping it closes the connection.
#[derive(Debug)]
pub struct Events {
    stream: TcpStream,
    seen: Arc<Mutex<Vec<Event>>>,
}

impl Events {
    /// Opens `/v1/events`, after an event that was seen earlier if one is named.
    ///
    /// # Panics
    /// When there is no connection, or no `200` with `text/event-stream`.
    pub fn open(address: SocketAddr, after: Option<&str>) -> Self {
        let mut stream =
            TcpStream::connect(address).unwrap_or_else(|error| panic!("cannot reach the API at {address}: {error}"));
        // An HTTP/1.0 client gets the stream without chunks.
        let mut head = format!("GET /v1/events HTTP/1.0\r\nHost: {address}\r\nAccept: text/event-stream\r\n");
        if let Some(id) = after {
            head.push_str(&format!("Last-Event-ID: {id}\r\n"));
        }
        head.push_str("\r\n");
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.try_clone());
        let mut lines = BufReader::new(sent.unwrap_or_else(|error| panic!("cannot ask for events: {error}")));
        let head = read_head(&mut lines);
        assert!(head.starts_with("http/1.0 200") || head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = seen.clone();
        thread::spawn(move || note_events(lines, &notes));
        Self { stream, seen }
    }

    /// Everything seen so far.
    pub fn seen(&self) -> Vec<Event> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for an event that fits.
    ///
    /// # Panics
    /// When none comes within `limit`.
    #[track_caller]
    pub fn wait(&self, what: &str, limit: Duration, fits: impl Fn(&Event) -> bool) -> Event {
        wait_for(what, limit, || {
            let seen = self.seen();
            seen.iter().find(|event| fits(event)).cloned().ok_or_else(|| format!("{seen:#?}"))
        })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // The till may have closed it first.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

fn read_head(lines: &mut impl BufRead) -> String {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).unwrap_or_else(|error| panic!("no answer for events: {error}"));
        if read == 0 || line.trim().is_empty() {
            return head.to_ascii_lowercase();
        }
        head.push_str(&line);
    }
}

fn note_events(lines: impl BufRead, seen: &Mutex<Vec<Event>>) {
    let mut event = Event { kind: String::new(), id: String::new(), data: Value::Null };
    for line in lines.lines() {
        let Ok(line) = line else { return };
        if let Some(kind) = line.strip_prefix("event:") {
            event.kind = kind.trim().to_owned();
        } else if let Some(id) = line.strip_prefix("id:") {
            event.id = id.trim().to_owned();
        } else if let Some(data) = line.strip_prefix("data:") {
            event.data = serde_json::from_str(data.trim()).unwrap_or_default();
        } else if line.is_empty() && event.data != Value::Null {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
            event.data = Value::Null;
        }
    }
}
