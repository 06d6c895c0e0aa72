//! `till-bridge register CHANNEL URL`: tells a provider where its webhooks go, and says in words what came of it. It must
//! not know the running bridge, which the provider calls meanwhile to test the address.

mod answer;
mod ask;
#[cfg(test)]
mod tests;

use std::path::Path;

use till_settings::{Faults, HttpBase};
use till_wire::ChannelId;

use crate::config::Registration;

/// An address that a provider can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookUrl(String);

impl HookUrl {
    /// Returns the address, or nothing when it is not one: https, or http on loopback, without user and fragment.
    pub fn new(url: &str) -> Option<Self> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let plain = |c: char| c.is_ascii_graphic() && c != '#';
        (HttpBase::new(place).is_some() && query.chars().all(plain)).then(|| Self(url.to_owned()))
    }

    /// Tells whether the address leads to this path, whatever a proxy has put in front of it.
    fn leads_to(&self, path: &str) -> bool {
        let (place, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        place.ends_with(path)
    }
}

/// Why a webhook's address was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The configuration is broken, or lacks what only this command needs.
    #[error("{0}")]
    Configuration(Faults),
    /// There is no such channel.
    #[error("there is no channel `{wanted}` in the configuration; there is {known}")]
    NoChannel {
        /// The channel that was named.
        wanted: String,
        /// The others, as a list.
        known: String,
    },
    /// The provider has no call for it.
    #[error("{provider} is told the address by hand: enter it {place}; the channel's path is {path}")]
    ByHand {
        /// The provider.
        provider: &'static str,
        /// Where a person enters it.
        place: &'static str,
        /// What the address ends with.
        path: String,
    },
    /// It was tried in vain.
    #[error("{0}")]
    Failed(String),
}

impl RegisterError {
    /// Tells whether the command asked for something that cannot be.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NoChannel { .. } | Self::ByHand { .. } => true,
            Self::Configuration(_) | Self::Failed(_) => false,
        }
    }
}

/// Registers an address and returns a sentence that says what the provider made of it. `warn` hears what is odd about
/// the address before anybody is asked.
///
/// # Errors
/// See [`RegisterError`].
pub async fn register(
    file: &Path,
    channel: &str,
    url: &HookUrl,
    warn: impl FnOnce(&str),
) -> Result<String, RegisterError> {
    let unknown = |known: String| RegisterError::NoChannel { wanted: channel.escape_debug().to_string(), known };
    let Some(id) = ChannelId::new(channel) else {
        return Err(unknown("none of such a name (1 to 32 of a-z 0-9 _ -)".to_owned()));
    };
    let account = match Registration::read(file, &id).map_err(RegisterError::Configuration)? {
        Registration::ByRequest(account) => account,
        Registration::ByHand { provider, place, path } => {
            return Err(RegisterError::ByHand { provider, place, path });
        }
        Registration::Unknown(ids) => {
            let names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            return Err(unknown(names.join(", ")));
        }
    };
    let path = &account.public_path;
    if !url.leads_to(path) {
        warn(&format!(
            "the address does not end with {path}, the path of channel `{id}`: the bridge answers other paths with 404"
        ));
    }
    let answered = ask::confirm(&account, &url.0).await.map_err(RegisterError::Failed)?;
    answer::judge(&answered, &url.0).map_err(RegisterError::Failed)
}
