//! `[offline]`: what happens to a sale without network. It must not know whether there is one.

use std::time::Duration;

use till_settings::{Table, hours, one_of, seconds, whole};
use till_wire::{Account, Amount, ChannelId};

use super::account;
use super::names::ChannelNames;
use super::sale;

/// What happens to a sale without network, and within which limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offline {
    /// What happens.
    pub mode: OfflineMode,
    /// How long a sale waits for the network: 1 s to an hour.
    pub wait: Duration,
    /// The largest sale that gets a code made here.
    pub max_amount: Amount,
    /// The most that all unsettled sales with such codes may add up to.
    pub max_total: Amount,
    /// The most unsettled sales with such codes: up to 1000.
    pub max_count: u32,
    /// How long such a sale may stay unsettled: an hour to 30 days.
    pub max_age: Duration,
}

/// What happens to a sale without network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfflineMode {
    /// It fails at once.
    Refuse,
    /// It waits.
    Wait,
    /// It gets a code that is made here.
    VietQr(OfflineAccount),
}

/// Where the money of codes made here goes, and who tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineAccount {
    /// The channel that reports that account's money.
    pub channel: ChannelId,
    /// The account.
    pub account: Account,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Refuse,
    Wait,
    VietQr,
}

impl Offline {
    pub(super) fn take(table: &Table, names: &ChannelNames, double_proof_over: Option<Amount>) -> Option<Self> {
        let words = [("refuse", Word::Refuse), ("wait", Word::Wait), ("vietqr", Word::VietQr)];
        let word = table.or("mode", Word::Wait, one_of(words));
        let account = take_account(table, names, word);
        let wait = table.or("wait_s", Duration::from_secs(120), seconds(1..=3600));
        let max_amount = table.or("max_amount", Amount::vnd(2_000_000), sale::amount());
        if let Some(limit) = double_proof_over.filter(|limit| max_amount >= *limit) {
            let (limit, used) = (limit.value(), max_amount.value());
            let expected = format!("less than sale.double_proof_over = {limit}, but it is {used}");
            table.fault("max_amount", expected);
        }
        let total = whole(1..=1_000_000_000_000).then(|value| Some(Amount::vnd(value)));
        let max_total = table.or("max_total", Amount::vnd(10_000_000), total);
        let count = whole(1..=1000).then(|count| u32::try_from(count).ok());
        let max_count = table.or("max_count", 50_u32, count);
        let max_age = table.or("max_age_h", Duration::from_secs(86_400), hours(1..=720));
        let mode = match word {
            Word::Refuse => OfflineMode::Refuse,
            Word::Wait => OfflineMode::Wait,
            Word::VietQr => OfflineMode::VietQr(account?),
        };
        Some(Self { mode, wait, max_amount, max_total, max_count, max_age })
    }
}

/// Reads where the money goes, which must be there for `vietqr` and must be right in any case.
fn take_account(table: &Table, names: &ChannelNames, word: Word) -> Option<OfflineAccount> {
    let needed = word == Word::VietQr;
    let channel = match needed || table.has("channel") {
        true => names.take(table, "channel"),
        false => None,
    };
    let account = match table.optional_table("account") {
        Some(inner) => account::take(&inner),
        None => {
            if needed {
                table.fault("account", account::EXPECTED);
            }
            None
        }
    };
    Some(OfflineAccount { channel: channel?, account: account? })
}
