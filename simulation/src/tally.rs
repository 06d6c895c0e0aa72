//! Counts what the worlds contained. It must not judge.

use crate::kinds::Kinds;

/// Counts what the worlds contained, so that an idle simulation is noticed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub(crate) steps: u64,
    pub(crate) deaths: u64,
    pub(crate) failed_calls: u64,
    pub(crate) transfers: u64,
    pub(crate) sales: u64,
    pub(crate) paid: u64,
    pub(crate) late: u64,
    pub(crate) expired: u64,
    pub(crate) cancelled: u64,
    pub(crate) failed: u64,
    pub(crate) attention: u64,
    pub(crate) further_attempts: u64,
    pub(crate) receipts: u64,
    pub(crate) typed: u64,
    /// Typed sales with an order number that was scanned; results and days that were looked at; announcements that were
    /// asked for again.
    pub(crate) referenced: u64,
    pub(crate) looks: u64,
    pub(crate) said_again: u64,
    pub(crate) checked: u64,
    /// Receipts that were matched to a sale, and wishes to match one that was not to be.
    pub(crate) matched: u64,
    pub(crate) not_matched: u64,
    /// Sales that a supervisor settled by hand.
    pub(crate) vouched: u64,
    /// Codes that were made here and became visible; those that were paid, refused by a limit, and given up at last.
    pub(crate) offered: u64,
    pub(crate) offline_paid: u64,
    pub(crate) limited: u64,
    pub(crate) given_up: u64,
    /// Webhooks that no replica took at first, and those that a provider sent again; replicas that went down; wishes for a
    /// replay that were answered.
    pub(crate) turned_away: u64,
    pub(crate) called_again: u64,
    pub(crate) outages: u64,
    pub(crate) replays: u64,
    /// Commits that took their time; what the disk refused; commits that nobody had heard of and that were found all the
    /// same; stores that were lost.
    pub(crate) slow_commits: u64,
    pub(crate) refused: u64,
    pub(crate) found: u64,
    pub(crate) lost_stores: u64,
    /// Commands that were carried out, told and not kept, and without proof.
    pub(crate) commands: u64,
    pub(crate) commands_not_kept: u64,
    pub(crate) forged: u64,
    pub(crate) kinds: Kinds,
}

impl Tally {
    /// Adds what other worlds contained.
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.deaths += other.deaths;
        self.failed_calls += other.failed_calls;
        self.transfers += other.transfers;
        self.sales += other.sales;
        self.paid += other.paid;
        self.late += other.late;
        self.expired += other.expired;
        self.cancelled += other.cancelled;
        self.failed += other.failed;
        self.attention += other.attention;
        self.further_attempts += other.further_attempts;
        self.receipts += other.receipts;
        self.typed += other.typed;
        self.referenced += other.referenced;
        self.looks += other.looks;
        self.said_again += other.said_again;
        self.checked += other.checked;
        self.matched += other.matched;
        self.not_matched += other.not_matched;
        self.vouched += other.vouched;
        self.offered += other.offered;
        self.offline_paid += other.offline_paid;
        self.limited += other.limited;
        self.given_up += other.given_up;
        self.turned_away += other.turned_away;
        self.called_again += other.called_again;
        self.outages += other.outages;
        self.replays += other.replays;
        self.slow_commits += other.slow_commits;
        self.refused += other.refused;
        self.found += other.found;
        self.lost_stores += other.lost_stores;
        self.commands += other.commands;
        self.commands_not_kept += other.commands_not_kept;
        self.forged += other.forged;
        self.kinds.add(&other.kinds);
    }

    /// Returns how many sales there were.
    pub fn sales(&self) -> u64 {
        self.sales
    }

    /// Returns how often a process died.
    pub fn deaths(&self) -> u64 {
        self.deaths
    }

    /// Tells whether everything that the promises are about has happened often.
    pub fn is_rich(&self) -> bool {
        let common = [self.deaths, self.failed_calls, self.transfers, self.paid, self.expired, self.cancelled];
        let ends = [self.late, self.failed, self.attention, self.further_attempts];
        let rest = [self.receipts, self.typed, self.checked, self.matched, self.not_matched];
        let counter = [self.referenced, self.looks, self.said_again];
        let offline = [self.vouched, self.offered, self.offline_paid, self.limited, self.given_up];
        let bridges = [self.turned_away, self.called_again, self.outages, self.replays];
        let disks = [self.slow_commits, self.refused, self.found, self.lost_stores];
        let commands = [self.commands, self.commands_not_kept, self.forged];
        let rare = ends
            .iter()
            .chain(&rest)
            .chain(&counter)
            .chain(&offline)
            .chain(&bridges)
            .chain(&disks)
            .chain(&commands)
            .all(|count| *count > 200);
        common.iter().all(|count| *count > 1000) && rare && self.kinds.are_rich()
    }
}
