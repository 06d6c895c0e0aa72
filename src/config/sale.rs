//! `[sale]`: what holds for every sale. It must not know how a sale goes.

use std::fmt;
use std::time::Duration;

use till_settings::{Kind, Table, parsed, seconds, whole};
use till_wire::{Amount, ChannelId, MAX_VND};

use super::names::{ChannelNames, ProviderName};

/// The longest that a code of Finan is shown, in seconds: its links live 30 minutes.
pub(super) const LONGEST_ON_FINAN: Duration = Duration::from_secs(1740);

/// What holds for every sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleRules {
    /// The channel of a sale that names none.
    pub channel: ChannelId,
    /// How long a code is shown: 15 s to an hour.
    pub expire: Duration,
    /// How long a provider may take to answer a request: 5 s to five minutes.
    pub request: Duration,
    /// The largest sale.
    pub max_amount: Amount,
    /// From which amount on a webhook alone is no proof; nothing for never.
    pub double_proof_over: Option<Amount>,
    /// The supervisor's PIN, hashed; nothing when there is no supervisor.
    pub supervisor_pin: Option<PinHash>,
    /// How long PAID stays on the display: 1 s to a minute.
    pub result: Duration,
}

/// The supervisor's PIN as an Argon2id hash, a PHC string. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash(String);

impl SaleRules {
    pub(super) fn take(table: &Table, names: &ChannelNames, double_proof_over: Option<Amount>) -> Option<Self> {
        let channel = names.take(table, "channel");
        let expire = table.or("expire_s", Duration::from_secs(300), seconds(15..=3600));
        let on_finan = channel.as_ref().is_some_and(|id| names.is(id, ProviderName::Finan));
        if on_finan && expire > LONGEST_ON_FINAN {
            table.fault("expire_s", "at most 1740 seconds on a Finan channel");
        }
        let pin = parsed("an Argon2id hash \"$argon2id$v=19$m=…,t=…,p=…$…$…\", as till pin makes it", PinHash::new);
        let supervisor_pin = table.optional_hidden("supervisor_pin", pin);
        let request = table.or("request_s", Duration::from_secs(45), seconds(5..=300));
        let max_amount = table.or("max_amount", Amount::vnd(MAX_VND), amount());
        let result = table.or("result_s", Duration::from_secs(8), seconds(1..=60));
        Some(Self { channel: channel?, expire, request, max_amount, double_proof_over, supervisor_pin, result })
    }
}

/// Takes the one key of a sale that another table must fit.
pub(super) fn take_double_proof_over(table: &Table) -> Option<Amount> {
    table.optional("double_proof_over", amount())
}

/// An amount in đồng that a sale can have.
pub(super) fn amount() -> Kind<Amount> {
    whole(1..=MAX_VND).then(|value| Some(Amount::vnd(value)))
}

impl PinHash {
    /// Returns the hash, or nothing when the text is no PHC string of Argon2id.
    pub fn new(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (costs, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = parts.next().is_none() && are_costs(costs) && is_base64(salt, 11..=64) && is_base64(hash, 14..=86);
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the PHC string, to check a PIN against.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(…)")
    }
}

/// Reads `m=…,t=…,p=…`, bounded so that checking a PIN can neither exhaust the memory (256 MiB) nor take minutes.
fn are_costs(text: &str) -> bool {
    let cost = |part: Option<&str>, name: &str, most: u32| {
        let digits = part.and_then(|part| part.strip_prefix(name));
        let number: Option<u32> = digits.and_then(|digits| digits.parse().ok());
        number.is_some_and(|number| (1..=most).contains(&number))
    };
    let mut parts = text.split(',');
    cost(parts.next(), "m=", 262_144)
        && cost(parts.next(), "t=", 100)
        && cost(parts.next(), "p=", 16)
        && parts.next().is_none()
}

fn is_base64(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    length.contains(&text.len()) && text.bytes().all(plain)
}
