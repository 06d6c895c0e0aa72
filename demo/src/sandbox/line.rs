//! Connections that can be cut at a chosen byte, for answers that get lost on the way. It must not know HTTP servers or
//! providers.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Decides how far answers on one connection get.
#[derive(Clone, Debug)]
pub(crate) struct Scissors(Arc<Mutex<Cut>>);

#[derive(Clone, Copy, Debug)]
enum Cut {
    Never,
    /// No further byte gets out.
    Now,
    /// The head of the next answer and so many bytes of its body get out. `seen` counts how much of the empty line
    /// that ends the head has passed.
    InBody {
        seen: usize,
        left: usize,
    },
}

impl Scissors {
    /// Nothing more is sent; the connection closes instead.
    pub(crate) fn cut_now(&self) {
        self.set(Cut::Now);
    }

    /// The head and `bytes` of the body are sent, then the connection closes.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.set(Cut::InBody { seen: 0, left: bytes });
    }

    fn set(&self, cut: Cut) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    /// How many of these bytes may pass.
    fn allowed(&self, bytes: &[u8]) -> usize {
        let mut cut = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = bytes.iter().take_while(|byte| cut.passes(**byte)).count();
        if passed < bytes.len() {
            *cut = Cut::Now;
        }
        passed
    }
}

impl Cut {
    fn passes(&mut self, byte: u8) -> bool {
        const END: &[u8] = b"\r\n\r\n";
        match self {
            Self::Never => true,
            Self::Now => false,
            Self::InBody { seen, left } if *seen == END.len() => {
                let open = *left > 0;
                *left = left.saturating_sub(1);
                open
            }
            Self::InBody { seen, .. } => {
                *seen = if END.get(*seen) == Some(&byte) { *seen + 1 } else { usize::from(byte == b'\r') };
                true
            }
        }
    }
}

/// A connection with scissors at it.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    scissors: Scissors,
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let passed = self.scissors.allowed(buf);
        match buf.get(..passed) {
            Some(part) if !part.is_empty() || buf.is_empty() => Pin::new(&mut self.stream).poll_write(cx, part),
            Some(_) | None => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Takes connections and gives each its scissors.
#[derive(Debug)]
pub(crate) struct Lines(pub(crate) TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let scissors = Scissors(Arc::new(Mutex::new(Cut::Never)));
        (Line { stream, scissors }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().scissors.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Scissors};
    use std::sync::{Arc, Mutex};

    #[test]
    fn scissors_cut_at_the_chosen_byte_of_the_body() {
        let scissors = Scissors(Arc::new(Mutex::new(Cut::Never)));
        assert_eq!(scissors.allowed(b"HTTP/1.1 200 OK\r\n\r\nbody"), 23);
        scissors.cut_after(2);
        assert_eq!(scissors.allowed(b"A: b\r\n"), 6);
        assert_eq!(scissors.allowed(b"\r\nbody"), 4);
        assert_eq!(scissors.allowed(b"dy"), 0);
        scissors.cut_now();
        assert_eq!(scissors.allowed(b"x"), 0);
    }
}
