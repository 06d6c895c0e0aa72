//! The journal's own thread: gathers what waits, commits it with one fsync, answers afterwards.
//! Everybody else holds a [`Journal`] to write or a [`Reader`] to read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use till_wire::{TerminalNumber, UnixTime};
use tokio::sync::{mpsc, oneshot};

use super::log::Log;
use super::read::{self, Chunk, Cursor};
use super::shared::Shared;
use super::{AppendError, Entry, EntryNumber, Limits, OpenError, Status, Stored};
use crate::clock;

/// The way to the journal's thread.
pub(crate) struct Journal {
    orders: SyncSender<Order>,
    reader: Reader,
}

/// Reads the journal and notes what was delivered.
#[derive(Clone)]
pub(crate) struct Reader {
    shared: Arc<Shared>,
}

/// Resolves when the journal's thread has ended, whatever the reason.
pub(crate) struct WorkerStopped(oneshot::Receiver<()>);

enum Order {
    Append { entry: Entry, reply: Reply },
    Close { reply: oneshot::Sender<()> },
}

/// Whom to tell what became of an entry.
type Reply = oneshot::Sender<Taken>;
type Taken = Result<EntryNumber, AppendError>;

/// What a commit came to, on its way to those who wait. All of it goes to one task, which tells them: waking each of them
/// from another thread would be a call of the system for each.
type News = Vec<(Reply, Taken)>;

/// More webhooks than may be open at once do not wait here.
const QUEUE: usize = 4096;
/// One commit takes at most this many entries, 4 MiB of the largest.
const BATCH: usize = 64;
/// Commits begin at least so far apart unless one was full, so that a busy bridge asks the disk once for many. Whoever
/// comes alone does not wait for it.
const PACE: Duration = Duration::from_millis(1);
/// How often marks are written, old segments dropped and a faulty disk tried again.
const ROUND: Duration = Duration::from_millis(500);

impl Journal {
    /// Opens the journal and starts its thread, and a task on the runtime in which this is called. Blocks while it reads
    /// what is there.
    pub(crate) fn open(limits: Limits) -> Result<(Self, WorkerStopped), OpenError> {
        let log = Log::open(limits)?;
        let reader = Reader { shared: Arc::clone(&log.shared) };
        let (orders, queue) = sync_channel(QUEUE);
        let (alive, stopped) = oneshot::channel();
        // As many as wait at once, and those are bounded by the queue.
        let (told, news) = mpsc::unbounded_channel();
        tokio::spawn(tell(news));
        std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || {
                let asked = work(log, &queue, &told);
                drop(alive);
                // Only now is the journal unlocked. Whoever asked may be gone.
                let _gone = asked.map(|reply| reply.send(()));
            })
            .map_err(OpenError::Thread)?;
        Ok((Self { orders, reader }, WorkerStopped(stopped)))
    }

    /// Returns once the entry is durable.
    pub(crate) async fn append(&self, entry: Entry) -> Result<EntryNumber, AppendError> {
        let (reply, answer) = oneshot::channel();
        self.orders.try_send(Order::Append { entry, reply }).map_err(|error| match error {
            TrySendError::Full(_) => AppendError::Busy,
            TrySendError::Disconnected(_) => AppendError::Stopped,
        })?;
        answer.await.unwrap_or(Err(AppendError::Stopped))
    }

    /// Commits what still waits, writes the marks and ends the thread.
    pub(crate) async fn close(&self) {
        let (reply, mut answer) = oneshot::channel();
        let mut order = Order::Close { reply };
        // The queue is bounded and is being emptied, or the thread is gone.
        while let Err(TrySendError::Full(back)) = self.orders.try_send(order) {
            order = back;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // An error means that the thread is gone, which is what was wanted.
        let _gone = (&mut answer).await;
    }

    pub(crate) fn reader(&self) -> Reader {
        self.reader.clone()
    }
}

impl Reader {
    /// Returns up to `limit` undelivered entries behind `after`, oldest first.
    pub(crate) async fn undelivered(&self, after: EntryNumber, limit: usize) -> read::Batch {
        if let Some(batch) = self.shared.fresh(after, limit) {
            return batch;
        }
        let shared = Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || shared.undelivered(after, limit)).await;
        // The task fails only when the program is ending; then there is nothing to publish.
        read.unwrap_or(read::Batch { entries: Vec::new(), upto: None })
    }

    /// Says whether an undelivered entry lies behind `after`.
    pub(crate) fn has_undelivered(&self, after: EntryNumber) -> bool {
        self.shared.state().undelivered.range(after.next()..).next().is_some()
    }

    /// Has an entry published once more, unless it is going to be anyway. Returns whether the
    /// journal still has it; only the newest few thousand of this process are known.
    pub(crate) fn repeat(&self, number: EntryNumber) -> bool {
        let known = self.shared.state().repeat(number);
        if known {
            self.shared.committed.notify_one();
        }
        known
    }

    /// Takes up to `limit` of the entries that are to be published once more.
    pub(crate) async fn again(&self, limit: usize) -> Vec<Stored> {
        if self.shared.state().again.is_empty() {
            return Vec::new();
        }
        let shared = Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || shared.again(limit)).await;
        read.unwrap_or_default()
    }

    /// Notes that the broker has taken the entry. Its mark reaches the disk a moment later.
    pub(crate) fn delivered(&self, number: EntryNumber) {
        let mut state = self.shared.state();
        if let Some(place) = state.undelivered.remove(&number) {
            state.unmarked.push((place.segment, number));
        }
    }

    /// Waits until something was committed since the last call. For one waiter.
    pub(crate) async fn committed(&self) {
        self.shared.committed.notified().await;
    }

    /// Where a replay begins; none while the journal is empty.
    pub(crate) fn replay_start(&self) -> Option<Cursor> {
        self.shared.replay_start()
    }

    /// Returns the next part of a terminal's entries since `since`, oldest first.
    pub(crate) async fn replay(&self, terminal: TerminalNumber, since: UnixTime, from: Cursor) -> Chunk {
        let shared = Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || shared.replay(terminal, since, from)).await;
        read.unwrap_or(Chunk { entries: Vec::new(), next: None })
    }

    pub(crate) fn status(&self) -> Status {
        self.shared.status()
    }

    /// Grows at least twice a second while the journal's thread is well.
    pub(crate) fn beats(&self) -> u64 {
        self.shared.beats.load(Ordering::Relaxed)
    }
}

impl WorkerStopped {
    pub(crate) async fn wait(self) {
        // Nothing is ever sent: the thread's end drops the sender.
        let _ended = self.0.await;
    }
}

/// Tells everybody who waits what became of his entry.
async fn tell(mut news: mpsc::UnboundedReceiver<News>) {
    while let Some(news) = news.recv().await {
        for (reply, taken) in news {
            // A webhook whose connection broke no longer listens; its entry is kept all the same.
            let _asked = reply.send(taken);
        }
    }
}

/// Returns whom to tell that the journal is closed, if somebody asked for it.
fn work(mut log: Log, queue: &Receiver<Order>, told: &mpsc::UnboundedSender<News>) -> Option<oneshot::Sender<()>> {
    let mut rounds = clock::Deadline::after(ROUND);
    let mut next_commit = clock::Deadline::after(Duration::ZERO);
    loop {
        log.shared.beats.fetch_add(1, Ordering::Relaxed);
        let closing = match queue.recv_timeout(rounds.remaining()) {
            Ok(first) => {
                std::thread::sleep(next_commit.remaining());
                next_commit = clock::Deadline::after(PACE);
                let batch = Batch::gather(first, queue);
                if batch.entries.len() >= BATCH {
                    next_commit = clock::Deadline::after(Duration::ZERO);
                }
                batch.commit(&mut log, told)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(None),
        };
        if rounds.remaining().is_zero() || closing.is_some() {
            log.mark();
            log.sweep(clock::now());
            log.probe();
            rounds = clock::Deadline::after(ROUND);
        }
        if let Some(reply) = closing {
            return reply;
        }
    }
}

/// What goes into one commit.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    replies: Vec<Reply>,
    /// Asks the thread to end, and says whom to tell.
    closing: Option<Option<oneshot::Sender<()>>>,
}

impl Batch {
    /// Takes the first order and what waits behind it.
    fn gather(first: Order, queue: &Receiver<Order>) -> Self {
        let mut batch = Self::default();
        for order in std::iter::once(first).chain(queue.try_iter()) {
            match order {
                Order::Append { entry, reply } => {
                    batch.entries.push(entry);
                    batch.replies.push(reply);
                }
                Order::Close { reply } => batch.closing = Some(Some(reply)),
            }
            if batch.entries.len() >= BATCH || batch.closing.is_some() {
                break;
            }
        }
        batch
    }

    fn commit(self, log: &mut Log, told: &mpsc::UnboundedSender<News>) -> Option<Option<oneshot::Sender<()>>> {
        let results = log.append(&self.entries);
        let taken = self.entries.into_iter().zip(&results);
        let taken = taken.filter_map(|(entry, result)| Some(Stored { number: *result.as_ref().ok()?, entry }));
        log.shared.committed(taken);
        // Nobody hears it when the program is ending.
        let _ending = told.send(self.replies.into_iter().zip(results).collect());
        self.closing
    }
}
