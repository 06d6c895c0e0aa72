//! Keypads without hardware: devices are sockets in a folder, the driver is a list of what was pressed.

mod layout;
mod plugging;
mod scanning;
mod serial;
mod touching;

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::device::{OpenError, Opened};
use super::record::Record;
use super::seat::{Seats, Use};
use crate::port::{DriverEnd, Request, port};
use crate::till::{Answer, Key};

/// How long a condition is waited for.
const SOON: Duration = Duration::from_secs(20);
/// Longer than any test runs: what happens then has been noticed, not looked for.
const NEVER: Duration = Duration::from_secs(3600);

const EV_SYN: u16 = 0;
const EV_KEY: u16 = 1;
const EV_MSC: u16 = 4;
const MSC_SCAN: u16 = 4;
const SYN_DROPPED: u16 = 3;

const fn event(kind: u16, code: u16, value: i32) -> Record {
    Record { kind, code, value }
}

/// What the kernel says when a key is pressed and let go.
fn stroke(code: u16) -> Vec<Record> {
    vec![event(EV_KEY, code, 1), event(EV_SYN, 0, 0), event(EV_KEY, code, 0), event(EV_SYN, 0, 0)]
}

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("tilld-input-{}-{:x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("there is a place for temporary files");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A keypad that is plugged in.
struct Plugged {
    path: PathBuf,
    door: UnixListener,
}

impl Plugged {
    /// Plugs a keypad in; the group may not open it yet.
    fn new(path: PathBuf) -> Self {
        let door = UnixListener::bind(&path).expect("the place is free");
        door.set_nonblocking(true).expect("a socket can be made not to wait");
        Self { path, door }
    }

    /// Does what udev does a moment later.
    fn permitted(self) -> Self {
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o660)).expect("it is ours");
        self
    }

    /// Waits until the till listens; returns the hand on the keypad.
    async fn taken(&self) -> UnixStream {
        let taken = async {
            loop {
                match self.door.accept() {
                    Ok((stream, _)) => return stream,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    Err(error) => unreachable!("{error}"),
                }
            }
        };
        timeout(SOON, taken).await.expect("the keypad is listened to")
    }

    /// Tells whether somebody has tried to listen.
    fn is_taken(&self) -> bool {
        self.door.accept().is_ok()
    }

    fn pull_out(self, hand: UnixStream) {
        fs::remove_file(&self.path).expect("it is there");
        drop(hand);
    }
}

/// Opens a keypad of these tests: what is no socket is no keypad.
fn open(path: &Path) -> Result<Opened, OpenError> {
    let about = fs::metadata(path).map_err(|_| OpenError::Absent)?;
    if !about.file_type().is_socket() {
        return Err(OpenError::NoKeypad);
    }
    if about.permissions().mode() & 0o020 == 0 {
        return Err(OpenError::Forbidden);
    }
    let stream = UnixStream::connect(path).map_err(OpenError::Fault)?;
    stream.set_nonblocking(true).map_err(OpenError::Fault)?;
    Ok(Opened { events: stream.into(), name: "a test".to_owned(), axes: None })
}

/// A till that listens, with a driver that takes everything.
struct Till {
    pressed: mpsc::UnboundedReceiver<Vec<Key>>,
    scanned: mpsc::UnboundedReceiver<String>,
}

impl Till {
    fn listening(seats: Seats) -> Self {
        Self::looking_every(NEVER, seats)
    }

    fn looking_every(retry: Duration, seats: Seats) -> Self {
        Self::with(retry, [(Use::Keys, seats)])
    }

    fn with<const N: usize>(retry: Duration, all: [(Use, Seats); N]) -> Self {
        let (asking, DriverEnd { mut requests, .. }) = port();
        for (makes, seats) in all {
            tokio::spawn(seats.listen(makes, asking.clone(), open, retry));
        }
        let (note, pressed) = mpsc::unbounded_channel();
        let (note_scan, scanned) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(request) = requests.recv().await {
                // The test may be over.
                let reply = if let Request::Keys { keys, reply } = request {
                    drop(note.send(keys));
                    reply
                } else if let Request::Scan { reference, reply } = request {
                    drop(note_scan.send(reference));
                    reply
                } else {
                    unreachable!("a keypad does not ask {request:?}")
                };
                drop(reply.send(Ok(Answer::Keyed { entry: None, sale: None })));
            }
        });
        Self { pressed, scanned }
    }

    /// Waits for so many keys.
    async fn hears(&mut self, count: usize) -> Vec<Key> {
        let mut keys = Vec::new();
        while keys.len() < count {
            let more = timeout(SOON, self.pressed.recv()).await.expect("keys are pressed");
            keys.extend(more.expect("the till listens"));
        }
        keys
    }
}

/// Writes events as a device does.
fn write(hand: &mut UnixStream, events: &[Record]) {
    let bytes: Vec<u8> = events.iter().flat_map(|event| event.bytes()).collect();
    hand.write_all(&bytes).expect("somebody listens");
}
