//! What the store knows of itself: one record, written with every commit. It must not know what the other rows mean.

use serde::{Deserialize, Serialize};

use super::engine::Row;
use super::frame::checksum;
use super::keys;

/// The store's own record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Meta {
    /// When the store was made, in milliseconds since 1970.
    pub(super) born_ms: i64,
    /// How many times a process has opened it.
    pub(super) starts: u64,
    /// The last number drawn from the sequence.
    pub(super) sequence: Option<u32>,
    /// The last number given to a change.
    pub(super) number: u64,
    /// The largest number whose change is no longer kept.
    pub(super) forgotten: u64,
    /// The last place given to a receipt.
    pub(super) arrivals: u64,
    /// When the broker was last known to be connected, in milliseconds since 1970.
    pub(super) online_ms: Option<i64>,
    /// How many commits there have been, this one counted.
    pub(super) commits: u64,
    /// Until when commands that had expired may have been forgotten, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commands_until_ms: Option<i64>,
    /// Whether the fleet's operator has shut the terminal.
    #[serde(default)]
    pub(super) disabled: bool,
    /// Whether the calendar has everything. Programs that know none leave this out when they write.
    #[serde(default)]
    pub(super) calendar: bool,
    /// What the other rows add up to, so that a start notices when sled has lost some of them.
    pub(super) sum: Sum,
}

/// What rows add up to, in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    /// How many rows.
    pub(super) rows: u64,
    /// The sum of their checksums.
    pub(super) checksums: u64,
}

impl Sum {
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.checksums = self.checksums.wrapping_add(row_checksum(key, value));
    }

    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.checksums = self.checksums.wrapping_sub(row_checksum(key, value));
    }

    /// Adds what other rows add up to.
    pub(super) fn take_in(&mut self, other: Self) {
        self.rows = self.rows.wrapping_add(other.rows);
        self.checksums = self.checksums.wrapping_add(other.checksums);
    }
}

fn row_checksum(key: &[u8], value: &[u8]) -> u64 {
    let low = u64::from(crc32fast::hash(key));
    (low << 32) ^ u64::from(checksum(0, value)) ^ low
}

/// How many rows there are of the kinds that are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Sales.
    pub(super) sales: u64,
    /// Sales and receipts that a person must look at.
    pub(super) attention: u64,
    /// Changes that listeners can still be told of.
    pub(super) changes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, key: &[u8]) {
        self.change(key, 1);
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.change(key, u64::MAX);
    }

    /// Adds the counts of other rows.
    pub(super) fn take_in(&mut self, other: Self) {
        self.sales = self.sales.wrapping_add(other.sales);
        self.attention = self.attention.wrapping_add(other.attention);
        self.changes = self.changes.wrapping_add(other.changes);
    }

    /// Adds `by` modulo 2^64, so that the largest number takes one away.
    fn change(&mut self, key: &[u8], by: u64) {
        let count = match key.first() {
            Some(&keys::SALE) => &mut self.sales,
            Some(&keys::ATTENTION) => &mut self.attention,
            Some(&keys::CHANGE) => &mut self.changes,
            _ => return,
        };
        *count = count.wrapping_add(by);
    }
}

/// Returns what a row is for people.
pub(super) fn name(row: &Row) -> String {
    keys::shown(&row.0)
}
