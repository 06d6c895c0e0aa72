//! The few packets of MQTT 3.1.1 that a publisher and a subscriber with nothing between them and the socket need, so
//! that a time is the broker's and not a client library's. It must not know what messages mean.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::Fault;

/// The longest that the broker may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a broker.
pub(crate) struct Client(Stream);

enum Stream {
    Plain(BufReader<TcpStream>),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// What becomes of the session when the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    Dropped,
    Kept,
}

impl Client {
    /// Connects with a new session.
    pub(crate) fn connect(broker: SocketAddr, id: &str) -> Result<Self, Fault> {
        Self::open(broker, id, Session::Dropped, None)
    }

    /// Connects, over TLS if there is a configuration for it.
    pub(crate) fn open(
        broker: SocketAddr,
        id: &str,
        session: Session,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, Fault> {
        let stream = TcpStream::connect(broker)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let stream = match tls {
            None => Stream::Plain(BufReader::new(stream)),
            Some(config) => {
                let connection = ClientConnection::new(Arc::clone(config), ServerName::from(broker.ip()))?;
                Stream::Tls(Box::new(StreamOwned::new(connection, stream)))
            }
        };
        let mut client = Self(stream);
        let clean = match session {
            Session::Dropped => 2,
            Session::Kept => 0,
        };
        // Protocol `MQTT` at level 4, no keep-alive.
        let body = [text("MQTT"), vec![4, clean, 0, 0], text(id)].concat();
        client.send(0x10, &body)?;
        match client.receive()? {
            (0x20, answer) if answer.last() == Some(&0) => Ok(client),
            (kind, answer) => Err(format!("the broker answers {kind:#x} {answer:?} to a connection").into()),
        }
    }

    /// Says goodbye.
    pub(crate) fn leave(mut self) -> Result<(), Fault> {
        self.send(0xe0, &[])
    }

    /// Subscribes with QoS 1.
    pub(crate) fn subscribe(&mut self, topic: &str) -> Result<(), Fault> {
        self.send(0x82, &[vec![0, 1], text(topic), vec![1]].concat())?;
        self.wait_for(0x90).map(drop)
    }

    /// Subscribes with QoS 0 and does not wait: what is retained may come before the broker's word.
    pub(crate) fn look_at(&mut self, topic: &str) -> Result<(), Fault> {
        self.send(0x82, &[vec![0, 1], text(topic), vec![0]].concat())
    }

    /// Waits for a retained message of a subscription with QoS 0; returns how many bytes topic and message have.
    pub(crate) fn retained(&mut self) -> Result<usize, Fault> {
        self.wait_for(0x31).map(|body| body.len())
    }

    /// Publishes with QoS 1 for the broker to keep, under a packet's number, and does not wait.
    pub(crate) fn keep_as(&mut self, packet: u16, topic: &str, payload: &[u8]) -> Result<(), Fault> {
        self.send(0x33, &[&text(topic), &packet.to_be_bytes()[..], payload].concat())
    }

    /// Publishes with QoS 1 and does not wait.
    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Fault> {
        self.publish_as(1, topic, payload)
    }

    /// Publishes with QoS 1 under a packet's number, of which no other is on its way, and does not wait.
    pub(crate) fn publish_as(&mut self, packet: u16, topic: &str, payload: &[u8]) -> Result<(), Fault> {
        self.send(0x32, &[&text(topic), &packet.to_be_bytes()[..], payload].concat())
    }

    /// Waits for the broker's word that it has the message.
    pub(crate) fn published(&mut self) -> Result<(), Fault> {
        self.wait_for(0x40).map(drop)
    }

    /// Waits for a message of a subscription and acknowledges it.
    pub(crate) fn message(&mut self) -> Result<Vec<u8>, Fault> {
        let body = self.wait_for(0x32)?;
        let topic = body.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length))).unwrap_or(0);
        let id = body.get(topic + 2..topic + 4).ok_or("a message with QoS 1 has a number")?.to_vec();
        self.send(0x40, &id)?;
        Ok(body.get(topic + 4..).unwrap_or_default().to_vec())
    }

    fn wait_for(&mut self, kind: u8) -> Result<Vec<u8>, Fault> {
        loop {
            let (found, body) = self.receive()?;
            if found == kind {
                return Ok(body);
            }
        }
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), Fault> {
        let mut packet = vec![kind];
        let mut left = body.len();
        while left > 127 {
            packet.push((left % 128) as u8 | 128);
            left /= 128;
        }
        packet.push(left as u8);
        packet.extend_from_slice(body);
        let written = match &mut self.0 {
            Stream::Plain(stream) => stream.get_mut().write_all(&packet),
            Stream::Tls(stream) => stream.write_all(&packet).and_then(|()| stream.flush()),
        };
        Ok(written?)
    }

    fn receive(&mut self) -> Result<(u8, Vec<u8>), Fault> {
        let kind = self.byte()?;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            length |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte & 128 == 0 || shift > 21 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.read(&mut body)?;
        Ok((kind, body))
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let mut byte = [0];
        self.read(&mut byte)?;
        Ok(byte[0])
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), Fault> {
        let read = match &mut self.0 {
            Stream::Plain(stream) => stream.read_exact(into),
            Stream::Tls(stream) => stream.read_exact(into),
        };
        Ok(read?)
    }
}

fn text(text: &str) -> Vec<u8> {
    // Topics and names here are a few dozen bytes.
    [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}
