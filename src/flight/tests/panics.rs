//! A panic leaves a recording. It is tried in a process of its own, for the hook is the whole process's.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Folder;
use super::selling::{Counter, wanted};
use crate::flight::{Verdict, replay_file, write_on_panic};

/// Where the child writes.
const FOLDER: &str = "TILL_FLIGHT_PANICS_IN";
/// What the child does.
const DEED: &str = "TILL_FLIGHT_DEED";

thread_local! {
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

fn is_caught() -> bool {
    CAUGHT.get()
}

/// Runs the child; returns what it left behind.
fn left_behind(name: &str, deed: &str) -> (Folder, Vec<PathBuf>) {
    let folder = Folder::new(name);
    let mut child = Command::new(std::env::current_exe().expect("a test knows its program"));
    child.args(["--exact", "flight::tests::panics::child", "--nocapture"]).env(FOLDER, &folder.0).env(DEED, deed);
    let output = child.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = folder.recordings();
    (folder, files)
}

/// Does nothing unless it is the child.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let deed = std::env::var(DEED).unwrap_or_default();
    let mut counter = Counter::open();
    write_on_panic(&counter.recorder, Path::new(&folder), is_caught);
    counter.sell(wanted(50_000), "K");
    let recorder = counter.recorder.clone();
    if deed == "gone" {
        drop((counter, recorder));
        return drop(std::thread::spawn(|| panic!("nobody is recorded")).join());
    }
    let panicked = std::thread::spawn(move || match deed.as_str() {
        "caught" => {
            CAUGHT.set(true);
            panic!("this is told in an error")
        }
        // A panic inside the recorder finds its lock taken: nothing is written, and nothing hangs.
        "inside" => recorder.panic_inside(),
        _ => panic!("somewhere"),
    });
    assert!(panicked.join().is_err());
    // More panics of the same minute write nothing more.
    drop(std::thread::spawn(|| CAUGHT.set(true)).join());
}

#[test]
fn p11_a_panic_of_any_thread_leaves_a_recording_that_replays() {
    let (_folder, files) = left_behind("panic", "panic");
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(replay_file(&files[0]).expect("it is whole").verdict, Verdict::Same);
}

#[test]
fn a_panic_that_is_caught_leaves_nothing() {
    assert_eq!(left_behind("caught", "caught").1, Vec::<PathBuf>::new());
}

#[test]
fn a_recorder_that_is_gone_or_busy_leaves_nothing_and_holds_nobody_up() {
    assert_eq!(left_behind("gone", "gone").1, Vec::<PathBuf>::new());
    assert_eq!(left_behind("inside", "inside").1, Vec::<PathBuf>::new());
}
