//! An MQTT broker inside the process, on a loopback port. It must not know what the messages are.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::{Config, ConnectionSettings, RouterConfig, ServerSettings};
use thiserror::Error;

/// The largest message, 64 KiB, with room for its topic.
const LARGEST_PACKET: usize = 72 * 1024;
/// Between choosing a free port and using it somebody else may take it; then another is chosen.
const TRIES: u32 = 5;
const START_LIMIT: Duration = Duration::from_secs(10);
const BETWEEN_PROBES: Duration = Duration::from_millis(2);

/// A broker that runs until the process ends. Sessions and retained messages live in memory only.
#[derive(Debug)]
pub struct Broker {
    address: SocketAddr,
}

/// Why the broker did not start.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// No free loopback port could be found.
    #[error("cannot find a free loopback port")]
    Port(#[source] io::Error),
    /// The system refused a thread.
    #[error("cannot start the broker's thread")]
    Thread(#[source] io::Error),
    /// The broker did not accept an MQTT connection in time, on any of the ports that were tried.
    #[error("the broker does not answer on a loopback port")]
    Silent,
}

impl Broker {
    /// Starts a broker and waits until it takes connections. It asks for no user and no password.
    ///
    /// # Errors
    /// See [`BrokerError`].
    pub fn start() -> Result<Self, BrokerError> {
        for _ in 0..TRIES {
            let address = free_address().map_err(BrokerError::Port)?;
            if start_at(address)? {
                return Ok(Self { address });
            }
        }
        Err(BrokerError::Silent)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `mqtt://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("mqtt://{}", self.address)
    }
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Returns whether a broker of ours runs at that address now.
fn start_at(address: SocketAddr) -> Result<bool, BrokerError> {
    let ended = Arc::new(AtomicBool::new(false));
    let end = ended.clone();
    let work = move || {
        // It returns only when its server could not start; the reason is in its log.
        let _ = rumqttd::Broker::new(config(address)).start();
        end.store(true, Ordering::Release);
    };
    thread::Builder::new().name("broker".to_owned()).spawn(work).map_err(BrokerError::Thread)?;
    let deadline = Instant::now() + START_LIMIT;
    while Instant::now() < deadline && !ended.load(Ordering::Acquire) {
        if answers_mqtt(address).is_ok() && !ended.load(Ordering::Acquire) {
            return Ok(true);
        }
        thread::sleep(BETWEEN_PROBES);
    }
    Ok(false)
}

/// Connects as an MQTT client, and leaves.
fn answers_mqtt(address: SocketAddr) -> io::Result<()> {
    const CONNECT: &[u8] = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x0a\x00\x05probe";
    const ACCEPTED: [u8; 4] = [0x20, 0x02, 0x00, 0x00];
    const DISCONNECT: [u8; 2] = [0xe0, 0x00];
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(CONNECT)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer)?;
    stream.write_all(&DISCONNECT)?;
    if answer == ACCEPTED { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn config(listen: SocketAddr) -> Config {
    let connections = ConnectionSettings {
        connection_timeout_ms: 10_000,
        max_payload_size: LARGEST_PACKET,
        max_inflight_count: 100,
        auth: None,
        external_auth: None,
        dynamic_filters: true,
    };
    let server =
        ServerSettings { name: "demo-broker".to_owned(), listen, tls: None, next_connection_delay_ms: 1, connections };
    let router = RouterConfig {
        max_connections: 64,
        max_outgoing_packet_count: 200,
        max_segment_size: 10 * 1024 * 1024,
        max_segment_count: 10,
        ..RouterConfig::default()
    };
    Config { router, v4: Some(HashMap::from([("1".to_owned(), server)])), ..Config::default() }
}

#[cfg(test)]
mod tests;
