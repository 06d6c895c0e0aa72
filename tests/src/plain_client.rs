//! A plain client of a broker that stands for a till, a bridge or a stranger: it keeps its session, acknowledges what it
//! has noted, comes back by itself, and tells what the broker answered. It must not know what messages mean.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, Outgoing, Packet, QoS, SubscribeFilter, SubscribeReasonCode,
    TlsConfiguration, Transport,
};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::authority::{Authority, Identity};
use crate::listener::Message;
use crate::wait::{SOON, wait_for};

/// Between two attempts to reach a broker that is away.
const PAUSE: Duration = Duration::from_millis(50);

/// Who connects where, and what it wants to hear.
#[derive(Clone, Debug)]
pub struct PeerPlan {
    id: String,
    nodes: Vec<SocketAddr>,
    filters: Vec<String>,
    clean: bool,
    will: Option<(String, Vec<u8>)>,
    tls: Option<Arc<ClientConfig>>,
}

/// What a peer has seen.
#[derive(Default)]
struct Notes {
    seen: Vec<(Instant, Message)>,
    /// The packets of this connection that the broker has acknowledged, in all connections.
    taken: usize,
    /// Whether the broker had a session, by connection.
    sessions: Vec<bool>,
    /// What the broker said to the newest subscription, by filter.
    granted: Option<Vec<bool>>,
    /// Why connections ended, and why none came about.
    ends: Vec<String>,
    /// The way to say something on the connection there is.
    client: Option<AsyncClient>,
}

#[derive(Default)]
struct Shared {
    notes: Mutex<Notes>,
    leaving: AtomicBool,
}

/// A client that is connected, or tries to be.
pub struct Peer {
    shared: Arc<Shared>,
    /// Dropping it cuts the line.
    die: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PeerPlan {
    /// A client that keeps its session and hears what fits the filters.
    pub fn new(id: &str, node: SocketAddr, filters: &[&str]) -> Self {
        let filters = filters.iter().map(|&filter| filter.to_owned()).collect();
        Self { id: id.to_owned(), nodes: vec![node], filters, clean: false, will: None, tls: None }
    }

    /// Tries these nodes one after the other.
    pub fn nodes(mut self, nodes: &[SocketAddr]) -> Self {
        self.nodes = nodes.to_vec();
        self
    }

    /// Wants no session from before, and leaves none.
    pub fn clean(mut self) -> Self {
        self.clean = true;
        self
    }

    /// Leaves a last will, retained.
    pub fn will(mut self, topic: &str, body: &str) -> Self {
        self.will = Some((topic.to_owned(), body.as_bytes().to_vec()));
        self
    }

    /// Connects over TLS and shows a certificate.
    ///
    /// # Panics
    /// When the files are not sound.
    pub fn tls(mut self, identity: &Identity, authority: &Authority) -> Self {
        self.tls = Some(client_configuration(identity, authority));
        self
    }

    /// Starts connecting, and waits for nothing.
    pub fn begin(&self) -> Peer {
        let shared = Arc::new(Shared::default());
        let (plan, notes) = (self.clone(), Arc::clone(&shared));
        let (die, dying) = oneshot::channel();
        let work = runtime::Builder::new_current_thread().enable_all().build();
        let work = work.unwrap_or_else(|error| panic!("no runtime for a peer: {error}"));
        let thread = thread::spawn(move || work.block_on(live(&plan, &notes, dying)));
        Peer { shared, die: Some(die), thread: Some(thread) }
    }

    /// Connects and subscribes.
    ///
    /// # Panics
    /// When the broker does not answer.
    #[track_caller]
    pub fn connect(&self) -> Peer {
        let peer = self.begin();
        peer.wait_subscribed();
        peer
    }

    fn options(&self, attempt: usize) -> MqttOptions {
        let node = self.nodes.get(attempt % self.nodes.len().max(1)).copied();
        let node = node.unwrap_or_else(|| panic!("{} has no broker to connect to", self.id));
        let mut options = MqttOptions::new(&self.id, node.ip().to_string(), node.port());
        options.set_clean_session(self.clean).set_manual_acks(true).set_keep_alive(Duration::from_secs(15));
        options.set_max_packet_size(16_000_000, 16_000_000).set_inflight(100);
        if let Some((topic, body)) = &self.will {
            options.set_last_will(LastWill::new(topic, body.clone(), QoS::AtLeastOnce, true));
        }
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::Tls(TlsConfiguration::Rustls(Arc::clone(tls))));
        }
        options
    }
}

impl Peer {
    /// Waits until it is connected and its subscriptions are answered.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_subscribed(&self) {
        wait_for("a peer is subscribed", SOON, || {
            let notes = self.notes();
            let answered = notes.client.is_some() && notes.granted.is_some();
            if answered { Ok(()) } else { Err(format!("ends so far: {:?}", notes.ends)) }
        });
    }

    /// Publishes with QoS 1 and does not wait.
    ///
    /// # Panics
    /// When there is no connection, or its queue is full.
    #[track_caller]
    pub fn send(&self, topic: &str, body: impl Into<Vec<u8>>, retained: bool) {
        let notes = self.notes();
        let client = notes.client.as_ref().unwrap_or_else(|| panic!("no connection to publish over: {:?}", notes.ends));
        let sent = client.try_publish(topic, QoS::AtLeastOnce, retained, body.into());
        sent.unwrap_or_else(|error| panic!("cannot publish on {topic}: {error}"));
    }

    /// Publishes with QoS 1 and waits until the broker says that it has the message.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn publish(&self, topic: &str, body: impl Into<Vec<u8>>, retained: bool) {
        let before = self.taken();
        self.send(topic, body, retained);
        self.wait_taken(before + 1);
    }

    /// Waits until the broker has acknowledged so many messages since the start.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_taken(&self, count: usize) {
        wait_for(&format!("the broker takes {count} messages"), SOON, || {
            let taken = self.taken();
            if taken >= count { Ok(()) } else { Err(format!("{taken}; ends: {:?}", self.notes().ends)) }
        });
    }

    /// How many messages the broker has acknowledged since the start.
    pub fn taken(&self) -> usize {
        self.notes().taken
    }

    /// Everything that came, oldest first.
    pub fn seen(&self) -> Vec<Message> {
        self.notes().seen.iter().map(|(_, message)| message.clone()).collect()
    }

    /// Everything that came, with the time at which it came.
    pub fn timed(&self) -> Vec<(Instant, Message)> {
        self.notes().seen.clone()
    }

    /// The bodies of everything that came on a topic.
    pub fn bodies(&self, topic: &str) -> Vec<String> {
        let of_topic = self.seen().into_iter().filter(|message| message.topic == topic);
        of_topic.map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
    }

    /// Whether the broker had a session, by connection.
    pub fn sessions(&self) -> Vec<bool> {
        self.notes().sessions.clone()
    }

    /// What the broker said to the newest subscription, by filter.
    pub fn granted(&self) -> Vec<bool> {
        self.notes().granted.clone().unwrap_or_default()
    }

    /// Why connections ended or did not come about.
    pub fn ends(&self) -> Vec<String> {
        self.notes().ends.clone()
    }

    /// Whether it is connected.
    pub fn is_up(&self) -> bool {
        self.notes().client.is_some()
    }

    /// Cuts the line without a word, as a power cut does.
    pub fn die(mut self) {
        self.end();
    }

    /// Cuts the line without a word and keeps what was seen.
    pub fn cut(&mut self) {
        self.end();
    }

    /// Says goodbye, so that the broker forgets the last will.
    pub fn leave(mut self) {
        let client = self.notes().client.clone();
        self.shared.leaving.store(true, Ordering::SeqCst);
        let said = client.is_some_and(|client| client.try_disconnect().is_ok());
        // Without a connection there is nobody to say goodbye to.
        if said { self.join() } else { self.end() }
    }

    fn end(&mut self) {
        self.die = None;
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // Its own panic has been printed.
            let _ = thread.join();
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("ends", &self.ends()).finish_non_exhaustive()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// Notes that a connection has ended, and says whether there is to be another.
    fn note_end(&self, why: Option<String>) -> bool {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.client = None;
        notes.granted = None;
        let again = why.is_some();
        notes.ends.extend(why);
        again
    }
}

async fn live(plan: &PeerPlan, shared: &Shared, mut dying: oneshot::Receiver<()>) {
    for attempt in 0.. {
        let (client, events) = AsyncClient::new(plan.options(attempt), 10_000);
        // A poll that is dropped half way has lost its connection: only the peer's death may do that.
        let end = tokio::select! {
            end = hold(plan, shared, &client, events) => end,
            // Dropping the sender tells it too.
            _ = &mut dying => None,
        };
        if !shared.note_end(end) {
            return;
        }
        sleep(PAUSE).await;
        if shared.leaving.load(Ordering::SeqCst) {
            return;
        }
    }
}

/// Keeps a connection until its end, and tells why it ended; nothing after a goodbye.
async fn hold(plan: &PeerPlan, shared: &Shared, client: &AsyncClient, mut events: EventLoop) -> Option<String> {
    loop {
        match events.poll().await {
            Ok(Event::Outgoing(Outgoing::Disconnect)) => return None,
            Ok(event) => note(plan, shared, client, event),
            Err(error) => return Some(error.to_string()),
        }
    }
}

fn note(plan: &PeerPlan, shared: &Shared, client: &AsyncClient, event: Event) {
    let mut notes = shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        Event::Incoming(Packet::ConnAck(answer)) => {
            notes.sessions.push(answer.session_present);
            notes.client = Some(client.clone());
            if plan.filters.is_empty() {
                notes.granted = Some(Vec::new());
                return;
            }
            let filters = plan.filters.iter().map(|f| SubscribeFilter::new(f.clone(), QoS::AtLeastOnce));
            client.try_subscribe_many(filters).unwrap_or_else(|error| panic!("cannot subscribe: {error}"));
        }
        Event::Incoming(Packet::SubAck(answer)) => {
            let granted = answer.return_codes.iter().map(|code| matches!(code, SubscribeReasonCode::Success(_)));
            notes.granted = Some(granted.collect());
        }
        Event::Incoming(Packet::PubAck(_)) => notes.taken += 1,
        Event::Incoming(Packet::Publish(publish)) => {
            let (topic, body) = (publish.topic.clone(), publish.payload.to_vec());
            notes.seen.push((Instant::now(), Message { topic, body, retained: publish.retain }));
            // A queue that is full belongs to a connection that is about to end.
            let _ = client.try_ack(&publish);
        }
        Event::Incoming(_) | Event::Outgoing(_) => {}
    }
}

/// The TLS of a client that shows this identity and believes this authority.
///
/// # Panics
/// When the files are not sound.
pub fn client_configuration(identity: &Identity, authority: &Authority) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut roots = rustls::RootCertStore::empty();
    for root in certificates(&authority.certificate) {
        roots.add(root).unwrap_or_else(|error| panic!("no root certificate: {error}"));
    }
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap_or_else(|error| panic!("no private key: {error}"));
    let builder = builder.unwrap_or_else(|error| panic!("no TLS: {error}")).with_root_certificates(roots);
    let made = builder.with_client_auth_cert(certificates(&identity.certificate), key);
    Arc::new(made.unwrap_or_else(|error| panic!("the certificate and its key do not fit: {error}")))
}

fn certificates(file: &Path) -> Vec<CertificateDer<'static>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    read.unwrap_or_else(|error| panic!("no certificates in {file:?}: {error}"))
}
