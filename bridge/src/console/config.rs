//! The console's configuration as it is used: read from `console.toml`, complete and within bounds. Knows files and
//! keys; starts and opens nothing but the secrets, certificates and users that they name.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use till_settings::tls::{self, Identity, whole_chain};
use till_settings::{Broker, Content, Document, Faults, Kind, Mode, Note, Table};
use till_settings::{hours, parsed, path, socket_address, whole};
use till_wire::fleet::FleetSigner;

use super::users::Users;
use crate::config::{Network, client_id};

/// Where the configuration lies when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/till-bridge/console.toml";
/// The environment variable that names another place.
pub const PATH_VARIABLE: &str = "TILL_CONSOLE_CONFIG";

/// The settings of one console. They cannot be wrong, only unfortunate.
#[derive(Debug)]
pub struct Settings {
    pub(crate) http: Http,
    pub(crate) admin: SocketAddr,
    pub(crate) broker: Broker,
    pub(crate) client_id: String,
    pub(crate) users: PathBuf,
    pub(crate) idle: Duration,
    pub(crate) life: Duration,
    pub(crate) audit: AuditFile,
    /// The key with which harmless commands are signed.
    pub(crate) signer: Option<FleetSigner>,
    pub(crate) timezone: TimeZone,
}

/// `[http]`.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// Under which address browsers know the console; only on loopback nothing.
    pub(crate) public: Option<Public>,
    pub(crate) proxies: Vec<Network>,
}

/// An origin such as `https://console.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Public {
    pub(crate) host: String,
}

/// `[audit]`.
#[derive(Debug)]
pub(crate) struct AuditFile {
    pub(crate) path: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) keep: u64,
}

const DEFAULT_AUDIT: &str = "/var/lib/till-console/audit.jsonl";
const MAX_PROXIES: usize = 64;

impl Settings {
    /// Reads the file with all its secrets.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn read(file: &Path) -> Result<Self, Faults> {
        let document = Document::read(file, Mode::Run)?;
        let settings = read_root(&document.root());
        document.finish(settings).map(|(settings, _)| settings)
    }

    /// Reads the file as [`Settings::read`] does, but where a credential cannot be read because no service manager has
    /// passed any, says so in a note.
    ///
    /// # Errors
    /// Returns every fault of the file in one go.
    pub fn check(file: &Path) -> Result<Vec<Note>, Faults> {
        let document = Document::read(file, Mode::Check)?;
        let whole = read_root(&document.root());
        document.finish(whole).map(|(_, notes)| notes)
    }
}

/// Reads everything before it gives up on anything, so that every fault is found in one run.
fn read_root(root: &Table) -> Option<Settings> {
    let http = Http::read(&root.table("http"));
    let default: SocketAddr = ([127, 0, 0, 1], 8475).into();
    let admin = root.table("admin").or("listen", default, socket_address());
    let mqtt = root.table("mqtt");
    let broker = Broker::read(&mqtt);
    let client_id = mqtt.required("client_id", client_id());
    let users = read_users(&root.table("users"));
    let sessions = root.table("sessions");
    let idle = sessions.or("idle_min", Duration::from_secs(30 * 60), minutes(5..=720));
    let life = sessions.or("life_h", Duration::from_secs(12 * 3600), hours(1..=168));
    let audit = AuditFile::read(&root.table("audit"));
    let signer = read_signer(&root.table("signing"));
    let view = root.table("view");
    let timezone = view.or("timezone", "Asia/Ho_Chi_Minh", timezone());
    let timezone = TimeZone::get(&timezone).ok();
    Some(Settings {
        http: http?,
        admin,
        broker: broker?,
        client_id: client_id?,
        users: users?,
        idle,
        life,
        audit,
        signer: signer?,
        timezone: timezone?,
    })
}

fn minutes(bounds: std::ops::RangeInclusive<u64>) -> Kind<Duration> {
    let expected = format!("a whole number of minutes from {} to {}", bounds.start(), bounds.end());
    whole(bounds).then(|minutes| minutes.checked_mul(60).map(Duration::from_secs)).expecting(expected)
}

fn timezone() -> Kind<String> {
    parsed("a time zone such as \"Asia/Ho_Chi_Minh\"", |name| TimeZone::get(name).ok().map(|_| name.to_owned()))
}

impl Http {
    fn read(table: &Table) -> Option<Self> {
        let default: SocketAddr = ([127, 0, 0, 1], 8474).into();
        let listen = table.or("listen", default, socket_address());
        let public = table.optional("public", parsed(EXPECTED_PUBLIC, Public::parse));
        let networks = parsed("an address or a range such as 10.0.0.0/8", Network::parse);
        let proxies = table.list("trusted_proxies", MAX_PROXIES, networks);
        let wants_tls = table.has("tls");
        let tls = match table.optional_table("tls") {
            Some(table) => Some(read_tls(&table)?),
            None => None,
        };
        if !wants_tls && !listen.ip().is_loopback() {
            table.fault("tls", "a certificate and its key, because http.listen is not on loopback");
            return None;
        }
        if wants_tls && !table.has("public") {
            table.fault("public", format!("{EXPECTED_PUBLIC}, because browsers reach the console from elsewhere"));
            return None;
        }
        // Only `--check` may go on without a key, and it starts no server.
        Some(Self { listen, tls: tls.flatten(), public, proxies })
    }
}

const EXPECTED_PUBLIC: &str =
    "the address as it stands in browsers, such as \"https://console.example\", without a path";

impl Public {
    fn parse(text: &str) -> Option<Self> {
        let host = text.strip_prefix("https://")?;
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "443"));
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        let fits = !name.is_empty() && name.len() <= 253 && name.bytes().all(plain) && port.parse::<u16>().is_ok();
        fits.then(|| Self { host: host.strip_suffix(":443").unwrap_or(host).to_owned() })
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
    let made = Identity::read(&cert, &key).and_then(tls::server_config).map_err(|error| {
        table.fault("cert", format!("a certificate and its key ({})", whole_chain(&error)));
    });
    made.ok().map(|config| Some(Arc::new(config)))
}

/// The file is not kept here: it may change while the console runs.
fn read_users(table: &Table) -> Option<PathBuf> {
    let file = table.required("file", path())?;
    let read = Users::open(&file);
    read.map_err(|error| table.fault("file", format!("a file of users ({})", whole_chain(&error)))).ok()?;
    Some(file)
}

impl AuditFile {
    fn read(table: &Table) -> Self {
        Self {
            path: table.or("path", DEFAULT_AUDIT, path()),
            max_bytes: table.or("max_bytes", 10_485_760_u64, whole(65_536..=1_073_741_824)),
            keep: table.or("keep", 9_u64, whole(1..=100)),
        }
    }
}

/// The inner option is empty where the console signs nothing, and while the key cannot be read in a check.
fn read_signer(table: &Table) -> Option<Option<FleetSigner>> {
    if !table.has("key") {
        table.optional_secret("key", Content::Any);
        return Some(None);
    }
    let key = table.optional_secret("key", Content::Any)?;
    if key.is_absent() {
        return Some(None);
    }
    let der = PrivatePkcs8KeyDer::from_pem_slice(key.expose());
    let signer = der.ok().and_then(|der| FleetSigner::from_pkcs8(der.secret_pkcs8_der()).ok());
    if signer.is_none() {
        table.fault("key", "the PEM file of an Ed25519 private key, as `till fleet keygen` makes it");
    }
    signer.map(Some)
}
