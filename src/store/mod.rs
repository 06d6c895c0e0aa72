//! The store: everything that must survive, on its own thread. It must not know what a record means to the till.
//!
//! Only `engine.rs` knows sled. A commit is one batch on one tree, flushed and then made durable with `fdatasync`
//! before anybody hears of it (promise P2).

mod advice;
mod audit;
mod backward;
mod calendar;
mod draft;
mod engine;
mod frame;
mod journal;
mod keys;
mod meta;
mod mirror;
mod open;
mod rows;
mod sweep;
#[cfg(test)]
mod tests;
mod thread;

use std::io;
use std::path::{Path, PathBuf};

use till_wire::{CommandId, ReceiptKey, SaleId, UnixTime};
use tokio::sync::{mpsc, oneshot};

use crate::pulse::Pulse;
use crate::till::{
    AttentionPage, CommandRecord, Found, JournalPage, Lookup, Missed, PeriodPage, PeriodQuery, Receipt, ReceiptsPage,
    ReceiptsQuery, Records, Sale, SalesPage, SalesQuery, StoreAge, Write,
};

pub use engine::EngineError;
pub use open::{Opened, catches_panic};
use rows::Rows;
use sweep::Sweep;
use thread::{Health, Job, Keeper};

/// A handle to the store; clones name the same store. The files are closed when the last is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    path: PathBuf,
    pulse: Pulse,
}

/// The store's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it takes on the disk.
    pub bytes: u64,
    /// What its file system has left for it.
    pub free_bytes: u64,
    /// How many sales it keeps.
    pub sales: u64,
    /// How many sales and receipts a person must look at, and stores that were set aside and are still there.
    pub attention: u64,
    /// How many records could not be read when it was opened.
    pub broken: u64,
}

/// What the store could not do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder that holds the store.
    #[error("cannot make the folder `{path}` for the store{}", advice::about(source))]
    Folder {
        /// `store.path`.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The rows.
    #[error("cannot open the store at `{path}`")]
    Open {
        /// sled's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: EngineError,
    },
    /// A damaged store.
    #[error("cannot move the damaged store at `{path}` aside{}", advice::about(source))]
    SetAside {
        /// sled's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What is to be erased.
    #[error("cannot erase the store in `{path}`: see who else uses it, and that the disk can be written")]
    Erase {
        /// `store.path`.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A record that only a newer program can read.
    #[error("record `{key}` has version {found}, this program reads up to {known}")]
    NewerRecord {
        /// Which one.
        key: String,
        /// Its version.
        found: u8,
        /// The newest version that this program knows.
        known: u8,
    },
    /// A record that is larger than the store takes.
    #[error("record `{key}` has {bytes} bytes, the store takes up to {limit}")]
    TooLarge {
        /// Which one.
        key: String,
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// A record as JSON.
    #[error("cannot write a record as JSON")]
    Encode {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A commit. It may be on the disk or not; it is not there in part.
    #[error("cannot make a commit durable")]
    Write {
        /// Why.
        #[source]
        source: EngineError,
    },
    /// A row.
    #[error("cannot read the store")]
    Read {
        /// Why.
        #[source]
        source: EngineError,
    },
    /// The free space of the file system.
    #[error("cannot tell the free space at `{path}`")]
    FreeSpace {
        /// `store.path`.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The store's thread.
    #[error("cannot start the store's thread")]
    Thread {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A closed store was asked, or the answer was lost with a damaged file.
    #[error("the store has stopped")]
    Stopped,
}

impl StoreError {
    fn read(source: EngineError) -> Self {
        Self::Read { source }
    }

    /// Tells whether only another start of the program helps: the files are damaged, or the thread is gone. Everything
    /// else may pass by itself, as a full disk does.
    pub fn needs_restart(&self) -> bool {
        match self {
            Self::Open { source, .. } | Self::Write { source } | Self::Read { source } => match source {
                EngineError::Damaged(_) => true,
                EngineError::Locked | EngineError::Foreign(_) | EngineError::Disk(_) => false,
            },
            Self::Stopped | Self::Thread { .. } | Self::NewerRecord { .. } => true,
            Self::Folder { .. }
            | Self::SetAside { .. }
            | Self::Erase { .. }
            | Self::TooLarge { .. }
            | Self::Encode { .. }
            | Self::FreeSpace { .. } => false,
        }
    }
}

impl Store {
    /// Removes the store at `path`, those that were moved aside and the second files, and puts one in their place that has
    /// nothing but that the terminal is shut and obeys no command that dies before `obeyed_until`. Nobody may have it open.
    /// Blocks.
    ///
    /// # Errors
    /// When something cannot be removed, or the new one not be made: to be done again then.
    pub fn erase(path: &Path, now: UnixTime, obeyed_until: UnixTime) -> Result<(), StoreError> {
        open::erase(path, now, obeyed_until)
    }

    /// Opens the store at `path`, or makes it, and starts its thread. `now` dates a new store. Blocks.
    ///
    /// # Errors
    /// What a person must put right: permissions, a full disk, another process that has it open, a newer program's
    /// records. Damage is no error: the damaged store is moved aside and a new one made.
    pub fn open(path: &Path, keep_days: u32, now: UnixTime) -> Result<(Self, Opened), StoreError> {
        let (rows, opened) = open::open(path, now)?;
        let keeper = Keeper::new(path.to_owned(), rows, Sweep::new(keep_days));
        Ok((Self::start(path, keeper)?, opened))
    }

    fn start(path: &Path, keeper: Keeper) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(thread::QUEUE);
        let pulse = keeper.beat.pulse();
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || keeper.run(queue))
            .map_err(|source| StoreError::Thread { source })?;
        Ok(Self { jobs, path: path.to_owned(), pulse })
    }

    /// Returns what tells whether the store's thread hangs, for example on a disk that does not answer.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Returns what a start gets, from the disk as it is now: for a till that has to begin again after a failed commit.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn records(&self) -> Result<Records, StoreError> {
        self.ask(|rows| open::records(rows, StoreAge::Old)).await
    }

    /// Makes a commit without anything in it: tells whether the disk takes commits again after it had refused one.
    ///
    /// # Errors
    /// It does not yet.
    pub async fn try_out(&self) -> Result<(), StoreError> {
        self.commit_all(Vec::new()).await
    }

    /// Makes the writes durable, all or none.
    ///
    /// # Errors
    /// Nothing of it is known to be durable then. The store tries again with the next commit.
    pub async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        self.commit_all(writes).await
    }

    async fn commit_all(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Commit(writes, reply)).await?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// Returns the records that the till must have at hand before it can judge an event.
    ///
    /// # Errors
    /// The disk cannot be read; nothing can be said of the records.
    pub async fn find(&self, lookup: Lookup) -> Result<Found, StoreError> {
        self.ask(move |rows| rows.find(lookup)).await
    }

    /// Returns a sale.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn sale(&self, id: SaleId) -> Result<Option<Sale>, StoreError> {
        self.ask(move |rows| rows.sale(id)).await
    }

    /// Returns a receipt.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn receipt(&self, key: ReceiptKey) -> Result<Option<Receipt>, StoreError> {
        self.ask(move |rows| rows.receipt(key)).await
    }

    /// Returns a command that is remembered.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn command(&self, id: CommandId) -> Result<Option<CommandRecord>, StoreError> {
        self.ask(move |rows| rows.command(id)).await
    }

    /// Returns a page of at most 1 000 sales, newest first. A page for which 5 000 records had to be read ends there,
    /// perhaps short of its limit, and says where to go on.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn sales(&self, query: SalesQuery) -> Result<SalesPage, StoreError> {
        self.ask(move |rows| rows.sales(&query)).await
    }

    /// Returns at most 1 000 receipts out of the newest 5 000, newest first.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn receipts(&self, query: ReceiptsQuery) -> Result<ReceiptsPage, StoreError> {
        self.ask(move |rows| rows.receipts(query)).await
    }

    /// Returns the journal of a sale, if there is such a sale: at most 200 lines.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn journal(&self, sale: SaleId) -> Result<Option<JournalPage>, StoreError> {
        self.ask(move |rows| rows.journal(sale)).await
    }

    /// Returns the sales and receipts of which something happened in a period, at most 250 at a time.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn period(&self, query: PeriodQuery) -> Result<PeriodPage, StoreError> {
        self.ask(move |rows| rows.period(&query)).await
    }

    /// Returns sales and receipts that a person must look at: of each at most `limit`, newest sales first.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn attention(&self, limit: usize) -> Result<AttentionPage, StoreError> {
        self.ask(move |rows| rows.attention(limit)).await
    }

    /// Returns what a listener has missed that last heard of change number `after`. The newest 1 000 changes, of each
    /// subject its newest, are kept; of these at most `limit`, the oldest first, are returned.
    ///
    /// # Errors
    /// As for [`Store::find`].
    pub async fn missed(&self, after: Option<u64>, limit: usize) -> Result<Missed, StoreError> {
        self.ask(move |rows| rows.missed(after, limit)).await
    }

    /// Returns the store's figures.
    ///
    /// # Errors
    /// As for [`Store::find`]; or the file system does not tell its free space.
    pub async fn facts(&self) -> Result<Facts, StoreError> {
        let path = self.path.clone();
        self.ask(move |rows| {
            let space = rustix::fs::statvfs(&path);
            let space = space.map_err(|source| StoreError::FreeSpace { path: path.clone(), source: source.into() })?;
            let free_bytes = space.f_bavail.saturating_mul(space.f_frsize);
            let facts = rows.facts()?;
            let attention = facts.attention.saturating_add(open::set_aside_before(&path));
            Ok(Facts { free_bytes, attention, ..facts })
        })
        .await
    }

    /// Closes the files. Every handle to this store answers [`StoreError::Stopped`] from now on.
    pub async fn close(self) {
        let (reply, answer) = oneshot::channel();
        if self.send(Job::Close(reply)).await.is_ok() {
            // The thread ends either way; a lost answer means that it has ended.
            let _ = answer.await;
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Rows) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let question = move |rows: Result<&Rows, StoreError>| {
            let result = rows.and_then(question);
            let health = Health::of(&result);
            // A caller that no longer waits has lost nothing but the answer.
            let _ = reply.send(result);
            health
        };
        self.send(Job::Ask(Box::new(question))).await?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        let sent = self.jobs.send(job).await;
        sent.map_err(|_| StoreError::Stopped)
    }
}
