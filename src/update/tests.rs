//! Downloads from servers that break off, forget, lie and change their minds, and what is on the disk afterwards.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};
use till_wire::fleet::{Checksum, Update, UpdateKind};

use super::fetch::FetchError;
use super::*;

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("till-update-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn place(&self) -> Place {
        Place::new(&self.0, &self.0.join("installer"))
    }

    fn download(&self) -> Option<Vec<u8>> {
        fs::read(self.0.join("updates/download")).ok()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How one connection is answered; the last one again and again.
#[derive(Clone)]
enum Turn {
    /// Head and body as they stand, then the end.
    Say(String, Vec<u8>),
    /// What a server does that knows ranges, up to so many bytes.
    Serve(Vec<u8>, &'static str, usize),
}

/// A server, and what it was asked, in lower case.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(turns: Vec<Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let head = head(&mut stream);
                heard.lock().expect("nobody panics with it").push(head.clone());
                let turn = turns.get(number).or_else(|| turns.last()).expect("a turn");
                // Whoever asked may have gone away, as in the tests of that.
                let _ = answer(&mut stream, &head, turn);
            }
        });
        Self { port, asked }
    }

    fn update(&self, bytes: &[u8]) -> Update {
        Update {
            url: format!("http://127.0.0.1:{}/tilld.deb", self.port).parse().expect("an address"),
            size: bytes.len() as u64,
            sha256: Checksum::of(&Sha256::digest(bytes).into()),
            version: "0.2.0".parse().expect("a version"),
            kind: UpdateKind::Deb,
            downgrade: false,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.extend_from_slice(&byte);
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn answer(stream: &mut TcpStream, head: &str, turn: &Turn) -> std::io::Result<()> {
    match turn {
        Turn::Say(head, body) => {
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)
        }
        Turn::Serve(file, etag, most) => {
            let fits = value(head, "if-range").is_none_or(|named| named == *etag);
            let range = value(head, "range").filter(|_| fits);
            let begin: usize = range.map_or(0, |range| {
                range.trim_start_matches("bytes=").trim_end_matches('-').parse().expect("where it begins")
            });
            let (status, length) = (if range.is_some() { "206 Partial Content" } else { "200 OK" }, file.len() - begin);
            let part = format!("Content-Range: bytes {begin}-{}/{}\r\n", file.len() - 1, file.len());
            let part = if range.is_some() { part } else { String::new() };
            write!(stream, "HTTP/1.1 {status}\r\nETag: {etag}\r\n{part}Content-Length: {length}\r\n\r\n")?;
            stream.write_all(&file[begin..(begin + most).min(file.len())])
        }
    }
}

fn file(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("small")).collect()
}

async fn fetched(folder: &Folder, update: &Update) -> Result<(), FetchError> {
    let (_until_the_end, stopped) = stop();
    fetch(&folder.place(), update, stopped, |_| {}).await
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let (folder, file) = (Folder::make(), file(900_000));
    let server = Server::start(vec![Turn::Serve(file.clone(), "\"a1\"", 300_000)]);
    fetched(&folder, &server.update(&file)).await.expect("it comes");
    assert_eq!(folder.download(), Some(file));
    let ranges: Vec<_> = server.asked().iter().map(|head| value(head, "range").map(str::to_owned)).collect();
    let from = |at: u32| Some(format!("bytes={at}-"));
    assert_eq!(ranges, [None, from(300_000), from(600_000)]);
    assert!(server.asked()[1..].iter().all(|head| value(head, "if-range") == Some("\"a1\"")));
}

/// Another process goes on with what is on the disk, and needs nobody when all is.
#[tokio::test]
async fn a_download_goes_on_in_another_process() {
    let (folder, file) = (Folder::make(), file(100_000));
    let server = Server::start(vec![Turn::Serve(file.clone(), "W/\"weak\"", 100_000)]);
    let update = server.update(&file);
    let (place, begin) =
        (folder.place(), |length: usize| fs::write(folder.0.join("updates/download"), &file[..length]));
    place.begin(&update).expect("a folder");
    begin(40_000).expect("written");
    fetched(&folder, &update).await.expect("it comes");
    assert_eq!(folder.download(), Some(file.clone()));
    let asked = server.asked();
    assert_eq!((asked.len(), value(&asked[0], "range"), value(&asked[0], "if-range")), (1, Some("bytes=40000-"), None));
    fetched(&folder, &update).await.expect("it is there");
    assert_eq!(server.asked().len(), 1);
    // What is there of another file is of no use.
    let other = Update { version: "0.3.0".parse().expect("a version"), size: 99_999, ..update };
    assert!(matches!(fetched(&folder, &other).await, Err(FetchError::Size { found: 100_000, wanted: 99_999 })));
}

#[tokio::test]
async fn a_server_without_ranges_or_with_another_file_is_asked_for_all_of_it() {
    let (folder, old, new) = (Folder::make(), vec![7; 200_000], file(200_000));
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n".to_owned();
    let plain = Server::start(vec![Turn::Say(head.clone(), new[..50_000].to_vec()), Turn::Say(head, new.clone())]);
    fetched(&folder, &plain.update(&new)).await.expect("it comes");
    assert_eq!(folder.download(), Some(new.clone()));

    let folder = Folder::make();
    let changed = vec![Turn::Serve(old.clone(), "\"old\"", 50_000), Turn::Serve(new.clone(), "\"new\"", 200_000)];
    fetched(&folder, &Server::start(changed).update(&new)).await.expect("it comes");
    assert_eq!(folder.download(), Some(new.clone()));

    // Nothing says that the first piece is of another file but the sum of all.
    let folder = Folder::make();
    let silent = vec![Turn::Serve(old, "W/\"w\"", 50_000), Turn::Serve(new.clone(), "W/\"w\"", 200_000)];
    let server = Server::start(silent);
    fetched(&folder, &server.update(&new)).await.expect("it comes");
    assert_eq!((folder.download(), server.asked().len()), (Some(new), 3));
}

#[tokio::test]
async fn p9_what_is_not_what_the_command_says_is_removed_or_never_taken() {
    let right = file(10_000);
    let serve = |body: Vec<u8>| vec![Turn::Serve(body, "\"a\"", 1_000_000)];
    let folder = Folder::make();
    let server = Server::start(serve(vec![7; 10_000]));
    assert!(matches!(fetched(&folder, &server.update(&right)).await, Err(FetchError::Checksum { .. })));
    assert_eq!((folder.download(), server.asked().len()), (None, 1));
    for length in [9_999, 10_001] {
        let server = Server::start(serve(vec![7; length]));
        let found = fetched(&folder, &server.update(&right)).await;
        assert!(matches!(found, Err(FetchError::Size { wanted: 10_000, .. })), "{found:?}");
    }
    // A server that does not say how much it sends, and sends without end.
    let endless = vec![Turn::Say("HTTP/1.1 200 OK\r\n\r\n".to_owned(), vec![7; 1_000_000])];
    let found = fetched(&folder, &Server::start(endless).update(&right)).await;
    assert!(matches!(found, Err(FetchError::Size { .. })), "{found:?}");
    assert!(folder.download().is_none_or(|bytes| bytes.len() <= 10_000));
    for status in [301, 403, 404] {
        let no = vec![Turn::Say(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"), Vec::new())];
        let found = fetched(&folder, &Server::start(no).update(&right)).await;
        assert!(matches!(found, Err(FetchError::Refused { status: said }) if said == status), "{found:?}");
    }
    let busy = Turn::Say("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_owned(), Vec::new());
    let server = Server::start(vec![busy, Turn::Serve(right.clone(), "\"a\"", 1_000_000)]);
    fetched(&folder, &server.update(&right)).await.expect("it comes later");
    let huge = Update { size: u64::MAX, ..server.update(&right) };
    assert!(matches!(fetched(&folder, &huge).await, Err(FetchError::NoRoom { .. })));
}

#[tokio::test]
async fn a_download_is_stopped_and_what_came_is_kept() {
    let (folder, file) = (Folder::make(), file(100_000));
    let server = Server::start(vec![Turn::Serve(file.clone(), "\"a\"", 30_000)]);
    let (stop, stopped) = stop();
    let (place, update) = (folder.place(), server.update(&file));
    let fetching = tokio::spawn(async move { fetch(&place, &update, stopped, |_| {}).await });
    while folder.download().is_none_or(|bytes| bytes.len() < 30_000) {
        assert!(!fetching.is_finished(), "a part comes");
        tokio::task::yield_now().await;
    }
    drop(stop);
    assert!(matches!(fetching.await.expect("it ends"), Err(FetchError::Stopped)));
    assert!(folder.download().is_some_and(|bytes| bytes.len() >= 30_000));
    folder.place().clear().expect("removed");
    assert_eq!(fs::read_dir(folder.0.join("updates")).expect("a folder").count(), 0);
}

#[test]
fn a_request_is_taken_back_or_was_taken_up() {
    let folder = Folder::make();
    let (place, id) = (folder.place(), CommandId::new("c-1").expect("an id"));
    fs::create_dir_all(folder.0.join("updates")).expect("a folder");
    place.hand_over("a.b.c", Before { display: false }).expect("written");
    assert_eq!(fs::read_to_string(folder.0.join("updates/request.jwt")).ok().as_deref(), Some("a.b.c"));
    assert_eq!(place.before(), Before { display: false });
    assert_eq!(place.withdraw().expect("removed"), Withdrawn::Yes);
    assert_eq!(place.withdraw().expect("gone"), Withdrawn::TooLate);

    assert!(!place.is_being_installed() && place.outcome(id).expect("read").is_none());
    fs::create_dir_all(folder.0.join("installer")).expect("a folder");
    let said = r#"{"command":"c-1","status":"failed","reason":"no"}"#;
    fs::write(folder.0.join("installer/result.json"), said).expect("written");
    assert_eq!(place.outcome(id).expect("read"), Some(Fate::Failed { reason: "no".to_owned() }));
    assert_eq!(place.outcome(CommandId::new("c-2").expect("an id")).expect("read"), None);
    fs::write(folder.0.join("installer/result.json"), &said[..20]).expect("written");
    assert_eq!(place.outcome(id).expect("read"), None);
}
