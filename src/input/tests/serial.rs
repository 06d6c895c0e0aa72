//! A cash register on a pseudo-terminal: its lines, our lines, and the example of docs/cash-register.md.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use till_wire::{Amount, ChannelId};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::{Folder, SOON};
use crate::api::fake::{ended, sale};
use crate::input::serial::{Register, listen};
use crate::port::{Announced, DriverEnd, Request, Unavailable, port};
use crate::till::{Answer, Change, Ending, NewSale, Sale};

/// The register's end of a line, and where the other end is.
struct Pty {
    reads: BufReader<Receiver>,
    writes: Sender,
    path: PathBuf,
}

impl Pty {
    fn new() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("the system has pseudo-terminals");
        grantpt(&master).expect("it is ours");
        unlockpt(&master).expect("it is ours");
        let path = ptsname(&master, Vec::new()).expect("it has a name");
        let path = PathBuf::from(path.to_str().expect("its name is text"));
        let copy: OwnedFd = master.as_fd().try_clone_to_owned().expect("it can be copied");
        rustix::io::ioctl_fionbio(&master, true).expect("it can be made not to wait");
        let reads = Receiver::from_owned_fd_unchecked(master).expect("a runtime runs");
        let writes = Sender::from_owned_fd_unchecked(copy).expect("a runtime runs");
        Self { reads: BufReader::new(reads), writes, path }
    }

    async fn send(&mut self, text: &str) {
        self.writes.write_all(text.as_bytes()).await.expect("the line takes it");
    }

    async fn hears(&mut self) -> String {
        let mut line = String::new();
        timeout(SOON, self.reads.read_line(&mut line)).await.expect("a line comes").expect("the line is there");
        line.strip_suffix("\r\n").expect("lines end with CR LF").to_owned()
    }

    /// Sends a line and returns the next one.
    async fn asks(&mut self, text: &str) -> String {
        self.send(&format!("{text}\r\n")).await;
        self.hears().await
    }
}

/// What the driver of these tests is asked, and answers.
#[derive(Default)]
struct Driver {
    wanted: Vec<NewSale>,
    answers: Vec<Result<Answer, Unavailable>>,
    sale: Option<Sale>,
}

struct Till {
    driver: Arc<Mutex<Driver>>,
    changes: broadcast::Sender<Arc<Announced>>,
}

impl Till {
    fn listening(path: &Path) -> Self {
        let (asking, DriverEnd { mut requests, changes, .. }) = port();
        let channel = ChannelId::new("payos").expect("a channel's name");
        let (max_amount, expire) = (Amount::vnd(499_999_999), Duration::from_secs(300));
        tokio::spawn(listen(
            Register { path: path.to_owned(), channel, expire, max_amount, customer_needs: &[] },
            asking,
        ));
        let driver = Arc::new(Mutex::new(Driver::default()));
        let answering = Arc::clone(&driver);
        tokio::spawn(async move {
            while let Some(request) = requests.recv().await {
                let mut driver = answering.lock().expect("no test has panicked");
                if let Request::Sell { request, reply, .. } = request {
                    driver.wanted.push(*request);
                    drop(reply.send(driver.answers.remove(0)));
                } else if let Request::Cancel { reply, .. } = request {
                    drop(reply.send(driver.answers.remove(0)));
                } else if let Request::Sale { reply, .. } = request {
                    drop(reply.send(Ok(driver.sale.clone().map(Box::new))));
                } else {
                    unreachable!("a register does not ask {request:?}");
                }
            }
        });
        Self { driver, changes }
    }

    fn answers(&self, answer: Result<Answer, Unavailable>) {
        self.driver.lock().expect("no test has panicked").answers.push(answer);
    }

    fn happens(&self, sale: Sale) {
        self.driver.lock().expect("no test has panicked").sale = Some(sale.clone());
        drop(self.changes.send(Arc::new(Announced::new(1, Change::Sale(Box::new(sale))))));
    }

    fn wanted(&self) -> Vec<(u64, Option<String>)> {
        let driver = self.driver.lock().expect("no test has panicked");
        driver.wanted.iter().map(|sale| (sale.amount.value(), sale.reference.clone())).collect()
    }
}

const ID: &str = "0001017-029727122";

fn made() -> Sale {
    Sale { revision: 1, ..sale(29_727_122) }
}

fn finished(ending: Ending) -> Sale {
    Sale { revision: 3, ..ended(29_727_122, ending) }
}

#[tokio::test]
async fn an_amount_becomes_a_sale_and_its_result_comes_back() {
    let mut pty = Pty::new();
    let till = Till::listening(&pty.path);
    till.answers(Ok(Answer::Created(Box::new(made()))));
    // The announcement may overtake the answer.
    till.happens(made());
    let open = pty.asks("50000 ORDER-77").await;
    assert!(open.starts_with(&format!("SALE {ID} ")), "{open}");
    assert_eq!(till.wanted(), [(50_000, Some("ORDER-77".to_owned()))]);
    // Another's sale is none of the register's business.
    till.happens(ended(5, Ending::Paid));
    till.happens(finished(Ending::Paid));
    assert_eq!(pty.hears().await, format!("PAID {ID} 50000"));
    assert_eq!(pty.asks("STATUS").await, format!("PAID {ID} 50000"));
    let modes = tcgetattr(fs::File::open(&pty.path).expect("the line is there")).expect("it is a terminal");
    assert!(!modes.local_modes.contains(LocalModes::ECHO) && modes.output_speed() == 9600, "{modes:?}");
}

#[tokio::test]
async fn refusals_are_said_with_the_apis_words() {
    let mut pty = Pty::new();
    let till = Till::listening(&pty.path);
    assert!(pty.asks("CANCEL").await.starts_with("ERROR not-found "));
    assert!(pty.asks("STATUS").await.starts_with("ERROR not-found "));
    for (answer, word) in [
        (Ok(Answer::Busy(made().id)), "busy 0001017-029727122"),
        (Ok(Answer::ClockNotSet), "clock-not-set"),
        (Ok(Answer::NumbersUsedUp), "numbers-used-up"),
        (Ok(Answer::QueueFull), "queue-full"),
        (Ok(Answer::Disabled), "disabled"),
        (Ok(Answer::NotFound), "not-found"),
        (Err(Unavailable::StoreFault), "store-fault"),
        (Err(Unavailable::Late), "unavailable"),
    ] {
        till.answers(answer);
        let said = pty.asks("50000").await;
        assert!(said.starts_with(&format!("ERROR {word} ")), "{said}");
    }
    till.answers(Ok(Answer::Created(Box::new(made()))));
    pty.asks("50000").await;
    till.answers(Ok(Answer::AlreadyEnded(Box::new(finished(Ending::Paid)))));
    assert_eq!(pty.asks("CANCEL").await, format!("ERROR already-ended {ID} has ended"));
    till.answers(Ok(Answer::Cancelling(Box::new(finished(Ending::Cancelled(None))))));
    assert_eq!(pty.asks("CANCEL").await, format!("CANCELLED {ID} 0"));
}

#[tokio::test]
async fn p11_what_is_no_line_is_refused_and_never_answered_for_ever() {
    let mut pty = Pty::new();
    let till = Till::listening(&pty.path);
    // The largest reference is taken, with every kind of end of a line.
    till.answers(Ok(Answer::Created(Box::new(made()))));
    let longest = "x".repeat(100);
    pty.send(&format!("\r\n\n  \r499999999 {longest}\n")).await;
    assert!(pty.hears().await.starts_with("SALE "));
    assert_eq!(till.wanted(), [(499_999_999, Some(longest.clone()))]);
    for (line, word) in [
        ("0", "invalid"),
        ("500000000", "invalid"),
        ("99999999999999999999999", "invalid"),
        ("50000đ", "malformed"),
        ("50.000", "malformed"),
        ("-5", "malformed"),
        ("+5", "malformed"),
        ("CANCEL it", "malformed"),
        ("hello", "malformed"),
        ("\u{1b}[2J", "malformed"),
    ] {
        let said = pty.asks(line).await;
        assert!(said.starts_with(&format!("ERROR {word} ")), "{line}: {said}");
    }
    assert!(pty.asks(&format!("5 {longest}x")).await.starts_with("ERROR invalid "));
    assert!(pty.asks(&"5".repeat(5000)).await.starts_with("ERROR too-large "));
    // A device that sends our own lines back is not answered: the next line is.
    pty.send(&format!("ERROR malformed x\r\nSALE {ID} SHOWING\r\nPAID {ID} 1\r\n")).await;
    assert!(pty.asks("STATUS").await.starts_with("ERROR not-found "));
}

#[tokio::test]
async fn a_line_that_vanishes_is_opened_again_and_the_news_are_told() {
    let folder = Folder::new();
    let link = folder.path("ttyUSB0");
    let mut pty = Pty::new();
    symlink(&pty.path, &link).expect("the folder is ours");
    let till = Till::listening(&link);
    till.answers(Ok(Answer::Created(Box::new(made()))));
    assert!(pty.asks("50000").await.starts_with("SALE "));
    drop(pty);
    fs::remove_file(&link).expect("it is there");
    till.happens(finished(Ending::Paid));
    let mut pty = Pty::new();
    symlink(&pty.path, &link).expect("the folder is ours");
    assert_eq!(pty.hears().await, format!("PAID {ID} 50000"));
}

/// Carries bytes between two lines until both are gone, as a cable does.
async fn cable(one: Pty, other: Pty) {
    async fn carry(mut reads: BufReader<Receiver>, mut writes: Sender) {
        let mut bytes = [0; 256];
        loop {
            match reads.read(&mut bytes).await {
                Ok(count) if writes.write_all(&bytes[..count]).await.is_ok() => {}
                // Nobody has the other end open yet, or any more.
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }
    tokio::join!(carry(one.reads, other.writes), carry(other.reads, one.writes));
}

#[tokio::test]
async fn the_example_of_the_page_sells() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cash-register-serial.py");
    for (ending, code, told) in
        [(Ending::Paid, 0, format!("PAID {ID} 50000")), (Ending::Cancelled(None), 3, format!("CANCELLED {ID} 0"))]
    {
        let (ours, theirs) = (Pty::new(), Pty::new());
        let till = Till::listening(&ours.path);
        till.answers(Ok(Answer::Created(Box::new(made()))));
        let mut register = Command::new("python3");
        register.arg(&script).arg(&theirs.path).args(["50000", "ORDER-77"]);
        let cable = tokio::spawn(cable(ours, theirs));
        let register = tokio::task::spawn_blocking(move || register.output().expect("python3 is installed"));
        let asked = async {
            while till.wanted().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, asked).await.expect("the register sells");
        till.happens(finished(ending));
        let output = timeout(SOON, register).await.expect("the register ends").expect("it is waited for");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.first().is_some_and(|first| first.starts_with(&format!("SALE {ID} "))), "{output:?}");
        assert_eq!((lines.last(), output.status.code()), (Some(&told.as_str()), Some(code)), "{output:?}");
        assert_eq!(till.wanted(), [(50_000, Some("ORDER-77".to_owned()))]);
        cable.abort();
    }
}
