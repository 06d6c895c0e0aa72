//! `fleet.toml`: where the operator's keys are, and what goes into a claim. It must not open the keys themselves.

use std::path::{Path, PathBuf};

use till_settings::{Document, Faults, Kind, Mode, Note, Table, broker, http_base, parsed, path, tls};
use till_wire::ChannelId;
use till_wire::fleet::{ClaimChannel, FleetKey};

/// What a claim takes at most (`wire::fleet::Claim`); one of its trusted keys is the fleet's own.
const MOST_CHANNELS: usize = 64;
const MOST_MORE_KEYS: usize = 31;
const LONGEST_URL: usize = 512;

/// The fleet as its operator describes it.
#[derive(Debug)]
pub(in crate::cli) struct FleetSettings {
    /// The folder of the keys.
    pub(super) keys: PathBuf,
    /// Where terminals ask for their certificates.
    pub(super) enrol_url: String,
    /// Whose commands terminals obey beside those of the fleet's own key.
    pub(super) more_trusted_keys: Vec<FleetKey>,
    /// Where the broker is.
    pub(super) broker: String,
    /// Where channels' providers are reached, as terminals are told; each id once.
    pub(super) channels: Vec<ClaimChannel>,
}

impl FleetSettings {
    /// Reads the file. Paths in it count from the folder that it is in.
    ///
    /// # Errors
    /// Every fault of the file, found in one run.
    pub(in crate::cli) fn read(file: &Path, mode: Mode) -> Result<(Self, Vec<Note>), Faults> {
        let document = Document::read(file, mode)?;
        let settings = Self::take(&document.root(), file.parent().unwrap_or(Path::new("")));
        document.finish(settings)
    }

    fn take(root: &Table, folder: &Path) -> Option<Self> {
        let keys = root.table("keys").or("folder", "keys", path());
        let enrol = root.table("enrol");
        let enrol_url = enrol.required("url", short_base());
        let more_trusted_keys = enrol.list("more_trusted_keys", MOST_MORE_KEYS, public_key(folder));
        let broker = root.table("mqtt").required("url", broker_url());
        let channels = take_channels(root);
        let keys = folder.join(keys);
        Some(Self { keys, enrol_url: enrol_url?, more_trusted_keys, broker: broker?, channels: channels? })
    }
}

fn take_channels(root: &Table) -> Option<Vec<ClaimChannel>> {
    if !root.has("channel") {
        return Some(Vec::new());
    }
    let mut channels: Vec<Option<ClaimChannel>> = Vec::new();
    for table in root.tables("channel", MOST_CHANNELS) {
        const EXPECTED: &str = "an id of 1 to 32 of a-z, 0-9, _ and -, as in the terminals' configuration";
        let id = table.required("id", parsed(EXPECTED, ChannelId::new));
        let base_url = table.required("base_url", short_base());
        if channels.iter().flatten().any(|channel| Some(&channel.id) == id.as_ref()) {
            table.fault("id", "an id that no other [[channel]] has");
        }
        channels.push(id.zip(base_url).map(|(id, base_url)| ClaimChannel { id, base_url }));
    }
    channels.into_iter().collect()
}

fn short_base() -> Kind<String> {
    const EXPECTED: &str =
        "an https:// address of at most 512 characters without user, query and fragment (http:// only on loopback)";
    http_base().then(|base| short(base.as_str().to_owned())).expecting(EXPECTED)
}

fn broker_url() -> Kind<String> {
    broker::url().then(short)
}

fn short(url: String) -> Option<String> {
    (url.len() <= LONGEST_URL).then_some(url)
}

/// The file of a public key.
fn public_key(folder: &Path) -> Kind<FleetKey> {
    let folder = folder.to_owned();
    path()
        .then(move |file| read_key(&folder.join(file)))
        .expecting("a file with an Ed25519 public key (PEM, as `till fleet keygen` writes it)")
}

fn read_key(file: &Path) -> Option<FleetKey> {
    FleetKey::from_spki(&tls::public_key(file).ok()?).ok()
}
