//! The store's own thread: takes jobs from a bounded channel, one flush for all commits that wait.
//! It must not know what is written or asked.

use std::path::PathBuf;
use std::time::Duration;

use till_settings::tls::whole_chain;
use tokio::sync::{mpsc, oneshot};

use crate::till::Write;

use super::StoreError;
use super::engine::{self, Engine, EngineError};
use super::open::{self, guarded};
use super::rows::Rows;
use super::sweep::Sweep;
use crate::pulse::Beat;

/// So many jobs may wait; whoever comes then waits to hand his over.
pub(super) const QUEUE: usize = 64;
/// Between two sweeps there are at least so many commits: those of some seventy sales.
const SWEEP_EVERY: u64 = 400;

/// A question, with the reply inside; it returns how the disk did.
pub(super) type Question = Box<dyn FnOnce(Result<&Rows, StoreError>) -> Health + Send>;

/// Something for the thread to do.
pub(super) enum Job {
    /// Make the writes durable, all or none, then reply.
    Commit(Vec<Write>, oneshot::Sender<Result<(), StoreError>>),
    /// Answer.
    Ask(Question),
    /// Close the files, then reply, and take no more jobs.
    Close(oneshot::Sender<()>),
}

/// How the disk did in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Well.
    Well,
    /// The operating system refused: it may be better after another opening.
    Refused,
    /// The files are damaged: only a new start helps.
    Damaged,
}

impl Health {
    pub(super) fn of<T>(result: &Result<T, StoreError>) -> Self {
        match result {
            Err(StoreError::Write { source } | StoreError::Read { source }) => match source {
                EngineError::Damaged(_) => Self::Damaged,
                EngineError::Locked | EngineError::Foreign(_) | EngineError::Disk(_) => Self::Refused,
            },
            Ok(_) | Err(_) => Self::Well,
        }
    }
}

/// A commit's reply, and what has come of it so far.
type Waiting = (oneshot::Sender<Result<(), StoreError>>, Result<(), StoreError>);

/// The thread's state.
pub(super) struct Keeper {
    path: PathBuf,
    rows: Option<Rows>,
    sweep: Sweep,
    /// The number of the last durable commit.
    commits: u64,
    /// The number of the last commit before the last sweep.
    swept_at: u64,
    damaged: Option<String>,
    /// Whether files could not be closed: they stay locked until the process ends.
    stuck: bool,
    /// Says that the thread goes round.
    pub(super) beat: Beat,
    /// How files are closed; a test has one that never ends, as sled's own sometimes does.
    pub(super) closer: fn(Rows),
}

/// So long the files may take to close. sled writes and flushes then, and the disk may be slow.
const CLOSING: Duration = Duration::from_secs(10);

impl Keeper {
    pub(super) fn new(path: PathBuf, rows: Rows, sweep: Sweep) -> Self {
        let commits = rows.meta.commits;
        let beat = Beat::new();
        Self {
            path,
            rows: Some(rows),
            sweep,
            commits,
            swept_at: commits,
            damaged: None,
            stuck: false,
            beat,
            closer: drop,
        }
    }

    /// Does jobs until everybody has let go of the store, or one of them closes it.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        self.clean();
        let mut next = None;
        while let Some(job) = next.take().or_else(|| self.wait(&mut jobs)) {
            self.beat.busy();
            match job {
                Job::Commit(writes, reply) => next = self.commit(writes, reply, &mut jobs),
                Job::Ask(question) => self.ask(question),
                Job::Close(reply) => {
                    self.close();
                    // Whoever closes may have stopped waiting; the files are closed all the same.
                    let _ = reply.send(());
                    return;
                }
            }
        }
        self.close();
    }

    /// Waits until somebody wants something.
    fn wait(&self, jobs: &mut mpsc::Receiver<Job>) -> Option<Job> {
        self.beat.idle();
        jobs.blocking_recv()
    }

    /// Makes this commit and all that wait right behind it durable with one flush. Returns the first other job.
    fn commit(
        &mut self,
        writes: Vec<Write>,
        reply: oneshot::Sender<Result<(), StoreError>>,
        jobs: &mut mpsc::Receiver<Job>,
    ) -> Option<Job> {
        let mut group: Vec<Waiting> = vec![(reply, self.apply(&writes))];
        let mut other = None;
        // After a fault the rows are closed, and what the group had done so far must not pass for durable.
        while other.is_none() && group.len() < QUEUE && self.rows.is_some() {
            match jobs.try_recv() {
                Ok(Job::Commit(writes, reply)) => group.push((reply, self.apply(&writes))),
                Ok(job) => other = Some(job),
                Err(_) => break,
            }
        }
        let synced = self.sync();
        for (reply, applied) in group {
            let source = synced.clone();
            let result = applied.and_then(|()| source.map_err(|source| StoreError::Write { source }));
            // A caller that no longer waits has lost nothing but the answer.
            let _ = reply.send(result);
        }
        if self.commits.saturating_sub(self.swept_at) >= SWEEP_EVERY {
            self.clean();
        }
        other
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let rows = self.usable()?;
        let result = guarded(|| rows.apply(writes));
        let result = result.unwrap_or_else(|source| Err(StoreError::Write { source }));
        self.note(Health::of(&result), &result);
        result
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        let Some(rows) = &mut self.rows else {
            let why = "an earlier write of the same flush failed".to_owned();
            return Err(EngineError::Disk(why));
        };
        let result = guarded(|| rows.sync()).and_then(|synced| synced);
        let commits = rows.meta.commits;
        match &result {
            Ok(()) => self.commits = commits,
            Err(source) => {
                let result: Result<(), _> = Err(StoreError::Write { source: source.clone() });
                self.note(Health::of(&result), &result);
            }
        }
        result
    }

    fn ask(&mut self, question: Question) {
        let rows = self.usable().map(|rows| &*rows);
        let health = guarded(|| question(rows));
        match health {
            Ok(Health::Well) => {}
            Ok(Health::Refused) => self.close(),
            Ok(Health::Damaged) => self.suspect("a record could not be read".to_owned()),
            Err(panic) => self.suspect(panic.to_string()),
        }
    }

    /// Forgets what is old; a fault here is a fault of the next commit, too, so it is only logged.
    fn clean(&mut self) {
        self.swept_at = self.commits;
        let Some(rows) = &mut self.rows else { return };
        let sweep = &mut self.sweep;
        let result = guarded(|| sweep.run(rows));
        let result = result.unwrap_or_else(|source| Err(StoreError::Write { source }));
        if let Err(error) = &result {
            tracing::warn!(%error, "old records could not be forgotten");
        }
        self.note(Health::of(&result), &result);
    }

    /// Returns the rows; after the disk had refused something, opens them again.
    fn usable(&mut self) -> Result<&mut Rows, StoreError> {
        if let Some(why) = &self.damaged {
            return Err(StoreError::Read { source: EngineError::Damaged(why.clone()) });
        }
        if self.stuck {
            return Err(StoreError::Stopped);
        }
        if self.rows.is_none() {
            let opened = open::reopen(&self.path, self.commits);
            if let (Health::Damaged, Err(error)) = (Health::of(&opened), &opened) {
                self.suspect(format!("it could not be opened again: {}", whole_chain(error)));
            }
            self.rows = Some(opened?);
        }
        self.rows.as_mut().ok_or(StoreError::Stopped)
    }

    /// sled keeps failing after its first failure, and rows that it holds in memory may never reach the disk. So the
    /// files are closed, and read again when they are needed next.
    fn note(&mut self, health: Health, result: &Result<(), StoreError>) {
        match (health, result) {
            (Health::Damaged, Err(error)) => self.suspect(error.to_string()),
            (Health::Refused, Err(_)) => self.close(),
            (Health::Well | Health::Refused | Health::Damaged, _) => {}
        }
    }

    fn suspect(&mut self, why: String) {
        if engine::is_full(&open::folder(&self.path)) {
            tracing::error!(
                why,
                "the store looks damaged, but its disk is full; it is opened again when there is room"
            );
            return self.close();
        }
        tracing::error!(why, "the store is damaged; the next start makes a new one");
        if let Err(error) = Engine::suspect(&open::folder(&self.path)) {
            tracing::error!(%error, "the damaged store cannot be marked");
        }
        self.damaged = Some(why);
        self.close();
    }

    fn close(&mut self) {
        let Some(rows) = self.rows.take() else { return };
        // When the file of a large page could not be written, sled 0.34 waits for ever for a place in its log that
        // nobody fills any more. Then only another process can have the files.
        self.beat.busy_for(CLOSING);
        let (done, closed) = std::sync::mpsc::channel();
        let closer = self.closer;
        let closing = move || {
            // Nobody listens any more when it took too long.
            let _ = done.send(guarded(|| closer(rows)));
        };
        let spawned = std::thread::Builder::new().name("store-close".to_owned()).spawn(closing);
        let closed = spawned.map_err(|_| ()).and_then(|_| closed.recv_timeout(CLOSING).map_err(|_| ()));
        match closed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the store was not closed cleanly"),
            Err(()) => {
                tracing::error!("the store cannot be closed; only another start of the program helps");
                self.stuck = true;
            }
        }
    }
}
