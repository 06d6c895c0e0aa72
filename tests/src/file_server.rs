//! An operator's server with one file, which knows ranges and breaks connections off. It must not know what the file is.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The server. It ends with the test's process.
pub struct FileServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicBool>,
}

impl FileServer {
    /// Serves `file`, at most `most` bytes of it over one connection. While the server is shut it answers 503.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn start(file: Vec<u8>, most: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_or_else(|error| panic!("no port: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("no address: {error}"));
        let (asked, open) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(true)));
        let (heard, is_open) = (Arc::clone(&asked), Arc::clone(&open));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever asked may have gone away.
                let _ = serve(stream, &file, most, &heard, is_open.load(Ordering::SeqCst));
            }
        });
        Self { address, asked, open }
    }

    /// Returns the address of the file under this name.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Opens the server, or shuts it.
    pub fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::SeqCst);
    }

    /// Returns the ranges that were asked for, in order; `all` where none was named.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(mut stream: TcpStream, file: &[u8], most: usize, asked: &Mutex<Vec<String>>, is_open: bool) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 && stream.read(&mut byte)? == 1 {
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(range.unwrap_or("all").to_owned());
    if !is_open {
        return stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    }
    let begin: usize = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
    let rest = file.get(begin..).unwrap_or_default();
    let (status, part) = match range {
        Some(_) => {
            let last = file.len().saturating_sub(1);
            ("206 Partial Content", format!("Content-Range: bytes {begin}-{last}/{}\r\n", file.len()))
        }
        None => ("200 OK", String::new()),
    };
    write!(stream, "HTTP/1.1 {status}\r\nETag: \"one\"\r\n{part}Content-Length: {}\r\n\r\n", rest.len())?;
    stream.write_all(rest.get(..most.min(rest.len())).unwrap_or_default())
}
