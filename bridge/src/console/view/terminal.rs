//! One terminal as it has described itself last. It must not know whether that is good.

use till_wire::fleet::Reported;
use till_wire::{GroupName, Presence, Status, TillState, UnixTime, fold_to_ascii};

use super::sales::Sales;
use super::{MAX_HEALTH, MAX_REPORTED, Refused, within};

/// The longest label in characters, and the most groups of one terminal, as in its configuration.
const MAX_LABEL: usize = 40;
const MAX_GROUPS: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    pub(crate) presence: Option<TillState>,
    pub(crate) health: Option<Health>,
    pub(crate) reported: Option<Reported>,
    pub(crate) sales: Sales,
    /// How large the reports were from which the others were read.
    health_bytes: usize,
    reported_bytes: usize,
}

/// How it is doing.
#[derive(Debug)]
pub(crate) struct Health {
    pub(crate) status: Status,
    /// When the console heard it.
    pub(crate) heard: UnixTime,
    /// The label in small plain letters, for the search.
    pub(crate) folded: String,
}

impl Terminal {
    /// Takes what it says of its presence. A `lost` that is older than the newest session says nothing: the broker was
    /// late with the will of a connection that the terminal has replaced. Whatever the terminal says itself counts, so
    /// that one with a new store, whose numbers begin anew, is not ignored.
    pub(super) fn said(&mut self, state: TillState) {
        let newest = self.presence.map_or(0, |known| known.session);
        let stale = match state.state {
            Presence::Lost => state.session < newest,
            Presence::Init | Presence::Ready | Presence::Disconnected | Presence::Sleeping => false,
        };
        if !stale {
            self.presence = Some(state);
        }
    }

    pub(super) fn healthy(&mut self, body: &[u8], now: UnixTime) -> Result<(), Refused> {
        if body.is_empty() {
            (self.health, self.health_bytes) = (None, 0);
            return Ok(());
        }
        let status: Status = serde_json::from_slice(within(body, MAX_HEALTH)?)?;
        let folded = folded(label(&status));
        self.health = Some(Health { status, heard: now, folded });
        self.health_bytes = body.len();
        Ok(())
    }

    pub(super) fn reported(&mut self, body: &[u8]) -> Result<(), Refused> {
        if body.is_empty() {
            (self.reported, self.reported_bytes) = (None, 0);
            return Ok(());
        }
        self.reported = Some(serde_json::from_slice(within(body, MAX_REPORTED)?)?);
        self.reported_bytes = body.len();
        Ok(())
    }

    pub(super) fn bytes(&self) -> usize {
        self.health_bytes + self.reported_bytes
    }

    /// What the shop calls it, as far as it can be configured.
    pub(crate) fn label(&self) -> &str {
        self.health.as_ref().map(|health| label(&health.status)).unwrap_or_default()
    }

    /// The groups that it says it is in, as far as these are groups' names, and no more than a terminal may have.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let named = self.health.iter().flat_map(|health| &health.status.terminal.groups).map(String::as_str);
        named.filter(|name| GroupName::new(name).is_some()).take(MAX_GROUPS)
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.health.as_ref().map(|health| health.status.terminal.version.as_str())
    }
}

fn label(status: &Status) -> &str {
    let whole = status.terminal.label.as_deref().unwrap_or_default();
    let end = whole.char_indices().nth(MAX_LABEL).and_then(|(at, _)| whole.get(..at));
    end.unwrap_or(whole)
}

/// Returns a text in small letters without marks, by which one finds `quay` in `Quầy`.
pub(crate) fn folded(text: &str) -> String {
    fold_to_ascii(text).to_ascii_lowercase()
}
