//! Keeps listening to keypads as they come and go, one task each. It must not know evdev, nor what keys mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::task::{JoinError, JoinSet};

use super::device::{OpenError, Opened};
use super::hand::Hand;
use super::record::{self, SIZE};
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

/// Where keypads are.
#[derive(Debug)]
pub(super) enum Seats {
    /// Whatever in this folder is one.
    Every(PathBuf),
    /// These.
    Named(Vec<PathBuf>),
}

/// Opens a device.
pub(super) type Open = fn(&Path) -> Result<Opened, OpenError>;

/// Devices that are listened to, and what stands in the way of others.
struct Listener {
    seats: Seats,
    open: Open,
    port: Port,
    watch: Watch,
    readers: JoinSet<(PathBuf, io::Error)>,
    listening: BTreeSet<PathBuf>,
    /// What has been said of those that cannot be listened to, so that it is said once.
    told: BTreeMap<PathBuf, String>,
    /// Whether something was missing at the last look that may come without being noticed.
    lacks: bool,
}

impl Seats {
    /// Names every keypad of a folder.
    pub(super) fn every(folder: PathBuf) -> Self {
        Self::Every(folder)
    }

    /// Names these devices.
    pub(super) fn named(paths: Vec<PathBuf>) -> Self {
        Self::Named(paths)
    }

    /// Listens for ever.
    pub(super) async fn listen(self, port: Port, open: Open, retry: Duration) {
        let mut listener = Listener {
            seats: self,
            open,
            port,
            watch: Watch::new(),
            readers: JoinSet::new(),
            listening: BTreeSet::new(),
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
            Self::Every(folder) => BTreeSet::from([folder.as_path()]),
            Self::Named(paths) => paths.iter().filter_map(|path| path.parent()).collect(),
        }
    }

    /// Returns the devices that are wanted, in a fixed order.
    fn wanted(&self) -> BTreeSet<PathBuf> {
        match self {
            Self::Named(paths) => paths.iter().cloned().collect(),
            Self::Every(folder) => {
                let entries = fs::read_dir(folder).into_iter().flatten().take(MOST_ENTRIES).flatten();
                let events = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"event"));
                events.map(|entry| entry.path()).collect()
            }
        }
    }
}

impl Listener {
    /// Opens what is there and is not open yet.
    fn look(&mut self) {
        // Watched first, so that whatever comes after the look is noticed.
        self.lacks = !self.seats.folders().into_iter().fold(true, |all, folder| self.watch.folder(folder) && all);
        let wanted = self.seats.wanted();
        self.told.retain(|path, _| wanted.contains(path));
        for path in wanted {
            if !self.listening.contains(&path) && self.listening.len() < MOST {
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
                tracing::info!(device = %path.display(), name, "a keypad is listened to");
                self.told.remove(&path);
                self.listening.insert(path.clone());
                let port = self.port.clone();
                self.readers.spawn(async move { (path, read(events, &port).await) });
            }
            // Mice and lids are no trouble.
            (Err(OpenError::NoKeypad | OpenError::Absent), Seats::Every(_)) => {}
            (Err(error), Seats::Every(_) | Seats::Named(_)) => {
                self.lacks = true;
                self.tell(path, error.to_string());
            }
        }
    }

    fn tell(&mut self, path: PathBuf, trouble: String) {
        if self.told.get(&path) != Some(&trouble) {
            tracing::warn!(device = %path.display(), trouble, "a keypad cannot be listened to; it is tried again");
            self.told.insert(path, trouble);
        }
    }

    fn ended(&mut self, ended: Result<(PathBuf, io::Error), JoinError>) {
        match ended {
            Ok((path, error)) => {
                tracing::info!(device = %path.display(), %error, "a keypad is gone; it is listened to when it is back");
                self.listening.remove(&path);
            }
            // A task that panicked has let its device go; which one it was is found by looking at all.
            Err(error) => {
                tracing::error!(%error, "listening to a keypad failed");
                self.readers.abort_all();
                self.listening.clear();
            }
        }
    }
}

/// Presses what is typed on a device until it is gone.
async fn read(mut events: Receiver, port: &Port) -> io::Error {
    let mut hand = Hand::default();
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
        let keys: Vec<Key> = records.filter_map(|event| hand.feels(event)).collect();
        for batch in batches(&keys) {
            press(port, batch).await;
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
