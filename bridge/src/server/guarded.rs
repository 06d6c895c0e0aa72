//! A stream of which only bytes with one reading come through, and whose peer must take what it is sent. It must not know
//! HTTP beyond its frames.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::room::Seat;
use super::scan::{Ambiguous, Scan};

/// See the module.
pub(super) struct Guarded<S> {
    stream: S,
    scan: Scan,
    seat: Arc<Seat>,
    /// How long the peer may take nothing of what it is sent.
    patience: Duration,
    /// Runs while the peer takes nothing of what it is sent.
    stalled: Option<Pin<Box<Sleep>>>,
}

/// Stands in no frame of HTTP. The library hears it in place of what may be read in two ways, and so answers as it does to
/// all garbage: 400 and the end.
const NOWHERE: u8 = 0;

impl<S> Guarded<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>, patience: Duration) -> Self {
        Self { stream, scan: Scan::new(), seat, patience, stalled: None }
    }

    /// Passes on what came of a write, unless the peer has taken nothing for too long.
    fn patient<T>(&mut self, context: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        if stalled.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.seat.set_unread();
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the peer does not take its answer")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        if self.seat.is_ambiguous() {
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = buffer.filled().get(before..).unwrap_or_default();
        if new.is_empty() {
            return read;
        }
        let scanned = self.scan.take(new);
        self.seat.set_between_requests(self.scan.is_between_requests());
        if let Err(Ambiguous(at)) = scanned {
            self.seat.set_ambiguous();
            buffer.set_filled(before + at);
            buffer.put_slice(&[NOWHERE]);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patient(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.patient(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.patient(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.patient(context, shut)
    }
}

#[cfg(test)]
mod tests;
