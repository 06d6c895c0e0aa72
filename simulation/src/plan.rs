//! What kind of world a seed makes: its rules, its weather, its broker, how often the power fails.

use std::time::Duration;

use fastrand::Rng;
use till_wire::{Account, Amount, ChannelId, GroupName, TerminalNumber, UnixTime};
use tilld::till::{Cancellation, ChannelRules, Display, Offline, OfflineCodes, Rules};

/// Milliseconds.
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// 2026-11-20T03:00:00Z, the true time at which every world begins.
pub(crate) const BEGIN: i64 = 1_795_143_600_000;
/// How long after the last of the counter's work the world is looked at.
pub(crate) const QUIET: u64 = 30 * HOUR;

/// Which provider a channel is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    PayOs,
    Finan,
    Glocal,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::PayOs, Kind::Finan, Kind::Glocal];

    fn name(self) -> &'static str {
        match self {
            Self::PayOs => "payos",
            Self::Finan => "finan",
            Self::Glocal => "glocal",
        }
    }

    pub(crate) fn channel(self) -> ChannelId {
        ChannelId::new(self.name()).expect("a good channel id")
    }

    /// The kind of a channel of this world; there are no others.
    pub(crate) fn of(channel: &ChannelId) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == channel.as_str()).unwrap_or(Self::PayOs)
    }

    pub(crate) fn draw(rng: &mut Rng) -> Self {
        *rng.choice(Self::ALL.iter()).unwrap_or(&Self::PayOs)
    }

    fn rules(self) -> ChannelRules {
        let cancellation = match self {
            Self::PayOs | Self::Glocal => Cancellation::Possible,
            Self::Finan => Cancellation::Absent,
        };
        ChannelRules { cancellation, ..ChannelRules::default() }
    }
}

/// How sessions come about at Smart Glocal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// They are created, then started.
    Steps,
    /// Both at once; the same request again finds the same session.
    Init,
}

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
    /// The disk refuses one commit or look in so many, and how many are left.
    pub(crate) refuse_one_in: Option<u32>,
    pub(crate) refusals: u32,
    /// Whether some commits take their time.
    pub(crate) slow_disk: bool,
    /// Whether the store is damaged one day.
    pub(crate) damage: bool,
    /// Whether the wall clock is set while the till runs.
    pub(crate) wall_jumps: bool,
    /// Whether the first start finds no store.
    pub(crate) new_store: bool,
    /// One code in so many cannot be drawn, one panel in so many is slow or fails at times.
    pub(crate) panel_trouble: bool,
    /// Whether others use the merchant's accounts too.
    pub(crate) strangers: bool,
    /// Where most sales of this counter go, and all that are typed.
    pub(crate) favourite: Kind,
    pub(crate) flow: Flow,
    /// Whether a status tells beyond doubt that a session waits for the terminal's word.
    pub(crate) tells_ready: bool,
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
        let favourite = Kind::draw(rng);
        Self {
            rules: rules(rng, favourite),
            busy_until,
            broker,
            cut_one_in: rng.bool().then(|| rng.u32(10..200)),
            cuts: rng.u32(1..8),
            wall_jumps: rng.u32(0..3) == 0,
            new_store: rng.u32(0..4) == 0,
            panel_trouble: rng.u32(0..3) == 0,
            strangers: rng.bool(),
            favourite,
            flow: if rng.u32(0..3) == 0 { Flow::Init } else { Flow::Steps },
            tells_ready: rng.bool(),
            refuse_one_in: (rng.u32(0..3) == 0).then(|| rng.u32(20..400)),
            refusals: rng.u32(1..5),
            slow_disk: rng.u32(0..3) == 0,
            damage: rng.u32(0..8) == 0,
        }
    }
}

/// The account of codes made here.
pub(crate) const ACCOUNT: &str = "0933450210";

fn offline(rng: &mut Rng) -> Offline {
    match rng.u32(0..6) {
        0 => Offline::Refuse,
        1 | 2 => Offline::VietQr(OfflineCodes {
            // Smart Glocal reports no account's money.
            channel: if rng.bool() { Kind::PayOs } else { Kind::Finan }.channel(),
            account: Account { bin: "970422".to_owned(), number: ACCOUNT.to_owned(), name: None },
            max_amount: Amount::vnd(80_000),
            max_total: Amount::vnd(250_000),
            max_count: 5,
            max_age: Duration::from_secs(rng.u64(1..6) * 3600),
        }),
        _ => Offline::Wait(Duration::from_secs(60)),
    }
}

fn rules(rng: &mut Rng, favourite: Kind) -> Rules {
    Rules {
        terminal: terminal(),
        groups: vec![GroupName::new("north").expect("a group's name")],
        channels: Kind::ALL.into_iter().map(|kind| (kind.channel(), kind.rules())).collect(),
        channel: favourite.channel(),
        expire: Duration::from_secs(60),
        max_amount: Amount::vnd(10_000_000),
        request: Duration::from_secs(rng.u64(15..60)),
        result: Duration::from_secs(8),
        double_proof_over: (rng.u32(0..4) == 0).then_some(Amount::vnd(50_000)),
        offline: offline(rng),
        display: if rng.u32(0..6) == 0 { Display::None } else { Display::Panel },
        built: UnixTime::from_ms(BEGIN - 1_000_000_000),
    }
}
