//! What the black-box tests of the bridge share: a broker, the bridge, a provider, a till, all on
//! loopback. Knows the contract, nothing of the bridge's inside.

#![allow(dead_code, reason = "each test binary uses a part of this")]

pub(crate) mod bridge;
pub(crate) mod broker;
pub(crate) mod confirming;
pub(crate) mod console;
pub(crate) mod enrolment;
pub(crate) mod finan;
pub(crate) mod fleet;
pub(crate) mod glocal;
pub(crate) mod http;
pub(crate) mod payments;
pub(crate) mod payos;
pub(crate) mod scripted;
pub(crate) mod tls;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a test waits for what must happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A folder that is gone when the test is over.
pub(crate) struct Folder(PathBuf);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub(crate) fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("till-bridge-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

/// Writes a file that only this user can read.
pub(crate) fn private_file(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file for the test");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its mode");
}

/// Asks again and again until the answer is `Some`.
///
/// # Panics
/// When that takes longer than [`LIMIT`].
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < LIMIT, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The ports that this process has given to its tests: one that nobody listens on yet may be another test's all the same.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A port that was free a moment ago, and is given to nobody else. It lies below those that the system gives to
/// connections, so that none of them takes it in the meantime.
pub(crate) fn free_port() -> u16 {
    let free = |port: &u16| {
        let is_free = std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        is_free && GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(*port)
    };
    let mut tries = std::iter::repeat_with(|| fastrand::u16(12_000..32_000));
    tries.find(free).expect("an endless iterator ends only by finding one")
}
