//! The configuration of a test's till. It must not know how the till is run.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use demo::payos::Sandbox;

use super::Till;
use crate::folder::Folder;
use crate::port::free_port;
use crate::process::program;

/// The port of the API of a till in a machine of its own.
pub const MACHINE_API: u16 = 8460;

/// What stands in a till's configuration, as far as tests choose it.
#[derive(Clone, Debug)]
pub struct TillPlan {
    /// The terminal's number.
    pub number: u32,
    /// Where the broker is.
    pub broker_url: String,
    /// Where payOS is.
    pub payos_url: String,
    /// `x-client-id`, `x-api-key` and the checksum key.
    pub secrets: [String; 3],
    /// `sale.expire_s`.
    pub expire_s: u32,
    /// `sale.request_s`.
    pub request_s: u32,
    /// More lines for `[api]`.
    pub api: String,
    /// The token that every caller over TCP needs, if any.
    pub token: Option<String>,
    /// The lines of `[display]` that say what the display is; a picture of 800 × 480 in the test's folder when there are
    /// none.
    pub panel: Option<String>,
    /// More lines for `[display]`.
    pub display: String,
    /// `input.keypad`, and more lines for `[input]`.
    pub keypad: String,
    /// More lines for `[mqtt]`.
    pub mqtt: String,
    /// More lines for `[sale]`.
    pub sale: String,
    /// More lines for the channel `payos`.
    pub channel: String,
    /// `sale.channel`.
    pub sells_over: String,
    /// More channels, whole tables.
    pub channels: String,
    /// More tables.
    pub tables: String,
    /// The store's folder, where it is not one among the test's files.
    pub store: Option<PathBuf>,
    /// A program in front of `tilld` that changes its clock, with its arguments.
    pub launcher: Vec<String>,
    /// The program itself.
    pub program: PathBuf,
}

impl TillPlan {
    /// A till with the contract's defaults, which sells over the sandbox.
    pub fn new(number: u32, broker_url: &str, payos: &Sandbox) -> Self {
        let keys = payos.credentials();
        Self {
            number,
            broker_url: broker_url.to_owned(),
            payos_url: payos.base_url(),
            secrets: [keys.client_id, keys.api_key, keys.checksum_key],
            expire_s: 300,
            request_s: 45,
            api: String::new(),
            token: None,
            panel: None,
            display: String::new(),
            keypad: "\"none\"".to_owned(),
            mqtt: String::new(),
            sale: String::new(),
            channel: String::new(),
            sells_over: "payos".to_owned(),
            channels: String::new(),
            tables: String::new(),
            store: None,
            launcher: Vec::new(),
            program: program("tilld"),
        }
    }

    /// Writes the configuration and its secrets into `folder`, and returns the file.
    pub fn write(&self, folder: &Folder, api: SocketAddr, store: &Path, picture: &Path) -> PathBuf {
        let Self { number, broker_url, payos_url, expire_s, request_s, mqtt, sale, channel, tables, .. } = self;
        let Self { sells_over, channels, display, keypad, .. } = self;
        let on_a_picture = || format!("driver = \"png\"\ndevice = {picture:?}\nsize = \"800x480\"");
        let panel = self.panel.clone().unwrap_or_else(on_a_picture);
        let mut more = self.api.clone();
        if let Some(token) = &self.token {
            let file = folder.write(&format!("till-{number:07}-token"), format!("{token}\n"));
            more.push_str(&format!("\ntoken = {{ file = {file:?} }}"));
        }
        let names = ["client-id", "api-key", "checksum-key"];
        let [id, key, checksum] = std::array::from_fn(|n| {
            let (name, secret) = (names.get(n).copied().unwrap_or_default(), self.secrets.get(n).cloned());
            folder.write(&format!("till-{number:07}-{name}"), format!("{}\n", secret.unwrap_or_default()))
        });
        let text = format!(
            "[terminal]\nnumber = {number}\nlabel = \"Quầy 1\"\n\n[store]\npath = {store:?}\n\n\
             [api]\nlisten = \"{api}\"\n{more}\n\n[display]\n{panel}\n{display}\n\n\
             [input]\nkeypad = {keypad}\n\n[mqtt]\nurl = \"{broker_url}\"\n{mqtt}\n\n\
             [sale]\nchannel = \"{sells_over}\"\nexpire_s = {expire_s}\nrequest_s = {request_s}\n{sale}\n\n{tables}\n\n\
             [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nbase_url = \"{payos_url}\"\n\
             client_id = {{ file = {id:?} }}\napi_key = {{ file = {key:?} }}\nchecksum_key = {{ file = {checksum:?} }}\n\
             return_url = \"https://shop.example/ok\"\ncancel_url = \"https://shop.example/cancel\"\n{channel}\n\n{channels}\n"
        );
        folder.write(&format!("till-{number:07}.toml"), text)
    }

    /// Writes the configuration; the till does not run yet.
    pub fn prepare(&self, folder: &Folder) -> Till {
        let number = self.number;
        let api = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let store = self.store.clone().unwrap_or_else(|| folder.file(&format!("till-{number:07}-store")));
        let picture = folder.file(&format!("till-{number:07}.png"));
        let config = self.write(folder, api, &store, &picture);
        self.till(folder, config, store, picture, api)
    }

    /// Writes the configuration for a till that runs in a machine of its own, where the files of `inside` are at the same
    /// places and the store is `/var/lib/tilld/store`. The till's API is reached through `api`, and its picture is a
    /// photograph in `folder` that somebody has to take.
    ///
    /// # Panics
    /// When there is no token, without which nothing beyond loopback may listen.
    pub fn prepare_for_machine(&self, folder: &Folder, inside: &Folder, api: SocketAddr) -> Till {
        assert!(self.token.is_some(), "a till that is called from another machine needs a token");
        let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, MACHINE_API));
        let store = PathBuf::from("/var/lib/tilld/store");
        let picture = folder.file(&format!("till-{:07}.png", self.number));
        let config = self.write(inside, everywhere, &store, &picture);
        self.till(folder, config, store, picture, api)
    }

    fn till(&self, folder: &Folder, config: PathBuf, store: PathBuf, picture: PathBuf, api: SocketAddr) -> Till {
        let number = self.number;
        let log = folder.file(&format!("till-{number:07}.log"));
        let (launcher, program) = (self.launcher.clone(), self.program.clone());
        let authorization = self.token.as_ref().map(|token| format!("Bearer {token}"));
        Till { number, config, store, picture, log, api, authorization, launcher, program, process: None }
    }

    /// Writes the configuration and starts the till.
    ///
    /// # Panics
    /// When its API does not answer.
    pub fn start(&self, folder: &Folder) -> Till {
        let mut till = self.prepare(folder);
        till.start_again();
        till
    }
}
