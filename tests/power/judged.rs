//! A store that looks damaged while its disk is full: sled writes when it opens its files, and what it could not write then
//! looks like damage, so nothing is judged before there is room. It must not know how the store writes.

use std::fs;
use std::path::Path;

use tests::disk::Disk;
use tests::folder::Folder;
use tests::shop::{Shop, sandbox};
use tests::till::Till;
use tests::wait::{SOON, wait_for};

use crate::full::{Ballast, has_set_aside};
use crate::places::{plan, refuses};

/// Less than this is no room: the store's own bound is 2 MiB.
const TOO_LITTLE_KIB: u64 = 1024;

/// Overwrites the store's file in place, which needs no room.
fn damage(store: &Path) {
    let file = store.join("sled").join("db");
    let length = fs::metadata(&file).unwrap_or_else(|error| panic!("no {file:?}: {error}")).len();
    let noise = vec![0x5a; usize::try_from(length).unwrap_or_default()];
    let open = fs::File::options().write(true).open(&file);
    let written = open.and_then(|mut file| std::io::Write::write_all(&mut file, &noise).and_then(|()| file.sync_all()));
    written.unwrap_or_else(|error| panic!("cannot damage {file:?}: {error}"));
}

fn set_aside_at_the_next_start(till: &mut Till) {
    till.start_again();
    assert!(has_set_aside(&till.store), "with room it is judged: {}", till.printed());
}

/// P2, P11: at the start.
#[test]
fn p2_p11_a_store_that_looks_damaged_is_judged_at_the_start_only_when_there_is_room() {
    let (folder, payos) = (Folder::make(), sandbox());
    let disk = Disk::make(folder.path(), "disk", 12 * 1024);
    let mut till = plan(&payos, &disk.path().join("store")).start(&folder);
    till.sell(10_000);
    till.kill();
    damage(&till.store);
    let ballast = Ballast::load(&disk, TOO_LITTLE_KIB);
    refuses(&mut till, &["the store cannot be judged on a full disk", "make room"]);
    assert!(!has_set_aside(&till.store), "{}", till.printed());
    ballast.throw_off();
    set_aside_at_the_next_start(&mut till);
    till.kill();
}

/// P2, P11: in use. A commit is refused for want of room, so the files are opened again, and look damaged.
#[test]
fn p2_p11_a_store_that_looks_damaged_in_use_is_judged_only_when_there_is_room() {
    let outer = Folder::make();
    let disk = Disk::make(outer.path(), "disk", 12 * 1024);
    let store = disk.path().join("store");
    let mut shop = Shop::open_with(|plan| plan.store = Some(store));
    shop.assert_sells(10_000);
    let ballast = Ballast::load(&disk, TOO_LITTLE_KIB);
    damage(&shop.till.store);
    let refused = shop.till.post("/v1/sales", large().to_string());
    assert_eq!(refused.problem(), (503, "store-fault".to_owned()), "{}", refused.text());
    wait_for("the store is not judged", SOON, || {
        let said = shop.till.printed();
        if said.contains("cannot be judged on a full disk") { Ok(()) } else { Err(said) }
    });
    assert!(shop.till.runs() && !has_set_aside(&shop.till.store), "{}", shop.till.printed());
    assert!(!shop.till.store.join("sled").join("suspect").exists(), "{}", shop.till.printed());
    ballast.throw_off();
    let end = wait_for("the till ends", SOON, || shop.till.ended().ok_or_else(|| "it runs".to_owned()));
    assert_eq!(end.code(), Some(1), "{}", shop.till.printed());
    shop.till.kill();
    set_aside_at_the_next_start(&mut shop.till);
}

/// A sale whose record needs a file of its own.
fn large() -> serde_json::Value {
    let item = serde_json::json!({ "name": "n".repeat(180), "quantity": 1, "price": 1_000 });
    serde_json::json!({ "amount": 80_000, "items": vec![item; 80] })
}
