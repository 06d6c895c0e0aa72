//! What a claim says in place of the file: an enrolled terminal needs no number, broker and keys of its fleet in its
//! configuration. It must not fetch anything, nor write.

use std::path::Path;

use till_settings::tls::whole_chain;
use till_settings::{Document, Faults, Mode, Note, Table};
use till_wire::TerminalNumber;
use till_wire::fleet::{Claim, FleetKey};
use toml::Value;

use super::Settings;
use super::fleet::{self, Fleet};
use super::remote::Remote;
use super::terminal::terminal_number;
use crate::identity::Place;

/// A configuration file that was read.
#[derive(Debug)]
pub enum Reading {
    /// The terminal knows who it is.
    Ready(Box<Settings>),
    /// `fleet.identity` is given, and nothing is there yet: the terminal is to be enrolled first.
    Unenrolled(Box<Unenrolled>),
}

/// A terminal that is to be enrolled before it can sell.
#[derive(Debug)]
pub struct Unenrolled {
    /// Everything that is known. A number and a broker that the file leaves out stand for nothing.
    pub settings: Settings,
    /// The number that the file gives it, if it does.
    pub own: Option<TerminalNumber>,
    /// Where what enrolment gives is to be kept.
    pub place: Place,
}

/// What `tilld enrol` needs of the file, and nothing else: the rest may still be missing, or be wrong.
#[derive(Debug)]
pub struct EnrolSettings {
    /// Where what enrolment gives is to be kept.
    pub place: Place,
    /// The keys that the file trusts.
    pub pinned: Vec<FleetKey>,
    /// The number that the file gives the terminal, if it does.
    pub own: Option<TerminalNumber>,
}

impl EnrolSettings {
    /// Reads `[fleet]` and the terminal's number.
    ///
    /// # Errors
    /// When the file is missing, unreadable or not TOML, `[fleet]` has a fault, or names no folder.
    pub fn read(path: &Path) -> Result<Self, Faults> {
        let document = Document::read(path, Mode::Check)?;
        let settings = Self::take(&document.root());
        document.finish(settings).map(|(settings, _)| settings)
    }

    fn take(root: &Table) -> Option<Self> {
        root.ignore_rest();
        let terminal = root.table("terminal");
        terminal.ignore_rest();
        let own = terminal.optional("number", terminal_number());
        let table = root.table("fleet");
        let fleet = Fleet::take(&table);
        if fleet.identity.is_none() {
            table
                .fault("identity", "the folder in which what enrolment gives is kept, such as /var/lib/tilld/identity");
        }
        Some(Self { place: fleet.identity?, pinned: fleet.pinned, own })
    }
}

/// How a terminal stands to its fleet, before its file is read.
enum Standing {
    /// The file says everything.
    Alone,
    Member(Claim),
    Outside(Place),
}

/// Goes on after "expected what" in a fault.
const CLAIM_SAYS: &str = "the claim in fleet.identity says";
const TAKES_CARE: &str = "enrolment has put into fleet.identity";

impl Reading {
    /// Reads the configuration file, with the environment of this process for its secrets, and what the claim in
    /// `fleet.identity` says where the file leaves it out.
    ///
    /// # Errors
    /// Every fault of the file, found in one run; also when it says something else than the claim, or the claim cannot
    /// be believed.
    pub fn read(path: &Path, mode: Mode) -> Result<(Self, Vec<Note>), Faults> {
        Self::read_with(path, mode, None)
    }

    /// Reads the file with other values in the places of its own and of the claim's.
    ///
    /// # Errors
    /// As [`Reading::read`]; also when one of these values is wrong.
    pub fn read_with(path: &Path, mode: Mode, remote: Option<&Remote>) -> Result<(Self, Vec<Note>), Faults> {
        Self::from_document(Document::read(path, mode)?, remote)
    }

    /// Reads a document, which may have another environment than this process.
    ///
    /// # Errors
    /// As [`Reading::read_with`].
    pub fn from_document(mut document: Document, remote: Option<&Remote>) -> Result<(Self, Vec<Note>), Faults> {
        let pinned = pinned(&document);
        let standing = standing(&document, &pinned);
        let own = document.look("terminal", "number").is_some();
        let standing = match standing {
            Ok(standing) => standing,
            Err(why) => {
                document.refuse("fleet", "identity", format!("a folder whose claim can be believed ({why})"));
                Standing::Alone
            }
        };
        match &standing {
            Standing::Alone => {}
            Standing::Member(claim) => prescribe(&mut document, claim),
            Standing::Outside(_) => stand_in(&mut document),
        }
        if let Some(remote) = remote {
            remote.lay_over(&mut document);
        }
        let (mut settings, notes) = Settings::from_document(document)?;
        let reading = match standing {
            Standing::Alone => Self::Ready(Box::new(settings)),
            Standing::Member(claim) => {
                settings.fleet.trust(&claim.trusted_keys);
                settings.claim = Some(Box::new(claim));
                Self::Ready(Box::new(settings))
            }
            Standing::Outside(place) => {
                let own = own.then_some(settings.terminal.number);
                Self::Unenrolled(Box::new(Unenrolled { settings, own, place }))
            }
        };
        Ok((reading, notes))
    }

    /// Returns the settings, of which an unenrolled terminal's number and broker may stand for nothing.
    pub fn settings(&self) -> &Settings {
        match self {
            Self::Ready(settings) => settings,
            Self::Unenrolled(unenrolled) => &unenrolled.settings,
        }
    }
}

/// The keys that the file trusts. A file of them that is broken is noted as a fault when it is read for good.
fn pinned(document: &Document) -> Vec<FleetKey> {
    let files = document.look("fleet", "trusted_keys").and_then(Value::as_array);
    let files = files.into_iter().flatten().filter_map(Value::as_str);
    files.filter_map(|file| fleet::read_key(Path::new(file)).ok()).collect()
}

fn standing(document: &Document, pinned: &[FleetKey]) -> Result<Standing, String> {
    let Some(folder) = document.look("fleet", "identity").and_then(Value::as_str).filter(|path| !path.is_empty())
    else {
        return Ok(Standing::Alone);
    };
    let place = Place::new(folder);
    match place.claim(pinned) {
        Ok(Some(claim)) => Ok(Standing::Member(claim)),
        Ok(None) => Ok(Standing::Outside(place)),
        Err(error) => Err(whole_chain(&error)),
    }
}

/// Says what the claim says in the places of the file. The file may say the same, but nothing else; only the label is
/// the shop's own business.
fn prescribe(document: &mut Document, claim: &Claim) {
    let Some(folder) = document.look("fleet", "identity").and_then(Value::as_str).map(Place::new) else { return };
    let text = |path: std::path::PathBuf| path.display().to_string();
    let mut key = toml::Table::new();
    key.insert("file".to_owned(), text(folder.certificate_file()).into());
    document.prescribe("terminal", "number", i64::from(claim.number.value()), CLAIM_SAYS);
    document.fill("terminal", "label", claim.label.as_str());
    document.prescribe("mqtt", "url", claim.broker.as_str(), CLAIM_SAYS);
    document.prescribe("mqtt", "ca", text(folder.authority_file()), TAKES_CARE);
    document.prescribe("mqtt", "cert", text(folder.certificate_file()), TAKES_CARE);
    document.prescribe("mqtt", "key", key, TAKES_CARE);
    for channel in &claim.channels {
        document.prescribe_in("channel", ("id", channel.id.as_str()), "base_url", &channel.base_url, CLAIM_SAYS);
    }
}

/// Lets everything else of the file be checked before there is a claim.
fn stand_in(document: &mut Document) {
    document.fill("terminal", "number", 1);
    document.fill("mqtt", "url", "mqtt://localhost");
    document.fill_in("channel", "base_url", "https://base-url.invalid");
}
