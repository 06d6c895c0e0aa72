//! What kind of world a seed makes: its rules, its weather, its broker, how often the power fails.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use till_wire::{Amount, ChannelId, TerminalNumber, UnixTime};
use tilld::till::{ChannelRules, Display, Offline, Rules};

/// Milliseconds.
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// 2026-11-20T03:00:00Z, the true time at which every world begins.
pub(crate) const BEGIN: i64 = 1_795_143_600_000;
/// How long after the last of the counter's work the world is looked at.
pub(crate) const QUIET: u64 = 30 * HOUR;

/// What befalls the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrokerFate {
    /// It comes and goes, and is there in the end.
    Stays,
    /// It goes for ever at some time, or is never there.
    GoesAt(u64),
}

/// How requests to the provider fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Good,
    /// Some requests and answers are lost, late or refused for now.
    Sick,
    /// Nothing leaves the terminal.
    NoNetwork,
}

/// A world's fate.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rules: Rules,
    /// When the counter stops selling.
    pub(crate) busy_until: u64,
    pub(crate) broker: BrokerFate,
    /// One step in so many is cut by the power.
    pub(crate) cut_one_in: Option<u32>,
    /// How many cuts are left.
    pub(crate) cuts: u32,
    /// Whether the wall clock is set while the till runs.
    pub(crate) wall_jumps: bool,
    /// Whether the first start finds no store.
    pub(crate) new_store: bool,
    /// One code in so many cannot be drawn, one panel in so many is slow or fails at times.
    pub(crate) panel_trouble: bool,
    /// Whether others use the merchant's account too.
    pub(crate) strangers: bool,
}

pub(crate) fn channel() -> ChannelId {
    ChannelId::new("payos").expect("a good channel id")
}

pub(crate) fn terminal() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a number in range")
}

impl Plan {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let busy_until = rng.u64(5..40) * MINUTE;
        let broker = match rng.u32(0..5) {
            0 => BrokerFate::GoesAt(rng.u64(0..busy_until)),
            1 if rng.bool() => BrokerFate::GoesAt(0),
            _ => BrokerFate::Stays,
        };
        Self {
            rules: rules(rng),
            busy_until,
            broker,
            cut_one_in: rng.bool().then(|| rng.u32(10..200)),
            cuts: rng.u32(1..8),
            wall_jumps: rng.u32(0..3) == 0,
            new_store: rng.u32(0..4) == 0,
            panel_trouble: rng.u32(0..3) == 0,
            strangers: rng.bool(),
        }
    }
}

fn rules(rng: &mut Rng) -> Rules {
    Rules {
        terminal: terminal(),
        channels: BTreeMap::from([(channel(), ChannelRules::default())]),
        channel: channel(),
        expire: Duration::from_secs(60),
        max_amount: Amount::vnd(10_000_000),
        request: Duration::from_secs(rng.u64(15..60)),
        result: Duration::from_secs(8),
        double_proof_over: (rng.u32(0..4) == 0).then_some(Amount::vnd(50_000)),
        offline: if rng.u32(0..4) == 0 { Offline::Refuse } else { Offline::Wait(Duration::from_secs(60)) },
        display: if rng.u32(0..6) == 0 { Display::None } else { Display::Panel },
        built: UnixTime::from_ms(BEGIN - 1_000_000_000),
    }
}
