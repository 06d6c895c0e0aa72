//! Stores in places that cannot be used: the daemon says which place, why, and what to do, ends with 1, and changes
//! nothing. It must not know how the store writes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use demo::payos::Sandbox;
use tests::disk::Disk;
use tests::folder::Folder;
use tests::shop::{Shop, sandbox};
use tests::till::{Till, TillPlan, id_of};
use tests::wait::{SOON, wait_for};

use crate::full::has_set_aside;

/// The user of Debian's who owns nothing.
const NOBODY: u32 = 65_534;

/// A till that reaches nobody, which is all that a start needs.
pub(crate) fn plan(payos: &Sandbox, store: &Path) -> TillPlan {
    let mut plan = TillPlan::new(1017, "mqtt://127.0.0.1:1", payos);
    plan.store = Some(store.to_owned());
    plan
}

/// Starts a till, waits until it has ended, and compares what it says.
#[track_caller]
pub(crate) fn refuses(till: &mut Till, words: &[&str]) {
    till.launch();
    let end = wait_for("the till ends", SOON, || till.ended().ok_or_else(|| "it runs".to_owned()));
    let said = till.printed();
    assert_eq!(end.code(), Some(1), "{said}");
    let store = till.store.display().to_string();
    for word in words.iter().copied().chain([store.as_str()]) {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert!(!said.contains("panic"), "{said}");
    till.kill();
}

/// Starts a till in a place that has been put right, and finds the sale.
#[track_caller]
fn works(till: &mut Till, sale: Option<&str>) {
    till.start_again();
    assert!(!has_set_aside(&till.store), "{}", till.printed());
    if let Some(id) = sale {
        till.sale(id);
    }
    till.kill();
}

/// P11: a disk that was mounted read-only, as after an error of its own.
#[test]
fn p11_a_store_on_a_disk_that_is_mounted_read_only_is_refused_in_words_and_unharmed() {
    let (folder, payos) = (Folder::make(), sandbox());
    let mut disk = Disk::make(folder.path(), "disk", 12 * 1024);
    let mut till = plan(&payos, &disk.path().join("store")).start(&folder);
    let sale = id_of(&till.sell(10_000)).to_owned();
    till.kill();
    disk.mount_again("ro");
    refuses(&mut till, &["read-only", "mount it writable"]);
    let elsewhere = Folder::make();
    let mut new = plan(&payos, &disk.path().join("new")).prepare(&elsewhere);
    refuses(&mut new, &["read-only", "mount it writable"]);
    disk.mount_again("rw");
    works(&mut till, Some(&sale));
}

/// P11: full before the till starts.
#[test]
fn p11_a_store_on_a_full_disk_is_refused_in_words_and_unharmed() {
    let (folder, payos) = (Folder::make(), sandbox());
    let disk = Disk::make(folder.path(), "disk", 12 * 1024);
    let mut till = plan(&payos, &disk.path().join("store")).start(&folder);
    let sale = id_of(&till.sell(10_000)).to_owned();
    till.kill();
    let ballast = crate::full::Ballast::load(&disk, 0);
    let elsewhere = Folder::make();
    let mut new = plan(&payos, &disk.path().join("new")).prepare(&elsewhere);
    refuses(&mut new, &["no room", "make room"]);
    refuses(&mut till, &["no room", "make room"]);
    ballast.throw_off();
    works(&mut till, Some(&sale));
}

/// P11: a file where the folder should be, and where a folder above it should be.
#[test]
fn p11_a_store_whose_place_is_a_file_is_refused_in_words() {
    let (folder, payos) = (Folder::make(), sandbox());
    let file = folder.write("file", "somebody's");
    for place in [file.clone(), file.join("store")] {
        let mut till = plan(&payos, &place).prepare(&folder);
        refuses(&mut till, &["not a folder"]);
    }
    assert_eq!(fs::read(&file).ok().as_deref(), Some("somebody's".as_bytes()));
}

/// P11: folders above the store that are not there are made.
#[test]
fn p11_a_store_whose_parent_is_missing_is_made_with_it() {
    let (folder, payos) = (Folder::make(), sandbox());
    let mut till = plan(&payos, &folder.file("a/b/store")).prepare(&folder);
    works(&mut till, None);
}

/// P11: somebody else's folder.
#[test]
fn p11_a_store_of_another_user_is_refused_in_words_and_unharmed() {
    assert!(rustix::process::geteuid().is_root(), "ROOT IS NEEDED: only root can run a till as `nobody`");
    let (folder, payos) = (Folder::make(), sandbox());
    let elsewhere = Folder::make();
    let store = elsewhere.folder("store");
    let mut till = plan(&payos, &store).start(&folder);
    let sale = id_of(&till.sell(10_000)).to_owned();
    till.kill();
    fs::set_permissions(&store, PermissionsExt::from_mode(0o700)).expect("root may");
    let mut other = plan(&payos, &store);
    other.launcher =
        ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(str::to_owned).to_vec();
    let mut other = other.prepare(&elsewhere);
    give_to_nobody(elsewhere.path(), &store);
    refuses(&mut other, &["ermission denied", "own"]);
    works(&mut till, Some(&sale));
    // A file inside that another user left, as after a start by hand.
    chown(&store, Some(NOBODY), Some(NOBODY)).expect("root may");
    refuses(&mut other, &["ermission denied", "own"]);
    works(&mut till, Some(&sale));
}

/// Gives everything in a folder to `nobody`, but not what is in `except`.
fn give_to_nobody(folder: &Path, except: &Path) {
    let entries = fs::read_dir(folder).expect("it can be listed").filter_map(Result::ok).map(|entry| entry.path());
    let entries: Vec<PathBuf> = entries.filter(|path| path != except).collect();
    for path in entries.iter().map(PathBuf::as_path).chain([folder]) {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
}

/// P11: two daemons, one store. The first goes on selling.
#[test]
fn p11_a_second_till_on_the_same_store_is_refused_in_words_and_the_first_goes_on() {
    let shop = Shop::open();
    shop.assert_sells(10_000);
    let folder = Folder::make();
    let mut second = plan(&shop.payos, &shop.till.store).prepare(&folder);
    refuses(&mut second, &["another process has it open", "stop that one"]);
    shop.assert_sells(20_000);
    assert_eq!(shop.till.sales().len(), 2);
    assert!(!has_set_aside(&shop.till.store));
}
