//! The command line as a person types it, against a real API with a driver of the tests behind it.

mod completing;
mod drawing;
mod faults;
mod fleet;
mod flight;
mod journal;
mod matching;
mod queue;
mod report;
mod selling;
mod showing;
mod speaking;
mod waiting;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Language, Style, WhichPin, World, run};
use crate::api::fake::Terminal;

/// A folder with a configuration, removed at the end.
struct Counter {
    folder: PathBuf,
    style: Style,
}

/// What came of a command.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    code: u8,
    out: String,
    err: String,
}

/// What a command has written so far, for whoever wants to see it while it runs.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics while writing").clone();
        String::from_utf8(bytes).expect("a command writes text")
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Counter {
    fn new(name: &str, config: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("till-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the system has room for a folder");
        let style = Style { language: Language::English, columns: None, colour: false };
        let counter = Self { folder, style };
        fs::write(counter.config(), config).expect("the folder takes a file");
        counter
    }

    /// A counter whose configuration leads to the terminal.
    fn at(name: &str, terminal: &Terminal) -> Self {
        Self::new(name, &listen(terminal.address))
    }

    /// The same counter for people of this language.
    fn speaking(mut self, language: Language) -> Self {
        self.style.language = language;
        self
    }

    fn config(&self) -> PathBuf {
        self.folder.join("tilld.toml")
    }

    async fn till(&self, words: &[&str]) -> Came {
        self.run("", Paper::default(), words).await
    }

    /// Runs a command while somebody types a PIN.
    async fn till_typing(&self, pin: &str, words: &[&str]) -> Came {
        self.run(pin, Paper::default(), words).await
    }

    /// Runs a command that writes where others can read.
    async fn till_on(&self, paper: &Paper, words: &[&str]) -> Came {
        self.run("", paper.clone(), words).await
    }

    async fn run(&self, pin: &str, mut out: Paper, words: &[&str]) -> Came {
        let mut err = Paper::default();
        let mut typed = |_: Language, _: WhichPin| -> io::Result<String> { Ok(pin.to_owned()) };
        let mut world = World {
            out: &mut out,
            err: &mut err,
            config: Some(self.config()),
            home: Some(self.folder.clone()),
            typed_pin: &mut typed,
            patience: Duration::from_millis(50),
            is_err_terminal: false,
            style: self.style,
        };
        let words = ["till"].iter().chain(words).map(OsString::from);
        let code = run(words, &mut world).await;
        Came { code, out: out.text(), err: err.text() }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn listen(address: SocketAddr) -> String {
    format!("[terminal]\nnumber = 1017\n[api]\nlisten = \"{address}\"\n")
}

/// Returns an address where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address")
}
