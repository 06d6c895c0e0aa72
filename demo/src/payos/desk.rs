//! What the sandbox's server, its webhook sender and its handle share: the book, the faults, the logs and the clock. It
//! must not know HTTP.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use super::book::Book;
use super::faults::{Faults, Received};
use super::order::Reference;
use crate::clock::Moment;
use crate::vietqr::BankAccount;

/// The oldest entries of the logs are forgotten beyond this number.
const LOG_LENGTH: usize = 20_000;
/// A listener that is further behind misses the oldest notes.
const NOTES: usize = 256;

/// What a shop gets from payOS for its channel. They are made up and worth nothing, so they may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The header `x-client-id`.
    pub client_id: String,
    /// The header `x-api-key`.
    pub api_key: String,
    /// The key of all signatures.
    pub checksum_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When it ended, by the sandbox's clock.
    pub at: Moment,
    /// The transfer that it told about.
    pub reference: Reference,
    /// The HTTP status, or none when there was no answer.
    pub status: Option<u16>,
}

/// What happens at the sandbox's doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A call came in.
    Call(Received),
    /// A webhook was delivered, or could not be.
    Webhook(Delivery),
}

/// The one place that everything shares.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) credentials: Credentials,
    pub(crate) account: BankAccount,
    /// Seconds by which the sandbox's clock is ahead of the machine's.
    offset_s: AtomicI64,
    papers: Mutex<Papers>,
}

/// The changing part, behind one lock that is never held while waiting.
#[derive(Debug)]
pub(crate) struct Papers {
    pub(crate) book: Book,
    pub(crate) faults: Faults,
    pub(crate) webhook_url: Option<String>,
    /// How often every webhook is delivered.
    pub(crate) webhook_copies: u32,
    pub(crate) description_limit: usize,
    /// The time spent on calls.
    pub(crate) busy: Duration,
    received: VecDeque<Received>,
    deliveries: VecDeque<Delivery>,
    notes: broadcast::Sender<Note>,
}

impl Desk {
    pub(crate) fn new(credentials: Credentials, account: BankAccount) -> Self {
        let papers = Papers {
            book: Book::default(),
            faults: Faults::default(),
            webhook_url: None,
            webhook_copies: 1,
            description_limit: 25,
            busy: Duration::ZERO,
            received: VecDeque::new(),
            deliveries: VecDeque::new(),
            notes: broadcast::Sender::new(NOTES),
        };
        Self { credentials, account, offset_s: AtomicI64::new(0), papers: Mutex::new(papers) }
    }

    /// The lock is usable after a panic elsewhere: every change is made in one piece.
    pub(crate) fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::now(self.offset_s.load(Ordering::Relaxed))
    }

    pub(crate) fn set_offset_s(&self, offset_s: i64) {
        self.offset_s.store(offset_s, Ordering::Relaxed);
    }
}

impl Papers {
    pub(crate) fn note_received(&mut self, received: Received) {
        // Nobody may be listening.
        let _ = self.notes.send(Note::Call(received.clone()));
        note(&mut self.received, received);
    }

    pub(crate) fn note_delivery(&mut self, delivery: Delivery) {
        let _ = self.notes.send(Note::Webhook(delivery.clone()));
        note(&mut self.deliveries, delivery);
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Note> {
        self.notes.subscribe()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.iter().cloned().collect()
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.iter().cloned().collect()
    }
}

fn note<T>(log: &mut VecDeque<T>, entry: T) {
    if log.len() >= LOG_LENGTH {
        log.pop_front();
    }
    log.push_back(entry);
}
