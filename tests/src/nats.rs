//! A NATS server of one node with JetStream and MQTT, on loopback, open to everybody. It must not know topics.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::broker::Broker;
use crate::folder::{Folder, write_private};
use crate::port::free_port;
use crate::process::{Process, system_program};
use crate::wait::{SOON, wait_for};

/// A NATS server. It keeps its ports across restarts.
#[derive(Debug)]
pub struct Nats {
    place: PathBuf,
    mqtt: u16,
    /// More lines for `mqtt`, such as TLS.
    more: String,
    process: Option<Process>,
}

impl Nats {
    /// Starts a server with more lines in its `mqtt`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn begin_with(folder: &Folder, more: String) -> Self {
        let mut broker = Self { place: folder.folder("nats"), mqtt: free_port(), more, process: None };
        // Another process may take a port between the look and the start.
        for _ in 0..5 {
            broker.write_configuration();
            if broker.try_start() {
                return broker;
            }
            broker.mqtt = free_port();
        }
        panic!("nats-server does not start; its log is in {:?}", broker.place)
    }

    fn write_configuration(&self) {
        let Self { place, mqtt, more, .. } = self;
        let (clients, store) = (free_port(), place.join("store"));
        let text = format!(
            "server_name: alone\nlisten: \"127.0.0.1:{clients}\"\nmax_payload: 66560\n\
             jetstream {{ store_dir: {store:?} }}\n\
             mqtt {{ listen: \"127.0.0.1:{mqtt}\"\n{more}\n}}\n"
        );
        write_private(&place.join("nats.conf"), text.as_bytes());
    }

    /// The process id, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    fn try_start(&mut self) -> bool {
        let log = self.place.join("nats.log");
        let mut process = serve(&self.place.join("nats.conf"), &log);
        let address = self.address();
        let listens = wait_for("nats-server speaks MQTT or ends", SOON, || match process.ended() {
            Some(_) => Ok(false),
            None => TcpStream::connect(address).map(|_| true).map_err(|error| error.to_string()),
        });
        self.process = listens.then_some(process);
        listens
    }
}

/// Starts a NATS server with a configuration.
///
/// # Panics
/// When the program is missing.
pub fn serve(configuration: &Path, log: &Path) -> Process {
    let mut command = Command::new(system_program("nats-server", "nats-server"));
    command.arg("-c").arg(configuration);
    Process::start("nats-server", &mut command, log)
}

impl Broker for Nats {
    fn begin(folder: &Folder) -> Self {
        Self::begin_with(folder, String::new())
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.mqtt).into()
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate();
        }
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    fn start_again(&mut self) {
        assert!(self.process.is_none(), "nats-server runs already");
        assert!(self.try_start(), "nats-server does not start again; its log is in {:?}", self.place);
    }

    fn forget(&mut self) {
        assert!(self.process.is_none(), "nats-server runs");
        let store = self.place.join("store");
        fs::remove_dir_all(&store).unwrap_or_else(|error| panic!("cannot remove {store:?}: {error}"));
    }
}
