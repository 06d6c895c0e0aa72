//! `[api]`: where cashiers and cash registers reach the daemon. It must not listen or connect.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use till_settings::{Content, Document, Faults, Kind, Mode, Note, Secret, Table, parsed, socket_address, switch};

/// Where the daemon listens.
#[derive(Clone, Debug)]
pub struct Api {
    /// The TCP address.
    pub listen: SocketAddr,
    /// The unix socket, if there is one.
    pub socket: Option<PathBuf>,
    /// The bearer token; there is one unless `listen` is loopback.
    pub token: Option<Secret>,
    /// Whether `/screen` is served.
    pub screen: bool,
}

impl Api {
    pub(super) fn take(table: &Table) -> Self {
        let listen = take_listen(table);
        let token = table.optional_secret("token", Content::Token);
        if !listen.ip().is_loopback() && !table.has("token") {
            table.fault("token", NEEDED);
        }
        Self {
            listen,
            socket: table.optional("socket", unix_socket()),
            token,
            screen: table.or("screen", false, switch()),
        }
    }
}

/// How the cashier's command line reaches the daemon: what it needs of `[api]`, and nothing else of the file.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The TCP address.
    pub listen: SocketAddr,
    /// The unix socket, which goes before the address.
    pub socket: Option<PathBuf>,
    /// The bearer token, where it can be read by whoever runs the command.
    pub token: Option<Secret>,
}

impl ApiSettings {
    /// Reads `[api]` of the daemon's configuration file.
    ///
    /// # Errors
    /// When the file is missing, unreadable or not TOML, `[api]` has a fault, or the token is needed (there is no
    /// socket, and the address is not loopback) and cannot be read.
    pub fn read(path: &Path, mode: Mode) -> Result<(Self, Vec<Note>), Faults> {
        Self::from_document(Document::read(path, mode)?)
    }

    /// Reads `[api]` of a document, which may have another environment than this process.
    ///
    /// # Errors
    /// As [`ApiSettings::read`].
    pub fn from_document(document: Document) -> Result<(Self, Vec<Note>), Faults> {
        let settings = Self::take(&document.root());
        document.finish(Some(settings))
    }

    fn take(root: &Table) -> Self {
        root.ignore_rest();
        let table = root.table("api");
        // Whether a page is served is the daemon's business.
        table.optional("screen", switch());
        let listen = take_listen(&table);
        let socket = table.optional("socket", unix_socket());
        let token = if listen.ip().is_loopback() || socket.is_some() {
            table.secret_if_readable("token", Content::Token)
        } else if table.has("token") {
            table.secret("token", Content::Token)
        } else {
            table.fault("token", NEEDED);
            None
        };
        Self { listen, socket, token }
    }
}

const NEEDED: &str = "a secret, because api.listen is not loopback";

fn take_listen(table: &Table) -> SocketAddr {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8460));
    table.or("listen", default, socket_address())
}

/// A path that fits into the address of a unix socket, which has 107 bytes.
fn unix_socket() -> Kind<PathBuf> {
    parsed("a path of 1 to 107 bytes", |text| {
        let fits = (1..=107).contains(&text.len()) && !text.contains('\0');
        fits.then(|| PathBuf::from(text))
    })
}
