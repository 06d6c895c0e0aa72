//! The bridge's configuration as it is used: read from `bridge.toml`, complete and within bounds.
//! Knows files and keys; starts and opens nothing but the secrets and certificates that they name.

mod channel;
mod registration;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use till_authority::ClientName;
use till_settings::tls::{self, Identity, whole_chain};
use till_settings::{Broker, Content, Document, Faults, Mode, Note, Table};
use till_settings::{hours, parsed, path, socket_address, whole};

pub(crate) use self::channel::Channel;
pub(crate) use self::registration::{Account, Registration};
use crate::server::limits::Crowd;

/// Where the configuration lies when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/till-bridge/bridge.toml";
/// The environment variable that names another place.
pub const PATH_VARIABLE: &str = "TILL_BRIDGE_CONFIG";

/// The settings of one bridge. They cannot be wrong, only unfortunate.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) hooks: Hooks,
    pub(crate) admin: SocketAddr,
    pub(crate) broker: Broker,
    pub(crate) client_id: String,
    pub(crate) journal: Journal,
    pub(crate) channels: Vec<Channel>,
}

/// The side that providers call: `[http]`.
#[derive(Clone, Debug)]
pub(crate) struct Hooks {
    pub(crate) listen: SocketAddr,
    pub(crate) forged_per_s: u32,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) proxies: Vec<Network>,
    pub(crate) crowd: Crowd,
}

/// `[journal]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    pub(crate) path: PathBuf,
    pub(crate) keep: Duration,
    pub(crate) max_bytes: u64,
}

/// A range of addresses such as `10.0.0.0/8`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    base: IpAddr,
    prefix: u32,
}

const MAX_CHANNELS: usize = 64;
const MAX_PROXIES: usize = 64;
/// Below the files that the service may have open, and what the journal's queue holds.
const MAX_CONNECTIONS: std::ops::RangeInclusive<u64> = 8..=4096;
/// The smallest journal holds one envelope of the largest size.
const MAX_BYTES: std::ops::RangeInclusive<u64> = 131_072..=1_099_511_627_776;

impl Settings {
    /// Reads the file with all its secrets.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn read(file: &Path) -> Result<Self, Faults> {
        Self::read_in(file, Mode::Run).map(|(settings, _)| settings)
    }

    /// Reads the file as [`Settings::read`] does, but where a credential cannot be read because no
    /// service manager has passed any, says so in a note.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn check(file: &Path) -> Result<Vec<Note>, Faults> {
        Self::read_in(file, Mode::Check).map(|(_, notes)| notes)
    }

    fn read_in(file: &Path, mode: Mode) -> Result<(Self, Vec<Note>), Faults> {
        let document = Document::read(file, mode)?;
        let settings = read_root(&document.root());
        document.finish(settings)
    }
}

/// Reads everything before it gives up on anything, so that every fault is found in one run.
fn read_root(root: &Table) -> Option<Settings> {
    let hooks = Hooks::read(&root.table("http"));
    let default: SocketAddr = ([127, 0, 0, 1], 8471).into();
    let admin = root.table("admin").or("listen", default, socket_address());
    let mqtt = root.table("mqtt");
    let broker = Broker::read(&mqtt);
    let client_id = mqtt.required("client_id", client_id());
    let journal = Journal::read(&root.table("journal"));
    let tables = root.tables("channel", MAX_CHANNELS);
    let channels: Vec<Option<Channel>> = tables.iter().map(Channel::read).collect();
    refuse_duplicates(&tables, &channels);
    Some(Settings {
        hooks: hooks?,
        admin,
        broker: broker?,
        client_id: client_id?,
        journal: journal?,
        channels: channels.into_iter().collect::<Option<_>>()?,
    })
}

fn refuse_duplicates(tables: &[Table], channels: &[Option<Channel>]) {
    let mut seen = BTreeSet::new();
    for (table, channel) in tables.iter().zip(channels) {
        let Some(channel) = channel else { continue };
        if !seen.insert(channel.id.clone()) {
            table.fault("id", "an id that no other channel has");
        }
    }
}

impl Hooks {
    fn read(table: &Table) -> Option<Self> {
        let listen = table.required("listen", socket_address());
        let forged_per_s = table.or("forged_per_s", 20_u64, whole(1..=1000));
        let connections = table.or("max_connections", 2048_u64, whole(MAX_CONNECTIONS));
        let per_source = table.or("max_connections_per_source", 1024_u64, whole(1..=*MAX_CONNECTIONS.end()));
        let networks = parsed("an address or a range such as 10.0.0.0/8", Network::parse);
        let proxies = table.list("trusted_proxies", MAX_PROXIES, networks);
        let tls = match table.optional_table("tls") {
            Some(table) => Some(read_tls(&table)?),
            None => None,
        };
        Some(Self {
            listen: listen?,
            forged_per_s: u32::try_from(forged_per_s).ok()?,
            // Only `--check` may go on without a key, and it starts no server.
            tls: tls.flatten(),
            proxies,
            crowd: Crowd {
                connections: usize::try_from(connections).ok()?,
                per_source: usize::try_from(per_source).ok()?,
            },
        })
    }
}

/// The inner option is empty while the key is a credential that cannot be read in a check.
fn read_tls(table: &Table) -> Option<Option<Arc<ServerConfig>>> {
    let cert = table.required("cert", path());
    let key = table.secret("key", Content::Any);
    let (cert, key) = (cert?, key?);
    if key.is_absent() {
        return Some(None);
    }
    match Identity::read(&cert, &key).and_then(tls::server_config) {
        Ok(config) => Some(Some(Arc::new(config))),
        Err(error) => {
            let expected = format!("a certificate and its key ({})", whole_chain(&error));
            table.fault("cert", expected);
            None
        }
    }
}

impl Journal {
    fn read(table: &Table) -> Option<Self> {
        let path = table.required("path", path());
        let keep = table.or("keep_h", Duration::from_secs(168 * 3600), hours(1..=8760));
        let max_bytes = table.or("max_bytes", 1_073_741_824_u64, whole(MAX_BYTES));
        Some(Self { path: path?, keep, max_bytes })
    }
}

pub(crate) fn client_id() -> till_settings::Kind<String> {
    let expected = "1 to 64 of a-z A-Z 0-9 . _ -, but not the seven digits of a terminal";
    parsed(expected, |text| ClientName::new(text).map(|name| name.as_str().to_owned()))
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= width)?,
            None => width,
        };
        Some(Self { base, prefix })
    }

    /// Says whether the address lies within; `address` is canonical (no IPv4 written as IPv6).
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let (base, address, width) = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32),
            (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        // A shift by the whole width means that the prefix is empty and everything lies within.
        let different = (base ^ address).checked_shr(width - self.prefix.min(width));
        different.is_none_or(|different| different == 0)
    }
}

#[cfg(test)]
mod tests;
