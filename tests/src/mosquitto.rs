//! A real mosquitto on loopback that can go away and come back, with or without its memory. It must not know topics.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::authority::Authority;
use crate::folder::{Folder, write_private};
use crate::port::free_port;
use crate::process::{Process, system_program};
use crate::wait::{SOON, wait_for};

mod shipped;

pub use shipped::{Papers, Shipped, shipped_file};

/// A broker. It keeps its port across restarts.
#[derive(Debug)]
pub struct Mosquitto {
    place: PathBuf,
    port: u16,
    setting: Setting,
    /// What stands in front of the program, such as a wrong clock.
    launcher: Vec<String>,
    process: Option<Process>,
}

/// What its configuration is.
#[derive(Debug)]
enum Setting {
    /// The tests' own: a plain listener that lets everybody in, and more lines, such as another listener.
    Plain { more: String },
    /// The files of `config/mosquitto/` as they stand.
    Shipped(Shipped),
}

/// Waits until it has hung up on somebody who speaks neither MQTT nor TLS. Only then its loop runs: a SIGTERM between its first
/// listening and that is lost (seen with 2.0.11 on a busy machine).
fn hangs_up(address: SocketAddr) -> io::Result<()> {
    let mut line = TcpStream::connect(address)?;
    line.set_read_timeout(Some(SOON))?;
    line.write_all(b"neither MQTT nor TLS\r\n")?;
    match line.read(&mut [0; 16]) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(()),
    }
}

impl Mosquitto {
    /// Starts a broker whose files are in `folder`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(folder: &Folder) -> Self {
        Self::start_with(folder, String::new())
    }

    /// Starts a broker with more lines in its configuration, after those of its plain listener.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_with(folder: &Folder, more: String) -> Self {
        Self::start_as(folder.folder("broker"), Setting::Plain { more })
    }

    /// Starts a broker as operators do, with the files of `config/mosquitto/` as they stand and certificates of this
    /// authority.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_shipped(folder: &Folder, authority: &Authority) -> Self {
        Self::start_with_papers(folder, &Papers::of(folder, authority))
    }

    /// Starts a broker as operators do, with the files of `config/mosquitto/` as they stand and papers of their own.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_with_papers(folder: &Folder, papers: &Papers) -> Self {
        let place = folder.folder("broker");
        let shipped = Shipped::prepare(&place, papers);
        Self::start_as(place, Setting::Shipped(shipped))
    }

    fn start_as(place: PathBuf, setting: Setting) -> Self {
        let mut broker = Self { place, port: free_port(), setting, launcher: Vec::new(), process: None };
        // Another process may take the port between the look and the start.
        for _ in 0..5 {
            broker.write_configuration();
            if broker.try_start() {
                return broker;
            }
            broker.port = free_port();
        }
        panic!("mosquitto does not start; its log is in {:?}", broker.place)
    }

    fn write_configuration(&self) {
        let Self { place, port, .. } = self;
        let more = match &self.setting {
            Setting::Plain { more } => more,
            Setting::Shipped(shipped) => return shipped.write(place, *port),
        };
        // Started by root it would become another user, who cannot write here.
        let text = format!(
            "per_listener_settings true\nuser root\npersistence true\npersistence_location {}/\n\
             max_packet_size 1000000\nlog_dest stderr\nlog_type all\n\
             listener {port} 127.0.0.1\nallow_anonymous true\n{more}\n",
            place.display()
        );
        write_private(&place.join("mosquitto.conf"), text.as_bytes());
    }

    fn try_start(&mut self) -> bool {
        let program = system_program("mosquitto", "mosquitto");
        let words: Vec<_> = self.launcher.iter().map(PathBuf::from).chain([program]).collect();
        let [first, rest @ ..] = words.as_slice() else { panic!("there is no command") };
        let mut command = Command::new(first);
        command.args(rest).arg("-c").arg(self.place.join("mosquitto.conf"));
        let mut process = Process::start("mosquitto", &mut command, &self.place.join("mosquitto.log"));
        let address = self.address();
        let listens = wait_for("mosquitto listens or ends", SOON, || match process.ended() {
            Some(_) => Ok(false),
            None => hangs_up(address).map(|()| true).map_err(|error| error.to_string()),
        });
        self.process = listens.then_some(process);
        listens
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// `mqtt://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("mqtt://{}", self.address())
    }

    /// `mqtts://127.0.0.1:PORT`, where its listener wants TLS.
    pub fn secure_url(&self) -> String {
        format!("mqtts://{}", self.address())
    }

    /// The files that it was started with, where they are the shipped ones.
    ///
    /// # Panics
    /// When they are the tests' own.
    pub fn shipped(&self) -> &Shipped {
        match &self.setting {
            Setting::Shipped(shipped) => shipped,
            Setting::Plain { .. } => panic!("this broker has the tests' own configuration"),
        }
    }

    /// Has it read its files again (SIGHUP), and waits until it says so.
    ///
    /// # Panics
    /// When it does not.
    pub fn reload(&self) {
        let reloads = || self.printed().matches("Reloading config.").count();
        let before = reloads();
        self.process.iter().for_each(Process::reload);
        wait_for("mosquitto reads its files again", SOON, || {
            if reloads() > before { Ok(()) } else { Err("it has not said so".to_owned()) }
        });
    }

    /// The process id, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// What it printed, in all its runs.
    pub fn printed(&self) -> String {
        let log = fs::read(self.place.join("mosquitto.log"));
        log.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Ends it in order: it writes its memory (sessions, queues, retained messages).
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate();
        }
    }

    /// Ends it at once: what it knew since its last start is gone.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Starts it again with what it wrote down.
    ///
    /// # Panics
    /// When it runs, or does not start.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "mosquitto runs already");
        assert!(self.try_start(), "mosquitto does not start again; its log is in {:?}", self.place);
    }

    /// Has it started with these words before its command from now on.
    pub fn launch_by(&mut self, launcher: Vec<String>) {
        self.launcher = launcher;
    }

    /// Makes it forget sessions, queues and retained messages. Only while it is down.
    ///
    /// # Panics
    /// When it runs.
    pub fn forget(&self) {
        assert!(self.process.is_none(), "mosquitto runs");
        let memory = match &self.setting {
            Setting::Plain { .. } => self.place.join("mosquitto.db"),
            Setting::Shipped(_) => self.place.join("memory/mosquitto.db"),
        };
        remove(&memory);
    }

    /// Holds it still: connections stay open and nothing is answered.
    pub fn freeze(&self) {
        self.process.iter().for_each(Process::freeze);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process.iter().for_each(Process::thaw);
    }
}

fn remove(file: &Path) {
    if file.exists() {
        fs::remove_file(file).unwrap_or_else(|error| panic!("cannot remove {file:?}: {error}"));
    }
}
