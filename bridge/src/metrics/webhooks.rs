//! What is counted of one channel's webhooks: one number for each outcome.

use super::Counter;

/// What came of one call of `/hooks/{channel}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Journalled for the till that its order names.
    Routed,
    /// A payment without an order of ours, journalled for the channel's fallback till.
    Fallback,
    /// Nobody's, journalled for the operator.
    Unrouted,
    /// The provider's test of this address.
    Ping,
    /// The signature is missing or wrong.
    Forged,
    /// The signature is right, and older than `freshness_s` allows.
    Stale,
    /// The signature is wrong, from a source that sends too many of them.
    Throttled,
    /// Not JSON, not UTF-8, fields missing or of a wrong type, or no body of HTTP.
    Malformed,
    /// The body or its envelope is larger than it may be.
    TooLarge,
    /// The body did not come in time, or the connection broke.
    Incomplete,
    /// The body is compressed, or coded in another way.
    Encoded,
    /// Too many webhooks of the channel were being taken.
    Crowded,
    /// The journal could not take it.
    NotTaken,
}

impl Outcome {
    const ALL: [Self; 13] = [
        Self::Routed,
        Self::Fallback,
        Self::Unrouted,
        Self::Ping,
        Self::Forged,
        Self::Stale,
        Self::Throttled,
        Self::Malformed,
        Self::TooLarge,
        Self::Incomplete,
        Self::Encoded,
        Self::Crowded,
        Self::NotTaken,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Fallback => "fallback",
            Self::Unrouted => "unrouted",
            Self::Ping => "ping",
            Self::Forged => "forged",
            Self::Stale => "stale",
            Self::Throttled => "throttled",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Incomplete => "incomplete",
            Self::Encoded => "encoded",
            Self::Crowded => "crowded",
            Self::NotTaken => "not_taken",
        }
    }
}

/// The webhooks of one channel.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    /// In the order of [`Outcome::ALL`].
    counters: [Counter; Outcome::ALL.len()],
}

impl Webhooks {
    pub(crate) fn count(&self, outcome: Outcome) {
        if let Some((counter, _)) = self.counters.iter().zip(Outcome::ALL).find(|(_, known)| *known == outcome) {
            counter.add_one();
        }
    }

    /// Returns each outcome's label and number.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counters.iter().zip(Outcome::ALL).map(|(counter, outcome)| (outcome.label(), counter.value()))
    }

    /// Returns how many had a wrong signature.
    pub(super) fn forged(&self) -> u64 {
        let known = self.counters.iter().zip(Outcome::ALL);
        let forged = known.filter(|(_, outcome)| matches!(outcome, Outcome::Forged | Outcome::Throttled));
        forged.map(|(counter, _)| counter.value()).sum()
    }
}
