//! Listens to everything that tills and bridges say over MQTT, and can say something itself. It must not know what the
//! messages mean.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rumqttc::{Client, Connection, Event, MqttOptions, Packet, QoS, SubscribeFilter};
use serde_json::Value;

use crate::authority::{Authority, Identity};
use crate::mosquitto::Mosquitto;
use crate::wait::{SOON, wait_for};

/// Between two attempts to reach a broker that is away.
const PAUSE: Duration = Duration::from_millis(50);

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// Whether the broker had kept it from before the subscription.
    pub retained: bool,
}

impl Message {
    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A client of the broker with a session of its own, so that it misses nothing while the broker keeps its memory.
pub struct Listener {
    client: Client,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Vec<Message>>,
    subscribed: AtomicBool,
    stopped: AtomicBool,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl Listener {
    /// Connects and subscribes to all topics of the fleet.
    ///
    /// # Panics
    /// When the broker does not grant it.
    pub fn connect(broker: &Mosquitto) -> Self {
        Self::connect_to(broker.address())
    }

    /// Connects to the broker at an address and subscribes to all topics of the fleet.
    ///
    /// # Panics
    /// When the broker does not grant it.
    pub fn connect_to(address: SocketAddr) -> Self {
        Self::open(options(address), &["till/v1/#"])
    }

    /// Connects with a certificate to a broker that wants one, and subscribes to what its owner may hear.
    ///
    /// # Panics
    /// When the broker does not grant it.
    pub fn connect_as(
        broker: &Mosquitto,
        authority: &Authority,
        identity: &Identity,
        filters: &'static [&'static str],
    ) -> Self {
        let mut options = options(broker.address());
        options.set_transport(authority.transport(Some(identity)));
        Self::open(options, filters)
    }

    fn open(mut options: MqttOptions, filters: &'static [&'static str]) -> Self {
        options.set_clean_session(false).set_max_packet_size(1_000_000, 1_000_000);
        options.set_keep_alive(Duration::from_secs(15));
        let (client, connection) = Client::new(options, 1000);
        let shared = Arc::new(Shared::default());
        let (asker, notes) = (client.clone(), shared.clone());
        thread::spawn(move || listen(connection, &asker, &notes, filters));
        let listener = Self { client, shared };
        listener.wait_subscribed();
        listener
    }

    /// Waits until it is connected (again) and subscribed.
    ///
    /// # Panics
    /// When that takes too long.
    pub fn wait_subscribed(&self) {
        wait_for("the listener is subscribed", SOON, || {
            let subscribed = self.shared.subscribed.load(Ordering::SeqCst);
            if subscribed { Ok(()) } else { Err("it is not".to_owned()) }
        });
    }

    /// Publishes with QoS 1, not retained.
    ///
    /// # Panics
    /// When its queue is full.
    pub fn publish(&self, topic: &str, body: impl Into<Vec<u8>>) {
        self.say(topic, body.into(), false);
    }

    /// Publishes with QoS 1, for the broker to keep; an empty body takes back what it has kept.
    ///
    /// # Panics
    /// When its queue is full.
    pub fn keep(&self, topic: &str, body: impl Into<Vec<u8>>) {
        self.say(topic, body.into(), true);
    }

    fn say(&self, topic: &str, body: Vec<u8>, retain: bool) {
        let published = self.client.try_publish(topic, QoS::AtLeastOnce, retain, body);
        published.unwrap_or_else(|error| panic!("cannot publish: {error}"));
    }

    /// Everything seen so far.
    pub fn seen(&self) -> Vec<Message> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything seen so far whose topic has this text in it.
    pub fn seen_on(&self, part: &str) -> Vec<Message> {
        self.seen().into_iter().filter(|message| message.topic.contains(part)).collect()
    }

    /// Forgets everything seen so far.
    pub fn forget(&self) {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits for a message on a topic with this text in it, whose JSON fits.
    ///
    /// # Panics
    /// When none comes in time.
    #[track_caller]
    pub fn wait(&self, what: &str, part: &str, fits: impl Fn(&Value) -> bool) -> Message {
        wait_for(what, SOON, || {
            let on_topic = self.seen_on(part);
            let found = on_topic.iter().find(|message| fits(&message.json())).cloned();
            found.ok_or_else(|| {
                let texts: Vec<_> = on_topic.iter().map(|m| String::from_utf8_lossy(&m.body).into_owned()).collect();
                format!("{} on `{part}`: {texts:#?}", texts.len())
            })
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Without a broker there is nothing to say goodbye to; the thread sees the flag.
        let _ = self.client.try_disconnect();
    }
}

fn options(address: SocketAddr) -> MqttOptions {
    let name = format!("listener-{:08x}", fastrand::u32(..));
    MqttOptions::new(name, address.ip().to_string(), address.port())
}

fn listen(mut connection: Connection, client: &Client, shared: &Shared, filters: &[&str]) {
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                let filters = filters.iter().map(|filter| SubscribeFilter::new((*filter).to_owned(), QoS::AtLeastOnce));
                let asked = client.try_subscribe_many(filters);
                asked.unwrap_or_else(|error| panic!("cannot subscribe: {error}"));
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => shared.subscribed.store(true, Ordering::SeqCst),
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let message =
                    Message { topic: publish.topic, body: publish.payload.to_vec(), retained: publish.retain };
                shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(message);
            }
            Ok(_) => {}
            Err(_) => {
                shared.subscribed.store(false, Ordering::SeqCst);
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                thread::sleep(PAUSE);
            }
        }
    }
}
