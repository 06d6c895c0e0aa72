//! The newest entries in memory, from their commit until somebody publishes them: what was just written need not be read
//! back from the disk. Bounded; whatever is not here is on the disk. Pure.

use std::collections::VecDeque;

use super::{EntryNumber, Stored};

/// See the module. Oldest first.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    entries: VecDeque<Stored>,
    bytes: usize,
}

/// How much of envelopes is kept: a second of some 2 000 webhooks.
const MAX_BYTES: usize = 2 * 1024 * 1024;

impl Fresh {
    /// Takes an entry that is newer than all before it.
    pub(super) fn add(&mut self, stored: Stored) {
        self.bytes += stored.entry.envelope.len();
        self.entries.push_back(stored);
        while self.bytes > MAX_BYTES {
            self.pop();
        }
    }

    /// Takes an entry out. Those before it are given up: whoever publishes goes forward.
    pub(super) fn take(&mut self, number: EntryNumber) -> Option<Stored> {
        while self.entries.front().is_some_and(|stored| stored.number < number) {
            self.pop();
        }
        self.entries.front().filter(|stored| stored.number == number)?;
        self.pop()
    }

    fn pop(&mut self) -> Option<Stored> {
        let stored = self.entries.pop_front()?;
        self.bytes -= stored.entry.envelope.len();
        Some(stored)
    }
}

#[cfg(test)]
mod tests {
    use till_wire::{TerminalNumber, Topic, UnixTime};

    use super::super::Entry;
    use super::*;

    fn stored(number: u64, bytes: usize) -> Stored {
        let topic = Topic::Webhook(TerminalNumber::new(1).expect("a terminal number"));
        let entry = Entry { topic, received_at: UnixTime::from_secs(1), envelope: vec![b'x'; bytes] };
        Stored { number: EntryNumber::new(number), entry }
    }

    #[test]
    fn entries_are_taken_forwards_and_once() {
        let mut fresh = Fresh::default();
        [1, 2, 4, 5].into_iter().for_each(|number| fresh.add(stored(number, 10)));
        let mut take = |number| fresh.take(EntryNumber::new(number)).map(|stored| stored.number.value());
        assert_eq!([take(2), take(1), take(2), take(3), take(4)], [Some(2), None, None, None, Some(4)]);
        assert_eq!(fresh.bytes, 10);
    }

    #[test]
    fn p9_only_the_newest_are_kept() {
        let mut fresh = Fresh::default();
        (1..=100).for_each(|number| fresh.add(stored(number, 64 * 1024)));
        assert_eq!((fresh.entries.len(), fresh.bytes), (32, MAX_BYTES));
        assert_eq!(fresh.take(EntryNumber::new(100)), Some(stored(100, 64 * 1024)));
    }
}
