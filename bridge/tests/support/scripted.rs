//! A broker that does what a test wants, also what a real one only does on its bad days.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A broker of one client at a time.
pub(crate) struct ScriptedBroker {
    listener: TcpListener,
}

/// What the client sends, as far as the tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Publish { packet: u16, topic: String },
    Ping,
    Other,
}

/// One accepted connection.
pub(crate) struct Connection(TcpStream);

/// Longer than the bridge waits for an acknowledgement.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(40);

impl ScriptedBroker {
    pub(crate) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().expect("its number").port()
    }

    /// Accepts a client and tells it that it has no session.
    pub(crate) async fn accept(&self) -> Connection {
        let accepted = timeout(LIMIT, self.listener.accept()).await.expect("a client in time");
        let (stream, _) = accepted.expect("a connection");
        let mut connection = Connection(stream);
        connection.hear().await.expect("a CONNECT");
        connection.say(&[0x20, 2, 0, 0]).await;
        connection
    }
}

impl Connection {
    pub(crate) async fn acknowledge(&mut self, packet: u16) {
        let [high, low] = packet.to_be_bytes();
        self.say(&[0x40, 2, high, low]).await;
    }

    /// Answers the client's pings, and nothing else, until it publishes or is gone.
    pub(crate) async fn next_publish(&mut self) -> Option<(u16, String)> {
        loop {
            match self.hear().await? {
                Heard::Publish { packet, topic } => return Some((packet, topic)),
                Heard::Ping => self.say(&[0xd0, 0]).await,
                Heard::Other => {}
            }
        }
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the client listens");
    }

    /// Returns nothing once the client is gone.
    async fn hear(&mut self) -> Option<Heard> {
        timeout(LIMIT, self.read()).await.expect("the client speaks or goes in time")
    }

    async fn read(&mut self) -> Option<Heard> {
        let kind = self.0.read_u8().await.ok()?;
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21] {
            let byte = self.0.read_u8().await.ok()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        Some(match kind >> 4 {
            3 => {
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                Heard::Publish {
                    packet: u16::from_be_bytes([body[topic + 2], body[topic + 3]]),
                    topic: String::from_utf8_lossy(&body[2..topic + 2]).into_owned(),
                }
            }
            12 => Heard::Ping,
            _ => Heard::Other,
        })
    }
}
