//! What a sandbox's server, its webhook sender and its handle share: the book, the faults, the logs and the clock. It
//! must not know HTTP or any provider.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use super::faults::Faults;
use super::provider::Provider;
use crate::clock::Moment;

/// The oldest entries of the logs are forgotten beyond this number.
const LOG_LENGTH: usize = 20_000;
/// A listener that is further behind misses the oldest notes.
const NOTES: usize = 256;

/// A call that the sandbox received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<O> {
    /// By the sandbox's clock.
    pub at: Moment,
    /// `GET` or `POST`.
    pub method: String,
    /// Without the host, and without the query.
    pub path: String,
    /// What follows `?`.
    pub query: Option<String>,
    /// The order that the path or the body names, if it is named by the shop's name for it.
    pub order: Option<O>,
    /// The body as text.
    pub body: String,
}

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<R> {
    /// When it ended, by the sandbox's clock.
    pub at: Moment,
    /// What it told of.
    pub reference: R,
    /// The HTTP status, or none when there was no answer.
    pub status: Option<u16>,
}

/// What happens at the sandbox's doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<O, R> {
    /// A call came in.
    Call(Received<O>),
    /// A webhook was delivered, or could not be.
    Webhook(Delivery<R>),
}

/// The one place that everything in a sandbox shares.
#[derive(Debug)]
pub struct Desk<P: Provider> {
    /// What never changes.
    pub(crate) provider: P,
    /// Seconds by which the sandbox's clock is ahead of the machine's.
    offset_s: AtomicI64,
    papers: Mutex<Papers<P>>,
}

/// The changing part, behind one lock that is never held while waiting.
pub struct Papers<P: Provider> {
    /// The provider's own.
    pub(crate) book: P::Book,
    pub(crate) webhook_url: Option<String>,
    pub(super) faults: Faults<P::Kind>,
    /// How often every webhook is delivered.
    pub(super) webhook_copies: u32,
    /// The time spent on calls.
    pub(super) busy: Duration,
    received: VecDeque<Received<P::Order>>,
    deliveries: VecDeque<Delivery<P::Reference>>,
    notes: broadcast::Sender<Note<P::Order, P::Reference>>,
}

impl<P: Provider> Desk<P> {
    pub(super) fn new(provider: P, book: P::Book) -> Self {
        let papers = Papers {
            book,
            webhook_url: None,
            faults: Faults::default(),
            webhook_copies: 1,
            busy: Duration::ZERO,
            received: VecDeque::new(),
            deliveries: VecDeque::new(),
            notes: broadcast::Sender::new(NOTES),
        };
        Self { provider, offset_s: AtomicI64::new(0), papers: Mutex::new(papers) }
    }

    /// The lock is usable after a panic elsewhere: every change is made in one piece.
    pub(crate) fn papers(&self) -> MutexGuard<'_, Papers<P>> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::now(self.offset_s.load(Ordering::Relaxed))
    }

    pub(super) fn set_offset_s(&self, offset_s: i64) {
        self.offset_s.store(offset_s, Ordering::Relaxed);
    }
}

impl<P: Provider> Papers<P> {
    pub(super) fn note_received(&mut self, received: Received<P::Order>) {
        // Nobody may be listening.
        let _ = self.notes.send(Note::Call(received.clone()));
        note(&mut self.received, received);
    }

    pub(super) fn note_delivery(&mut self, delivery: Delivery<P::Reference>) {
        let _ = self.notes.send(Note::Webhook(delivery.clone()));
        note(&mut self.deliveries, delivery);
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Note<P::Order, P::Reference>> {
        self.notes.subscribe()
    }

    pub(super) fn received(&self) -> Vec<Received<P::Order>> {
        self.received.iter().cloned().collect()
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery<P::Reference>> {
        self.deliveries.iter().cloned().collect()
    }
}

impl<P: Provider> fmt::Debug for Papers<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Papers").field("book", &self.book).finish_non_exhaustive()
    }
}

fn note<T>(log: &mut VecDeque<T>, entry: T) {
    if log.len() >= LOG_LENGTH {
        log.pop_front();
    }
    log.push_back(entry);
}
