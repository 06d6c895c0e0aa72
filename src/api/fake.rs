//! A driver for tests: keeps sales in memory and answers the port by the same words as the real one, or fails as told.

mod books;
mod keys;
mod matching;
mod refuse;
mod samples;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use till_wire::{SaleId, UnixTime};
use tokio::sync::{broadcast, oneshot, watch};

use super::{Api, ApiRules};
use crate::port::{Announced, DriverEnd, Lines, Measure, Picture, Request, Value, port};
use crate::till::{
    Answer, Change, Generation, JournalPage, Key, Missed, NewSale, Outstanding, Receipt, ReceiptsPage, RequestKey,
    Sale, SalesPage, SalesQuery, State, Tick,
};

pub(crate) use books::journal;
pub(crate) use samples::{
    PIN, TOKEN, ended, picture, receipt, rules, rules_with_pin, rules_with_token, sale, sale_id, status,
};

/// How the driver feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    StoreFault,
    /// Takes questions and drops them.
    Gone,
    /// Takes questions and never answers.
    Stuck,
    ClockNotSet,
    NumbersUsedUp,
    QueueFull,
    Disabled,
}

/// What the driver remembers.
pub(crate) struct Memory {
    pub(crate) mood: Mood,
    pub(crate) sales: Vec<Sale>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) owed: Vec<Outstanding>,
    pub(crate) flight: Lines,
    pub(crate) journal: JournalPage,
    pub(crate) events: Vec<(u64, Change)>,
    pub(crate) requests: Vec<NewSale>,
    pub(crate) acknowledged: Vec<(SaleId, crate::till::Pin)>,
    picture: Picture,
    pub(crate) pressed: Vec<Key>,
    keys: Vec<(RequestKey, SaleId)>,
    next: u32,
    unanswered: Vec<Request>,
}

/// A running API with its driver; both end with it.
pub(crate) struct Terminal {
    pub(crate) address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    changes: broadcast::Sender<Arc<Announced>>,
    pictures: watch::Sender<u64>,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
}

impl Terminal {
    /// Starts an API on a free port of loopback.
    pub(crate) async fn start(rules: ApiRules, socket: Option<&Path>) -> Self {
        Self::of(Api::bind(([127, 0, 0, 1], 0).into(), socket, rules).await.expect("loopback has a free port"))
    }

    /// Starts an API that listens already.
    pub(crate) fn of(api: Api) -> Self {
        let (port, end) = port();
        let memory = Arc::new(Mutex::new(Memory {
            mood: Mood::Well,
            sales: Vec::new(),
            receipts: Vec::new(),
            owed: Vec::new(),
            flight: Lines::new(),
            journal: JournalPage::default(),
            events: Vec::new(),
            requests: Vec::new(),
            acknowledged: Vec::new(),
            picture: picture(7),
            pressed: Vec::new(),
            keys: Vec::new(),
            next: 29_727_122,
            unanswered: Vec::new(),
        }));
        let (changes, pictures) = (end.changes.clone(), end.pictures.clone());
        pictures.send_replace(7);
        tokio::spawn(drive(end, memory.clone()));
        let (stop, stopped) = oneshot::channel();
        let address = api.addr();
        let served = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            api.serve(port, stopped).await;
        });
        Self { address, memory, changes, pictures, stop: Some(stop), served }
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no test panics while it holds the memory")
    }

    pub(crate) fn feel(&self, mood: Mood) {
        self.memory().mood = mood;
    }

    /// Keeps a sale, replacing an older revision.
    pub(crate) fn keep(&self, sale: Sale) {
        let mut memory = self.memory();
        memory.sales.retain(|known| known.id != sale.id);
        memory.sales.push(sale);
    }

    /// Remembers a change and tells listeners.
    pub(crate) fn announce(&self, number: u64, change: Change) {
        self.memory().events.push((number, change.clone()));
        let _ = self.changes.send(Arc::new(Announced::new(number, change)));
    }

    /// Tells listeners without remembering, as when what is remembered was asked for a moment earlier.
    pub(crate) fn tell(&self, number: u64, change: Change) {
        let _ = self.changes.send(Arc::new(Announced::new(number, change)));
    }

    /// Shows another picture.
    pub(crate) fn show(&self, number: u64) {
        self.memory().picture = picture(number);
        self.pictures.send_replace(number);
    }

    /// How many look at the number of the picture: the API itself, and everybody who waits.
    pub(crate) fn lookers(&self) -> usize {
        self.pictures.receiver_count()
    }

    pub(crate) fn listeners(&self) -> usize {
        self.changes.receiver_count()
    }

    /// Stops the API and waits for its end.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.served.await.expect("serving does not panic");
    }
}

async fn drive(mut end: DriverEnd, memory: Arc<Mutex<Memory>>) {
    while let Some(request) = end.requests.recv().await {
        let mut memory = memory.lock().expect("no test panics while it holds the memory");
        match memory.mood {
            Mood::Well | Mood::ClockNotSet | Mood::NumbersUsedUp | Mood::QueueFull | Mood::Disabled => {
                memory.answer(request);
            }
            Mood::StoreFault => refuse::refuse(request),
            Mood::Gone => drop(request),
            Mood::Stuck => memory.unanswered.push(request),
        }
    }
}

impl Memory {
    fn answer(&mut self, request: Request) {
        match request {
            Request::Sell { request, key, reply } => drop(reply.send(Ok(self.sell(*request, key)))),
            Request::Cancel { sale, reply } => {
                let answer = self.judge(sale, Answer::AlreadyEnded, Answer::Cancelling);
                drop(reply.send(Ok(answer)));
            }
            Request::Acknowledge { sale, pin, reply } => {
                self.acknowledged.push((sale, pin));
                let answer = self.judge(sale, Answer::Acknowledged, Answer::NotEnded);
                drop(reply.send(Ok(answer)));
            }
            Request::Confirm { sale, reply } => {
                let answer = self.judge(sale, Answer::Confirmed, Answer::NotEnded);
                drop(reply.send(Ok(answer)));
            }
            Request::Match { receipt, sale, reply } => drop(reply.send(Ok(self.match_receipt(receipt, sale)))),
            Request::Scan { .. } => unreachable!("the API scans nothing"),
            Request::Keys { keys, reply } => {
                let answer = self.press(&keys);
                self.pressed.extend(keys);
                drop(reply.send(Ok(answer)));
            }
            Request::Replay { reply } => {
                drop(reply.send(Ok(Answer::Replaying(UnixTime::from_secs(1_795_143_845)))));
            }
            Request::Sale { id, reply } => drop(reply.send(Ok(self.find(id).map(Box::new)))),
            Request::Sales { query, reply } => drop(reply.send(Ok(self.page(&query)))),
            Request::Receipts { query, reply } => {
                let receipts = self
                    .receipts
                    .iter()
                    .filter(|receipt| query.matched.is_none_or(|matched| matched == receipt.sale.is_some()));
                drop(reply.send(Ok(ReceiptsPage { receipts: receipts.take(query.limit).cloned().collect() })));
            }
            Request::Journal { sale, reply } => drop(reply.send(Ok(self.journal(sale)))),
            Request::Queue { limit, reply } => drop(reply.send(Ok(self.queue(limit)))),
            Request::Period { query, reply } => drop(reply.send(Ok(self.period(&query)))),
            Request::Attention { limit, reply } => drop(reply.send(Ok(self.attention(limit)))),
            Request::Missed { after, limit, reply } => drop(reply.send(Ok(self.missed(after, limit)))),
            Request::Status { reply } => drop(reply.send(Ok(status()))),
            Request::Counters { reply } => drop(reply.send(Ok(vec![Measure {
                name: "tilld_webhooks_total",
                help: "Webhooks.",
                labels: vec![("channel", "payos".into())],
                value: Value::Counter(3),
            }]))),
            Request::Screen { reply } => drop(reply.send(Ok(Some(self.picture.clone())))),
            Request::Flight { reply } => drop(reply.send(Ok(self.flight.clone()))),
        }
    }

    fn sell(&mut self, request: NewSale, key: Option<RequestKey>) -> Answer {
        match self.mood {
            Mood::ClockNotSet => return Answer::ClockNotSet,
            Mood::NumbersUsedUp => return Answer::NumbersUsedUp,
            Mood::QueueFull => return Answer::QueueFull,
            Mood::Disabled => return Answer::Disabled,
            Mood::Well | Mood::StoreFault | Mood::Gone | Mood::Stuck => {}
        }
        if let Some((known, id)) =
            self.keys.iter().find(|(known, _)| Some(&known.key) == key.as_ref().map(|key| &key.key))
        {
            return match self.find(*id).filter(|_| Some(known) == key.as_ref()) {
                Some(sale) => Answer::Repeated(Box::new(sale)),
                None => Answer::KeyMismatch,
            };
        }
        if let Some(busy) = self.sales.iter().find(|sale| sale.ending().is_none()) {
            return Answer::Busy(busy.id);
        }
        let made = Sale {
            amount: request.amount,
            channel: request.channel.clone(),
            reference: request.reference.clone(),
            note: request.note.clone(),
            expire: request.expire,
            customer: request.customer.clone(),
            items: request.items.clone(),
            ..sale(self.next)
        };
        self.next += 1;
        self.requests.push(request);
        self.keys.extend(key.map(|key| (key, made.id)));
        self.sales.push(made.clone());
        Answer::Created(Box::new(made))
    }

    fn judge(&self, id: SaleId, when_ended: fn(Box<Sale>) -> Answer, when_open: fn(Box<Sale>) -> Answer) -> Answer {
        match self.find(id) {
            None => Answer::NotFound,
            Some(sale) if sale.ending().is_some() => when_ended(Box::new(sale)),
            Some(sale) => when_open(Box::new(Sale {
                state: State::Cancelling { generation: Generation::default(), until: Tick(1) },
                ..sale
            })),
        }
    }

    fn find(&self, id: SaleId) -> Option<Sale> {
        self.sales.iter().find(|sale| sale.id == id).cloned()
    }

    fn page(&self, query: &SalesQuery) -> SalesPage {
        let mut sales: Vec<Sale> = self.sales.clone();
        sales.sort_by_key(|sale| std::cmp::Reverse(sale.id));
        sales.retain(|sale| {
            query.state.is_none_or(|state| state == sale.seen_state())
                && query.since.is_none_or(|since| since <= sale.created_at)
                && query.before.is_none_or(|before| sale.id < before)
        });
        let more = sales.len() > query.limit;
        sales.truncate(query.limit);
        let next = sales.last().map(|sale| sale.id).filter(|_| more);
        SalesPage { sales, next }
    }

    fn missed(&self, after: Option<u64>, limit: usize) -> Missed {
        let newest = self.events.last().map(|(number, _)| *number);
        let known = after.filter(|after| Some(*after) <= newest);
        match known {
            Some(after) => {
                Missed::Since(self.events.iter().filter(|(number, _)| *number > after).take(limit).cloned().collect())
            }
            None => Missed::Open(
                self.events
                    .iter()
                    .filter(|(_, change)| match change {
                        Change::Sale(sale) => sale.ending().is_none(),
                        Change::Receipt(_) => false,
                    })
                    .cloned()
                    .collect(),
            ),
        }
    }
}
