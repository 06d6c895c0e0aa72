//! An HTTP server of the tests: every connection gets the bytes that are its turn, whatever they are. It must not know the
//! providers.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What becomes of each connection.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// These bytes are sent after the request, and then it is closed.
    Say(Vec<u8>),
    /// It is closed after the request.
    HangUp,
    /// Nothing is ever sent.
    KeepSilent,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

pub(super) struct Server {
    pub(super) base: String,
    asked: mpsc::UnboundedReceiver<Asked>,
    task: JoinHandle<()>,
}

/// Returns an answer with this status, these header lines and this body.
pub(super) fn answer(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
    Act::Say([head.as_bytes(), body.as_bytes()].concat())
}

impl Server {
    pub(super) async fn start(act: Act) -> Self {
        Self::start_with(vec![act]).await
    }

    /// Does one after the other to each connection, and the last one to all that follow.
    pub(super) async fn start_with(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (sender, asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut acts = acts.into_iter().peekable();
            while let Ok((stream, _)) = listener.accept().await {
                let act = acts.next().expect("there is something to do");
                if acts.peek().is_none() {
                    acts = vec![act.clone()].into_iter().peekable();
                }
                tokio::spawn(serve(stream, act, sender.clone()));
            }
        });
        Self { base: format!("http://{address}"), asked, task }
    }

    /// Returns the next request.
    pub(super) async fn asked(&mut self) -> Asked {
        let asked = timeout(Duration::from_secs(20), self.asked.recv()).await;
        asked.expect("a request comes in time").expect("the server runs")
    }

    /// Tells how many requests have come and not been looked at.
    pub(super) fn waiting(&self) -> usize {
        self.asked.len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, act: Act, asked: mpsc::UnboundedSender<Asked>) {
    let mut stream = BufReader::new(stream);
    let Some(request) = read(&mut stream).await else {
        return;
    };
    // A test may have ended meanwhile.
    asked.send(request).ok();
    match act {
        Act::Say(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.shutdown().await.ok();
        }
        Act::HangUp => {}
        Act::KeepSilent => std::future::pending().await,
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let pairs = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    });
    let headers: BTreeMap<_, _> = pairs.collect();
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).ok()? })
}
