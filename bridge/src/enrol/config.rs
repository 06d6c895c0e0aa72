//! The enrolment server's configuration as it is used: read from `enrol.toml`, complete and within bounds. Knows
//! files and keys; starts and opens nothing but the secrets and certificates that they name.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use till_authority::Authority;
use till_settings::tls::{self, Identity, whole_chain};
use till_settings::{Content, Document, Faults, Mode, Note, Table};
use till_settings::{days, parsed, path, read_bounded, socket_address, whole};
use till_wire::fleet::FleetKey;

use super::clients::{Clients, read_lists};
use crate::clock;

/// Where the configuration lies when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/till-bridge/enrol.toml";
/// The environment variable that names another place.
pub const PATH_VARIABLE: &str = "TILL_ENROL_CONFIG";

/// The settings of one enrolment server. They cannot be wrong, only unfortunate.
#[derive(Debug)]
pub struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) admin: SocketAddr,
    pub(crate) authority: Arc<Authority>,
    pub(crate) clients: Arc<Clients>,
    /// The file of revocation lists.
    pub(crate) lists: Option<PathBuf>,
    pub(crate) claims: Claims,
    pub(crate) limits: Limits,
}

/// `[claims]`.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) trusted: Vec<FleetKey>,
    pub(crate) path: PathBuf,
    pub(crate) valid: Duration,
    pub(crate) max_records: u64,
}

/// `[limits]`.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) refused_per_s: u32,
    pub(crate) certificates_per_h: u32,
}

/// `[authority]`; nothing while its key is a credential that cannot be read in a check.
struct Signing {
    authority: Option<Arc<Authority>>,
    clients: Arc<Clients>,
    lists: Option<PathBuf>,
}

const MAX_KEYS: usize = 32;
const LARGEST_CERTIFICATE: u64 = 16_384;
const DEFAULT_STORE: &str = "/var/lib/till-enrol";

impl Settings {
    /// Reads the file with all its secrets.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn read(file: &Path) -> Result<Self, Faults> {
        let document = Document::read(file, Mode::Run)?;
        let settings = read_root(&document.root()).flatten();
        document.finish(settings).map(|(settings, _)| settings)
    }

    /// Reads the file as [`Settings::read`] does, but where a credential cannot be read because no service manager has
    /// passed any, says so in a note.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn check(file: &Path) -> Result<Vec<Note>, Faults> {
        let document = Document::read(file, Mode::Check)?;
        let whole = read_root(&document.root()).map(|_| ());
        document.finish(whole).map(|((), notes)| notes)
    }
}

/// Reads everything before it gives up on anything, so that every fault is found in one run. The settings themselves
/// are missing only where a check could not read a secret.
fn read_root(root: &Table) -> Option<Option<Settings>> {
    let signing = Signing::read(&root.table("authority"));
    let clients = signing.as_ref().map(|signing| Arc::clone(&signing.clients));
    let http = read_http(&root.table("http"), clients);
    let default: SocketAddr = ([127, 0, 0, 1], 8473).into();
    let admin = root.table("admin").or("listen", default, socket_address());
    let claims = Claims::read(&root.table("claims"));
    let limits = Limits::read(&root.table("limits"));
    let Signing { authority, clients, lists } = signing?;
    let ((listen, tls), claims, limits) = (http?, claims?, limits?);
    Some(authority.map(|authority| Settings { listen, tls, admin, authority, clients, lists, claims, limits }))
}

fn read_http(table: &Table, clients: Option<Arc<Clients>>) -> Option<(SocketAddr, Option<Arc<ServerConfig>>)> {
    let listen = table.required("listen", socket_address());
    let reason =
        "the key left out: TLS must end here, because terminals renew with the certificates that they show in it";
    table.optional("trusted_proxies", parsed(reason, |_| None::<()>));
    let tls = match table.optional_table("tls") {
        Some(tls) => Some(read_tls(&tls, clients)?),
        None => None,
    };
    let listen = listen?;
    if tls.is_none() && !listen.ip().is_loopback() {
        table.fault("tls", "a certificate and its key, because http.listen is not on loopback");
        return None;
    }
    // Only `--check` may go on without a key, and it starts no server.
    Some((listen, tls.flatten()))
}

/// The inner option is empty while the key is a credential that cannot be read in a check.
fn read_tls(table: &Table, clients: Option<Arc<Clients>>) -> Option<Option<Arc<ServerConfig>>> {
    let cert = table.required("cert", path());
    let key = table.secret("key", Content::Any);
    let (cert, key, clients) = (cert?, key?, clients?);
    if key.is_absent() {
        return Some(None);
    }
    let made = Identity::read(&cert, &key).and_then(|identity| tls::server_config_with_clients(identity, clients));
    let made = made.map_err(|error| {
        table.fault("cert", format!("a certificate and its key ({})", whole_chain(&error)));
    });
    made.ok().map(|config| Some(Arc::new(config)))
}

impl Signing {
    fn read(table: &Table) -> Option<Self> {
        let cert = table.required("cert", path());
        let key = table.secret("key", Content::Any);
        let root = table.required("root", path());
        let lists = table.optional("crl", path());
        let clients = root.and_then(|root| {
            let made = Clients::new(&root);
            made.map_err(|error| table.fault("root", format!("the fleet's root ({})", whole_chain(&error)))).ok()
        });
        let cert = cert.and_then(|cert| {
            let read = read_bounded(&cert, LARGEST_CERTIFICATE);
            read.map_err(|error| table.fault("cert", format!("a PEM file that can be read ({error})"))).ok()
        });
        let (cert, key, clients) = (cert?, key?, Arc::new(clients?));
        if key.is_absent() {
            return Some(Self { authority: None, clients, lists });
        }
        let authority = Arc::new(read_authority(table, &cert, key.expose())?);
        // A machine that woke in 1970 must not take good files for bad ones: it waits for its clock.
        if clock::is_plausible() {
            if let Err(error) = clients.must_believe(&authority, clock::now()) {
                let expected = format!("an issuer that authority.root has signed, and alive ({})", whole_chain(&error));
                table.fault("cert", expected);
                return None;
            }
            if let Some(file) = &lists {
                use_lists(table, file, &clients, &authority)?;
            }
        }
        Some(Self { authority: Some(authority), clients, lists })
    }
}

fn read_authority(table: &Table, cert: &[u8], key: &[u8]) -> Option<Authority> {
    let read = Authority::read(cert, key);
    read.map_err(|error| table.fault("cert", format!("the issuer's certificate, and its key ({error})"))).ok()
}

fn use_lists(table: &Table, file: &Path, clients: &Clients, authority: &Authority) -> Option<()> {
    let used = read_lists(file).and_then(|lists| {
        clients.must_concern(lists.clone(), authority, clock::now())?;
        clients.use_lists(lists)
    });
    let expected = |error| format!("revocation lists, one of them the issuer's ({})", whole_chain(&error));
    used.map_err(|error| table.fault("crl", expected(error))).ok()
}

impl Claims {
    fn read(table: &Table) -> Option<Self> {
        let files = table.list("trusted_keys", MAX_KEYS, path());
        let store = table.or("path", DEFAULT_STORE, path());
        let valid = table.or("valid_days", Duration::from_secs(365 * 86_400), days(1..=825));
        let max_records = table.or("max_records", 1_000_000_u64, whole(100..=100_000_000));
        if files.is_empty() {
            table.fault("trusted_keys", format!("1 to {MAX_KEYS} files with the public keys of the fleet"));
            return None;
        }
        let trusted: Option<Vec<_>> = files.iter().map(|file| read_key(table, file)).collect();
        Some(Self { trusted: trusted?, path: store, valid, max_records })
    }
}

fn read_key(table: &Table, file: &Path) -> Option<FleetKey> {
    let fault = |why: String| table.fault("trusted_keys", format!("files of public keys: {}: {why}", file.display()));
    let spki = tls::public_key(file).map_err(|error| fault(whole_chain(&error))).ok()?;
    FleetKey::from_spki(&spki).map_err(|error| fault(error.to_string())).ok()
}

impl Limits {
    fn read(table: &Table) -> Option<Self> {
        let refused_per_s = table.or("refused_per_s", 20_u64, whole(1..=1000));
        let certificates_per_h = table.or("certificates_per_h", 12_u64, whole(1..=1000));
        Some(Self {
            refused_per_s: u32::try_from(refused_per_s).ok()?,
            certificates_per_h: u32::try_from(certificates_per_h).ok()?,
        })
    }
}
