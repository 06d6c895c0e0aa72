//! A client of the broker that shows any certificate, says any name and asks for anything, as a terminal in foreign hands
//! could. It must not know what is allowed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rumqttc::{AsyncClient, ConnectReturnCode, Event, EventLoop, LastWill, MqttOptions, Packet, QoS};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::authority::{Authority, Identity};
use crate::listener::Message;
use crate::mosquitto::Mosquitto;
use crate::wait::{SOON, wait_for};

/// How many messages may wait for being sent.
const WAITING: usize = 100;

/// More than any message of a test has.
const LARGEST: usize = 10_000_000;

/// How a peer comes to the broker.
#[derive(Clone, Debug)]
pub struct PeerPlan {
    /// The client id that it says.
    pub client_id: String,
    /// The certificate that it shows, if any.
    pub identity: Option<Identity>,
    /// Whether it asks for a session that lasts.
    pub lasting: bool,
    /// The user name that it says, with some password.
    pub username: Option<String>,
    /// The topic and text of its last will, retained.
    pub will: Option<(String, String)>,
}

/// A connected peer. Dropping it cuts the connection without a goodbye.
#[derive(Debug)]
pub struct Peer {
    client: AsyncClient,
    shared: Arc<Mutex<Shared>>,
    session_present: bool,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    answer: Option<Result<bool, String>>,
    seen: Vec<Message>,
    subscribed: usize,
    published: usize,
    end: Option<String>,
}

impl PeerPlan {
    /// A peer that says the name which its certificate says, with a session that lasts.
    pub fn new(client_id: &str, identity: &Identity) -> Self {
        let (client_id, identity) = (client_id.to_owned(), Some(identity.clone()));
        Self { client_id, identity, lasting: true, username: None, will: None }
    }

    /// Connects.
    ///
    /// # Errors
    /// Tells how it was refused.
    pub fn try_connect(&self, broker: &Mosquitto, authority: &Authority) -> Result<Peer, String> {
        let (client, events) = AsyncClient::new(self.options(broker, authority), WAITING);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (stop, stopped) = oneshot::channel();
        let notes = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let work = runtime::Builder::new_current_thread().enable_all().build();
            work.unwrap_or_else(|error| panic!("no runtime for a peer: {error}")).block_on(async {
                tokio::select! {
                    () = take_part(events, &notes) => {}
                    // Told to stop or not: the connection is cut.
                    _ = stopped => {}
                }
            });
        });
        let answer = wait_for("the broker lets a client in or does not", SOON, || {
            lock(&shared).answer.clone().ok_or_else(|| "no answer".to_owned())
        });
        let session_present = answer?;
        Ok(Peer { client, shared, session_present, stop: Some(stop), thread: Some(thread) })
    }

    /// Connects.
    ///
    /// # Panics
    /// When the broker refuses it.
    #[track_caller]
    pub fn connect(&self, broker: &Mosquitto, authority: &Authority) -> Peer {
        self.try_connect(broker, authority)
            .unwrap_or_else(|error| panic!("the broker refuses {}: {error}", self.client_id))
    }

    fn options(&self, broker: &Mosquitto, authority: &Authority) -> MqttOptions {
        let address = broker.address();
        let mut options = MqttOptions::new(&self.client_id, address.ip().to_string(), address.port());
        options
            .set_clean_session(!self.lasting)
            .set_keep_alive(Duration::from_secs(30))
            .set_max_packet_size(LARGEST, LARGEST)
            .set_transport(authority.transport(self.identity.as_ref()));
        if let Some(username) = &self.username {
            options.set_credentials(username, "any");
        }
        if let Some((topic, text)) = &self.will {
            options.set_last_will(LastWill::new(topic, text.clone(), QoS::AtLeastOnce, true));
        }
        options
    }
}

impl Peer {
    /// Whether the broker had kept a session for it.
    pub fn session_present(&self) -> bool {
        self.session_present
    }

    /// Subscribes, and waits for the broker's answer, whatever that is.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn subscribe(&self, filter: &str) {
        let before = lock(&self.shared).subscribed;
        let asked = self.client.try_subscribe(filter, QoS::AtLeastOnce);
        asked.unwrap_or_else(|error| panic!("cannot subscribe to `{filter}`: {error}"));
        wait_for(&format!("the broker answers the subscription to `{filter}`"), SOON, || {
            let shared = lock(&self.shared);
            if shared.subscribed > before { Ok(()) } else { Err(format!("it does not; {:?}", shared.end)) }
        });
    }

    /// Publishes with QoS 1 and waits for the broker's acknowledgement, which says nothing of what becomes of the message.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn publish(&self, topic: &str, retained: bool, body: impl Into<Vec<u8>>) {
        self.try_publish(topic, retained, body)
            .unwrap_or_else(|end| panic!("publishing on `{topic}` ended the connection: {end}"));
    }

    /// Publishes with QoS 1 and waits for the broker's acknowledgement, or for the end of the connection.
    ///
    /// # Errors
    /// Tells how the connection ended.
    ///
    /// # Panics
    /// When there is neither.
    #[track_caller]
    pub fn try_publish(&self, topic: &str, retained: bool, body: impl Into<Vec<u8>>) -> Result<(), String> {
        let before = lock(&self.shared).published;
        let published = self.client.try_publish(topic, QoS::AtLeastOnce, retained, body.into());
        published.unwrap_or_else(|error| panic!("cannot publish on `{topic}`: {error}"));
        wait_for(&format!("the broker acknowledges a message on `{topic}`"), SOON, || {
            let shared = lock(&self.shared);
            match &shared.end {
                _ if shared.published > before => Ok(Ok(())),
                Some(end) => Ok(Err(end.clone())),
                None => Err("it does not".to_owned()),
            }
        })
    }

    /// Publishes many messages with QoS 1, and waits for all their acknowledgements.
    ///
    /// # Panics
    /// When some do not come.
    #[track_caller]
    pub fn publish_all(&self, topic: &str, texts: &[String]) {
        for some in texts.chunks(WAITING) {
            let before = lock(&self.shared).published;
            for text in some {
                let published = self.client.try_publish(topic, QoS::AtLeastOnce, false, text.as_str());
                published.unwrap_or_else(|error| panic!("cannot publish on `{topic}`: {error}"));
            }
            wait_for(&format!("the broker acknowledges messages on `{topic}`"), SOON, || {
                let shared = lock(&self.shared);
                let acknowledged = shared.published - before;
                if acknowledged >= some.len() { Ok(()) } else { Err(format!("{acknowledged}; {:?}", shared.end)) }
            });
        }
    }

    /// Publishes with QoS 2, and waits for nothing.
    ///
    /// # Panics
    /// When its queue is full.
    pub fn publish_exactly_once(&self, topic: &str, body: &str) {
        let published = self.client.try_publish(topic, QoS::ExactlyOnce, false, body);
        published.unwrap_or_else(|error| panic!("cannot publish on `{topic}`: {error}"));
    }

    /// Everything that has come so far.
    pub fn seen(&self) -> Vec<Message> {
        lock(&self.shared).seen.clone()
    }

    /// The texts of everything that has come so far, in order.
    pub fn texts(&self) -> Vec<String> {
        self.seen().iter().map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
    }

    /// Waits until this text has come, and returns the texts of everything until then, in order.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn texts_until(&self, last: &str) -> Vec<String> {
        wait_for(&format!("the message `{last}` comes"), SOON, || {
            let texts = self.texts();
            if texts.iter().any(|text| text == last) { Ok(texts) } else { Err(format!("{texts:?}")) }
        })
    }

    /// How the connection ended, if it has.
    pub fn end(&self) -> Option<String> {
        lock(&self.shared).end.clone()
    }

    /// Waits until the broker ends the connection.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_end(&self) {
        wait_for("the broker ends the connection", SOON, || self.end().ok_or_else(|| "it goes on".to_owned()));
    }

    /// Says goodbye and hangs up.
    ///
    /// # Panics
    /// When the broker does not hang up then.
    #[track_caller]
    pub fn leave(self) {
        self.client.try_disconnect().unwrap_or_else(|error| panic!("cannot say goodbye: {error}"));
        self.wait_for_end();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A thread that has panicked has failed its test already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn take_part(mut events: EventLoop, shared: &Mutex<Shared>) {
    loop {
        let event = events.poll().await;
        let mut shared = lock(shared);
        match event {
            Ok(Event::Incoming(Packet::ConnAck(answer))) => {
                let let_in = answer.code == ConnectReturnCode::Success;
                shared.answer = Some(if let_in { Ok(answer.session_present) } else { Err(format!("{answer:?}")) });
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => shared.subscribed += 1,
            Ok(Event::Incoming(Packet::PubAck(_))) => shared.published += 1,
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let (topic, body) = (publish.topic, publish.payload.to_vec());
                shared.seen.push(Message { topic, body, retained: publish.retain });
            }
            Ok(_) => {}
            Err(error) => {
                shared.answer.get_or_insert_with(|| Err(error.to_string()));
                shared.end = Some(error.to_string());
                return;
            }
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
