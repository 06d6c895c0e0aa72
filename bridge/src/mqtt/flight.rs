//! Follows publishes from the moment they are handed to the MQTT library to their PUBACK. Pure.
//!
//! The library does not say which packet id a publish gets, but it numbers them in the order in
//! which they were handed over, and says so in that order.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// What is on its way on one connection.
#[derive(Debug)]
pub(super) struct Flight<T> {
    handed: VecDeque<Leg<T>>,
    sent: BTreeMap<u16, Leg<T>>,
}

#[derive(Debug)]
struct Leg<T> {
    what: T,
    since: Instant,
}

/// The library told of a publish that we did not hand over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown;

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self { handed: VecDeque::new(), sent: BTreeMap::new() }
    }
}

impl<T> Flight<T> {
    pub(super) fn handed(&mut self, what: T, now: Instant) {
        self.handed.push_back(Leg { what, since: now });
    }

    /// The oldest publish that had no packet id has got this one.
    pub(super) fn sent(&mut self, packet: u16) -> Result<(), Unknown> {
        let leg = self.handed.pop_front().ok_or(Unknown)?;
        self.sent.insert(packet, leg);
        Ok(())
    }

    /// The broker has taken this packet; returns what it was and how long it took.
    pub(super) fn taken(&mut self, packet: u16, now: Instant) -> Result<(T, Duration), Unknown> {
        let leg = self.sent.remove(&packet).ok_or(Unknown)?;
        Ok((leg.what, now.saturating_duration_since(leg.since)))
    }

    pub(super) fn len(&self) -> usize {
        self.handed.len() + self.sent.len()
    }

    /// Returns everything that is on its way, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.handed.iter().chain(self.sent.values()).map(|leg| &leg.what)
    }

    /// Since when the oldest has been waiting.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.handed.iter().chain(self.sent.values()).map(|leg| leg.since).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_find_their_publish_in_any_order() {
        let start = crate::clock::instant();
        let later = start + Duration::from_secs(2);
        let mut flight = Flight::default();
        for (what, at) in [("a", start), ("b", start), ("c", later)] {
            flight.handed(what, at);
        }
        assert_eq!((flight.sent(7), flight.sent(8)), (Ok(()), Ok(())));
        assert_eq!(flight.taken(8, later), Ok(("b", Duration::from_secs(2))));
        assert_eq!(flight.taken(8, later), Err(Unknown));
        assert_eq!(flight.oldest(), Some(start));
        assert_eq!(flight.taken(7, later), Ok(("a", Duration::from_secs(2))));
        assert_eq!(flight.oldest(), Some(later));
        assert_eq!((flight.sent(8), flight.sent(9)), (Ok(()), Err(Unknown)));
        assert_eq!(flight.iter().collect::<Vec<_>>(), [&"c"]);
        assert_eq!(flight.len(), 1);
    }
}
