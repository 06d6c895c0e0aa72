//! How the channels stand, by what came of the requests of sales. Nobody is asked anything for it, so it may be old; it must
//! not know who was asked.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::ChannelId;

use super::Till;
use super::time::{Now, Tick};

/// So long a barrier is believed when nobody asks the provider anything any more: then nobody knows.
const BELIEVED: Duration = Duration::from_secs(15 * 60);

/// What went wrong with a request to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What stands in the way of every sale over the channel; nothing when it was this request alone.
    pub barrier: Option<Barrier>,
    /// In one sentence without secrets, for the log, the journal and the reason of a link that is down.
    pub reason: String,
}

/// What stands in the way of every sale over a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// There is no way to the provider.
    Network,
    /// The provider takes no connection, or gives no usable answer.
    Silence,
    /// The provider's certificate is not trusted.
    Certificate,
    /// The provider does not accept this terminal's keys.
    Access,
    /// The provider has shut the merchant's channel.
    Shut,
}

impl Barrier {
    /// Every barrier.
    pub const ALL: [Self; 5] = [Self::Network, Self::Silence, Self::Certificate, Self::Access, Self::Shut];
}

/// What the last answer of a channel was, when it was none that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFault {
    /// What went wrong.
    pub fault: Fault,
    /// When its barrier is no longer believed.
    pub until: Option<Tick>,
}

/// The channels whose last answer could not be used. There are as many as the configurations of living sales name.
#[derive(Debug, Default)]
pub(super) struct Channels(BTreeMap<ChannelId, SeenFault>);

impl Channels {
    /// Returns all of it as plain values.
    pub(super) fn memory(&self) -> Vec<(ChannelId, SeenFault)> {
        self.0.iter().map(|(channel, seen)| (channel.clone(), seen.clone())).collect()
    }

    /// Goes on where another one was.
    pub(super) fn remember(seen: Vec<(ChannelId, SeenFault)>) -> Self {
        Self(seen.into_iter().collect())
    }

    /// Returns why the last answer of a channel could not be used.
    pub(super) fn reason(&self, channel: &ChannelId) -> Option<&str> {
        self.0.get(channel).map(|seen| seen.fault.reason.as_str())
    }

    /// Returns when the next barrier is no longer believed.
    pub(super) fn due(&self) -> Option<Tick> {
        self.0.values().filter_map(|seen| seen.until).min()
    }
}

impl Till {
    /// A channel has answered, or failed to.
    pub(super) fn on_channel_answered(&mut self, channel: ChannelId, fault: Option<Fault>, now: Now) {
        match fault {
            None => self.channels.0.remove(&channel),
            Some(fault) => {
                let until = fault.barrier.map(|_| now.tick + BELIEVED);
                self.channels.0.insert(channel, SeenFault { fault, until })
            }
        };
    }

    /// Forgets the barriers of which nobody has heard for long.
    pub(super) fn channels_due(&mut self, now: Now) {
        for seen in self.channels.0.values_mut().filter(|seen| seen.until.is_some_and(|until| until <= now.tick)) {
            seen.until = None;
        }
    }

    /// Returns what stands in the way of the channel that the counter sells over.
    pub(super) fn barrier(&self) -> Option<Barrier> {
        let seen = self.channels.0.get(&self.rules.channel)?;
        seen.until.and(seen.fault.barrier)
    }
}
