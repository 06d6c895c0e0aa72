//! The bridge with its journal and the broker with the terminal's session, which it forgets now and then.

use std::collections::BTreeMap;

use till_wire::ReceiptKey;
use tilld::till::{Event, Notice, Said, Session, Subject};

use crate::plan::{BEGIN, BrokerFate, SECOND};
use crate::world::{Happening, Verdict, World};

/// What the bridge has written down for ever.
#[derive(Clone, Debug)]
struct Entry {
    received_at: u64,
    notice: Notice,
}

#[derive(Debug, Default)]
pub(crate) struct Broker {
    journal: Vec<Entry>,
    /// When the bridge is connected again after the broker forgot everybody.
    bridge_back_at: u64,
    reachable: bool,
    /// Whether it keeps messages for the terminal.
    session: bool,
    /// Messages that the terminal has not acknowledged, by the broker's number.
    queue: BTreeMap<u64, Notice>,
    last: u64,
    /// The living connection's number, if there is one.
    pub(crate) connection: Option<u64>,
    connections: u64,
    /// The newest revision of each subject that the world has heard.
    pub(crate) heard: BTreeMap<Subject, u64>,
}

impl World {
    /// The provider calls the bridge with a webhook, which is journalled before it is answered.
    pub(crate) fn bridge_hears(&mut self, real: usize) {
        let Some(real) = self.provider.reals.get(real).cloned() else { return };
        let said = if real.untold { Said::Hint } else { Said::Transfer(real.transfer()) };
        let (order, purpose) = if real.purpose { (None, Some(real.order)) } else { (Some(real.order), None) };
        let (provider_id, note) = (real.id.clone(), None);
        let notice = Notice { channel: real.kind.channel(), order, purpose, provider_id, said, note };
        self.take_notice(notice);
    }

    pub(crate) fn take_notice(&mut self, notice: Notice) {
        self.broker.journal.push(Entry { received_at: self.t, notice: notice.clone() });
        // What the bridge cannot deliver now it delivers when it is back.
        let delay = self.broker.bridge_back_at.saturating_sub(self.t);
        self.after(delay, Happening::Forward(notice));
    }

    /// The broker takes a message and keeps it only if there is a session.
    pub(crate) fn publish(&mut self, notice: Notice) {
        let copies = if self.rng.u32(0..10) == 0 { 2 } else { 1 };
        for _ in 0..copies {
            if self.broker.session && self.broker_can_be() {
                self.broker.last += 1;
                let number = self.broker.last;
                self.broker.queue.insert(number, notice.clone());
                self.send(number);
            }
        }
    }

    fn send(&mut self, number: u64) {
        if let Some(connection) = self.broker.connection {
            // Each takes its own time, so they overtake each other.
            let delay = self.rng.u64(1..2 * SECOND);
            self.after(delay, Happening::Deliver { connection, number });
        }
    }

    pub(crate) fn deliver(&mut self, connection: u64, number: u64) -> Verdict {
        let Some(notice) = self.broker.queue.get(&number).cloned() else { return Ok(()) };
        if self.broker.connection != Some(connection) || self.till.is_none() {
            return Ok(());
        }
        if let Said::Transfer(transfer) = &notice.said {
            let key = ReceiptKey::of(&notice.channel, &notice.provider_id.0, &transfer.reference.0);
            self.facts.heard.insert(key);
        }
        self.count_early(&notice);
        let packet = u16::try_from(number % 60_000).unwrap_or_default();
        let delivery = tilld::till::Delivery { connection, packet };
        self.judge(Event::WebhookArrived { delivery, notice })
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
            // The broker takes the wish and nobody hears it.
            Subject::Replay if self.t < self.broker.bridge_back_at => {}
            Subject::Replay => {
                let since = |entry: &&Entry| BEGIN.unsigned_abs() + entry.received_at >= revision;
                let again: Vec<Notice> =
                    self.broker.journal.iter().filter(since).map(|entry| entry.notice.clone()).collect();
                again.into_iter().for_each(|notice| self.publish(notice));
            }
            Subject::Sale(_) | Subject::Receipt(_) => {
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
        let waiting: Vec<u64> = self.broker.queue.keys().copied().collect();
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
        match open {
            Link::Open => {
                self.broker.reachable = true;
                self.connect()
            }
            Link::Closed => {
                self.broker.reachable = false;
                self.disconnect()
            }
            Link::Forgetful => {
                self.broker.session = false;
                self.broker.bridge_back_at = self.t + self.rng.u64(0..250) * SECOND;
                self.broker.queue.clear();
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
    /// The broker starts again without our session.
    Forgetful,
}
