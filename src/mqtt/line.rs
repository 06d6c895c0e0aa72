//! One connection to the broker from its CONNACK to its end: what waits for whose acknowledgement. It must not wait
//! itself, and nothing of it outlives the connection: rumqttc forgets or repeats messages across connections by rules
//! that cannot be followed from outside, so each connection has a client of its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rumqttc::{AsyncClient, Publish, QoS};
use till_wire::{Presence, TerminalNumber, TillState, Topic, UnixTime, down_filter};
use tokio::time::Instant;

use crate::till::{Delivery, Owed, Session};

/// A message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// An entry of the outbox.
    Owed(Owed),
    /// What we said of ourselves.
    State(Presence),
    /// What nobody waits for.
    Word,
}

/// How far the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The broker has not answered the subscription, asked for at this time.
    Subscribing(Instant),
    /// Our topics are subscribed.
    Up,
    /// We are about to disconnect, and publish nothing any more.
    Leaving,
}

/// A message of ours that the broker has not taken.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    sent: Sent,
    since: Instant,
}

/// The connection as both sides see it.
#[derive(Debug)]
pub(super) struct Line {
    number: u64,
    session: Session,
    clock: fn() -> UnixTime,
    client: AsyncClient,
    stage: Stage,
    /// Given to rumqttc, oldest first, their packet ids not known yet.
    queued: VecDeque<Waiting>,
    /// On the wire, by packet id.
    in_flight: BTreeMap<u16, Waiting>,
    /// What the broker has delivered and we have not acknowledged.
    unacknowledged: BTreeSet<u16>,
    /// Whether rumqttc's queue had no room for something that must not be left out.
    choked: bool,
}

impl Line {
    /// Begins with the CONNACK.
    pub(super) fn new(number: u64, session: Session, clock: fn() -> UnixTime, client: AsyncClient) -> Self {
        Self {
            number,
            session,
            clock,
            client,
            stage: Stage::Subscribing(Instant::now()),
            queued: VecDeque::new(),
            in_flight: BTreeMap::new(),
            unacknowledged: BTreeSet::new(),
            choked: false,
        }
    }

    /// Says `init`, then asks for everything that is sent down to us.
    pub(super) fn open(&mut self, terminal: TerminalNumber) {
        self.publish_state(terminal, Presence::Init);
        let asked = self.client.try_subscribe(down_filter(terminal), QoS::AtLeastOnce);
        self.choked |= asked.is_err();
    }

    /// Notes that our topics are subscribed, and says what the daemon wishes to be said.
    pub(super) fn subscribed(&mut self, terminal: TerminalNumber, wish: Presence) {
        if let Stage::Subscribing(_) = self.stage {
            self.stage = Stage::Up;
        }
        if wish != Presence::Init {
            self.wish(terminal, wish);
        }
    }

    /// Says how present the till is, once our topics are subscribed.
    pub(super) fn wish(&mut self, terminal: TerminalNumber, wish: Presence) {
        match self.stage {
            Stage::Up => self.publish_state(terminal, wish),
            Stage::Subscribing(_) | Stage::Leaving => {}
        }
    }

    /// Says goodbye in this word, once; nothing is published after it.
    pub(super) fn goodbye(&mut self, terminal: TerminalNumber, word: Presence) {
        if self.stage != Stage::Leaving {
            self.publish_state(terminal, word);
            self.stage = Stage::Leaving;
        }
    }

    /// Disconnects in good order, so that the broker forgets the last will.
    pub(super) fn disconnect(&mut self) {
        self.choked |= self.client.try_disconnect().is_err();
    }

    /// Disconnects without a goodbye: the till stays what it said it is, and is back at once.
    pub(super) fn renew(&mut self) {
        if self.stage != Stage::Leaving {
            self.stage = Stage::Leaving;
            self.disconnect();
        }
    }

    pub(super) fn publish_owed(&mut self, tag: Owed, topic: &Topic, payload: Vec<u8>) {
        match self.stage {
            Stage::Up => self.publish(Sent::Owed(tag), topic, Retained::of(topic), payload),
            Stage::Subscribing(_) | Stage::Leaving => {}
        }
    }

    /// Publishes something that nobody waits for.
    pub(super) fn say(&mut self, topic: &Topic, payload: Vec<u8>) {
        match self.stage {
            Stage::Up => self.publish(Sent::Word, topic, Retained::No, payload),
            Stage::Subscribing(_) | Stage::Leaving => {}
        }
    }

    /// Publishes how things are, which nobody waits for either, since it is said anew.
    pub(super) fn report(&mut self, topic: &Topic, payload: Vec<u8>) {
        match self.stage {
            Stage::Up => self.publish(Sent::Word, topic, Retained::Yes, payload),
            Stage::Subscribing(_) | Stage::Leaving => {}
        }
    }

    fn publish_state(&mut self, terminal: TerminalNumber, state: Presence) {
        let payload = state_body(state, self.number, (self.clock)());
        let topic = Topic::State(terminal);
        self.publish(Sent::State(state), &topic, Retained::Yes, payload);
    }

    fn publish(&mut self, sent: Sent, topic: &Topic, retained: Retained, payload: Vec<u8>) {
        let retain = retained == Retained::Yes;
        let taken = self.client.try_publish(topic.to_string(), QoS::AtLeastOnce, retain, payload);
        if taken.is_err() {
            self.choked = true;
            return;
        }
        self.queued.push_back(Waiting { sent, since: Instant::now() });
    }

    /// Notes that the oldest queued message has got its packet id: rumqttc does not say which call an id belongs to,
    /// but keeps their order.
    pub(super) fn put_on_wire(&mut self, packet: u16) {
        if let Some(waiting) = self.queued.pop_front() {
            self.in_flight.insert(packet, waiting);
        }
    }

    /// Notes that the broker has taken a message, and returns which.
    pub(super) fn taken(&mut self, packet: u16) -> Option<Sent> {
        self.in_flight.remove(&packet).map(|waiting| waiting.sent)
    }

    /// Notes that the broker has delivered a message. One of QoS 0 has no packet id and no acknowledgement.
    pub(super) fn delivered(&mut self, message: &Publish) {
        match message.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce | QoS::ExactlyOnce => {
                self.unacknowledged.insert(message.pkid);
            }
        }
    }

    /// Acknowledges a message that this connection has delivered, once; the packet id of any other may by now name
    /// something else.
    pub(super) fn acknowledge(&mut self, delivery: Delivery) {
        if delivery.connection != self.number || !self.unacknowledged.remove(&delivery.packet) {
            tracing::debug!(
                connection = delivery.connection,
                packet = delivery.packet,
                "dropped a stale acknowledgement"
            );
            return;
        }
        let mut message = Publish::new("", QoS::AtLeastOnce, Vec::new());
        message.pkid = delivery.packet;
        self.choked |= self.client.try_ack(&message).is_err();
    }

    /// Tells whether something got lost between us and rumqttc, which only a new connection mends.
    pub(super) fn is_choked(&self) -> bool {
        self.choked
    }

    /// Tells whether the broker owes us an answer for longer than `patience`.
    pub(super) fn is_overdue(&self, now: Instant, patience: Duration) -> bool {
        let subscribing = match self.stage {
            Stage::Subscribing(since) => Some(since),
            Stage::Up | Stage::Leaving => None,
        };
        let messages = self.queued.iter().chain(self.in_flight.values());
        subscribing
            .into_iter()
            .chain(messages.map(|waiting| waiting.since))
            .any(|since| now.duration_since(since) > patience)
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn session(&self) -> Session {
        self.session
    }
}

/// Whether the broker keeps a message for those who come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retained {
    Yes,
    No,
}

impl Retained {
    /// What the contract says of a message that is owed (§5).
    fn of(topic: &Topic) -> Self {
        match topic {
            Topic::CommandStatus(..) | Topic::State(_) | Topic::Health(_) | Topic::Reported(_) => Self::Yes,
            Topic::Sale(..)
            | Topic::Replay(_)
            | Topic::Receipt(..)
            | Topic::Log(..)
            | Topic::Webhook(_)
            | Topic::Command(..)
            | Topic::Desired(_)
            | Topic::Unrouted(_) => Self::No,
        }
    }
}

/// Returns the body of `up/state`.
pub(super) fn state_body(state: Presence, session: u64, at: UnixTime) -> Vec<u8> {
    let state = TillState { state, session, at };
    serde_json::to_vec(&state).expect("a word, a number and a time are always JSON")
}
