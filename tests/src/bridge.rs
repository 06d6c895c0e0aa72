//! A running `till-bridge`, which keeps its ports and its journal across restarts. It must not know the till.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::folder::Folder;
use crate::http::{self, Answer};
use crate::mosquitto::Mosquitto;
use crate::port::free_port;
use crate::process::{Process, launched, program};
use crate::wait::{SOON, wait_for};

/// What stands in a bridge's configuration, as far as tests choose it.
#[derive(Clone, Debug)]
pub struct BridgePlan {
    /// The client id, and the name of its files.
    pub name: String,
    /// Where the broker is.
    pub broker_url: String,
    /// payOS's key for the channel `payos`.
    pub checksum_key: String,
    /// More lines for `[mqtt]`.
    pub mqtt: String,
    /// More lines for `[http]`.
    pub http: String,
    /// More lines for `[journal]`.
    pub journal: String,
    /// More lines for the channel `payos`.
    pub channel: String,
    /// More channels, whole tables.
    pub channels: String,
    /// `RUST_LOG`, where it is set.
    pub rust_log: Option<&'static str>,
    /// A program in front of `till-bridge`, such as an emulator, with its arguments.
    pub launcher: Vec<String>,
    /// The program itself.
    pub program: PathBuf,
}

/// A bridge.
#[derive(Debug)]
pub struct Bridge {
    config: PathBuf,
    log: PathBuf,
    hooks: SocketAddr,
    admin: SocketAddr,
    plan: BridgePlan,
    process: Option<Process>,
}

impl BridgePlan {
    /// A bridge with the contract's defaults.
    pub fn new(broker: &Mosquitto, checksum_key: &str) -> Self {
        Self::at(&broker.url(), checksum_key)
    }

    /// A bridge with the contract's defaults, for a broker at this URL.
    pub fn at(broker_url: &str, checksum_key: &str) -> Self {
        Self {
            name: "bridge-1".to_owned(),
            broker_url: broker_url.to_owned(),
            checksum_key: checksum_key.to_owned(),
            mqtt: String::new(),
            http: String::new(),
            journal: String::new(),
            channel: String::new(),
            channels: String::new(),
            rust_log: None,
            launcher: Vec::new(),
            program: program("till-bridge"),
        }
    }

    /// Writes the configuration and its secret into `folder`, and returns the file.
    pub fn write(&self, folder: &Folder, hooks: SocketAddr, admin: SocketAddr) -> PathBuf {
        let Self { name, broker_url, mqtt, http, journal, channel, channels, .. } = self;
        let key = folder.write(&format!("{name}-checksum-key"), format!("{}\n", self.checksum_key));
        let journal_path = folder.file(&format!("{name}-journal"));
        let text = format!(
            "[http]\nlisten = \"{hooks}\"\n{http}\n\n[admin]\nlisten = \"{admin}\"\n\n\
             [mqtt]\nurl = \"{broker_url}\"\nclient_id = \"{name}\"\n{mqtt}\n\n\
             [journal]\npath = {journal_path:?}\n{journal}\n\n\
             [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nchecksum_key = {{ file = {key:?} }}\n{channel}\n\n{channels}\n"
        );
        folder.write(&format!("{name}.toml"), text)
    }

    /// Writes the configuration and starts the bridge.
    ///
    /// # Panics
    /// When it does not get ready.
    pub fn start(&self, folder: &Folder) -> Bridge {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (hooks, admin) = (local(free_port()), local(free_port()));
        let config = self.write(folder, hooks, admin);
        let log = folder.file(&format!("{}.log", self.name));
        let mut bridge = Bridge { config, log, hooks, admin, plan: self.clone(), process: None };
        bridge.start_again();
        bridge
    }
}

impl Bridge {
    /// Starts it again after its end.
    ///
    /// # Panics
    /// When it runs already, or does not get ready.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the bridge runs already");
        let mut command = launched(&self.plan.launcher, &self.plan.program);
        command.arg("--config").arg(&self.config);
        command.envs(self.plan.rust_log.map(|wanted| ("RUST_LOG", wanted)));
        let mut process = Process::start("till-bridge", &mut command, &self.log);
        wait_for("the bridge is ready for webhooks", SOON, || {
            if let Some(status) = process.ended() {
                panic!("the bridge ended with {status}:\n{}", process.last_words());
            }
            match http::get(self.admin, "/readyz") {
                Ok(answer) if answer.status == 200 => Ok(()),
                Ok(answer) => Err(format!("/readyz answers {}", answer.status)),
                Err(error) => Err(error.to_string()),
            }
        });
        self.process = Some(process);
    }

    /// What it printed, in all its runs.
    pub fn printed(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// What lies in its journal: envelopes between bytes of the journal's own.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn kept(&self) -> String {
        let mut place = self.config.with_extension("").into_os_string();
        place.push("-journal");
        let listed = std::fs::read_dir(&place).unwrap_or_else(|error| panic!("cannot list {place:?}: {error}"));
        let files = listed.flatten().map(|entry| entry.path());
        let segments = files.filter(|file| file.extension().is_some_and(|ending| ending == "journal"));
        let bytes = segments.flat_map(|file| std::fs::read(file).unwrap_or_default()).collect::<Vec<_>>();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The URL that payOS calls.
    pub fn hook_url(&self) -> String {
        self.hook_url_of("payos")
    }

    /// The URL that the provider of a channel calls.
    pub fn hook_url_of(&self, channel: &str) -> String {
        format!("http://{}/hooks/{channel}", self.hooks)
    }

    /// Where webhooks are taken.
    pub fn hooks(&self) -> SocketAddr {
        self.hooks
    }

    /// Posts a body as a webhook of channel `payos`.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        let answer = http::post_json(self.hooks, "/hooks/payos", body);
        answer.unwrap_or_else(|error| panic!("the bridge does not answer a webhook: {error}"))
    }

    /// Asks its admin address.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn admin(&self, path: &str) -> Answer {
        http::get(self.admin, path).unwrap_or_else(|error| panic!("the bridge does not answer `{path}`: {error}"))
    }

    /// Waits until it is connected to the broker.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_for_broker(&self) {
        wait_for("the bridge is connected to the broker", SOON, || {
            let metrics = self.admin("/metrics").text();
            if metrics.contains("\ntill_bridge_broker_up 1\n") { Ok(()) } else { Err("it is not".to_owned()) }
        });
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Ends it in order.
    ///
    /// # Panics
    /// When it does not run.
    pub fn terminate(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap_or_else(|| panic!("the bridge does not run"));
        process.terminate()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }
}
