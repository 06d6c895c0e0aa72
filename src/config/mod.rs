//! The settings of `tilld.toml` as they are used: typed, within their bounds, and fitting together. It must not know
//! what is done with them, and opens no device and no connection.

mod account;
mod api;
pub mod channel;
mod display;
mod drawn;
mod enrolled;
mod fleet;
mod input;
mod installing;
mod looks;
mod names;
mod offline;
mod remarks;
mod remote;
mod sale;
mod sound;
mod store;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use till_settings::{Broker, Document, Faults, Mode, Note, Table, path};
use till_wire::ChannelId;
use till_wire::fleet::Claim;

pub use api::{Api, ApiSettings};
pub use channel::{Channel, Finan, PayOs, Provider, SmartGlocal};
pub use display::{Console, Display, Driver, Rotation, Size, Spi, StaticQr, Theme};
pub use enrolled::{EnrolSettings, Reading, Unenrolled};
pub use fleet::Fleet;
pub use input::{Keypad, Touch, TouchScreens};
pub use installing::InstallSettings;
pub use looks::{Backlight, Dimming, Looks, Night};
pub use offline::{Offline, OfflineAccount, OfflineMode};
pub use remote::{CHANGEABLE, Remote, RemoteBroker};
pub use sale::{PinHash, SaleRules};
pub use sound::Sound;
pub use store::Store;
pub use terminal::{Locale, Terminal};

/// Everything that `tilld` is told by its configuration file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which terminal this is, and how it speaks.
    pub terminal: Terminal,
    /// Where sales are kept, and how long.
    pub store: Store,
    /// Where cashiers and cash registers reach it.
    pub api: Api,
    /// What customers look at.
    pub display: Display,
    /// Where amounts are typed.
    pub keypad: Keypad,
    /// What feels fingers on the display.
    pub touch: Touch,
    /// The scanners that read order numbers, at most eight.
    pub scanners: Vec<PathBuf>,
    /// The serial line of a cash register, if there is one.
    pub serial: Option<PathBuf>,
    /// What is heard; nothing when it is silent.
    pub sound: Option<Sound>,
    /// The way to the broker.
    pub mqtt: Broker,
    /// The file of the terminal's certificate, if it has one.
    pub certificate: Option<PathBuf>,
    /// What holds for every sale.
    pub sale: SaleRules,
    /// What happens to a sale without network.
    pub offline: Offline,
    /// Whose commands are obeyed.
    pub fleet: Fleet,
    /// The claim by which the terminal was enrolled, where it was.
    pub claim: Option<Box<Claim>>,
    /// The merchant accounts: at least one, each with an id of its own, in the order of the file.
    pub channels: Vec<Channel>,
}

impl Settings {
    /// Reads the settings of a file that says everything itself, with the environment of this process for its secrets.
    ///
    /// # Errors
    /// Every fault of the file, found in one run.
    pub fn read(path: &Path, mode: Mode) -> Result<(Self, Vec<Note>), Faults> {
        Self::from_document(Document::read(path, mode)?)
    }

    /// Reads settings out of a document that says everything itself; [`Reading`] reads those of an enrolled terminal. With
    /// [`Mode::Check`] a credential may be absent from the settings, and a note says so.
    ///
    /// # Errors
    /// Every fault of the document, found in one run.
    pub fn from_document(document: Document) -> Result<(Self, Vec<Note>), Faults> {
        let settings = Self::take(&document.root());
        document.finish(settings)
    }

    /// Returns the channel with this id.
    pub fn channel(&self, id: &ChannelId) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == *id)
    }

    /// Reads every table first and gives up on missing ones only then, so that every fault is noted.
    fn take(root: &Table) -> Option<Self> {
        let terminal = Terminal::take(&root.table("terminal"));
        let store = Store::take(&root.table("store"));
        let api = Api::take(&root.table("api"));
        let label = terminal.as_ref().map(|terminal| terminal.label.as_str());
        let (names, channels) = channel::take_all(root, label.unwrap_or_default());
        let display = Display::take(&root.table("display"), &names);
        let input = root.table("input");
        let (keypad, scanners) = (Keypad::take(&input), input::take_scanners(&input));
        let touch = Touch::take(&input);
        let serial = input.optional("serial", path());
        let sound = Sound::take(&root.table("sound"));
        let mqtt = root.table("mqtt");
        let (mqtt, certificate) = (Broker::read(&mqtt), mqtt.optional("cert", path()));
        let sale_table = root.table("sale");
        let double_proof_over = sale::take_double_proof_over(&sale_table);
        let sale = SaleRules::take(&sale_table, &names, double_proof_over);
        let offline = Offline::take(&root.table("offline"), &names, double_proof_over);
        let fleet = Fleet::take(&root.table("fleet"));
        Some(Self {
            terminal: terminal?,
            store: store?,
            api,
            display: display?,
            keypad,
            touch,
            scanners,
            serial,
            sound,
            mqtt: mqtt?,
            certificate,
            sale: sale?,
            offline: offline?,
            fleet,
            claim: None,
            channels: channels?,
        })
    }
}
