//! The till's rules as a part of a line. It must not know the configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use till_wire::{ChannelId, GroupName, TerminalNumber};

use super::event::millis;
use crate::record::{Money, Wall, words};
use crate::till::{Account, Cancellation, ChannelRules, CustomerNeed, Display, Offline, OfflineCodes, Rules};

words!(CancellationLine = Cancellation { Possible, Absent });
words!(CustomerLine = CustomerNeed { None, Named });
words!(DisplayLine = Display { None, Panel });

/// What the configuration demands.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct RulesLine {
    terminal: TerminalNumber,
    #[serde(default)]
    groups: Vec<String>,
    channels: BTreeMap<ChannelId, ChannelLine>,
    channel: ChannelId,
    expire_ms: u64,
    max_amount: Money,
    request_ms: u64,
    result_ms: u64,
    double_proof_over: Option<Money>,
    offline: OfflineLine,
    display: DisplayLine,
    built: Wall,
}

/// A merchant account.
#[derive(Serialize, Deserialize)]
struct ChannelLine {
    account: Option<AccountLine>,
    cancellation: CancellationLine,
    customer: CustomerLine,
}

/// A bank account; its number is a mark.
#[derive(Serialize, Deserialize)]
struct AccountLine {
    bin: String,
    number: String,
}

/// What happens without network.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OfflineLine {
    Refuse,
    Wait {
        ms: u64,
    },
    Vietqr {
        channel: ChannelId,
        account: AccountLine,
        max_amount: Money,
        max_total: Money,
        max_count: u32,
        max_age_ms: u64,
    },
}

impl From<&Rules> for RulesLine {
    fn from(rules: &Rules) -> Self {
        Self {
            terminal: rules.terminal,
            groups: rules.groups.iter().map(|group| group.as_str().to_owned()).collect(),
            channels: rules.channels.iter().map(|(id, channel)| (id.clone(), channel.into())).collect(),
            channel: rules.channel.clone(),
            expire_ms: millis(rules.expire),
            max_amount: rules.max_amount.into(),
            request_ms: millis(rules.request),
            result_ms: millis(rules.result),
            double_proof_over: rules.double_proof_over.map(Money::from),
            offline: (&rules.offline).into(),
            display: rules.display.into(),
            built: rules.built.into(),
        }
    }
}

impl From<RulesLine> for Rules {
    fn from(line: RulesLine) -> Self {
        Self {
            terminal: line.terminal,
            groups: line.groups.iter().filter_map(|group| GroupName::new(group)).collect(),
            channels: line.channels.into_iter().map(|(id, channel)| (id, channel.into())).collect(),
            channel: line.channel,
            expire: Duration::from_millis(line.expire_ms),
            max_amount: line.max_amount.into(),
            request: Duration::from_millis(line.request_ms),
            result: Duration::from_millis(line.result_ms),
            double_proof_over: line.double_proof_over.map(Into::into),
            offline: line.offline.into(),
            display: line.display.into(),
            built: line.built.into(),
        }
    }
}

impl From<&ChannelRules> for ChannelLine {
    fn from(rules: &ChannelRules) -> Self {
        let account = rules.account.as_ref();
        Self {
            account: account.map(|account| AccountLine { bin: account.bin.clone(), number: account.number.clone() }),
            cancellation: rules.cancellation.into(),
            customer: rules.customer.into(),
        }
    }
}

impl From<ChannelLine> for ChannelRules {
    fn from(line: ChannelLine) -> Self {
        Self {
            account: line.account.map(|account| Account { bin: account.bin, number: account.number }),
            cancellation: line.cancellation.into(),
            customer: line.customer.into(),
        }
    }
}

impl From<&Offline> for OfflineLine {
    fn from(offline: &Offline) -> Self {
        match offline {
            Offline::Refuse => Self::Refuse,
            Offline::Wait(span) => Self::Wait { ms: millis(*span) },
            Offline::VietQr(codes) => Self::Vietqr {
                channel: codes.channel.clone(),
                account: AccountLine { bin: codes.account.bin.clone(), number: codes.account.number.clone() },
                max_amount: codes.max_amount.into(),
                max_total: codes.max_total.into(),
                max_count: codes.max_count,
                max_age_ms: millis(codes.max_age),
            },
        }
    }
}

impl From<OfflineLine> for Offline {
    fn from(line: OfflineLine) -> Self {
        match line {
            OfflineLine::Refuse => Self::Refuse,
            OfflineLine::Wait { ms } => Self::Wait(Duration::from_millis(ms)),
            OfflineLine::Vietqr { channel, account, max_amount, max_total, max_count, max_age_ms } => {
                let account = till_wire::Account { bin: account.bin, number: account.number, name: None };
                Self::VietQr(OfflineCodes {
                    channel,
                    account,
                    max_amount: max_amount.into(),
                    max_total: max_total.into(),
                    max_count,
                    max_age: Duration::from_millis(max_age_ms),
                })
            }
        }
    }
}
