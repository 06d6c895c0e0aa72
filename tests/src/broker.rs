//! What every broker of the tests can do: go away and come back, with or without its memory. It must not know topics.

use std::fmt;
use std::net::SocketAddr;

use crate::folder::Folder;
use crate::mosquitto::Mosquitto;

/// A broker on loopback that keeps its port across restarts.
pub trait Broker: fmt::Debug {
    /// Starts a broker for everybody, without TLS, whose files are in `folder`.
    fn begin(folder: &Folder) -> Self
    where
        Self: Sized;

    /// Where it speaks MQTT.
    fn address(&self) -> SocketAddr;

    /// `mqtt://127.0.0.1:PORT`.
    fn url(&self) -> String {
        format!("mqtt://{}", self.address())
    }

    /// Ends it in order.
    fn stop(&mut self);

    /// Ends it at once (SIGKILL).
    fn kill(&mut self);

    /// Starts it again with what it wrote down.
    fn start_again(&mut self);

    /// Makes it forget sessions, queues and retained messages. Only while it is down.
    fn forget(&mut self);
}

impl Broker for Mosquitto {
    fn begin(folder: &Folder) -> Self {
        Self::start(folder)
    }

    fn address(&self) -> SocketAddr {
        self.address()
    }

    fn stop(&mut self) {
        self.stop();
    }

    fn kill(&mut self) {
        self.kill();
    }

    fn start_again(&mut self) {
        self.start_again();
    }

    fn forget(&mut self) {
        Self::forget(self);
    }
}
