//! The task that polls rumqttc: connects, listens, and after an end connects again. It waits for the broker and for the
//! daemon to listen; nobody waits for it. It must not decide anything about sales.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, Incoming, LastWill, MqttOptions, Outgoing, Publish, QoS, SubAck,
    SubscribeReasonCode,
};
use till_settings::broker::LARGEST_PACKET;
use till_wire::{Presence, Topic};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use super::back_off::{BackOff, Timing};
use super::inbox::{self, Sorted};
use super::line::{Line, Sent, state_body};
use super::ways::Way;
use super::{Heard, Options, Shared};
use crate::pulse::Beat;
use crate::till::{Delivery, Session};

/// How many requests to rumqttc may wait. More than a broker delivers without acknowledgements in between.
const REQUESTS: usize = 1024;

/// The largest packet that is taken in. It is larger than any of the contract's, so that a message which is too large
/// can still be acknowledged and dropped: refusing its packet would end the connection, and the broker would deliver it
/// again over the next one, for ever.
const LARGEST_INCOMING: usize = 1_048_576;

/// How long, while the machine is awake, it is believed to be about to sleep.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// How often a clock that is not set is looked at.
const LOOK_AT_THE_CLOCK: Duration = Duration::from_millis(500);

/// Why a connection, or the attempt at one, came to an end.
#[derive(Debug, thiserror::Error)]
enum LineLost {
    #[error("cannot connect to the broker at {address}")]
    Connect {
        address: String,
        #[source]
        source: Box<ConnectionError>,
    },
    #[error("the clock is not set, so the certificate of the broker at {address} cannot be judged")]
    ClockNotSet { address: String },
    #[error("the connection to the broker broke")]
    Broken(#[source] Box<ConnectionError>),
    #[error("the broker has been silent for {0} s")]
    Silent(u64),
    #[error("the broker owes an acknowledgement for more than {0} s")]
    Overdue(u64),
    #[error("the broker does not let this till read `{0}`")]
    NotSubscribed(String),
    #[error("more messages than can wait were to be sent to the broker")]
    Choked,
    #[error("left the broker, to be told again what could not be kept")]
    Renewed,
    #[error("left the broker, since the machine is about to sleep")]
    Asleep,
}

impl LineLost {
    /// Returns the error with its cause on one line. rumqttc's errors already say what lies behind them.
    fn reason(&self) -> String {
        match self.source() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

/// How a connection goes on after an event.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Open,
    /// We have said goodbye.
    Left,
}

/// What the task holds.
pub(super) struct Poller {
    pub(super) options: Options,
    pub(super) timing: Timing,
    pub(super) shared: Arc<Mutex<Shared>>,
    pub(super) heard: mpsc::Sender<Heard>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) asleep: Arc<watch::Sender<bool>>,
    /// Says that the task goes round. Before each wait it says how long that may be.
    pub(super) beat: Beat,
}

impl Poller {
    /// Connects again and again, until the daemon stops.
    pub(super) async fn run(self) {
        let mut back_off = BackOff::default();
        let mut attempt = 0u64;
        while !self.is_stopping() {
            self.awaits_waking().await;
            if !self.awaits_the_time().await {
                return;
            }
            attempt = attempt.saturating_add(1);
            let began = Instant::now();
            let way = self.lock().ways.choose();
            let end = self.hold(session_number(self.options.start, attempt), &way).await;
            {
                let mut shared = self.lock();
                shared.line = None;
                shared.ways.ended(&way);
            }
            let Err(lost) = end else { return };
            let reason = lost.reason();
            let pause = back_off.pause(&self.timing, began.elapsed());
            tracing::warn!(reason, ?pause, "no connection to the broker");
            // A daemon that stops need not know.
            let _ = self.say(Heard::Down { reason }).await;
            self.beat.busy_for(pause);
            self.unless_stopping(sleep(pause)).await;
        }
    }

    /// Waits until the machine is awake. Whoever should say so may not; timers stand still while it sleeps.
    async fn awaits_waking(&self) {
        let mut asleep = self.asleep.subscribe();
        if *asleep.borrow_and_update() {
            self.beat.busy_for(LONGEST_NAP);
            let waking = timeout(LONGEST_NAP, asleep.wait_for(|asleep| !asleep));
            // It is awake, or stops, or nobody has said so for too long.
            let _ = self.unless_stopping(waking).await;
            self.asleep.send_replace(false);
        }
    }

    /// Waits until a certificate can be judged; no when the daemon stops meanwhile.
    async fn awaits_the_time(&self) -> bool {
        let mut said = false;
        while self.options.broker.has_tls() && !(self.options.clock_is_plausible)() {
            if !std::mem::replace(&mut said, true) {
                let reason = LineLost::ClockNotSet { address: self.options.broker.address() }.reason();
                tracing::warn!(reason, "no connection to the broker");
                // A daemon that stops need not know.
                let _ = self.say(Heard::Down { reason }).await;
            }
            self.beat.busy();
            if self.unless_stopping(sleep(LOOK_AT_THE_CLOCK)).await.is_none() {
                return false;
            }
        }
        true
    }

    /// Makes one connection and keeps it until its end.
    async fn hold(&self, number: u64, way: &Way) -> Result<(), LineLost> {
        let (client, mut events) = AsyncClient::new(self.connect_options(number, way), REQUESTS);
        let Some(session) = self.connect(&mut events).await? else {
            return Ok(());
        };
        let session = self.untold(session);
        let mut line = Line::new(number, session, self.options.clock, client);
        line.open(self.options.terminal);
        self.begin(line);
        loop {
            self.beat.busy_for(self.timing.silence);
            // When the time is over the whole connection goes, so nothing is lost by dropping a poll half way.
            let event = timeout(self.timing.silence, events.poll())
                .await
                .map_err(|_| LineLost::Silent(self.timing.silence.as_secs()))?
                .map_err(|source| LineLost::Broken(Box::new(source)))?;
            match self.take(number, way, event).await? {
                Flow::Open => self.check()?,
                Flow::Left if self.is_stopping() => break,
                Flow::Left if *self.asleep.borrow() => return Err(LineLost::Asleep),
                Flow::Left => return Err(LineLost::Renewed),
            }
        }
        // The broker hangs up after a goodbye; hanging up first could make it miss ours.
        while events.poll().await.is_ok() {}
        Ok(())
    }

    /// Adds what earlier connections found and did not live to tell: the broker says only once that it had no session.
    fn untold(&self, session: Session) -> Session {
        let mut shared = self.lock();
        if session == Session::New {
            shared.untold = Session::New;
        }
        shared.untold
    }

    fn begin(&self, line: Line) {
        let mut shared = self.lock();
        let line = shared.line.insert(line);
        // A stop, or a nap, that came before this could not say goodbye; one that comes after it can.
        if self.is_stopping() {
            line.goodbye(self.options.terminal, Presence::Disconnected);
        } else if *self.asleep.borrow() {
            line.goodbye(self.options.terminal, Presence::Sleeping);
        }
    }

    /// Waits for the CONNACK; nothing comes of it when the daemon stops meanwhile.
    async fn connect(&self, events: &mut EventLoop) -> Result<Option<Session>, LineLost> {
        // rumqttc gives an attempt up after five seconds.
        self.beat.busy();
        let Some(first) = self.unless_stopping(events.poll()).await else {
            return Ok(None);
        };
        let first = first
            .map_err(|source| LineLost::Connect { address: self.options.broker.address(), source: Box::new(source) })?;
        match first {
            Event::Incoming(Incoming::ConnAck(answer)) if answer.session_present => Ok(Some(Session::Kept)),
            // rumqttc returns nothing but the CONNACK here.
            Event::Incoming(_) | Event::Outgoing(_) => Ok(Some(Session::New)),
        }
    }

    fn connect_options(&self, number: u64, way: &Way) -> MqttOptions {
        let terminal = self.options.terminal;
        let mut options = way.broker.client_options(&terminal.to_string());
        let will = state_body(Presence::Lost, number, (self.options.clock)());
        let topic = Topic::State(terminal).to_string();
        options
            .set_keep_alive(self.timing.keep_alive)
            .set_max_packet_size(LARGEST_INCOMING, LARGEST_PACKET)
            .set_last_will(LastWill::new(topic, will, QoS::AtLeastOnce, true));
        options
    }

    async fn take(&self, number: u64, way: &Way, event: Event) -> Result<Flow, LineLost> {
        match event {
            Event::Outgoing(outgoing) => return Ok(self.take_outgoing(&outgoing)),
            Event::Incoming(Incoming::Publish(message)) => self.deliver(number, &message).await,
            Event::Incoming(Incoming::PubAck(answer)) => self.take_puback(answer.pkid).await,
            Event::Incoming(Incoming::SubAck(answer)) => self.take_suback(way, &answer).await?,
            // The rest are answers to pings, and packets that QoS 1 has no use for.
            Event::Incoming(
                Incoming::ConnAck(_)
                | Incoming::Connect(_)
                | Incoming::PubRec(_)
                | Incoming::PubRel(_)
                | Incoming::PubComp(_)
                | Incoming::Subscribe(_)
                | Incoming::Unsubscribe(_)
                | Incoming::UnsubAck(_)
                | Incoming::PingReq
                | Incoming::PingResp
                | Incoming::Disconnect,
            ) => {}
        }
        Ok(Flow::Open)
    }

    fn take_outgoing(&self, outgoing: &Outgoing) -> Flow {
        match outgoing {
            Outgoing::Publish(packet) => {
                if let Some(line) = &mut self.lock().line {
                    line.put_on_wire(*packet);
                }
                Flow::Open
            }
            Outgoing::Disconnect => Flow::Left,
            Outgoing::Subscribe(_)
            | Outgoing::Unsubscribe(_)
            | Outgoing::PubAck(_)
            | Outgoing::PubRec(_)
            | Outgoing::PubRel(_)
            | Outgoing::PubComp(_)
            | Outgoing::PingReq
            | Outgoing::PingResp
            | Outgoing::AwaitAck(_) => Flow::Open,
        }
    }

    async fn deliver(&self, connection: u64, message: &Publish) {
        let sorted = inbox::sort(self.options.terminal, connection, message);
        let heard = {
            let mut shared = self.lock();
            if let Some(line) = &mut shared.line {
                line.delivered(message);
            }
            match sorted {
                Sorted::Heard(heard) => heard,
                Sorted::Useless(why) => {
                    tracing::warn!(reason = why.as_str(), "dropped a message of the broker");
                    why.count(&mut shared.dropped);
                    if let Some(line) = &mut shared.line {
                        line.acknowledge(Delivery { connection, packet: message.pkid });
                    }
                    return;
                }
            }
        };
        self.say(heard).await;
    }

    async fn take_puback(&self, packet: u16) {
        let sent = {
            let mut shared = self.lock();
            let line = shared.line.as_mut();
            line.and_then(|line| {
                let sent = line.taken(packet);
                if matches!(sent, Some(Sent::State(Presence::Disconnected | Presence::Sleeping))) {
                    line.disconnect();
                }
                sent
            })
        };
        match sent {
            // A daemon that stops need not know: all that is owed is sent again.
            Some(Sent::Owed(tag)) => drop(self.say(Heard::Published { tag }).await),
            Some(Sent::State(_) | Sent::Word) | None => {}
        }
    }

    async fn take_suback(&self, way: &Way, answer: &SubAck) -> Result<(), LineLost> {
        let granted = answer.return_codes.iter().all(|code| *code == SubscribeReasonCode::Success(QoS::AtLeastOnce));
        if !granted {
            let filter = till_wire::down_filter(self.options.terminal);
            return Err(LineLost::NotSubscribed(filter));
        }
        let up = {
            let mut shared = self.lock();
            let wish = shared.wish;
            let trial = shared.ways.up(way);
            shared.line.as_mut().map(|line| {
                line.subscribed(self.options.terminal, wish);
                Heard::Up { connection: line.number(), session: line.session(), trial }
            })
        };
        if let Some(up) = up {
            tracing::info!(address = self.options.broker.address(), "connected to the broker");
            if self.say(up).await.is_some() {
                self.lock().untold = Session::Kept;
            }
        }
        Ok(())
    }

    /// Gives a connection up that does not do its work any more.
    fn check(&self) -> Result<(), LineLost> {
        let shared = self.lock();
        let Some(line) = &shared.line else {
            return Ok(());
        };
        if line.is_choked() {
            return Err(LineLost::Choked);
        }
        if line.is_overdue(Instant::now(), self.timing.silence) {
            return Err(LineLost::Overdue(self.timing.silence.as_secs()));
        }
        Ok(())
    }

    /// Tells the daemon, and waits until it has room. Once it stops, or has hung up, nothing is told any more: what was
    /// not acknowledged comes again.
    async fn say(&self, heard: Heard) -> Option<()> {
        self.beat.busy();
        self.unless_stopping(self.heard.send(heard)).await?.ok()
    }

    /// Waits for something that may be dropped half way, but no longer than until the daemon stops.
    async fn unless_stopping<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => None,
            done = work => Some(done),
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        super::lock(&self.shared)
    }
}

/// Returns the number of a connection: greater than any of an earlier start, and than any before it in this one. A
/// start has a million numbers, which is more attempts than half a year of failing ones.
fn session_number(start: u64, attempt: u64) -> u64 {
    start.saturating_mul(1 << 20).saturating_add(attempt)
}
