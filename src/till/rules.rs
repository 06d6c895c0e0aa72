//! What the configuration demands of the till.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::{Amount, ChannelId, GroupName, TerminalNumber, UnixTime};

/// The till's rules, fixed for the life of a process.
#[derive(Clone, Debug)]
pub struct Rules {
    /// This terminal.
    pub terminal: TerminalNumber,
    /// The groups of terminals that it belongs to (`fleet.groups`).
    pub groups: Vec<GroupName>,
    /// The merchant accounts.
    pub channels: BTreeMap<ChannelId, ChannelRules>,
    /// The merchant account of a sale that names none (`sale.channel`).
    pub channel: ChannelId,
    /// How long a code is shown when nobody says (`sale.expire_s`).
    pub expire: Duration,
    /// The largest sale (`sale.max_amount`).
    pub max_amount: Amount,
    /// How long a provider may leave a request without an answer (`sale.request_s`).
    pub request: Duration,
    /// How long a result stays on the display (`sale.result_s`).
    pub result: Duration,
    /// From this amount upwards a webhook alone is no proof (`sale.double_proof_over`).
    pub double_proof_over: Option<Amount>,
    /// What happens without network.
    pub offline: Offline,
    /// Whether there is a panel to wait for.
    pub display: Display,
    /// When this program was made: an earlier wall clock is wrong.
    pub built: UnixTime,
}

/// What the till must know of a channel.
#[derive(Clone, Debug, Default)]
pub struct ChannelRules {
    /// The account that every VietQR of the channel must name.
    pub account: Option<Account>,
    /// Whether its provider cancels orders.
    pub cancellation: Cancellation,
    /// Whether a sale must name its customer.
    pub customer: CustomerNeed,
}

/// Whether a sale over a channel must name its customer, which a keypad cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CustomerNeed {
    /// It need not.
    #[default]
    None,
    /// It must.
    Named,
}

/// Whether a provider cancels orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cancellation {
    /// It does, and is asked again until it has.
    #[default]
    Possible,
    /// It does not: an order is only asked for, and its money looked out for.
    Absent,
}

/// A bank account that a code must pay to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The bank's number (BIN, six digits).
    pub bin: String,
    /// The account's number.
    pub number: String,
}

/// What a requesting sale does without network (`offline.mode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offline {
    /// It fails at once.
    Refuse,
    /// It waits this long.
    Wait(Duration),
    /// It gets a code that is made here.
    VietQr(OfflineCodes),
}

/// How codes are made here, and within which limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineCodes {
    /// The channel that reports the account's money.
    pub channel: ChannelId,
    /// Whom the codes pay.
    pub account: till_wire::Account,
    /// The largest sale that gets such a code.
    pub max_amount: Amount,
    /// The most that all unconfirmed sales may add up to.
    pub max_total: Amount,
    /// The most unconfirmed sales.
    pub max_count: u32,
    /// How long a sale may stay unconfirmed.
    pub max_age: Duration,
}

/// Whether there is a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// `display.driver = "none"`: nobody waits for a panel.
    None,
    /// A panel must confirm what it shows.
    Panel,
}

/// How long a panel may take to confirm that a code is off (contract §3).
pub(crate) const CODE_OFF: Duration = Duration::from_secs(1);
/// How long a panel may take to draw a code before it counts as broken.
pub(crate) const CODE_ON: Duration = Duration::from_secs(5);
/// How long the last question before `expired` may take (contract §3).
pub(crate) const LAST_QUESTION: Duration = Duration::from_secs(10);
/// How long a cancelled sale waits for the provider (contract §3).
pub(crate) const CANCELLING: Duration = Duration::from_secs(30);
/// The first status question after showing, and every further one while the broker is up (contract §3).
pub(crate) const FIRST_POLL: Duration = Duration::from_secs(10);
pub(crate) const POLL: Duration = Duration::from_secs(30);
/// Status questions about an order that the provider is preparing (issue 3/8).
pub(crate) const PREPARING_POLL: Duration = Duration::from_secs(10);
/// Status questions while the broker is down (contract §3).
pub(crate) const POLL_ALONE: Duration = Duration::from_secs(3);
/// A question without any answer for this long is asked again; adapters answer sooner.
pub(crate) const QUESTION_LOST: Duration = Duration::from_secs(20);
/// How long money is looked for, and how long owed cancellations are sent, after an end (contract §3).
pub(crate) const WATCH: Duration = Duration::from_secs(24 * 3600);
/// How long idempotency keys live (contract §4).
pub(crate) const KEY_LIFE_MS: i64 = 24 * 3600 * 1000;
/// A transaction older than this is a receipt that needs attention (contract §3).
pub(crate) const OLD_MONEY_MS: i64 = 48 * 3600 * 1000;

/// When the `looks`-th look for late money is due after the end: 1, 5, 15, 60 minutes, then hourly to 24 h.
pub(crate) fn look_after(looks: u8) -> Duration {
    const MINUTE: u64 = 60;
    let secs = match looks {
        0 => MINUTE,
        1 => 5 * MINUTE,
        2 => 15 * MINUTE,
        hours => u64::from(hours - 2) * 60 * MINUTE,
    };
    Duration::from_secs(secs)
}

/// How long to wait before the next try: 1, 2, 4, 8 s, then 8 s; the provider's own word wins when it is longer.
pub(crate) fn back_off(tries: u32, after: Option<Duration>) -> Duration {
    let own = Duration::from_secs(1 << tries.saturating_sub(1).min(3));
    own.max(after.unwrap_or_default())
}

/// How long to wait before an owed cancellation is sent again: 5 s doubled up to about ten minutes.
pub(crate) fn debt_back_off(tries: u32, after: Option<Duration>) -> Duration {
    let own = Duration::from_secs(5 << tries.saturating_sub(1).min(7));
    own.max(after.unwrap_or_default())
}
