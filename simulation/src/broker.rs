//! The broker with the terminal's session, which it forgets now and then. It must not know who publishes.

use std::collections::BTreeMap;

use till_wire::ReceiptKey;
use tilld::till::{Event, Notice, Said, Session, Subject};

use crate::happening::Happening;
use crate::operator::Letter;
use crate::plan::{BrokerFate, MINUTE, SECOND};
use crate::without::Sort;
use crate::world::{Verdict, World};

/// In less time no queue overflows.
const LONG: u64 = 7 * MINUTE;

#[derive(Debug, Default)]
pub(crate) struct Broker {
    reachable: bool,
    /// Since when nobody gets through to it.
    closed_at: Option<u64>,
    /// Whether it keeps messages for the terminal.
    session: bool,
    /// Messages that the terminal has not acknowledged, by the broker's number.
    queue: BTreeMap<u64, Notice>,
    /// Commands, by the same numbers.
    letters: BTreeMap<u64, Letter>,
    last: u64,
    /// The living connection's number, if there is one.
    pub(crate) connection: Option<u64>,
    connections: u64,
    /// The newest revision of each subject that the world has heard.
    pub(crate) heard: BTreeMap<Subject, u64>,
}

impl World {
    /// The broker takes a message and keeps it only if there is a session.
    pub(crate) fn publish(&mut self, notice: Notice) {
        let copies = if self.rng.u32(0..10) == 0 && self.lets(Sort::Doubles) { 2 } else { 1 };
        for _ in 0..copies {
            if self.broker.session && self.broker_can_be() {
                self.broker.last += 1;
                let number = self.broker.last;
                self.broker.queue.insert(number, notice.clone());
                self.send(number);
            }
        }
    }

    /// The same for a command.
    pub(crate) fn send_letter(&mut self, letter: Letter) {
        if self.broker.session && self.broker_can_be() {
            self.broker.last += 1;
            let number = self.broker.last;
            self.broker.letters.insert(number, letter);
            self.send(number);
        }
    }

    /// The terminal has said that a command is safe with it; no when it was something else.
    pub(crate) fn take_letter(&mut self, delivery: tilld::till::Delivery) -> bool {
        let mut letters = self.broker.letters.keys().copied();
        let number = letters.find(|number| *number % 60_000 == u64::from(delivery.packet));
        let number = number.filter(|_| self.broker.connection == Some(delivery.connection));
        number.is_some_and(|number| self.broker.letters.remove(&number).is_some())
    }

    fn send(&mut self, number: u64) {
        if let Some(connection) = self.broker.connection {
            // Each takes its own time, so they overtake each other.
            let delay = self.rng.u64(1..2 * SECOND);
            self.after(delay, Happening::Deliver { connection, number });
        }
    }

    pub(crate) fn deliver(&mut self, connection: u64, number: u64) -> Verdict {
        if self.broker.connection != Some(connection) || !self.listens() {
            return Ok(());
        }
        if let Some(letter) = self.broker.letters.get(&number).cloned() {
            return self.deliver_letter(connection, number, &letter);
        }
        let Some(notice) = self.broker.queue.get(&number).cloned() else { return Ok(()) };
        if let Said::Transfer(transfer) = &notice.said {
            let key = ReceiptKey::of(&notice.channel, &notice.provider_id.0, &transfer.reference.0);
            self.facts.heard.insert(key);
        }
        self.count_early(&notice);
        let packet = u16::try_from(number % 60_000).unwrap_or_default();
        let delivery = tilld::till::Delivery { connection, packet };
        let envelope = format!("{number:032x}").parse().expect("32 digits are an envelope's id");
        self.judge(Event::WebhookArrived { delivery, envelope, notice })
    }

    /// The terminal says that a message is safe with it.
    pub(crate) fn broker_hears_ack(&mut self, delivery: tilld::till::Delivery) -> Option<Notice> {
        if self.broker.connection != Some(delivery.connection) {
            return None;
        }
        let number = *self.broker.queue.keys().find(|number| *number % 60_000 == u64::from(delivery.packet))?;
        self.broker.queue.remove(&number)
    }

    /// The broker has a message of the terminal; a wish for a replay reaches the bridge.
    pub(crate) fn broker_hears(&mut self, connection: u64, subject: Subject, revision: u64) {
        if self.broker.connection != Some(connection) {
            return;
        }
        match subject {
            Subject::Replay => self.wish_for_replay(revision),
            Subject::Sale(_) | Subject::Receipt(_) | Subject::Command(_) | Subject::Piece(..) => {
                let heard = self.broker.heard.entry(subject).or_default();
                *heard = revision.max(*heard);
            }
        }
        let (life, delay) = (self.life, self.rng.u64(1..200));
        self.after(delay, Happening::Puback { life, connection, subject, revision });
    }

    pub(crate) fn broker_can_be(&self) -> bool {
        match self.plan.broker {
            BrokerFate::Stays => true,
            BrokerFate::GoesAt(at) => self.t < at,
        }
    }

    /// The terminal's connection comes about, if the broker is there.
    pub(crate) fn connect(&mut self) -> Verdict {
        if !self.broker_can_be() || !self.broker.reachable || self.till.is_none() || self.broker.connection.is_some() {
            return Ok(());
        }
        self.broker.connections += 1;
        self.broker.connection = Some(self.broker.connections);
        let session = if std::mem::replace(&mut self.broker.session, true) { Session::Kept } else { Session::New };
        self.judge(Event::BrokerUp { session })?;
        let waiting: Vec<u64> = self.broker.queue.keys().chain(self.broker.letters.keys()).copied().collect();
        waiting.into_iter().for_each(|number| self.send(number));
        Ok(())
    }

    pub(crate) fn disconnect(&mut self) -> Verdict {
        if self.broker.connection.take().is_some() && self.till.is_some() {
            return self.judge(Event::BrokerDown);
        }
        Ok(())
    }

    /// The way to the broker opens or closes.
    pub(crate) fn set_link(&mut self, open: Link) -> Verdict {
        // Nobody confirms a replay: should the broker forget a second time meanwhile, it would be lost.
        let is_replayed = self.owes_a_replay();
        match open {
            Link::Open => {
                self.broker.reachable = true;
                self.broker.closed_at = None;
                self.connect()
            }
            Link::Overflowed => {
                let closed_for = self.broker.closed_at.map_or(0, |at| self.t - at);
                if closed_for >= LONG && !is_replayed {
                    self.broker.queue.clear();
                    self.broker.letters.clear();
                }
                self.set_link(Link::Open)
            }
            Link::Forgetful if is_replayed => self.disconnect(),
            Link::Back => self.connect(),
            Link::Renewed => {
                self.later(10..SECOND, Happening::Link(Link::Back));
                self.disconnect()
            }
            Link::Closed => {
                self.broker.reachable = false;
                self.broker.closed_at.get_or_insert(self.t);
                self.disconnect()
            }
            Link::Forgetful => {
                self.broker.session = false;
                self.bridges_are_forgotten();
                self.broker.queue.clear();
                self.broker.letters.clear();
                self.disconnect()?;
                let delay = self.rng.u64(10..30 * SECOND);
                self.after(delay, Happening::Link(Link::Open));
                Ok(())
            }
        }
    }
}

/// What happens to the way to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Open,
    Closed,
    /// The line is left and taken up again, so that what was not acknowledged comes again.
    Renewed,
    /// It is tried to get through.
    Back,
    /// It opens after a long time, in which more came for the terminal than the broker keeps; it tells nobody.
    Overflowed,
    /// The broker starts again without our session.
    Forgetful,
}
