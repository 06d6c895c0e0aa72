//! The two replicas of the bridge: each journals what it answers with 200, publishes what it has, and answers wishes for a
//! replay from its own journal. Each may be down for a while; then a provider calls again by its own rule. It must not know
//! what the terminal makes of it.

use till_wire::OrderRef;
use tilld::till::{Notice, Said};

use crate::happening::Happening;
use crate::plan::{BEGIN, Kind, MINUTE, SECOND};
use crate::without::Sort;
use crate::world::World;

pub(crate) const REPLICAS: usize = 2;

/// What a provider calls the bridge with.
#[derive(Clone, Debug)]
pub(crate) enum Hook {
    /// A transfer, by its place.
    Transfer(usize),
    /// Anything else.
    Notice(Box<Notice>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    #[default]
    Up,
    Down,
}

/// What a replica has written down for ever.
#[derive(Clone, Debug)]
struct Entry {
    received_at: u64,
    notice: Notice,
}

#[derive(Debug, Default)]
pub(crate) struct Bridge {
    presence: Presence,
    journal: Vec<Entry>,
    /// When it is connected again after the broker forgot everybody.
    back_at: u64,
    /// Entries that it has not published because it was down.
    undelivered: Vec<usize>,
    /// How far back a wish reaches that came while it was down; the broker keeps it.
    wish: Option<u64>,
    /// How many wishes it is about to answer.
    answering: u32,
}

impl World {
    /// A provider calls one of the replicas, which journals before it answers.
    pub(crate) fn call_bridge(&mut self, hook: Hook, tries: usize) {
        let replica = self.rng.usize(0..REPLICAS);
        let Some(notice) = self.notice_of(&hook) else { return };
        let now = self.t;
        let Some(bridge) = self.bridges.get_mut(replica) else { return };
        if bridge.presence == Presence::Down {
            self.facts.tally.turned_away += 1;
            return self.call_again(hook, &notice, tries);
        }
        bridge.journal.push(Entry { received_at: now, notice: notice.clone() });
        let entry = bridge.journal.len() - 1;
        self.note_taken(&hook);
        self.after(0, Happening::Forward { replica, entry });
        if self.rng.u32(0..12) == 0 && self.lets(Sort::Doubles) {
            // The answer is lost, so the other one may get it, too.
            self.call_again(hook, &notice, tries);
        }
    }

    /// Finan's rule is documented (docs/providers.md); the others call again in some such way.
    fn call_again(&mut self, hook: Hook, notice: &Notice, tries: usize) {
        let pauses = match Kind::of(&notice.channel) {
            Kind::Finan => [5, 10, 15],
            Kind::PayOs | Kind::Glocal => [1, 5, 30],
        };
        if let Some(pause) = pauses.get(tries) {
            self.facts.tally.called_again += 1;
            self.after(pause * MINUTE, Happening::Call { hook, tries: tries + 1 });
        }
    }

    fn notice_of(&self, hook: &Hook) -> Option<Notice> {
        let place = match hook {
            Hook::Notice(notice) => return Some(Notice::clone(notice)),
            Hook::Transfer(place) => *place,
        };
        let real = self.provider.reals.get(place)?;
        let said = if real.untold { Said::Hint } else { Said::Transfer(real.transfer()) };
        let (order, purpose): (_, Option<OrderRef>) =
            if real.purpose { (None, Some(real.order)) } else { (Some(real.order), None) };
        let provider_id = real.id.clone();
        Some(Notice { channel: real.kind.channel(), order, purpose, provider_id, said, note: None })
    }

    /// From now on it is promised: the provider will not tell it again.
    fn note_taken(&mut self, hook: &Hook) {
        match hook {
            Hook::Transfer(place) => {
                if let Some(real) = self.provider.reals.get_mut(*place) {
                    real.taken = !real.untold;
                }
            }
            Hook::Notice(notice) => {
                let Said::Refunds(told) = &notice.said else { return };
                let of_order = self.provider.refunds.iter_mut().filter(|real| real.id == notice.provider_id);
                for real in of_order {
                    real.taken |= told.iter().any(|refund| refund.reference == real.refund.reference);
                }
            }
        }
    }

    /// The replica gives the broker what it has, when it can.
    pub(crate) fn forward(&mut self, replica: usize, entry: usize) {
        let now = self.t;
        let Some(bridge) = self.bridges.get_mut(replica) else { return };
        if bridge.presence == Presence::Down {
            return bridge.undelivered.push(entry);
        }
        let wait = bridge.back_at.saturating_sub(now);
        if wait > 0 {
            return self.after(wait, Happening::Forward { replica, entry });
        }
        if let Some(entry) = bridge.journal.get(entry).cloned() {
            self.publish(entry.notice);
        }
    }

    /// A terminal's wish for a replay is at the broker, for every replica.
    pub(crate) fn wish_for_replay(&mut self, since: u64) {
        for replica in 0..REPLICAS {
            let slow = if self.rng.u32(0..5) == 0 { 10 * MINUTE } else { 5 * SECOND };
            let Some(bridge) = self.bridges.get_mut(replica) else { continue };
            // The broker takes the wish, and nobody hears it who has not subscribed again.
            if bridge.back_at <= self.t {
                bridge.answering += 1;
                self.later(0..slow, Happening::Replay { replica, since });
            }
        }
    }

    pub(crate) fn replay(&mut self, replica: usize, since: u64) {
        let now = self.t;
        let Some(bridge) = self.bridges.get_mut(replica) else { return };
        if bridge.presence == Presence::Down {
            bridge.answering -= 1;
            bridge.wish = Some(bridge.wish.map_or(since, |wish| wish.min(since)));
            return;
        }
        let wait = bridge.back_at.saturating_sub(now);
        if wait > 0 {
            return self.after(wait, Happening::Replay { replica, since });
        }
        bridge.answering -= 1;
        let is_wanted = |entry: &&Entry| BEGIN.unsigned_abs() + entry.received_at >= since;
        let again: Vec<Notice> = bridge.journal.iter().filter(is_wanted).map(|entry| entry.notice.clone()).collect();
        self.facts.tally.replays += 1;
        again.into_iter().for_each(|notice| self.publish(notice));
    }

    pub(crate) fn set_bridge(&mut self, replica: usize, presence: Presence) {
        let now = self.t;
        let Some(bridge) = self.bridges.get_mut(replica) else { return };
        if bridge.presence == presence || (presence == Presence::Down && bridge.back_at > now) {
            return;
        }
        bridge.presence = presence;
        if presence == Presence::Down {
            self.facts.tally.outages += 1;
            return;
        }
        let (waiting, wish) = (std::mem::take(&mut bridge.undelivered), bridge.wish.take());
        bridge.answering += u32::from(wish.is_some());
        // Which entries the broker has is not synced: the last ones are published once more.
        let last = bridge.journal.len().checked_sub(1);
        for entry in waiting.into_iter().chain(last) {
            self.later(10..3 * SECOND, Happening::Forward { replica, entry });
        }
        if let Some(since) = wish {
            self.later(10..3 * SECOND, Happening::Replay { replica, since });
        }
    }

    /// The broker has lost everybody's session: each replica is connected again after a while of its own.
    ///
    /// One that is down then is back within that time. If it were down for longer than the terminal says its wish, which
    /// nobody confirms, it would never hear of it (docs/reliability.md).
    pub(crate) fn bridges_are_forgotten(&mut self) {
        for replica in 0..REPLICAS {
            let back = self.rng.u64(0..250) * SECOND;
            let Some(bridge) = self.bridges.get_mut(replica) else { continue };
            bridge.back_at = self.t + back;
            self.after(back, Happening::Bridge { replica, presence: Presence::Up });
        }
    }

    /// Whether a replica has still to answer a wish.
    pub(crate) fn owes_a_replay(&self) -> bool {
        self.bridges.iter().any(|bridge| bridge.wish.is_some() || bridge.answering > 0)
    }
}
