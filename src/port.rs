//! How those who stand at the counter's doors (the API, keypads, a serial line) talk to whoever decides: questions with a
//! way to answer them, and the changes that listeners hear of. It must not know who asks, nor who answers.

mod measure;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use till_wire::status::Status;
use till_wire::{ReceiptKey, SaleId};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::till::{
    Answer, AttentionPage, Change, JournalPage, Key, Missed, NewSale, PeriodPage, PeriodQuery, Pin, Queue,
    ReceiptsPage, ReceiptsQuery, RequestKey, Sale, SalesPage, SalesQuery,
};

pub use measure::{Histogram, Measure, Value};

/// How many questions may wait for the driver; further ones wait in their own connection.
const WAITING: usize = 64;
/// How many changes a listener may lag behind before it is sent away to resume.
const LAG: usize = 256;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where an answer is awaited.
pub type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

/// One question to the driver. A dropped `reply` counts as [`Unavailable::Gone`].
#[derive(Debug)]
pub enum Request {
    /// Start a sale; bounds and names have been checked.
    Sell {
        /// What is wanted.
        request: Box<NewSale>,
        /// The caller's idempotency key.
        key: Option<RequestKey>,
        /// `Created`, `Repeated`, `KeyMismatch`, `Busy`, `ClockNotSet`, `NumbersUsedUp` or `QueueFull`.
        reply: Reply<Answer>,
    },
    /// End a sale unpaid.
    Cancel {
        /// Which.
        sale: SaleId,
        /// `Cancelling`, `AlreadyEnded` or `NotFound`.
        reply: Reply<Answer>,
    },
    /// Clear a result from the display.
    Acknowledge {
        /// Which.
        sale: SaleId,
        /// Whether the supervisor's PIN came along; it has been checked.
        pin: Pin,
        /// `Acknowledged`, `NotEnded` or `NotFound`.
        reply: Reply<Answer>,
    },
    /// Settle a sale by hand; the supervisor's PIN has been checked.
    Confirm {
        /// Which.
        sale: SaleId,
        /// `Confirmed`, `AlreadyEnded`, `NotEnded` or `NotFound`.
        reply: Reply<Answer>,
    },
    /// Count a receipt's money for a sale; the supervisor's PIN has been checked.
    Match {
        /// Which money.
        receipt: ReceiptKey,
        /// For which sale.
        sale: SaleId,
        /// `Matched`, `NoReceipt`, `NotFound`, `AlreadyMatched` or `NeedsDoubleProof`.
        reply: Reply<Answer>,
    },
    /// Press keys of the cashier's keypad.
    Keys {
        /// Which, in order.
        keys: Vec<Key>,
        /// `Keyed`, `Busy`, `ClockNotSet`, `NumbersUsedUp` or `QueueFull`.
        reply: Reply<Answer>,
    },
    /// Keep an order number for the sale that is being typed.
    Scan {
        /// What was read: 1 to 100 printable ASCII characters.
        reference: String,
        /// `Keyed` or `Busy`.
        reply: Reply<Answer>,
    },
    /// Ask the bridges again for what may have been missed.
    Replay {
        /// `Replaying`.
        reply: Reply<Answer>,
    },
    /// One sale.
    Sale {
        /// Which.
        id: SaleId,
        /// The sale, if there is one.
        reply: Reply<Option<Box<Sale>>>,
    },
    /// A page of sales, newest first.
    Sales {
        /// Which.
        query: SalesQuery,
        /// The page.
        reply: Reply<SalesPage>,
    },
    /// Receipts, newest first.
    Receipts {
        /// Which.
        query: ReceiptsQuery,
        /// The page.
        reply: Reply<ReceiptsPage>,
    },
    /// How a sale came to be what it is.
    Journal {
        /// Which.
        sale: SaleId,
        /// Its journal, if there is such a sale.
        reply: Reply<Option<JournalPage>>,
    },
    /// What is owed to others.
    Queue {
        /// At most so many entries.
        limit: usize,
        /// The oldest of it.
        reply: Reply<Queue>,
    },
    /// What happened in a period, page by page.
    Period {
        /// Which page.
        query: PeriodQuery,
        /// The page.
        reply: Reply<PeriodPage>,
    },
    /// What a person must look at.
    Attention {
        /// At most so many sales, and as many receipts.
        limit: usize,
        /// These.
        reply: Reply<AttentionPage>,
    },
    /// What a listener has missed.
    Missed {
        /// The last number that it heard; nothing when it names none, which is answered like an unknown one.
        after: Option<u64>,
        /// At most so many changes, the oldest first; more may be left then. Open sales are not counted.
        limit: usize,
        /// What it has missed, at least up to the moment of the question.
        reply: Reply<Missed>,
    },
    /// How the terminal is doing.
    Status {
        /// The status.
        reply: Reply<Status>,
    },
    /// What has been counted since the start.
    Counters {
        /// The series, in the order in which they are to be printed.
        reply: Reply<Vec<Measure>>,
    },
    /// What the display shows now.
    Screen {
        /// The picture; nothing when there is no display.
        reply: Reply<Option<Picture>>,
    },
    /// What the flight recorder holds.
    Flight {
        /// Its lines, the oldest first.
        reply: Reply<Lines>,
    },
}

/// Lines of text with their line feeds, shared by all who read them.
pub type Lines = Vec<Arc<[u8]>>;

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The store could not take or give what was asked.
    #[error("the store cannot take it")]
    StoreFault,
    /// Nobody answers: the driver is stopping or has stopped.
    #[error("the till is stopping")]
    Gone,
    /// No answer came in time.
    #[error("the till did not answer in time")]
    Late,
}

/// What the display shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Another number is another picture; a number is not given twice in one boot of the machine.
    pub number: u64,
    /// The picture.
    pub png: Arc<[u8]>,
}

/// A change with its number, which grows with every change and survives restarts.
#[derive(Debug)]
pub struct Announced {
    /// Its number.
    pub number: u64,
    /// What changed.
    pub change: Change,
    /// The change as JSON, written once for however many listen.
    json: OnceLock<String>,
}

impl Announced {
    /// Gives a change its number.
    pub fn new(number: u64, change: Change) -> Self {
        Self { number, change, json: OnceLock::new() }
    }

    /// Returns the sale or the receipt as JSON, as everybody outside sees it.
    pub fn json(&self) -> &str {
        self.json.get_or_init(|| {
            let written = match &self.change {
                Change::Sale(sale) => serde_json::to_string(&till_wire::Sale::from(sale.as_ref())),
                Change::Receipt(receipt) => serde_json::to_string(&till_wire::Receipt::from(receipt.as_ref())),
            };
            // The types have no maps and no fallible parts; a listener that gets no object asks for the sale itself.
            written.unwrap_or_else(|_| "null".to_owned())
        })
    }
}

/// The asking end: asks and listens.
#[derive(Clone, Debug)]
pub struct Port {
    requests: mpsc::Sender<Request>,
    changes: broadcast::Sender<Arc<Announced>>,
    pictures: watch::Receiver<u64>,
}

/// The driver's end: answers and announces.
#[derive(Debug)]
pub struct DriverEnd {
    /// The questions.
    pub requests: mpsc::Receiver<Request>,
    /// Where changes are announced; that nobody listens is no fault.
    pub changes: broadcast::Sender<Arc<Announced>>,
    /// Where the number of what the display shows is announced, without a detour through the loop.
    pub pictures: watch::Sender<u64>,
}

/// Makes both ends.
pub fn port() -> (Port, DriverEnd) {
    let (ask, requests) = mpsc::channel(WAITING);
    let (changes, _) = broadcast::channel(LAG);
    let (show, pictures) = watch::channel(0);
    let port = Port { requests: ask, changes: changes.clone(), pictures };
    (port, DriverEnd { requests, changes, pictures: show })
}

impl Port {
    /// Hears every change from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Announced>> {
        self.changes.subscribe()
    }

    /// Sees the number of what the display shows, now and whenever it shows something else.
    pub fn pictures(&self) -> watch::Receiver<u64> {
        self.pictures.clone()
    }

    /// Starts a sale.
    ///
    /// # Errors
    /// As every question: the store's fault, nobody there, or no answer in ten seconds.
    pub async fn sell(&self, request: NewSale, key: Option<RequestKey>) -> Result<Answer, Unavailable> {
        let request = Box::new(request);
        self.ask(|reply| Request::Sell { request, key, reply }).await
    }

    /// Ends a sale unpaid. Errors: see [`Port::sell`].
    pub async fn cancel(&self, sale: SaleId) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Cancel { sale, reply }).await
    }

    /// Clears a result from the display. Errors: see [`Port::sell`].
    pub async fn acknowledge(&self, sale: SaleId, pin: Pin) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Acknowledge { sale, pin, reply }).await
    }

    /// Settles a sale by hand. Errors: see [`Port::sell`].
    pub async fn confirm(&self, sale: SaleId) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Confirm { sale, reply }).await
    }

    /// Counts a receipt's money for a sale. Errors: see [`Port::sell`].
    pub async fn match_receipt(&self, receipt: ReceiptKey, sale: SaleId) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Match { receipt, sale, reply }).await
    }

    /// Presses keys of the cashier's keypad. Errors: see [`Port::sell`].
    pub async fn press(&self, keys: Vec<Key>) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Keys { keys, reply }).await
    }

    /// Keeps an order number for the sale that is being typed. Errors: see [`Port::sell`].
    pub async fn scan(&self, reference: String) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Scan { reference, reply }).await
    }

    /// Asks the bridges again. Errors: see [`Port::sell`].
    pub async fn replay(&self) -> Result<Answer, Unavailable> {
        self.ask(|reply| Request::Replay { reply }).await
    }

    /// Returns a sale. Errors: see [`Port::sell`].
    pub async fn sale(&self, id: SaleId) -> Result<Option<Box<Sale>>, Unavailable> {
        self.ask(|reply| Request::Sale { id, reply }).await
    }

    /// Returns a page of sales. Errors: see [`Port::sell`].
    pub async fn sales(&self, query: SalesQuery) -> Result<SalesPage, Unavailable> {
        self.ask(|reply| Request::Sales { query, reply }).await
    }

    /// Returns receipts. Errors: see [`Port::sell`].
    pub async fn receipts(&self, query: ReceiptsQuery) -> Result<ReceiptsPage, Unavailable> {
        self.ask(|reply| Request::Receipts { query, reply }).await
    }

    /// Returns the journal of a sale. Errors: see [`Port::sell`].
    pub async fn journal(&self, sale: SaleId) -> Result<Option<JournalPage>, Unavailable> {
        self.ask(|reply| Request::Journal { sale, reply }).await
    }

    /// Returns what is owed to others. Errors: see [`Port::sell`].
    pub async fn queue(&self, limit: usize) -> Result<Queue, Unavailable> {
        self.ask(|reply| Request::Queue { limit, reply }).await
    }

    /// Returns a page of what happened in a period. Errors: see [`Port::sell`].
    pub async fn period(&self, query: PeriodQuery) -> Result<PeriodPage, Unavailable> {
        self.ask(|reply| Request::Period { query, reply }).await
    }

    /// Returns what a person must look at. Errors: see [`Port::sell`].
    pub async fn attention(&self, limit: usize) -> Result<AttentionPage, Unavailable> {
        self.ask(|reply| Request::Attention { limit, reply }).await
    }

    /// Returns what a listener has missed. Errors: see [`Port::sell`].
    pub async fn missed(&self, after: Option<u64>, limit: usize) -> Result<Missed, Unavailable> {
        self.ask(|reply| Request::Missed { after, limit, reply }).await
    }

    /// Returns how the terminal is doing. Errors: see [`Port::sell`].
    pub async fn status(&self) -> Result<Status, Unavailable> {
        self.ask(|reply| Request::Status { reply }).await
    }

    /// Returns what has been counted. Errors: see [`Port::sell`].
    pub async fn counters(&self) -> Result<Vec<Measure>, Unavailable> {
        self.ask(|reply| Request::Counters { reply }).await
    }

    /// Returns what the display shows. Errors: see [`Port::sell`].
    pub async fn screen(&self) -> Result<Option<Picture>, Unavailable> {
        self.ask(|reply| Request::Screen { reply }).await
    }

    /// Returns what the flight recorder holds. Errors: see [`Port::sell`].
    pub async fn flight(&self) -> Result<Lines, Unavailable> {
        self.ask(|reply| Request::Flight { reply }).await
    }

    async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Request) -> Result<T, Unavailable> {
        let (reply, answer) = oneshot::channel();
        let answered = async {
            self.requests.send(question(reply)).await.map_err(|_| Unavailable::Gone)?;
            answer.await.unwrap_or(Err(Unavailable::Gone))
        };
        timeout(PATIENCE, answered).await.unwrap_or(Err(Unavailable::Late))
    }
}
