//! What is looked at, as far as the configuration file says it: all of it when the file is in order, else what can still be
//! understood. It must not connect to anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use till_settings::tls::{self, Roots};
use till_settings::{Document, Environment, Fault, HttpBase, Mode, broker, read_bounded};

use super::Finding;
use crate::cli::words::{Check, Said, Setup};
use crate::config::{Channel, Provider, Reading, Settings};

/// Where systemd keeps the secrets of the service while it runs; root can read them.
const OF_THE_SERVICE: &str = "/run/credentials/tilld.service";

/// Where payOS is unless the file says otherwise.
const PAYOS: &str = "https://api-merchant.payos.vn";

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 262_144;

/// The terminal as its configuration shows it.
pub(super) struct Subject {
    pub(super) file: PathBuf,
    /// All of it, when it is in order.
    pub(super) settings: Option<Settings>,
    /// The file as it stands, when it is TOML.
    pub(super) written: toml::Table,
    /// Whom the terminal talks to.
    pub(super) peers: Vec<Peer>,
    /// What is to be said of the file itself.
    pub(super) findings: Vec<Finding>,
    pub(super) is_broken: bool,
}

/// Somebody whom the terminal talks to.
pub(super) struct Peer {
    /// `broker`, `enrolment` or a channel's id.
    pub(super) name: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) way: Way,
    /// Whether it speaks HTTP, and so tells the time.
    pub(super) speaks_http: bool,
}

/// How somebody is talked to.
pub(super) enum Way {
    Plain,
    Tls {
        config: Arc<ClientConfig>,
        /// A certificate of ours is named, and cannot be read from here.
        ours_unread: bool,
    },
    /// The configuration has to be mended first.
    NotKnown,
}

impl Subject {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> Self {
        let bytes = read_bounded(file, LARGEST);
        let is_there = bytes.is_ok();
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let written = text.and_then(|text| toml::from_str(text.trim_start_matches('\u{feff}')).ok());
        let mut subject = Self {
            file: file.to_owned(),
            settings: None,
            written: written.unwrap_or_default(),
            peers: Vec::new(),
            findings: Vec::new(),
            is_broken: false,
        };
        match read(file) {
            Ok((reading, notes)) => {
                subject.say(Setup::InOrder { file: file.to_owned() });
                for note in notes {
                    subject.say(Setup::Unread { line: note.to_string() });
                }
                let enrolled = match reading {
                    Reading::Ready(settings) => Some(*settings),
                    Reading::Unenrolled(unenrolled) => {
                        subject.say(Setup::NotEnrolled);
                        subject.peers = written_peers(&subject.written);
                        subject.settings = Some(unenrolled.settings);
                        None
                    }
                };
                if let Some(settings) = enrolled {
                    subject.peers = peers(&settings);
                    subject.settings = Some(settings);
                }
            }
            Err(faults) => {
                for fault in faults.0 {
                    let line = fault.to_string();
                    if is_denied(&fault) {
                        subject.say(Setup::Denied { line });
                    } else {
                        subject.is_broken = true;
                        subject.say(if is_there { Setup::Broken { line } } else { Setup::NoFile { line } });
                    }
                }
                subject.peers = written_peers(&subject.written);
            }
        }
        subject
    }

    fn say(&mut self, said: Setup) {
        self.findings.push(Finding::new(Check::Configuration, Said::Setup(said)));
    }
}

fn read(file: &Path) -> Result<(Reading, Vec<till_settings::Note>), till_settings::Faults> {
    let mut environment = Environment::of_process();
    if std::fs::read_dir(OF_THE_SERVICE).is_ok() {
        environment = environment.or("CREDENTIALS_DIRECTORY", OF_THE_SERVICE);
    }
    Reading::from_document(Document::read(file, Mode::Check)?.in_environment(environment), None)
}

/// Tells whether a fault only says that this user may not read a file which the file names: the daemon may. That the
/// configuration itself cannot be read stays a fault (contract §7).
fn is_denied(fault: &Fault) -> bool {
    !fault.key.is_empty() && fault.expected.contains("(os error 13)")
}

fn peers(settings: &Settings) -> Vec<Peer> {
    let (host, port) = settings.mqtt.place();
    let way = match settings.mqtt.tls() {
        None => Way::Plain,
        Some(config) => {
            let ours_unread = settings.certificate.is_some() && !config.client_auth_cert_resolver.has_certs();
            Way::Tls { config, ours_unread }
        }
    };
    let mut peers = vec![Peer { name: "broker".into(), host, port, way, speaks_http: false }];
    peers.extend(settings.channels.iter().filter_map(channel));
    if let Some(claim) = &settings.claim {
        let roots = tls::certificates_in(claim.ca.as_bytes()).map(Roots::Only);
        peers.extend(HttpBase::new(&claim.enrol_url).and_then(|base| http("enrolment", &base, roots.ok())));
    }
    peers
}

fn channel(channel: &Channel) -> Option<Peer> {
    let base = match &channel.provider {
        Provider::PayOs(payos) => &payos.base_url,
        Provider::Finan(finan) => &finan.base_url,
        Provider::SmartGlocal(glocal) => &glocal.base_url,
    };
    http(channel.id.as_str(), base, Some(channel.roots.clone()))
}

fn http(name: &str, base: &HttpBase, roots: Option<Roots>) -> Option<Peer> {
    let (host, port) = base.place()?;
    let config = roots.and_then(|roots| tls::client_config(roots, None).ok());
    let way = match config {
        _ if !base.has_tls() => Way::Plain,
        Some(config) => Way::Tls { config: Arc::new(config), ours_unread: false },
        None => Way::NotKnown,
    };
    Some(Peer { name: name.to_owned(), host, port, way, speaks_http: true })
}

/// Whom a file names that is not in order: where they are, and not how they are known.
fn written_peers(written: &toml::Table) -> Vec<Peer> {
    let peer = |name: &str, (host, port): (String, u16), speaks_http| {
        let way = Way::NotKnown;
        Peer { name: name.to_owned(), host, port, way, speaks_http }
    };
    let text = |table: &toml::Table, key: &str| table.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let broker = written.get("mqtt").and_then(toml::Value::as_table).and_then(|mqtt| text(mqtt, "url"));
    let broker = broker.and_then(|url| broker::place_of(&url)).map(|place| peer("broker", place, false));
    let channels = written.get("channel").and_then(toml::Value::as_array).into_iter().flatten();
    let channels = channels.filter_map(toml::Value::as_table).filter_map(|channel| {
        let is_payos = text(channel, "provider").as_deref() == Some("payos");
        let base = text(channel, "base_url").or_else(|| is_payos.then(|| PAYOS.to_owned()));
        let place = HttpBase::new(&base?)?.place()?;
        Some(peer(text(channel, "id").as_deref().unwrap_or("channel"), place, true))
    });
    broker.into_iter().chain(channels.take(16)).collect()
}
