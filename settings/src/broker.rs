//! The way to the MQTT broker, as `[mqtt]` names it. It must not know topics, nor connect.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::address::{Address, Host};
use crate::kind::{Kind, parsed, path, text};
use crate::secret::{Content, Secret};
use crate::table::Table;
use crate::tls::{self, Identity, Roots, TlsError, whole_chain};

/// The largest MQTT packet in bytes: a message of 64 KiB, with room for its topic and header.
pub const LARGEST_PACKET: usize = 65_536 + 1_024;

/// How many published messages wait for their PUBACK at most.
pub const INFLIGHT: u16 = 32;

/// How often the broker hears of us at least.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How a broker is reached: where it is, how it is known, and how it knows us. Its `Debug` shows the first alone.
#[derive(Clone)]
pub struct Broker {
    endpoint: Endpoint,
    /// Nothing for plain MQTT, which is allowed on loopback alone.
    tls: Option<Arc<ClientConfig>>,
    /// The roots that were named for it.
    roots: Vec<CertificateDer<'static>>,
    /// Our own certificate, and those between it and its root.
    chain: Vec<CertificateDer<'static>>,
    login: Option<Login>,
}

#[derive(Clone)]
struct Login {
    username: String,
    password: Secret,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Endpoint {
    host: String,
    port: u16,
    security: Security,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    Plain,
    Tls,
}

impl Broker {
    /// Reads `url`, `ca`, `cert`, `key`, `username` and `password` of `[mqtt]`. Other keys are the caller's.
    ///
    /// The files of certificates are opened only for `mqtts://`.
    pub fn read(table: &Table) -> Option<Self> {
        let endpoint = table.required("url", parsed(EXPECTED_URL, Endpoint::parse));
        let login = read_login(table);
        let ca = table.optional("ca", path()).map(|path| table.counted(path));
        let cert = table.optional("cert", path()).map(|path| table.counted(path));
        let key = table.optional_secret("key", Content::Any);
        require_both(table, "cert", "key");
        let endpoint = endpoint?;
        let (mut named, mut chain) = (Vec::new(), Vec::new());
        let tls = match endpoint.security {
            Security::Plain => None,
            Security::Tls => {
                let roots = read_roots(table, ca.as_deref());
                let identity = cert.zip(key).and_then(|(cert, key)| read_identity(table, &cert, &key));
                named.extend(roots.iter().flat_map(Roots::named).cloned());
                chain.extend(identity.iter().flat_map(Identity::chain).cloned());
                Some(Arc::new(read_config(table, roots?, identity)?))
            }
        };
        Some(Self { endpoint, tls, roots: named, chain, login })
    }

    /// Returns the options of a client of this broker: a session that lasts, acknowledgements by hand, keep-alive
    /// of 15 s, packets of at most [`LARGEST_PACKET`].
    pub fn client_options(&self, client_id: &str) -> MqttOptions {
        let mut options = MqttOptions::new(client_id, &self.endpoint.host, self.endpoint.port);
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_session(false)
            .set_manual_acks(true)
            .set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET)
            .set_inflight(INFLIGHT);
        if let Some(config) = &self.tls {
            let config = TlsConfiguration::Rustls(Arc::clone(config));
            options.set_transport(Transport::tls_with_config(config));
        }
        if let Some(Login { username, password }) = &self.login {
            let password = String::from_utf8_lossy(password.expose());
            options.set_credentials(username, password);
        }
        options
    }

    /// Returns the way to the same broker with another certificate of ours and other roots.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn with_identity(&self, roots: Roots, identity: Identity) -> Result<Self, TlsError> {
        let (named, chain) = (roots.named().to_vec(), identity.chain().to_vec());
        let config = tls::client_config(roots, Some(identity))?;
        Ok(Self { tls: Some(Arc::new(config)), roots: named, chain, ..self.clone() })
    }

    /// Returns our own certificate, in DER, if the broker knows us by one.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.chain.first().map(AsRef::as_ref)
    }

    /// Tells whether another way to the broker is this one: the same place, certificates and login.
    pub fn is_like(&self, other: &Self) -> bool {
        let same_login = match (&self.login, &other.login) {
            (Some(own), Some(other)) => own.username == other.username && own.password.matches(other.password.expose()),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let same_certificates = self.roots == other.roots && self.chain == other.chain;
        self.endpoint == other.endpoint && same_certificates && same_login
    }

    /// Tells whether the broker has to show a certificate.
    pub fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Returns the host, as it is looked up, and the port.
    pub fn place(&self) -> (String, u16) {
        let host = self.endpoint.host.trim_start_matches('[').trim_end_matches(']');
        (host.to_owned(), self.endpoint.port)
    }

    /// Returns how TLS is spoken with the broker; nothing for plain MQTT.
    pub fn tls(&self) -> Option<Arc<ClientConfig>> {
        self.tls.clone()
    }

    /// Returns `host:port`, for logs.
    pub fn address(&self) -> String {
        format!("{}:{}", self.endpoint.host, self.endpoint.port)
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broker({})", self.address())
    }
}

/// Returns host and port of a broker's URL, for whoever only wants to know where it is.
pub fn place_of(url: &str) -> Option<(String, u16)> {
    Endpoint::parse(url).map(|endpoint| (endpoint.host, endpoint.port))
}

/// Tells whether a text names a broker as [`Broker::read`] takes it.
pub fn is_broker_url(url: &str) -> bool {
    Endpoint::parse(url).is_some()
}

/// The address of a broker, for whoever passes it on without going there.
pub fn url() -> Kind<String> {
    parsed(EXPECTED_URL, |url| is_broker_url(url).then(|| url.to_owned()))
}

const EXPECTED_URL: &str = "mqtts://host[:8883] without user and path, or mqtt://host[:1883] on loopback";

fn require_both(table: &Table, one: &'static str, other: &'static str) {
    match (table.has(one), table.has(other)) {
        (true, false) => table.fault(other, format!("one, because {one} is given")),
        (false, true) => table.fault(one, format!("one, because {other} is given")),
        (true, true) | (false, false) => {}
    }
}

fn read_login(table: &Table) -> Option<Login> {
    let username = table.optional("username", text(1..=256));
    let password = table.optional_secret("password", Content::Line);
    require_both(table, "username", "password");
    Some(Login { username: username?, password: password? })
}

fn read_roots(table: &Table, ca: Option<&Path>) -> Option<Roots> {
    let Some(ca) = ca else {
        return Some(Roots::System);
    };
    match tls::certificates(ca) {
        Ok(certificates) => Some(Roots::Only(certificates)),
        Err(error) => {
            let expected = format!("a PEM file of certificates ({})", whole_chain(&error));
            table.fault("ca", expected);
            None
        }
    }
}

fn read_identity(table: &Table, cert: &Path, key: &Secret) -> Option<Identity> {
    if key.is_absent() {
        return None;
    }
    match Identity::read(cert, key) {
        Ok(identity) => Some(identity),
        Err(error) => {
            let wrong = if matches!(error, TlsError::Key(_)) { "key" } else { "cert" };
            let expected = format!("a certificate and its key ({})", whole_chain(&error));
            table.fault(wrong, expected);
            None
        }
    }
}

fn read_config(table: &Table, roots: Roots, identity: Option<Identity>) -> Option<ClientConfig> {
    tls::client_config(roots, identity)
        .inspect_err(|error| {
            let expected = format!("a file of usable ones ({})", whole_chain(error));
            table.fault("ca", expected);
        })
        .ok()
}

impl Endpoint {
    fn parse(url: &str) -> Option<Self> {
        let address = Address::parse(url)?;
        let (security, default_port) = match address.scheme {
            "mqtts" => (Security::Tls, 8883),
            "mqtt" if address.host.is_loopback() => (Security::Plain, 1883),
            _ => return None,
        };
        // The MQTT library takes one text both as the host to connect to and as the name in the certificate, and an
        // IPv6 address is written differently in the two.
        let six = matches!(address.host, Host::Number(std::net::IpAddr::V6(_)));
        if !matches!(address.path, "" | "/") || (six && security == Security::Tls) {
            return None;
        }
        Some(Self { host: address.host.to_string(), port: address.port.unwrap_or(default_port), security })
    }
}
