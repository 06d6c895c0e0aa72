//! What the service manager hears of a till whose disk or display hangs: nothing, so that it starts it again. A disk that
//! answers nobody is a frozen file system. It must not know how the till watches its parts.

use std::os::unix::net::UnixDatagram;
use std::thread;
use std::time::Duration;

use serde_json::json;
use tests::disk::Disk;
use tests::folder::Folder;
use tests::http;
use tests::shop::Shop;
use tests::till::TillPlan;
use tests::wait::{SOON, holds_for, wait_for};

/// Where the till tells systemd that it lives, in a test that is its systemd.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// Listens, and has a till tell it twice a second.
    fn watch(plan: &mut TillPlan, folder: &Folder) -> Self {
        let path = folder.file("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket.set_nonblocking(true).expect("it can be asked without waiting");
        // As systemd does, the process is told its own number.
        let path = path.display();
        let script = format!("export NOTIFY_SOCKET={path} WATCHDOG_USEC=1500000; WATCHDOG_PID=$$ exec \"$@\"");
        plan.launcher = ["/bin/sh", "-c", &script, "sh"].map(str::to_owned).to_vec();
        Self { socket }
    }

    /// How often the watchdog has been fed since this was asked last.
    fn fed(&self) -> usize {
        let mut buffer = [0; 100];
        let mut times = 0;
        while let Ok(length) = self.socket.recv(&mut buffer) {
            times += usize::from(buffer.get(..length).is_some_and(|word| word.starts_with(b"WATCHDOG=1")));
        }
        times
    }

    #[track_caller]
    fn wait_until_fed(&self) {
        wait_for("the watchdog is fed", SOON, || if self.fed() > 0 { Ok(()) } else { Err("not yet".to_owned()) });
    }

    /// Waits until the watchdog has not been fed for ten times as long as it should.
    #[track_caller]
    fn wait_until_hungry(&self) {
        let mut since = std::time::Instant::now();
        wait_for("the watchdog is not fed any more", SOON * 3, || {
            if self.fed() > 0 {
                since = std::time::Instant::now();
            }
            if since.elapsed() > Duration::from_secs(5) { Ok(()) } else { Err("it is fed".to_owned()) }
        });
    }
}

/// A display that hangs stops no loop and no call; it is the display's own thread that nobody hears of any more.
#[test]
fn a_display_that_hangs_is_a_reason_to_start_the_till_again() {
    let folder = Folder::make();
    let disk = Disk::make(folder.path(), "panel", 16 * 1024);
    let mut manager = None;
    let picture = disk.path().join("display.png");
    let shop = Shop::open_with(|plan| {
        plan.panel = Some(format!("driver = \"png\"\ndevice = {picture:?}\nsize = \"800x480\""));
        manager = Some(Manager::watch(plan, &folder));
    });
    let manager = manager.expect("the plan was changed");
    manager.wait_until_fed();
    let frozen = disk.freeze();
    let sale = shop.till.sell(50_000);
    let says = |word: &str| shop.till.printed().contains(word);
    let hangs = "a part of the daemon hangs; if it goes on hanging, the watchdog ends the daemon part=\"display\"";
    wait_for("the log says that the display hangs", SOON * 3, || {
        // Words that nobody takes would hold the till up.
        manager.fed();
        if says(hangs) { Ok(()) } else { Err(shop.till.printed()) }
    });
    manager.fed();
    holds_for("the watchdog is not fed", Duration::from_secs(3), || match manager.fed() {
        0 => Ok(()),
        times => Err(format!("it was fed {times} times")),
    });
    // All the while it is the display alone.
    assert_eq!(shop.till.get(&format!("/v1/sales/{}", sale["id"].as_str().unwrap_or_default())).status, 200);
    drop(frozen);
    manager.wait_until_fed();
    assert!(says("a part of the daemon has come round part=\"display\""), "{}", shop.till.printed());
}

/// A disk that does not answer holds up the store's thread, and the loop that waits for it: nothing may happen before it is
/// on disk.
#[test]
fn a_disk_that_hangs_is_a_reason_to_start_the_till_again() {
    let folder = Folder::make();
    let disk = Disk::make(folder.path(), "store", 64 * 1024);
    let mut manager = None;
    let shop = Shop::open_with(|plan| {
        plan.store = Some(disk.path().join("store"));
        manager = Some(Manager::watch(plan, &folder));
    });
    let manager = manager.expect("the plan was changed");
    manager.wait_until_fed();
    let frozen = disk.freeze();
    let api = shop.till.api();
    let body = json!({ "amount": 50_000 }).to_string();
    let headers = [("Content-Type", "application/json")];
    let call = thread::spawn(move || http::send(api, "POST", "/v1/sales", &headers, body.as_bytes()));
    manager.wait_until_hungry();
    assert!(shop.till.printed().lines().all(|line| !line.contains("revision=")), "{}", shop.till.printed());
    drop(frozen);
    manager.wait_until_fed();
    // Whoever waited for so long may have been told something else by then, but never twice.
    let _ = call.join();
    wait_for("the sale has been made", SOON, || match shop.till.sales().as_slice() {
        [sale] if sale["amount"] == 50_000 => Ok(()),
        other => Err(format!("{other:?}")),
    });
}
