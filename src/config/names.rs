//! The channels by name, for the keys of other tables that name one. It must not know what a channel holds.

use std::collections::BTreeMap;

use till_settings::{Table, parsed};
use till_wire::ChannelId;

/// Whose interface a channel speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProviderName {
    PayOs,
    Finan,
    SmartGlocal,
}

/// Every channel's id with its provider.
#[derive(Default)]
pub(super) struct ChannelNames {
    named: BTreeMap<ChannelId, ProviderName>,
    /// Whether a channel has no usable name, which is a fault of its own: nobody is then told that he names none.
    some_unnamed: bool,
}

impl ChannelNames {
    pub(super) fn add(&mut self, id: ChannelId, provider: ProviderName) {
        self.named.insert(id, provider);
    }

    pub(super) fn add_unnamed(&mut self) {
        self.some_unnamed = true;
    }

    pub(super) fn contains(&self, id: &ChannelId) -> bool {
        self.named.contains_key(id)
    }

    /// Tells whether the channel is known to be another provider's.
    pub(super) fn is_other_than(&self, id: &ChannelId, provider: ProviderName) -> bool {
        self.named.get(id).is_some_and(|found| *found != provider)
    }

    pub(super) fn is(&self, id: &ChannelId, provider: ProviderName) -> bool {
        self.named.get(id) == Some(&provider)
    }

    /// Takes a key that must name one of the channels.
    pub(super) fn take(&self, table: &Table, key: &'static str) -> Option<ChannelId> {
        let id = table.required(key, parsed(self.expected(), ChannelId::new))?;
        if !self.contains(&id) && !self.some_unnamed {
            table.fault(key, self.expected());
        }
        Some(id)
    }

    fn expected(&self) -> String {
        let ids: Vec<&str> = self.named.keys().map(ChannelId::as_str).collect();
        match ids.is_empty() {
            true => "the id of a [[channel]]".to_owned(),
            false => format!("the id of a [[channel]]: {}", ids.join(" | ")),
        }
    }
}
