//! The fleet's authority and the certificates that it signs itself; terminals get theirs from the enrolment server. It
//! must not know revocation beyond the first lists.

use std::path::Path;
use std::time::Duration;

use till_authority::{Authority, AuthorityError, Key, Leaf};
use till_wire::UnixTime;

use super::super::World;
use super::super::fault::Fault;
use super::super::wording::moment;
use super::super::words::{FleetAttempt, Lacking, Words};
use super::args::CaVerb;
use super::folder::{Folder, Readers};
use super::revoke;
use super::settings::FleetSettings;
use super::{cannot, now};

pub(super) const ROOT: &str = "ca.pem";
pub(super) const ROOT_KEY: &str = "ca.key";
pub(super) const ISSUER: &str = "issuer.pem";
pub(super) const ISSUER_KEY: &str = "issuer.key";

/// Names whose files are the fleet's own.
const TAKEN: [&str; 5] = ["fleet", "ca", "ca-crl", "issuer", "crl"];

const DAY: u64 = 86_400;

/// Does what was asked.
pub(super) fn obey(verb: CaVerb, settings: &FleetSettings, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    match verb {
        CaVerb::Init { name, root_years, issuer_years } => {
            let years = [root_years, issuer_years].map(|years| Duration::from_secs(u64::from(years) * 365 * DAY));
            init(&name, years, settings, world)
        }
        CaVerb::Client { name, days } => {
            let wanted = Wanted::of(name.as_str(), days, words)?;
            certify(&wanted, settings, world, |root, key, now| root.client(&name, key, now, wanted.valid))
        }
        CaVerb::Server { hosts, days } => {
            let first = hosts.first().map(|host| host.typed.as_str()).unwrap_or_default();
            let wanted = Wanted::of(first, days, words)?;
            let names: Vec<_> = hosts.into_iter().map(|host| host.name).collect();
            certify(&wanted, settings, world, |root, key, now| root.server(&names, key, now, wanted.valid))
        }
    }
}

/// A certificate that is asked for.
struct Wanted {
    certificate: String,
    key: String,
    valid: Duration,
}

impl Wanted {
    fn of(name: &str, days: u64, words: &Words) -> Result<Self, Fault> {
        if TAKEN.contains(&name) {
            return Err(Fault::Usage((words.fleet.name_taken)(name)));
        }
        let valid = Duration::from_secs(days.saturating_mul(DAY));
        Ok(Self { certificate: format!("{name}.pem"), key: format!("{name}.key"), valid })
    }
}

/// Makes the root, the issuer and their first lists.
fn init(
    name: &str,
    [root_valid, issuer_valid]: [Duration; 2],
    settings: &FleetSettings,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    let words = world.style.words();
    let folder = Folder::begin(&settings.keys, words)?;
    let names = [ROOT_KEY, ROOT, ISSUER_KEY, ISSUER, revoke::LIST, revoke::ROOT_LIST, revoke::REVOKED];
    folder.must_lack(&names.map(str::to_owned))?;
    let path = folder.file(ROOT);
    let attempt = FleetAttempt::MakeCertificate(&path);
    let now = now(attempt, words)?;
    let made = || {
        let root = Authority::root(&format!("{name} root"), Key::generate()?, now, root_valid)?;
        let issuer = root.issuer(&format!("{name} issuer"), Key::generate()?, now, issuer_valid)?;
        Ok::<_, AuthorityError>((root, issuer))
    };
    let (root, issuer) = made().map_err(|error| cannot(words, attempt, &error.to_string()))?;
    for (authority, certificate, key) in [(&root, ROOT, ROOT_KEY), (&issuer, ISSUER, ISSUER_KEY)] {
        folder.write(key, &authority.key_pem(), Readers::Owner)?;
        folder.write(certificate, authority.certificate(), Readers::Everybody)?;
    }
    revoke::begin(&folder, &root, &issuer, now, words)?;
    let (root, issuer) = (moment(root.ends()), moment(issuer.ends()));
    Ok(writeln!(world.out, "{}", (words.fleet.authority_made)(&settings.keys, &root, &issuer))?)
}

/// Reads the root with its key.
pub(super) fn root(folder: &Folder, words: &Words) -> Result<Authority, Fault> {
    read(folder, ROOT, ROOT_KEY, Lacking::RootKey, words)
}

/// Reads the issuer with its key.
pub(super) fn issuer(folder: &Folder, words: &Words) -> Result<Authority, Fault> {
    read(folder, ISSUER, ISSUER_KEY, Lacking::IssuerKey, words)
}

fn read(folder: &Folder, name: &str, key: &str, lacking: Lacking, words: &Words) -> Result<Authority, Fault> {
    let certificate = folder.read(name, Lacking::Authority)?;
    let key = folder.read_secret(key, lacking)?;
    let path = folder.file(name);
    Authority::read(&certificate, &key).map_err(|error| cannot(words, FleetAttempt::Read(&path), &error.to_string()))
}

/// Reads what a certificate in the folder says of itself.
pub(super) fn leaf(folder: &Folder, name: &str, words: &Words) -> Result<Leaf, Fault> {
    let certificate = folder.read(name, Lacking::Authority)?;
    let path = folder.file(name);
    Leaf::read(&certificate).map_err(|error| cannot(words, FleetAttempt::Read(&path), &error.to_string()))
}

/// Makes a certificate and its key.
fn certify(
    wanted: &Wanted,
    settings: &FleetSettings,
    world: &mut World<'_>,
    sign: impl FnOnce(&Authority, &Key, UnixTime) -> Result<String, AuthorityError>,
) -> Result<(), Fault> {
    let words = world.style.words();
    let folder = Folder::begin(&settings.keys, words)?;
    folder.must_lack(&[wanted.key.clone(), wanted.certificate.clone()])?;
    let (path, key_path) = (folder.file(&wanted.certificate), folder.file(&wanted.key));
    let attempt = FleetAttempt::MakeCertificate(&path);
    let now = now(attempt, words)?;
    let root = root(&folder, words)?;
    if root.ends() <= now {
        return Err(cannot(words, attempt, &(words.fleet.authority_ended)(&moment(root.ends()))));
    }
    let signed = || {
        let key = Key::generate()?;
        let certificate = sign(&root, &key, now)?;
        let until = Leaf::read(certificate.as_bytes())?.not_after;
        Ok::<_, AuthorityError>((key, certificate, until))
    };
    let (key, certificate, until) = signed().map_err(|error| cannot(words, attempt, &error.to_string()))?;
    folder.write(&wanted.key, &key.to_pem(), Readers::Owner)?;
    folder.write(&wanted.certificate, &certificate, Readers::Everybody)?;
    if until.secs().saturating_sub(now.secs()).unsigned_abs() < wanted.valid.as_secs() {
        writeln!(world.err, "till: {}", words.fleet.ends_sooner)?;
    }
    tell(&path, &key_path, until, world)
}

fn tell(certificate: &Path, key: &Path, until: UnixTime, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    Ok(writeln!(world.out, "{}", (words.fleet.certificate_made)(certificate, key, &moment(until)))?)
}
