//! Records, and the files that they stand in: whole or not there, and one for each name.

use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::thread;

use super::*;

const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);

/// A folder of this test's own, which goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("till-enrol-store-{}-{number}", std::process::id())))
    }

    fn store(&self) -> Store {
        Store::open(&self.0, 1000, NOW).expect("a store")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn used(claim: u8, key: u8) -> Used {
    Used {
        claim: ClaimId::new([claim; 16]),
        number: TerminalNumber::new(1017).expect("a number"),
        expires_at: UnixTime::from_secs(NOW.secs() + 3600),
        key: vec![key; 65],
        at: NOW,
        serial: "4f".repeat(16),
    }
}

#[test]
fn a_record_reads_back_and_no_part_of_it_is_one() {
    let used = used(1, 2);
    let bytes = used.to_bytes();
    assert_eq!(Used::parse(&bytes), Some(used));
    assert!(u64::try_from(bytes.len()).expect("short") < LARGEST_RECORD);
    // Without its line break it is whole.
    for end in 0..bytes.len() - 2 {
        assert_eq!(Used::parse(&bytes[..end]), None, "{end}");
    }
    let text = String::from_utf8(bytes).expect("JSON");
    assert_eq!(Used::parse(text.replace("\"v\":1", "\"v\":2").as_bytes()), None, "a later version");
}

#[test]
fn p12_of_many_that_race_in_two_stores_of_one_folder_one_gets_each_claim() {
    let folder = Folder::new();
    let stores = [folder.store(), folder.store()];
    for claim in 0..50 {
        let start = Barrier::new(8);
        let whose: Vec<_> = thread::scope(|scope| {
            let tasks: Vec<_> = (0..8)
                .map(|key| {
                    let (store, start) = (&stores[usize::from(key % 2)], &start);
                    scope.spawn(move || {
                        start.wait();
                        store.take(&used(claim, key)).expect("an answer")
                    })
                })
                .collect();
            tasks.into_iter().map(|task| task.join().expect("no panic")).collect()
        });
        let winners: Vec<_> = (0..8).filter(|key| whose[usize::from(*key)] == Whose::First).collect();
        assert_eq!(winners.len(), 1, "claim {claim}: {whose:?}");
        assert_eq!(whose.iter().filter(|whose| **whose == Whose::Anothers).count(), 7, "{whose:?}");
        for store in &stores {
            assert_eq!(store.take(&used(claim, winners[0])).ok(), Some(Whose::Again));
        }
    }
    assert_eq!(fs::read_dir(folder.0.join("parts")).expect("a folder").count(), 0);
}

/// A server that is killed leaves a part behind, which is nobody's claim; a younger one may be another server's.
#[test]
fn p2_a_part_that_was_left_behind_neither_takes_a_claim_nor_stays() {
    let folder = Folder::new();
    let store = folder.store();
    let wish = used(1, 2);
    let part = folder.0.join("parts").join(format!("{}.0", claim_file(&wish.claim)));
    let bytes = wish.to_bytes();
    fs::write(&part, &bytes[..20]).expect("a part");
    let written = fs::metadata(&part).and_then(|data| data.modified()).expect("a time");
    let written = written.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let after = |secs: u64| UnixTime::from_secs(i64::try_from(written + secs).expect("near"));
    store.sweep(after(3000)).expect("a sweep");
    assert!(part.exists(), "it may be at work");
    assert_eq!(store.take(&used(1, 3)).ok(), Some(Whose::First));
    store.sweep(after(3700)).expect("a sweep");
    assert!(!part.exists());
}

#[test]
fn a_file_s_name_says_whose_certificate_it_is_and_until_when() {
    let number = TerminalNumber::new(1017).expect("a number");
    let issued = Issued { number, until: NOW, serial: "4f00".into() };
    assert_eq!(issued.file(), "0001017-1795000000-4f00.pem");
    assert_eq!(Issued::of_file(&issued.file()), Some(issued));
    for name in ["", "x.pem", "0001017-x-4f.pem", "0001017-1795000000-4f.txt", "0000000-1-1.pem"] {
        assert_eq!(Issued::of_file(name), None, "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_refused_with_its_path() {
    let file = Folder::new();
    fs::write(&file.0, "").expect("a file");
    let error = Store::open(&file.0, 1000, NOW).map(|_| ()).expect_err("a file is no folder");
    assert!(error.to_string().contains(&file.0.display().to_string()), "{error}");
    fs::remove_file(&file.0).expect("the file is ours");
}
