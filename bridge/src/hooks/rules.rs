//! What the hooks go by, as one value that a new configuration replaces whole: channels with their keys, proxies, the
//! number of forgeries. Knows no request.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use till_wire::ChannelId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::{self, Channel, Network};
use crate::metrics::{Metrics, Outcome, Webhooks};

/// See the module.
pub(super) struct Rules {
    channels: BTreeMap<ChannelId, Arc<Served>>,
    pub(super) proxies: Vec<Network>,
    pub(super) forged_per_s: usize,
}

/// A channel, and what is kept of it over all configurations.
pub(super) struct Served {
    pub(super) channel: Channel,
    pub(super) counts: Arc<Webhooks>,
    turns: Arc<Turns>,
}

/// Bounds how much of one channel is under way, so that a flood of it neither fills the journal's queue nor takes all the
/// places for connections: others wait behind a few commits of it at most.
struct Turns {
    /// Who waits for the journal, first come first served.
    journal: Arc<Semaphore>,
    /// Who waits for the journal or for a turn there.
    all: Arc<Semaphore>,
}

/// The right to give something to the journal. It is given back with the answer.
pub(super) struct Turn {
    _journal: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// How many webhooks of one channel the journal has before it at once: four commits.
const IN_JOURNAL: usize = 256;
/// Which part of the places for connections one channel's webhooks may take while they wait for that; whoever comes then is
/// told to come again (503).
const SHARE: usize = 2;

impl Rules {
    /// Takes what a configuration says; a channel that was there before keeps its turns.
    pub(super) fn new(channels: Vec<Channel>, http: &config::Hooks, metrics: &Metrics, before: Option<&Self>) -> Self {
        let serve = |channel: Channel| {
            let known = before.and_then(|before| before.channels.get(&channel.id));
            let turns = known
                .map_or_else(|| Arc::new(Turns::new(http.crowd.connections / SHARE)), |known| Arc::clone(&known.turns));
            let counts = metrics.of(&channel.id);
            (channel.id.clone(), Arc::new(Served { channel, counts, turns }))
        };
        Self {
            channels: channels.into_iter().map(serve).collect(),
            proxies: http.proxies.clone(),
            forged_per_s: usize::try_from(http.forged_per_s).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn channel(&self, id: &ChannelId) -> Option<Arc<Served>> {
        self.channels.get(id).cloned()
    }

    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(address))
    }
}

impl Served {
    /// Waits for a turn at the journal, unless too many do.
    pub(super) async fn turn(&self) -> Result<Turn, Outcome> {
        self.turns.next().await.ok_or(Outcome::Crowded)
    }
}

impl Turns {
    fn new(all: usize) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { journal: places(IN_JOURNAL), all: places(all) }
    }

    async fn next(&self) -> Option<Turn> {
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        // Nobody closes it, so there always is one in the end.
        let journal = Arc::clone(&self.journal).acquire_owned().await.ok()?;
        Some(Turn { _journal: journal, _all: all })
    }
}

/// The rules that are in force.
pub(super) struct InForce(RwLock<Arc<Rules>>);

impl InForce {
    pub(super) fn new(rules: Rules) -> Self {
        Self(RwLock::new(Arc::new(rules)))
    }

    /// Returns them as they are now: a request goes by the same ones to its end.
    pub(super) fn now(&self) -> Arc<Rules> {
        // The value is replaced whole, so a poisoned lock is as good.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn replace(&self, rules: Rules) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

#[cfg(test)]
mod tests;
