//! A real broker for tests (mosquitto, from the system's packages), a road to it that can be cut, and a second client
//! that watches. It must not know the line that it serves.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, Publish, QoS};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The longest that a test waits for anything.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// A running mosquitto with a folder of its own, both gone at the end.
pub(super) struct Mosquitto {
    folder: PathBuf,
    pub(super) port: u16,
    child: Option<Child>,
}

impl Mosquitto {
    /// Starts one that keeps nothing on disk and lets everybody do everything.
    pub(super) async fn start() -> Self {
        let folder = format!("tilld-mqtt-{}-{}", std::process::id(), unique());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let port = free_port();
        let config =
            format!("listener {port} 127.0.0.1\nallow_anonymous true\nuser root\npersistence false\nlog_dest none\n");
        fs::write(folder.join("conf"), config).expect("the temporary folder can be written");
        let mut broker = Self { folder, port, child: None };
        broker.run().await;
        broker
    }

    /// Starts the process, and waits until it takes connections.
    pub(super) async fn run(&mut self) {
        assert!(Path::new(MOSQUITTO).exists(), "{MOSQUITTO} is missing: this test needs the package mosquitto");
        let child = Command::new(MOSQUITTO)
            .arg("-c")
            .arg(self.folder.join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("mosquitto can be started"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let up = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("mosquitto comes up");
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // An error means that it has ended already.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Returns a number that no other test of this process has.
fn unique() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn free_port() -> u16 {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    address.port()
}

/// What the road does with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traffic {
    /// They pass.
    Flows,
    /// Those of the broker vanish; nobody is told.
    Swallowed,
    /// Connections are cut, new ones too.
    Cut,
}

/// A road to the broker that can be cut.
pub(super) struct Road {
    pub(super) port: u16,
    traffic: watch::Sender<Traffic>,
    task: JoinHandle<()>,
}

impl Road {
    pub(super) async fn to(broker: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("loopback has free ports");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let (traffic, state) = watch::channel(Traffic::Flows);
        let task = tokio::spawn(async move {
            while let Ok((till, _)) = listener.accept().await {
                tokio::spawn(carry(till, broker, state.clone()));
            }
        });
        Self { port, traffic, task }
    }

    pub(super) fn set(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(till: TcpStream, broker: u16, mut state: watch::Receiver<Traffic>) {
    let Ok(broker) = TcpStream::connect((Ipv4Addr::LOCALHOST, broker)).await else {
        return;
    };
    let swallows = state.clone();
    let (mut from_till, mut to_till) = till.into_split();
    let (mut from_broker, mut to_broker) = broker.into_split();
    let up = copy(&mut from_till, &mut to_broker);
    let down = async {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = from_broker.read(&mut bytes).await {
            let passing = bytes.get(..read).unwrap_or_default();
            if *swallows.borrow() == Traffic::Flows && to_till.write_all(passing).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = up => {}
        () = down => {}
        _ = state.wait_for(|traffic| *traffic == Traffic::Cut) => {}
    }
}

/// A second client, such as a bridge or an operator.
pub(super) struct Watcher {
    client: AsyncClient,
    messages: mpsc::UnboundedReceiver<Publish>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Connects, and returns once everything that is published comes.
    pub(super) async fn start(broker: u16) -> Self {
        let mut options = MqttOptions::new(format!("watcher-{}", unique()), "127.0.0.1", broker);
        options.set_max_packet_size(1_000_000, 1_000_000);
        let (client, mut events) = AsyncClient::new(options, 64);
        let (sender, messages) = mpsc::unbounded_channel();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        client.try_subscribe("till/v1/#", QoS::AtLeastOnce).expect("an empty queue has room");
        let task = tokio::spawn(async move {
            let mut ready = Some(ready);
            while let Ok(event) = events.poll().await {
                if let Event::Incoming(Incoming::Publish(message)) = &event {
                    sender.send(message.clone()).ok();
                }
                if let Event::Incoming(Incoming::SubAck(_)) = &event {
                    ready.take().map(|ready| ready.send(()));
                }
            }
        });
        timeout(PATIENCE, is_ready).await.expect("the watcher connects in time").expect("the watcher is subscribed");
        Self { client, messages, task }
    }

    pub(super) fn publish(&self, topic: &str, payload: Vec<u8>) {
        self.publish_at(QoS::AtLeastOnce, topic, payload);
    }

    pub(super) fn publish_at(&self, qos: QoS, topic: &str, payload: Vec<u8>) {
        self.client.try_publish(topic, qos, false, payload).expect("the watcher's queue has room");
    }

    /// Returns the next message below `up/`.
    pub(super) async fn next(&mut self) -> Publish {
        loop {
            let message = timeout(PATIENCE, self.messages.recv()).await;
            let message = message.expect("a message comes in time").expect("the watcher is connected");
            if message.topic.contains("/up/") {
                return message;
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a broker that lets anybody in and refuses every subscription, which mosquitto does not do by its ACL file.
pub(super) async fn refusing() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move {
        while let Ok((mut till, _)) = listener.accept().await {
            // An end of the connection is what the test is about.
            refuse(&mut till).await.ok();
        }
    });
    address.port()
}

async fn refuse(till: &mut TcpStream) -> std::io::Result<()> {
    loop {
        let kind = till.read_u8().await?;
        let mut body = vec![0; usize::from(till.read_u8().await?)];
        if body.len() >= 128 {
            // The length goes on in a second byte; no packet of the test has three.
            let more = usize::from(till.read_u8().await?);
            body.resize(body.len() - 128 + more * 128, 0);
        }
        till.read_exact(&mut body).await?;
        match (kind, body.as_slice()) {
            (0x10, _) => till.write_all(&[0x20, 2, 0, 0]).await?,
            (0x82, [high, low, ..]) => till.write_all(&[0x90, 3, *high, *low, 0x80]).await?,
            _ => {}
        }
    }
}
