//! A broker that answers what a test tells it to, byte for byte: for moments that a real one does not stop at.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One connection of a scripted broker, with the CONNECT behind it.
pub(super) struct ScriptedBroker {
    stream: TcpStream,
}

impl ScriptedBroker {
    /// Takes the next connection and its CONNECT.
    pub(super) async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut broker = Self { stream };
        assert_eq!(broker.packet().await.0 >> 4, 1, "the first packet is a CONNECT");
        broker
    }

    pub(super) async fn answer(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the till listens");
    }

    /// Waits for the SUBSCRIBE and returns its packet id.
    pub(super) async fn subscription(&mut self) -> [u8; 2] {
        loop {
            let (kind, body) = self.packet().await;
            if kind >> 4 == 8 {
                return [body[0], body[1]];
            }
        }
    }

    /// Reads one packet: its first byte and what follows its length (MQTT 3.1.1, section 2.2).
    async fn packet(&mut self) -> (u8, Vec<u8>) {
        let kind = self.stream.read_u8().await.expect("the till sends a packet");
        let (mut length, mut shift) = (0usize, 0);
        loop {
            let byte = self.stream.read_u8().await.expect("the packet's length");
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.expect("the whole packet");
        (kind, body)
    }
}
