//! A real mosquitto of the test's own, and a till that listens to it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Folder, LIMIT, eventually, free_port};

/// A broker that can be stopped and started again on the same port, with its sessions.
pub(crate) struct Broker {
    folder: Folder,
    port: u16,
    process: Option<Child>,
}

impl Broker {
    /// Chooses a port and writes a configuration; nothing listens yet.
    pub(crate) fn away() -> Self {
        Self::away_with("")
    }

    /// The same with more lines of configuration.
    pub(crate) fn away_with(more: &str) -> Self {
        let folder = Folder::new();
        let port = free_port();
        let place = folder.path().display();
        let text = format!(
            "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n\
             persistence_location {place}/\n{more}"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).expect("its configuration");
        Self { folder, port, process: None }
    }

    pub(crate) async fn running() -> Self {
        let mut broker = Self::away();
        broker.start().await;
        broker
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn start(&mut self) {
        let installed = Path::new("/usr/sbin/mosquitto");
        let program = if installed.exists() { installed } else { Path::new("mosquitto") };
        let process = Command::new(program)
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program `mosquitto` is needed: apt install mosquitto");
        self.process = Some(process);
        let address = ("127.0.0.1", self.port);
        eventually("mosquitto listens", async || TcpStream::connect(address).await.ok()).await;
    }

    /// Ends the broker in order: it keeps its sessions.
    pub(crate) async fn shut_down(&mut self) {
        let mut process = self.process.take().expect("the broker runs");
        let sent = Command::new("kill").arg(process.id().to_string()).status();
        assert!(sent.expect("the program `kill` is there").success());
        eventually("mosquitto ends", async || process.try_wait().expect("it can be asked")).await;
    }

    /// Ends the broker at once.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("mosquitto can be killed");
            process.wait().expect("mosquitto has ended");
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) body: String,
}

/// A client that reads everything that bridges publish, and can speak as a till.
pub(crate) struct Listener {
    client: AsyncClient,
    messages: mpsc::UnboundedReceiver<Message>,
}

impl Listener {
    /// Returns once the subscription is granted.
    pub(crate) async fn connect(broker: &Broker) -> Self {
        let mut options = MqttOptions::new("listener", "127.0.0.1", broker.port());
        options.set_max_packet_size(100_000, 100_000).set_clean_session(false);
        let (client, mut connection) = AsyncClient::new(options, 100);
        for filter in ["till/v1/+/down/webhook", "till/v1/unrouted/+"] {
            let subscribed = client.subscribe(filter, QoS::AtLeastOnce).await;
            subscribed.expect("a subscription can be asked for");
        }
        let (sender, messages) = mpsc::unbounded_channel();
        let (granted, mut grants) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(event) = connection.poll().await {
                let told = match event {
                    Event::Incoming(Packet::Publish(publish)) => sender
                        .send(Message {
                            topic: publish.topic,
                            body: String::from_utf8_lossy(&publish.payload).into_owned(),
                        })
                        .is_ok(),
                    Event::Incoming(Packet::SubAck(_)) => {
                        // Nobody counts them any more once there were two.
                        granted.send(()).ok();
                        true
                    }
                    Event::Incoming(_) | Event::Outgoing(_) => true,
                };
                if !told {
                    return;
                }
            }
        });
        for _ in 0..2 {
            let granted = timeout(LIMIT, grants.recv()).await;
            granted.expect("the subscription is granted in time").expect("the broker is there");
        }
        Self { client, messages }
    }

    /// Goes away; the broker keeps for it what comes.
    pub(crate) async fn leave(mut self) {
        self.client.disconnect().await.expect("a goodbye can be said");
        while self.messages.recv().await.is_some() {}
    }

    pub(crate) async fn next(&mut self) -> Message {
        let message = timeout(LIMIT, self.messages.recv()).await;
        message.expect("a message comes in time").expect("the listener is connected")
    }

    pub(crate) async fn publish(&self, topic: &str, body: &str) {
        let published = self.client.publish(topic, QoS::AtLeastOnce, false, body);
        published.await.expect("a message can be published");
    }
}
