//! What a terminal forgets when its operator has it wiped: sales, receipts, recordings, and its membership of the fleet. A
//! mark on the disk says that it is to be done, so that a power cut in the middle of it changes nothing.

use std::fs;
use std::io;
use std::path::Path;

use till_settings::tls::whole_chain;
use till_settings::{replace_file, sync_folder_of};
use till_wire::UnixTime;
use till_wire::fleet::MAX_LIFE_S;

use crate::clock;
use crate::config::Settings;
use crate::desired;
use crate::flight;
use crate::identity::IdentityError;
use crate::store::{Store, StoreError};
use crate::update::Place;

/// The mark, in the store's folder.
const MARK: &str = "wipe";

/// Why not everything could be forgotten. It is tried again at the next start.
#[derive(Debug, thiserror::Error)]
pub enum WipeError {
    /// The claim, the key or the certificate.
    #[error("cannot forget the terminal's membership")]
    Identity(#[source] IdentityError),
    /// The recordings of the flight recorder.
    #[error("cannot remove the recordings in the store's folder")]
    Recordings(#[source] io::Error),
    /// The configuration from afar.
    #[error("cannot forget the configuration from afar")]
    Configuration(#[source] io::Error),
    /// What is there of an update.
    #[error("cannot remove what is there of an update")]
    Update(#[source] io::Error),
    /// The store.
    #[error("cannot erase the store")]
    Store(#[source] StoreError),
    /// The mark.
    #[error("cannot remove the mark that says that this terminal is to be wiped")]
    Mark(#[source] io::Error),
}

/// Notes durably that everything is to be forgotten, but until when commands that were obeyed could live: the wipe itself
/// among them must not be obeyed again.
pub(super) fn note(store: &Path, obeyed_until: Option<UnixTime>) -> io::Result<()> {
    let until = obeyed_until.unwrap_or_else(longest).ms().to_string();
    replace_file(&store.join(MARK), until.as_bytes(), 0o600, |_| Ok(()))
}

/// No command that was made until now lives longer.
fn longest() -> UnixTime {
    UnixTime::from_ms(clock::wall().ms().saturating_add((MAX_LIFE_S + 60) * 1000))
}

/// Forgets everything if that was noted, as the last thing that the process does.
pub(super) fn finish_at_end(settings: &Settings) {
    if let Err(error) = finish_wipe(settings) {
        let error = whole_chain(&error);
        tracing::error!(error, "not everything is forgotten yet; the next start goes on with it");
    }
}

/// Forgets everything if that was noted, and says whether it was. Nobody may have the store open. What stays is a store that
/// has nothing but that the terminal is shut.
///
/// # Errors
/// When something could not be forgotten; the mark stays.
pub fn finish_wipe(settings: &Settings) -> Result<bool, WipeError> {
    let folder = &settings.store.path;
    let mark = folder.join(MARK);
    if !mark.exists() {
        return Ok(false);
    }
    settings.fleet.identity.iter().try_for_each(|place| place.forget()).map_err(WipeError::Identity)?;
    flight::remove_all(folder).map_err(WipeError::Recordings)?;
    Place::new(folder, &settings.fleet.installer).clear().map_err(WipeError::Update)?;
    // A mark that was cut short is none of ours; nothing is obeyed by it for a day.
    let until = fs::read_to_string(&mark).ok().and_then(|text| text.parse().ok()).map(UnixTime::from_ms);
    desired::forget(folder).map_err(WipeError::Configuration)?;
    Store::erase(folder, clock::wall(), until.unwrap_or_else(longest)).map_err(WipeError::Store)?;
    fs::remove_file(&mark).and_then(|()| sync_folder_of(&mark)).map_err(WipeError::Mark)?;
    tracing::warn!("this terminal was wiped by its operator's command: it is shut, and has forgotten its sales");
    Ok(true)
}
