//! What the journal promises (P2, P9), tried on real files: cut at every byte, flipped at every
//! byte, filled to its bound, aged, and read while it is written.

mod bounds;
mod damage;
mod replay;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use till_wire::{TerminalNumber, Topic, UnixTime};

use super::log::Log;
use super::{AppendError, Entry, EntryNumber, Limits, Stored};

/// 2026-11-20T03:04:05Z.
const START: i64 = 1_795_143_845_000;
const HOUR_MS: i64 = 3_600_000;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("till-journal-test-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn limits(&self, max_bytes: u64) -> Limits {
        Limits { directory: self.0.clone(), keep: Duration::from_secs(168 * 3600), max_bytes }
    }

    fn open(&self) -> Log {
        Log::open(self.limits(1 << 30)).expect("the journal opens")
    }

    /// The journal's files with this ending, oldest first.
    fn files(&self, extension: &str) -> Vec<PathBuf> {
        let listed = std::fs::read_dir(&self.0).expect("the folder can be listed");
        let mut files: Vec<PathBuf> = listed
            .map(|entry| entry.expect("an entry can be read").path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        files.sort();
        files
    }

    fn only_segment(&self) -> PathBuf {
        let files = self.files("journal");
        assert_eq!(files.len(), 1, "{files:?}");
        files.into_iter().next().expect("one was counted")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that never made the folder leaves nothing to remove.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn terminal(number: u32) -> TerminalNumber {
    TerminalNumber::new(number).expect("a terminal number")
}

fn entry(number: u32, at: i64, text: &str) -> Entry {
    Entry {
        topic: Topic::Webhook(terminal(number)),
        received_at: UnixTime::from_ms(at),
        envelope: text.as_bytes().to_vec(),
    }
}

fn write(log: &mut Log, entries: &[Entry]) -> Vec<EntryNumber> {
    let results = log.append(entries);
    let numbers: Result<Vec<_>, AppendError> = results.into_iter().collect();
    numbers.expect("the entries are taken")
}

fn undelivered(log: &Log) -> Vec<Stored> {
    log.shared.undelivered(EntryNumber::ZERO, usize::MAX).entries
}

fn texts(stored: &[Stored]) -> Vec<String> {
    let text = |stored: &Stored| String::from_utf8_lossy(&stored.entry.envelope).into_owned();
    stored.iter().map(text).collect()
}

/// Notes an entry as delivered, as a reader does.
fn deliver(log: &Log, number: EntryNumber) {
    let mut state = log.shared.state();
    let place = state.undelivered.remove(&number).expect("an undelivered entry");
    state.unmarked.push((place.segment, number));
}

fn copy(from: &Path, to: &Folder) {
    std::fs::create_dir_all(&to.0).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().expect("a file has a name");
        std::fs::copy(&path, to.0.join(name)).expect("a file can be copied");
    }
}

#[test]
fn what_goes_in_comes_out_whole_and_in_order() {
    let folder = Folder::new();
    let mut log = folder.open();
    let unrouted = Entry {
        topic: Topic::Unrouted(till_wire::ChannelId::new("payos").expect("a channel")),
        ..entry(1, START, "nobody's")
    };
    let entries = vec![entry(1017, START, "é ₫ \u{0}"), unrouted, entry(9_007_198, START + 1, "")];
    let numbers = write(&mut log, &entries);
    let want: Vec<Stored> =
        numbers.iter().zip(&entries).map(|(number, entry)| Stored { number: *number, entry: entry.clone() }).collect();
    assert_eq!(undelivered(&log), want);
    drop(log);
    assert_eq!(undelivered(&folder.open()), want);
}

#[test]
fn p2_what_was_answered_is_there_after_a_crash_at_any_moment_behind_the_answer() {
    let folder = Folder::new();
    let mut log = folder.open();
    for count in 1..=8_u32 {
        write(&mut log, &[entry(count, START, &format!("entry {count}"))]);
        // The files as a SIGKILL at this moment leaves them; the writer still runs.
        let crashed = Folder::new();
        copy(&folder.0, &crashed);
        let want: Vec<String> = (1..=count).map(|count| format!("entry {count}")).collect();
        assert_eq!(texts(&undelivered(&crashed.open())), want);
    }
}

#[test]
fn delivered_entries_stay_delivered_and_numbers_never_repeat() {
    let folder = Folder::new();
    let mut log = folder.open();
    let first = write(&mut log, &[entry(1, START, "a"), entry(1, START, "b"), entry(1, START, "c")]);
    deliver(&log, first[1]);
    log.mark();
    drop(log);
    let mut log = folder.open();
    assert_eq!(texts(&undelivered(&log)), ["a", "c"]);
    let second = write(&mut log, &[entry(1, START, "d")]);
    assert!(second[0] > first[2]);
    deliver(&log, first[0]);
    log.mark();
    drop(log);
    assert_eq!(texts(&undelivered(&folder.open())), ["c", "d"]);
}

#[test]
fn a_second_process_is_kept_away() {
    let folder = Folder::new();
    let log = folder.open();
    let second = Log::open(folder.limits(1 << 30)).map(|_| ());
    let words = second.expect_err("the journal is in use").to_string();
    assert_eq!(words, format!("the journal `{}` is in use by another process", folder.0.display()));
    drop(log);
    folder.open();
}

#[tokio::test]
async fn many_at_once_share_a_commit_and_each_gets_its_own_number() {
    let folder = Folder::new();
    let (journal, _stopped) = super::Journal::open(folder.limits(1 << 30)).expect("it opens");
    let journal = std::sync::Arc::new(journal);
    let mut tasks = Vec::new();
    for number in 1..=200_u32 {
        let journal = std::sync::Arc::clone(&journal);
        tasks.push(tokio::spawn(async move {
            let text = format!("entry {number}");
            journal.append(entry(number, START, &text)).await
        }));
    }
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.expect("no panic").expect("taken"));
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 200);
    journal.close().await;
    let late = journal.append(entry(1, START, "late")).await;
    assert_eq!(late, Err(AppendError::Stopped));
    assert_eq!(undelivered(&folder.open()).len(), 200);
}

#[tokio::test]
async fn what_was_handed_out_from_memory_is_read_from_the_disk_the_next_time() {
    let folder = Folder::new();
    let (journal, _stopped) = super::Journal::open(folder.limits(1 << 30)).expect("it opens");
    let mut numbers = Vec::new();
    for text in ["one", "two", "three"] {
        numbers.push(journal.append(entry(1, START, text)).await.expect("taken"));
    }
    let reader = journal.reader();
    let texts = |batch: super::read::Batch| -> Vec<String> {
        batch.entries.iter().map(|stored| String::from_utf8_lossy(&stored.entry.envelope).into_owned()).collect()
    };
    assert_eq!(texts(reader.undelivered(EntryNumber::ZERO, 2).await), ["one", "two"]);
    // A new connection begins anew, and the third one is still in memory.
    assert_eq!(texts(reader.undelivered(EntryNumber::ZERO, 9).await), ["one", "two", "three"]);
    assert_eq!(texts(reader.undelivered(numbers[1], 9).await), ["three"]);
    journal.close().await;
}
