//! Keeps listening to keypads, scanners and touch screens as they come and go, one task each. It must not know evdev, nor what keys mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use super::device::{OpenError, Opened};
use super::finger::{Axes, Finger, Touched};
use super::hand::Hand;
use super::record::{self, Record, SIZE};
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

/// What is made of what a device tells.
#[derive(Clone, Debug)]
pub(super) enum Use {
    /// Keys of the till.
    Keys,
    /// Order numbers.
    References,
    /// Texts of at most so many characters, for whoever knows what they are.
    Texts(usize, mpsc::Sender<String>),
    /// Fingers, for whoever knows what is to be seen.
    Fingers(mpsc::Sender<Touched>),
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
    /// Whether it has been told that there is something to listen to.
    told_found: bool,
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
            told_found: false,
        };
        loop {
            listener.look();
            listener.tell_found().await;
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
            let Opened { events, name, axes } = opened;
            // Events are read from it as bytes are from a pipe.
            let ear = Ear::new(&self.makes, axes, &self.port)?;
            Ok((Receiver::from_owned_fd_unchecked(events).map_err(OpenError::Fault)?, name, ear))
        });
        match (opened, &self.seats) {
            (Ok((events, name, ear)), _) => {
                tracing::info!(device = %path.display(), name, "an input device is listened to");
                self.told.remove(&path);
                let place = path.clone();
                let reader = self.readers.spawn(async move { (place, read(events, ear).await) });
                self.listening.insert(path, reader);
            }
            // Mice and lids are no trouble.
            (Err(OpenError::NoKeypad | OpenError::NoTouchScreen | OpenError::Absent), Seats::Every(..)) => {}
            (Err(error), Seats::Every(..) | Seats::Named(_)) => {
                self.lacks = true;
                self.tell(path, error.to_string());
            }
        }
    }

    /// Tells whether there is a touch screen, when that has changed.
    async fn tell_found(&mut self) {
        let is_found = !self.listening.is_empty();
        if let Use::Fingers(touched) = &self.makes {
            if is_found != self.told_found {
                // Nobody to hear it is left when the process ends.
                let _ = touched.send(if is_found { Touched::Found } else { Touched::Gone }).await;
                self.told_found = is_found;
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

/// What is done with the events of a device, and what is known of it.
enum Ear {
    Keys(Hand, Port),
    References(Hand, Scan, Port),
    Texts(Hand, Scan, mpsc::Sender<String>),
    Fingers(Box<Finger>, mpsc::Sender<Touched>),
}

impl Ear {
    fn new(makes: &Use, axes: Option<Axes>, port: &Port) -> Result<Self, OpenError> {
        Ok(match makes {
            Use::Keys => Self::Keys(Hand::default(), port.clone()),
            Use::References => Self::References(Hand::default(), Scan::default(), port.clone()),
            Use::Texts(most, texts) => Self::Texts(Hand::default(), Scan::up_to(*most), texts.clone()),
            Use::Fingers(touched) => {
                Self::Fingers(Box::new(Finger::new(axes.ok_or(OpenError::NoTouchScreen)?)), touched.clone())
            }
        })
    }

    async fn hears(&mut self, records: impl Iterator<Item = Record>) {
        match self {
            Self::Keys(hand, port) => {
                let keys: Vec<Key> = records.filter_map(|event| hand.feels(event)).collect();
                for batch in batches(&keys) {
                    press(port, batch).await;
                }
            }
            Self::References(hand, text, port) => {
                for read in records.filter_map(|event| hand.scans(event, text)) {
                    scan(port, read).await;
                }
            }
            Self::Texts(hand, text, texts) => {
                for read in records.filter_map(|event| hand.scans(event, text)) {
                    match read {
                        // While one is looked at, others are not missed.
                        Read::Whole(text) => drop(texts.try_send(text)),
                        Read::TooLong => tracing::warn!("a scanned text is too long, so it is dropped"),
                    }
                }
            }
            Self::Fingers(finger, touched) => {
                for touch in records.filter_map(|event| finger.feels(event)) {
                    // Nobody to hear it is left when the process ends.
                    let _ = touched.send(touch).await;
                }
            }
        }
    }

    /// The device is gone, and with it the finger on it.
    async fn ends(self) {
        if let Self::Fingers(_, touched) = self {
            let _ = touched.send(Touched::Lost).await;
        }
    }
}

/// Listens to a device until it is gone.
async fn read(mut events: Receiver, mut ear: Ear) -> io::Error {
    let error = read_on(&mut events, &mut ear).await;
    ear.ends().await;
    error
}

async fn read_on(events: &mut Receiver, ear: &mut Ear) -> io::Error {
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
        ear.hears(records).await;
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
