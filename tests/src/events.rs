//! Reads a till's server-sent events. It must not know what they mean.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::wait::{SOON, wait_for};

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
    stream: Shared,
    seen: Arc<Mutex<Vec<Event>>>,
}

/// A connection that one thread reads and another one closes, with one file descriptor: tests open hundreds.
#[derive(Clone, Debug)]
struct Shared(Arc<TcpStream>);

impl Read for Shared {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(bytes)
    }
}

impl Events {
    /// Opens `/v1/events`, after an event that was seen earlier if one is named.
    ///
    /// # Panics
    /// When there is no connection, or no `200` with `text/event-stream`.
    #[track_caller]
    pub fn open(address: SocketAddr, after: Option<&str>) -> Self {
        Self::try_open(address, after).unwrap_or_else(|error| panic!("no events from {address}: {error}"))
    }

    /// Opens `/v1/events` as [`Events::open`] does.
    ///
    /// # Errors
    /// When there is no connection, or no `200` with `text/event-stream`: the head of the answer.
    pub fn try_open(address: SocketAddr, after: Option<&str>) -> Result<Self, String> {
        let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        // An HTTP/1.0 client gets the stream without chunks.
        let mut head = format!("GET /v1/events HTTP/1.0\r\nHost: {address}\r\nAccept: text/event-stream\r\n");
        if let Some(id) = after {
            head.push_str(&format!("Last-Event-ID: {id}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).map_err(|error| error.to_string())?;
        let stream = Shared(Arc::new(stream));
        let mut lines = BufReader::new(stream.clone());
        // The stream may be silent for as long as it likes, but only after its head.
        let patience = |limit| stream.0.set_read_timeout(limit).map_err(|error| error.to_string());
        patience(Some(SOON))?;
        let head = read_head(&mut lines).map_err(|error| error.to_string())?;
        patience(None)?;
        let is_answer = head.starts_with("http/1.0 200") || head.starts_with("http/1.1 200");
        if !is_answer || !head.contains("content-type: text/event-stream") {
            return Err(head);
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = seen.clone();
        thread::spawn(move || note_events(lines, &notes));
        Ok(Self { stream, seen })
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
        let _ = self.stream.0.shutdown(std::net::Shutdown::Both);
    }
}

fn read_head(lines: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line)?;
        if read == 0 || line.trim().is_empty() {
            return Ok(head.to_ascii_lowercase());
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
