//! The places for connections, and who has to go when they are all taken. It must not know HTTP nor sockets.
//!
//! Thousands of connections that send nothing, or send slowly, cost a sender little, so places may not simply run out:
//! a new connection takes the place of the one that has been waited for the longest, of its own source where that one
//! has its fill. One whose request is whole is never ended, and one that has brought a good webhook only after all others.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::limits::Crowd;
use crate::metrics::{Connections, Ending};

/// See the module.
pub(crate) struct Room {
    taken: Mutex<Taken>,
    waiting: Arc<Waiting>,
    counts: Arc<Connections>,
}

struct Taken {
    crowd: Crowd,
    next: u64,
    seats: BTreeMap<u64, (Option<Source>, Arc<Seat>)>,
    sources: BTreeMap<Source, usize>,
}

/// What the room and its seats share.
#[derive(Default)]
struct Waiting {
    /// Counts up whenever somebody begins to be waited for, so that the lowest number has been for the longest.
    order: AtomicU64,
    /// Told when a place may have become free.
    freed: Notify,
}

/// One connection, as its task and the room see it.
pub(crate) struct Seat {
    waiting: Arc<Waiting>,
    /// When it began to be waited for, by [`Waiting::order`].
    since: AtomicU64,
    /// Whether a whole request is being answered.
    whole: AtomicBool,
    /// Whether a webhook of it was taken.
    welcome: AtomicBool,
    /// Whether nothing of the next request has come.
    between: AtomicBool,
    ambiguous: AtomicBool,
    unread: AtomicBool,
    evicted: Notify,
}

/// Whose connections are counted together: whoever has an IPv6 address mostly has 2⁶⁴ of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source(IpAddr);

/// A place that is given back when it is dropped.
pub(crate) struct Place {
    number: u64,
    pub(crate) seat: Arc<Seat>,
    room: Arc<Room>,
}

impl Source {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        })
    }
}

impl Room {
    pub(crate) fn new(crowd: Crowd, counts: Arc<Connections>) -> Self {
        let taken = Taken { crowd, next: 0, seats: BTreeMap::new(), sources: BTreeMap::new() };
        Self { taken: Mutex::new(taken), waiting: Arc::default(), counts }
    }

    /// Changes the bounds for those who come from now on.
    pub(crate) fn set_crowd(&self, crowd: Crowd) {
        self.taken().crowd = crowd;
        self.waiting.freed.notify_one();
    }

    /// Resolves when somebody can come in. For one waiter.
    pub(super) async fn has_place(&self) {
        while !self.taken().has_place() {
            self.waiting.freed.notified().await;
        }
    }

    /// Gives a place to a connection, where need be another's. A connection without a source has no bound of its own.
    /// Returns nothing when the source has its fill, or all others are being answered.
    pub(crate) fn enter(self: &Arc<Self>, source: Option<Source>) -> Option<Place> {
        let mut taken = self.taken();
        let of_source = |source: &Source| taken.sources.get(source).copied().unwrap_or_default();
        let full_source = source.filter(|source| of_source(source) >= taken.crowd.per_source);
        if full_source.is_some() || taken.seats.len() >= taken.crowd.connections {
            let Some((number, seat)) = taken.idlest(full_source) else {
                self.counts.ended(Ending::NoPlace);
                return None;
            };
            seat.evicted.notify_one();
            taken.free(number);
            self.counts.ended(Ending::Evicted);
        }
        let number = taken.next;
        taken.next += 1;
        let seat = Arc::new(Seat::new(&self.waiting));
        taken.seats.insert(number, (source, Arc::clone(&seat)));
        if let Some(source) = source {
            *taken.sources.entry(source).or_default() += 1;
        }
        self.counts.set_open(taken.seats.len());
        Some(Place { number, seat, room: Arc::clone(self) })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // No change of it is left half done by a panic, so a poisoned lock is as good.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn has_place(&self) -> bool {
        self.seats.len() < self.crowd.connections || self.idlest(None).is_some()
    }

    /// Returns the one that can be ended with the least loss, of one source if it is named.
    fn idlest(&self, source: Option<Source>) -> Option<(u64, Arc<Seat>)> {
        let seats = self.seats.iter().filter(|(_, (of, _))| source.is_none() || *of == source);
        let idle = seats.filter(|(_, (_, seat))| !seat.whole.load(Ordering::Relaxed));
        let rank = |seat: &Seat| (seat.welcome.load(Ordering::Relaxed), seat.since.load(Ordering::Relaxed));
        let idlest = idle.min_by_key(|(_, (_, seat))| rank(seat));
        idlest.map(|(number, (_, seat))| (*number, Arc::clone(seat)))
    }

    fn free(&mut self, number: u64) {
        let Some((Some(source), _)) = self.seats.remove(&number) else { return };
        if let Some(count) = self.sources.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.free(self.number);
        self.room.counts.set_open(taken.seats.len());
        drop(taken);
        self.room.waiting.freed.notify_one();
    }
}

impl Seat {
    fn new(waiting: &Arc<Waiting>) -> Self {
        let since = waiting.order.fetch_add(1, Ordering::Relaxed).into();
        Self {
            waiting: Arc::clone(waiting),
            since,
            whole: AtomicBool::default(),
            welcome: AtomicBool::default(),
            between: AtomicBool::new(true),
            ambiguous: AtomicBool::default(),
            unread: AtomicBool::default(),
            evicted: Notify::new(),
        }
    }

    /// Says that a whole request has come: from here on the connection is not ended for another.
    pub(crate) fn whole(&self) {
        self.whole.store(true, Ordering::Relaxed);
    }

    /// Says that a webhook was taken.
    pub(crate) fn welcome(&self) {
        self.welcome.store(true, Ordering::Relaxed);
    }

    /// Says that the request is answered and the next one waited for.
    pub(super) fn answered(&self) {
        if self.whole.swap(false, Ordering::Relaxed) {
            self.since.store(self.waiting.order.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
            self.waiting.freed.notify_one();
        }
    }

    pub(super) fn set_between_requests(&self, between: bool) {
        self.between.store(between, Ordering::Relaxed);
    }

    pub(super) fn is_between_requests(&self) -> bool {
        self.between.load(Ordering::Relaxed)
    }

    /// Says that something came that may be read in two ways.
    pub(super) fn set_ambiguous(&self) {
        self.ambiguous.store(true, Ordering::Relaxed);
    }

    /// Tells whether something came that may be read in two ways: nothing of the request may be believed.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous.load(Ordering::Relaxed)
    }

    /// Says that the peer does not take what it is sent.
    pub(super) fn set_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// Resolves when the place has gone to another connection.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

#[cfg(test)]
mod tests;
