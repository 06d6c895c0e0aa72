//! Keeps listening to keypads and scanners as they come and go, one task each. It must not know evdev, nor what keys mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::device::{OpenError, Opened};
use super::hand::Hand;
use super::record::{self, SIZE};
use super::scan::{LONGEST, Read, Scan};
use super::watch::Watch;
use crate::port::Port;
use crate::till::{Answer, Key, MAX_KEYS};

/// How long a device that could not be had is left alone, when nothing is heard of it meanwhile.
pub(super) const RETRY: Duration = Duration::from_secs(5);
/// How long to wait after a device has gone before looking for it: a broken one must not keep the machine busy.
const REST: Duration = Duration::from_millis(200);
/// The most devices that are listened to; further ones are left alone.
const MOST: usize = 8;
/// The most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 256;
/// The most events that are read at a time.
const EVENTS: usize = 64;

/// Where devices are.
#[derive(Debug)]
pub(super) enum Seats {
    /// Whatever in this folder is a keypad, but for these.
    Every(PathBuf, Vec<PathBuf>),
    /// These.
    Named(Vec<PathBuf>),
}

/// What is made of what a device types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use {
    /// Keys of the till.
    Keys,
    /// Order numbers.
    References,
}

/// Opens a device.
pub(super) type Open = fn(&Path) -> Result<Opened, OpenError>;

/// Devices that are listened to, and what stands in the way of others.
struct Listener {
    seats: Seats,
    makes: Use,
    open: Open,
    port: Port,
    watch: Watch,
    readers: JoinSet<(PathBuf, io::Error)>,
    listening: BTreeMap<PathBuf, AbortHandle>,
    /// What has been said of those that cannot be listened to, so that it is said once.
    told: BTreeMap<PathBuf, String>,
    /// Whether something was missing at the last look that may come without being noticed.
    lacks: bool,
}

impl Seats {
    /// Names every keypad of a folder, but for devices that something else is made of.
    pub(super) fn every(folder: PathBuf, others: Vec<PathBuf>) -> Self {
        Self::Every(folder, others)
    }

    /// Names these devices.
    pub(super) fn named(paths: Vec<PathBuf>) -> Self {
        Self::Named(paths)
    }

    /// Listens for ever.
    pub(super) async fn listen(self, makes: Use, port: Port, open: Open, retry: Duration) {
        let mut listener = Listener {
            seats: self,
            makes,
            open,
            port,
            watch: Watch::new(),
            readers: JoinSet::new(),
            listening: BTreeMap::new(),
            told: BTreeMap::new(),
            lacks: false,
        };
        loop {
            listener.look();
            tokio::select! {
                () = listener.watch.changed() => {}
                Some(ended) = listener.readers.join_next() => {
                    listener.ended(ended);
                    tokio::time::sleep(REST).await;
                }
                () = tokio::time::sleep(retry), if listener.lacks => {}
            }
        }
    }

    fn folders(&self) -> BTreeSet<&Path> {
        match self {
            Self::Every(folder, others) => {
                others.iter().filter_map(|path| path.parent()).chain([folder.as_path()]).collect()
            }
            Self::Named(paths) => paths.iter().filter_map(|path| path.parent()).collect(),
        }
    }

    /// Returns the devices that are wanted, in a fixed order.
    fn wanted(&self) -> BTreeSet<PathBuf> {
        match self {
            Self::Named(paths) => paths.iter().cloned().collect(),
            Self::Every(folder, others) => {
                // A name such as those in by-id may come later than the device.
                let others: Vec<PathBuf> = others.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
                let entries = fs::read_dir(folder).into_iter().flatten().take(MOST_ENTRIES).flatten();
                let events = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"event"));
                events.map(|entry| entry.path()).filter(|path| !others.contains(path)).collect()
            }
        }
    }
}

impl Listener {
    /// Opens what is there and is not open yet.
    fn look(&mut self) {
        // Watched first, so that whatever comes after the look is noticed.
        let unwatched = self.seats.folders().into_iter().filter(|folder| !self.watch.folder(folder)).count();
        self.lacks = unwatched > 0;
        let wanted = self.seats.wanted();
        self.told.retain(|path, _| wanted.contains(path));
        for (_, reader) in self.listening.iter().filter(|(path, _)| !wanted.contains(*path)) {
            // It is gone, or has turned out to be for something else.
            reader.abort();
        }
        self.listening.retain(|path, _| wanted.contains(path));
        for path in wanted {
            if !self.listening.contains_key(&path) && self.listening.len() < MOST {
                self.take(path);
            }
        }
    }

    fn take(&mut self, path: PathBuf) {
        let opened = (self.open)(&path).and_then(|opened| {
            let Opened { events, name } = opened;
            // Events are read from it as bytes are from a pipe.
            Ok((Receiver::from_owned_fd_unchecked(events).map_err(OpenError::Fault)?, name))
        });
        match (opened, &self.seats) {
            (Ok((events, name)), _) => {
                tracing::info!(device = %path.display(), name, "an input device is listened to");
                self.told.remove(&path);
                let (port, makes, place) = (self.port.clone(), self.makes, path.clone());
                let reader = self.readers.spawn(async move { (place, read(events, makes, &port).await) });
                self.listening.insert(path, reader);
            }
            // Mice and lids are no trouble.
            (Err(OpenError::NoKeypad | OpenError::Absent), Seats::Every(..)) => {}
            (Err(error), Seats::Every(..) | Seats::Named(_)) => {
                self.lacks = true;
                self.tell(path, error.to_string());
            }
        }
    }

    fn tell(&mut self, path: PathBuf, trouble: String) {
        if self.told.get(&path) != Some(&trouble) {
            tracing::warn!(device = %path.display(), trouble, "an input device cannot be listened to; it is tried again");
            self.told.insert(path, trouble);
        }
    }

    fn ended(&mut self, ended: Result<(PathBuf, io::Error), JoinError>) {
        match ended {
            Ok((path, error)) => {
                tracing::info!(device = %path.display(), %error, "an input device is gone; it is listened to when it is back");
                self.listening.remove(&path);
            }
            Err(error) if error.is_cancelled() => {}
            // A task that panicked has let its device go; which one it was is found by looking at all.
            Err(error) => {
                tracing::error!(%error, "listening to an input device failed");
                self.readers.abort_all();
                self.listening.clear();
            }
        }
    }
}

/// Presses what is typed on a device until it is gone.
async fn read(mut events: Receiver, makes: Use, port: &Port) -> io::Error {
    let (mut hand, mut text) = (Hand::default(), Scan::default());
    let mut bytes = [0; EVENTS * SIZE];
    loop {
        let count = match events.read(&mut bytes).await {
            Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(count) => count,
            Err(error) => return error,
        };
        let Some(records) = record::read(bytes.get(..count).unwrap_or_default()) else {
            return io::Error::new(io::ErrorKind::InvalidData, "it sends no input events");
        };
        match makes {
            Use::Keys => {
                let keys: Vec<Key> = records.filter_map(|event| hand.feels(event)).collect();
                for batch in batches(&keys) {
                    press(port, batch).await;
                }
            }
            Use::References => {
                for read in records.filter_map(|event| hand.scans(event, &mut text)) {
                    scan(port, read).await;
                }
            }
        }
    }
}

/// Divides keys into what can be pressed at a time. What stands before an `Escape` may be refused, which must not keep
/// that from being heard.
fn batches(keys: &[Key]) -> impl Iterator<Item = &[Key]> {
    keys.chunk_by(|_, next| *next != Key::Escape).flat_map(|batch| batch.chunks(MAX_KEYS))
}

/// Presses keys; the next ones wait in the kernel meanwhile, so a flood of them holds nobody else up.
async fn press(port: &Port, keys: &[Key]) {
    match port.press(keys.to_vec()).await {
        Ok(Answer::Busy(sale)) => tracing::debug!(%sale, "a sale is in progress, so keys were not taken"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "keys were not taken"),
    }
}

/// Keeps an order number. What it says is nobody's business but the sale's.
async fn scan(port: &Port, read: Read) {
    let reference = match read {
        Read::Whole(reference) => reference,
        Read::TooLong => return tracing::warn!("a scanned code has more than {LONGEST} characters, so it is dropped"),
    };
    match port.scan(reference).await {
        Ok(Answer::Busy(sale)) => tracing::debug!(%sale, "a sale is in progress, so a scanned code was not taken"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "a scanned code was not taken"),
    }
}
