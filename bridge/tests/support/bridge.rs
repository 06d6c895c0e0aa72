//! The bridge as a program of its own: started with a configuration in a folder, read through its
//! pages, ended by signals.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::http::{self, Reply};
use super::payos::{KEY, NEXT_KEY};
use super::{Folder, eventually, finan, glocal};

/// What a test may say about the configuration beyond the least that runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// Lines behind `[http]`.
    pub(crate) http: &'static str,
    /// Lines behind `[journal]`.
    pub(crate) journal: &'static str,
    /// Lines behind payOS's `[[channel]]`, also whole further ones; `FOLDER` is where their keys are.
    pub(crate) channel: &'static str,
}

/// A bridge's folder, with its configuration and journal, and its process while one runs.
pub(crate) struct BridgeProcess {
    pub(crate) folder: Folder,
    process: Option<Child>,
    log: Arc<Mutex<Vec<String>>>,
    hooks: Option<SocketAddr>,
    admin: Option<SocketAddr>,
}

impl BridgeProcess {
    pub(crate) fn new(broker_port: u16, wishes: &Wishes) -> Self {
        let folder = Folder::new();
        for name in glocal::PUBLIC_KEYS {
            std::fs::copy(glocal::key(name), folder.path().join(name)).expect("a public key");
        }
        let secrets =
            [("key", KEY), ("next", NEXT_KEY), ("secret", finan::SECRET), ("secret-next", finan::NEXT_SECRET)];
        for (name, key) in secrets {
            let path = folder.path().join(name);
            std::fs::write(&path, key).expect("a key");
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
        }
        let place = folder.path().display();
        let Wishes { http, journal, channel } = wishes;
        let text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n{http}\n[admin]\nlisten = \"127.0.0.1:0\"\n\
             [mqtt]\nurl = \"mqtt://127.0.0.1:{broker_port}\"\nclient_id = \"bridge-1\"\n\
             [journal]\npath = \"{place}/journal\"\n{journal}\n\
             [[channel]]\nid = \"payos\"\nprovider = \"payos\"\n\
             checksum_key = {{ file = \"{place}/key\" }}\n\
             checksum_key_next = {{ file = \"{place}/next\" }}\n{channel}\n"
        );
        let text = text.replace("FOLDER", &place.to_string());
        std::fs::write(folder.path().join("bridge.toml"), text).expect("a configuration");
        Self { folder, process: None, log: Arc::default(), hooks: None, admin: None }
    }

    pub(crate) async fn started(broker_port: u16, wishes: &Wishes) -> Self {
        let mut bridge = Self::new(broker_port, wishes);
        bridge.start().await;
        bridge
    }

    /// Returns once the bridge says where it listens.
    pub(crate) async fn start(&mut self) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_till-bridge"))
            .arg("--config")
            .arg(self.folder.path().join("bridge.toml"))
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the bridge can be started");
        let stderr = process.stderr.take().expect("its log was asked for");
        let log = Arc::new(Mutex::new(Vec::new()));
        self.log = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        self.process = Some(process);
        let said =
            eventually("the bridge runs", async || self.log().into_iter().find(|line| line.contains("bridge running")));
        let line = said.await;
        let address = |name: &str| -> Option<SocketAddr> {
            let (_, rest) = line.split_once(name)?;
            rest.split_whitespace().next()?.parse().ok()
        };
        (self.hooks, self.admin) = (address("hooks="), address("admin="));
    }

    pub(crate) fn hooks(&self) -> SocketAddr {
        self.hooks.expect("the bridge runs")
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("the bridge runs")
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    pub(crate) async fn post(&self, body: &str) -> Reply {
        http::post(self.hooks(), "/hooks/payos", body.as_bytes()).await
    }

    /// Returns one number of `/metrics`; `name` with its labels.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = http::get(self.admin(), "/metrics").await.body;
        let mut lines = page.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| unreachable!("no metric {name} in\n{page}"))
    }

    pub(crate) async fn wait_for_metric(&self, name: &str, value: u64) {
        let what = format!("{name} is {value}");
        eventually(&what, async || (self.metric(name).await == value).then_some(())).await;
    }

    /// Ends the process without warning, as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the bridge can be killed");
            process.wait().expect("the bridge has ended");
        }
    }

    /// Asks the process to end.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Changes the configuration's text.
    pub(crate) fn edit(&self, change: impl FnOnce(String) -> String) {
        let file = self.folder.path().join("bridge.toml");
        let text = std::fs::read_to_string(&file).expect("a configuration");
        std::fs::write(&file, change(text)).expect("another configuration");
    }

    /// Asks the process to read its configuration again, and returns once it has, whatever came of it.
    pub(crate) async fn reload(&self) {
        let read = async || {
            let failed = self.metric("till_bridge_config_reload_failed_total").await;
            self.metric("till_bridge_config_reloads_total").await + failed
        };
        let before = read().await;
        self.signal("-HUP");
        eventually("the configuration is read again", async || (read().await > before).then_some(())).await;
    }

    /// Returns how much time all of its threads have had on a processor, in nanoseconds.
    pub(crate) fn processor_ns(&self) -> u64 {
        let process = self.process.as_ref().expect("the bridge runs");
        let threads = std::fs::read_dir(format!("/proc/{}/task", process.id())).expect("its threads");
        let of_thread = |thread: std::fs::DirEntry| -> Option<u64> {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        threads.filter_map(Result::ok).filter_map(of_thread).sum()
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("the bridge runs");
        let sent = Command::new("kill").args([signal, &process.id().to_string()]).status();
        assert!(sent.expect("the program `kill` is there").success());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the bridge runs");
        eventually("the bridge ends", async || process.try_wait().expect("it can be asked")).await
    }
}

impl Drop for BridgeProcess {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the bridge's log:\n{}", self.log().join("\n"));
        }
    }
}
