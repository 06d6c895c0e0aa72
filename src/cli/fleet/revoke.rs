//! Taking certificates back: the operator's list of them, and the lists that brokers and the enrolment server read. A
//! list says something of the certificates of its own signer alone, so what is installed are two, the issuer's and the
//! root's: without the root's, mosquitto would refuse every bridge. It must not know how they are installed.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use till_authority::{Authority, Leaf};
use till_settings::read_bounded;
use till_wire::UnixTime;

use super::super::World;
use super::super::fault::Fault;
use super::super::wording::moment;
use super::super::words::{FleetAttempt, Lacking, Words};
use super::args::{RevokeArgs, Serial};
use super::ca::{self, ISSUER, ROOT, ROOT_KEY};
use super::folder::{Folder, Readers};
use super::revoked::{Entry, LARGEST, MOST, Revoked, Signer};
use super::settings::FleetSettings;
use super::{cannot, now};

/// What is installed: the issuer's list and the root's.
pub(super) const LIST: &str = "crl.pem";
/// The root's list alone, which is signed when the root's key is there.
pub(super) const ROOT_LIST: &str = "ca-crl.pem";
/// What both are made from.
pub(super) const REVOKED: &str = "revoked.txt";

/// Clocks differ: a list is valid from a little before it was signed, else a broker whose clock is behind would refuse
/// everybody.
const BEFORE_S: i64 = 3_600;

/// How long the first list of the issuer is valid.
const FIRST: Duration = Duration::from_secs(365 * 86_400);

const SIGN: FleetAttempt<'_> = FleetAttempt::SignList;

/// The largest certificate that is read, in bytes.
const LARGEST_CERTIFICATE: u64 = 65_536;

/// Signs the first lists, of nobody.
pub(super) fn begin(
    folder: &Folder,
    root: &Authority,
    issuer: &Authority,
    now: UnixTime,
    words: &Words,
) -> Result<(), Fault> {
    let revoked = Revoked { number: 1, entries: Vec::new() };
    folder.write(REVOKED, &revoked.to_string(), Readers::Owner)?;
    sign(folder, &revoked, issuer, Some(root), (now, FIRST), words).map(|_| ())
}

/// Takes certificates back and signs the lists.
pub(super) fn revoke(args: RevokeArgs, settings: &FleetSettings, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    let folder = Folder::begin(&settings.keys, words)?;
    let now = now(SIGN, words)?;
    let mut revoked = read(&folder, words)?;
    let names = Names::read(&folder, words)?;
    let mut wanted = Vec::new();
    for file in &args.certificates {
        wanted.push(names.entry(file, now, words)?);
    }
    // What has only a number is a terminal's: the enrolment server's log says no more.
    wanted.extend(args.serials.into_iter().map(|serial| {
        let name = "-".to_owned();
        Entry { serial, at: now, signer: Signer::Issuer, name }
    }));
    let mut told = Vec::new();
    let mut needs_root = false;
    for entry in wanted {
        let is_old = revoked.has(&entry.serial, entry.signer);
        told.push(Told { name: entry.name.clone(), serial: entry.serial.to_string(), is_old });
        if !is_old {
            needs_root |= entry.signer == Signer::Root;
            revoked.entries.push(entry);
        }
    }
    if revoked.entries.len() > MOST {
        return Err(cannot(words, SIGN, &(words.fleet.list_full)(MOST)));
    }
    let issuer = ca::issuer(&folder, words)?;
    let root = if needs_root || folder.has(ROOT_KEY) { Some(ca::root(&folder, words)?) } else { None };
    revoked.number = revoked.number.saturating_add(1);
    // What the lists are made from goes first: a crash between leaves lists that are older, never ones that forget.
    folder.write(REVOKED, &revoked.to_string(), Readers::Owner)?;
    let valid = Duration::from_secs(args.days.saturating_mul(86_400));
    let until = sign(&folder, &revoked, &issuer, root.as_ref(), (now, valid), words)?;
    if root.is_none() {
        writeln!(world.err, "till: {}", words.fleet.root_not_signed)?;
    }
    let list = folder.file(LIST);
    if args.json {
        return Ok(writeln!(world.out, "{}", in_json(&told, &list, revoked.entries.len(), until))?);
    }
    for Told { name, serial, is_old } in told {
        let say = if is_old { words.fleet.revoked_before } else { words.fleet.revoked };
        writeln!(world.out, "{}", say(&name, &serial))?;
    }
    Ok(writeln!(world.out, "{}", (words.fleet.list_signed)(&list, revoked.entries.len(), &moment(until)))?)
}

/// A certificate that was to be taken back, and whether it had been before.
struct Told {
    name: String,
    serial: String,
    is_old: bool,
}

fn in_json(told: &[Told], list: &Path, count: usize, until: UnixTime) -> Value {
    let one = |told: &Told| json!({ "name": told.name, "serial": told.serial, "revoked_before": told.is_old });
    let certificates: Vec<_> = told.iter().map(one).collect();
    json!({ "certificates": certificates, "list": list, "count": count, "valid_until": until })
}

fn read(folder: &Folder, words: &Words) -> Result<Revoked, Fault> {
    let text = folder.read_up_to(REVOKED, LARGEST, Lacking::Authority)?;
    Revoked::parse(&String::from_utf8_lossy(&text))
        .map_err(|line| cannot(words, FleetAttempt::Read(&folder.file(REVOKED)), &(words.fleet.broken_line)(line)))
}

/// Signs the lists; the root's stays as it is without the root's key. Returns until when they are valid.
fn sign(
    folder: &Folder,
    revoked: &Revoked,
    issuer: &Authority,
    root: Option<&Authority>,
    (now, valid): (UnixTime, Duration),
    words: &Words,
) -> Result<UnixTime, Fault> {
    let from = UnixTime::from_secs(now.secs().saturating_sub(BEFORE_S));
    let list = |authority: &Authority, signer: Signer, until: UnixTime| {
        let list = authority.revocations(&revoked.of(signer), revoked.number, from, until);
        list.map_err(|error| cannot(words, SIGN, &error.to_string()))
    };
    if let Some(root) = root {
        // It is installed from a file, and a newer one needs a key that is kept offline: it is valid as long as the root.
        folder.write(ROOT_LIST, &list(root, Signer::Root, root.ends())?, Readers::Everybody)?;
    }
    let of_root = folder.read_up_to(ROOT_LIST, LARGEST, Lacking::Authority)?;
    let seconds = i64::try_from(valid.as_secs()).unwrap_or(i64::MAX);
    let until = UnixTime::from_secs(now.secs().saturating_add(seconds)).min(issuer.ends());
    let both = list(issuer, Signer::Issuer, until)? + &String::from_utf8_lossy(&of_root);
    folder.write(LIST, &both, Readers::Everybody)?;
    Ok(until)
}

/// The names of those who sign, by which it is told whose a certificate is.
struct Names {
    root: Option<String>,
    issuer: Option<String>,
}

impl Names {
    fn read(folder: &Folder, words: &Words) -> Result<Self, Fault> {
        let root = ca::leaf(folder, ROOT, words)?.common_name;
        Ok(Self { root, issuer: ca::leaf(folder, ISSUER, words)?.common_name })
    }

    /// Reads the certificate that is to be revoked.
    fn entry(&self, file: &Path, now: UnixTime, words: &Words) -> Result<Entry, Fault> {
        let typed = file.to_string_lossy();
        let fault = |why: &str| cannot(words, FleetAttempt::Revoke(&typed), why);
        if !file.exists() && typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Fault::Usage(words.fleet.a_number_is_no_certificate.to_owned()));
        }
        let pem = read_bounded(file, LARGEST_CERTIFICATE).map_err(|error| fault(&(words.system)(&error)))?;
        let leaf = Leaf::read(&pem).map_err(|error| fault(&error.to_string()))?;
        if leaf.is_authority {
            return Err(fault(words.fleet.an_authority));
        }
        let signer = self.signer(&leaf).ok_or_else(|| fault(words.fleet.foreign))?;
        let name = leaf.common_name.unwrap_or_else(|| "-".to_owned());
        Ok(Entry { serial: Serial(leaf.serial), at: now, signer, name })
    }

    fn signer(&self, leaf: &Leaf) -> Option<Signer> {
        let issuer = leaf.issuer.as_ref()?;
        let known = [(&self.issuer, Signer::Issuer), (&self.root, Signer::Root)];
        known.into_iter().find(|(name, _)| name.as_ref() == Some(issuer)).map(|(_, signer)| signer)
    }
}
