//! What `till-bridge register` needs of `bridge.toml`: one channel's account at its provider. It must not need what the
//! bridge alone may read, so that an operator can run it; and it keeps these keys out of the running bridge.

use std::path::Path;

use till_settings::tls::{self, Roots, whole_chain};
use till_settings::{Content, Document, Faults, HttpBase, Mode, Secret, Table, http_base, path};
use till_wire::ChannelId;

use super::MAX_CHANNELS;
use super::channel::{Provider, id, read_public_path};

/// A channel as it is looked up by its id.
#[derive(Clone, Debug)]
pub(crate) enum Registration {
    /// Its provider is told of the webhook's address over HTTP.
    ByRequest(Account),
    /// Its provider is told by a person.
    ByHand {
        /// The provider.
        provider: &'static str,
        /// Where the person does it.
        place: &'static str,
        /// The path that the provider is to call.
        path: String,
    },
    /// There is no such channel; these are there.
    Unknown(Vec<ChannelId>),
}

/// A merchant account at payOS.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) base_url: HttpBase,
    pub(crate) client_id: Secret,
    pub(crate) api_key: Secret,
    pub(crate) roots: Roots,
    /// The path that payOS is to call.
    pub(crate) public_path: String,
}

const PAYOS: &str = "https://api-merchant.payos.vn";

impl Registration {
    /// Reads what the file says of one channel, and nothing else.
    ///
    /// # Errors
    /// Returns every fault that keeps this channel from being registered.
    pub(crate) fn read(file: &Path, wanted: &ChannelId) -> Result<Self, Faults> {
        let document = Document::read(file, Mode::Run)?;
        let registration = {
            let root = document.root();
            root.ignore_rest();
            find(&root.tables("channel", MAX_CHANNELS), wanted)
        };
        document.finish(registration).map(|(registration, _)| registration)
    }
}

/// Looks at the keys of an account as far as they can be read from here: what is wrong with them shows in a check, and
/// nothing of them stays.
pub(super) fn skim(table: &Table) {
    table.secret_if_readable("client_id", Content::Token);
    table.secret_if_readable("api_key", Content::Token);
    table.or_made("base_url", HttpBase::new(PAYOS), http_base());
    if table.has("ca") {
        read_roots(table);
    }
}

fn find(tables: &[Table], wanted: &ChannelId) -> Option<Registration> {
    // What else is wrong with the file is the running bridge's matter.
    tables.iter().for_each(Table::ignore_rest);
    let mut known = Vec::new();
    for table in tables {
        let Some(found) = table.optional("id", id()) else { continue };
        if found == *wanted {
            return of_channel(table, &found);
        }
        known.push(found);
    }
    Some(Registration::Unknown(known))
}

fn of_channel(table: &Table, id: &ChannelId) -> Option<Registration> {
    let by_hand = |provider, place| {
        let path = read_public_path(table, Some(id))?;
        Some(Registration::ByHand { provider, place, path })
    };
    match table.required("provider", Provider::words())? {
        Provider::PayOs => Account::read(table, id).map(Registration::ByRequest),
        Provider::Finan => by_hand("Finan", "at book.finan.one/setting/open-api"),
        Provider::SmartGlocal => by_hand("Smart Glocal", "through your account manager there"),
    }
}

impl Account {
    fn read(table: &Table, id: &ChannelId) -> Option<Self> {
        let client_id = table.secret("client_id", Content::Token);
        let api_key = table.secret("api_key", Content::Token);
        let base_url = table.or_made("base_url", HttpBase::new(PAYOS), http_base());
        let roots = read_roots(table);
        let public_path = read_public_path(table, Some(id));
        Some(Self {
            base_url: base_url?,
            client_id: client_id?,
            api_key: api_key?,
            roots: roots?,
            public_path: public_path?,
        })
    }
}

fn read_roots(table: &Table) -> Option<Roots> {
    if !table.has("ca") {
        return Some(Roots::System);
    }
    let file = table.optional("ca", path())?;
    match tls::certificates(&file) {
        Ok(certificates) => Some(Roots::SystemAnd(certificates)),
        Err(error) => {
            table.fault("ca", format!("a file of certificates in PEM form ({})", whole_chain(&error)));
            None
        }
    }
}
