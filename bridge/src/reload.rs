//! Takes over a configuration that was read while the bridge runs: keys, channels, the listener's certificate and its
//! limits. It must not know where a configuration comes from, nor when.

use std::collections::BTreeSet;
use std::sync::Arc;

use till_settings::{Broker, Faults};
use till_wire::ChannelId;
use tracing::{error, info, warn};

use crate::config::{Journal, Settings};
use crate::hooks::Hooks;
use crate::metrics::Metrics;
use crate::server::Tls;
use crate::server::room::Room;

/// A running bridge, as far as a new configuration can change it.
pub struct Reloader {
    fixed: Fixed,
    channels: BTreeSet<ChannelId>,
    hooks: Arc<Hooks>,
    tls: Arc<Tls>,
    room: Arc<Room>,
    metrics: Arc<Metrics>,
}

/// What the bridge was started with and keeps to its end.
pub(crate) struct Fixed {
    listen: std::net::SocketAddr,
    admin: std::net::SocketAddr,
    broker: Broker,
    client_id: String,
    journal: Journal,
}

impl Fixed {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            listen: settings.hooks.listen,
            admin: settings.admin,
            broker: settings.broker.clone(),
            client_id: settings.client_id.clone(),
            journal: settings.journal.clone(),
        }
    }

    /// Names the keys that another configuration wants to be different.
    fn different(&self, settings: &Settings) -> Vec<&'static str> {
        let journal = &settings.journal;
        let keys = [
            ("http.listen", self.listen != settings.hooks.listen),
            ("admin.listen", self.admin != settings.admin),
            ("mqtt", !self.broker.is_like(&settings.broker)),
            ("mqtt.client_id", self.client_id != settings.client_id),
            ("journal.path", self.journal.path != journal.path),
            ("journal.keep_h", self.journal.keep != journal.keep),
            ("journal.max_bytes", self.journal.max_bytes != journal.max_bytes),
        ];
        keys.into_iter().filter(|(_, different)| *different).map(|(key, _)| key).collect()
    }
}

impl Reloader {
    pub(crate) fn new(
        settings: &Settings,
        hooks: &Arc<Hooks>,
        tls: Arc<Tls>,
        room: Arc<Room>,
        metrics: &Arc<Metrics>,
    ) -> Self {
        Self {
            fixed: Fixed::of(settings),
            channels: ids(settings),
            hooks: Arc::clone(hooks),
            tls,
            room,
            metrics: Arc::clone(metrics),
        }
    }

    /// Goes by these settings from the next request on, or by the old ones if there are faults, and says which. What a
    /// running bridge cannot change it names as well.
    pub fn reload(&mut self, read: Result<Settings, Faults>) {
        let settings = match read {
            Ok(settings) => settings,
            Err(faults) => return self.keep(&faults.to_string()),
        };
        for key in self.fixed.different(&settings) {
            warn!(key, "the configuration has another value, which only a restart takes over");
        }
        let channels = ids(&settings);
        let list = |ids: Vec<&ChannelId>| ids.into_iter().map(ChannelId::as_str).collect::<Vec<_>>().join(", ");
        let added = list(channels.difference(&self.channels).collect());
        let removed = list(self.channels.difference(&channels).collect());
        self.room.set_crowd(settings.hooks.crowd);
        self.tls.set(settings.hooks.tls.clone());
        self.hooks.replace(settings.channels, &settings.hooks);
        self.channels = channels;
        self.metrics.reloaded();
        info!(channels = self.channels.len(), added, removed, "configuration reloaded");
    }

    /// Says every fault, and changes nothing.
    fn keep(&self, faults: &str) {
        self.metrics.reload_failed();
        for fault in faults.lines() {
            error!(fault, "the configuration was not reloaded; the bridge goes by the old one");
        }
    }
}

fn ids(settings: &Settings) -> BTreeSet<ChannelId> {
    settings.channels.iter().map(|channel| channel.id.clone()).collect()
}
