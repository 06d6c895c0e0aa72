//! `fleet.toml`: where the operator's keys are, what goes into a claim, and how the operator himself reaches the broker. It
//! must not open the fleet's own keys, nor connect.

use std::path::{Path, PathBuf};

use till_authority::ClientName;
use till_settings::{Broker, Content, Document, Faults, Kind, Mode, Note, Table, broker, http_base, parsed, path, tls};
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
    /// Who the operator is to the broker: his certificate's common name.
    pub(super) client_id: ClientName,
    /// The certificates of the broker's authority, the operator's own, and the file that its key is in when nobody says
    /// otherwise.
    pub(super) ca: PathBuf,
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
    /// The folder of the fleet's files, from which configurations are made.
    pub(super) files: PathBuf,
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
        let keys: PathBuf = root.table("keys").or("folder", "keys", path());
        let files = root.table("fleet").or("folder", "fleet", path());
        let enrol = root.table("enrol");
        let enrol_url = enrol.required("url", short_base());
        let more_trusted_keys = enrol.list("more_trusted_keys", MOST_MORE_KEYS, public_key(folder));
        let mqtt = root.table("mqtt");
        let broker = mqtt.required("url", broker_url());
        let client_id = mqtt.or_made("client_id", ClientName::new("operator-1"), client_id());
        let own = |end: &str| client_id.as_ref().map(|name| keys.join(format!("{}.{end}", name.as_str())));
        let ca = mqtt.or("ca", keys.join("ca.pem"), path());
        let cert = mqtt.or_made("cert", own("pem"), path());
        // Keys are made after this file, so one that is not there yet is no fault until somebody connects.
        mqtt.secret_if_readable("key", Content::Any);
        let key = own("key");
        let channels = take_channels(root);
        Some(Self {
            keys: folder.join(&keys),
            enrol_url: enrol_url?,
            more_trusted_keys,
            broker: broker?,
            client_id: client_id?,
            ca: folder.join(ca),
            cert: folder.join(cert?),
            key: folder.join(key?),
            files: folder.join(files),
            channels: channels?,
        })
    }
}

/// Reads the file once more, for the way to the broker: its certificates and keys are opened now.
///
/// # Errors
/// Every fault of `[mqtt]`.
pub(super) fn way_to_the_broker(file: &Path, settings: &FleetSettings) -> Result<Broker, Faults> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut document = Document::read(file, Mode::Run)?.counting_from(&std::path::absolute(folder).unwrap_or_default());
    if settings.broker.starts_with("mqtts://") {
        // Where its own certificate is, its key is beside it, unless the file says otherwise.
        let text = |path: &Path| path.display().to_string();
        document.fill("mqtt", "ca", text(&settings.ca));
        document.fill("mqtt", "cert", text(&settings.cert));
        let key = toml::Table::from_iter([("file".to_owned(), text(&settings.key).into())]);
        document.fill("mqtt", "key", key);
    }
    let broker = {
        let root = document.root();
        root.ignore_rest();
        let table = root.table("mqtt");
        table.ignore_rest();
        Broker::read(&table)
    };
    document.finish(broker).map(|(broker, _)| broker)
}

fn client_id() -> Kind<ClientName> {
    const EXPECTED: &str = "the common name of the operator's certificate, such as operator-1";
    parsed(EXPECTED, ClientName::new)
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
