//! The fleet's key: making it, and reading it for whoever signs with it. It must not know what it signs.

use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use till_wire::fleet::{FleetKeyError, FleetSigner};

use super::super::World;
use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Lacking, Words};
use super::cannot;
use super::folder::{Folder, Readers};
use super::pem::pem;
use super::settings::FleetSettings;

const KEY: &str = "fleet.key";
const PUBLIC: &str = "fleet.pub";

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7), without its public half: the form
/// that every version of OpenSSL reads.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Makes the key, and says where it is.
pub(super) fn keygen(settings: &FleetSettings, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    let folder = Folder::begin(&settings.keys, words)?;
    folder.must_lack(&[KEY.into(), PUBLIC.into()])?;
    let (key, public) = (folder.file(KEY), folder.file(PUBLIC));
    let attempt = FleetAttempt::MakeKey(&key);
    let seed: [u8; 32] = random(attempt, words)?;
    let pkcs8 = [PKCS8_HEAD.as_slice(), &seed].concat();
    let signer = FleetSigner::from_pkcs8(&pkcs8).map_err(|error| cannot(words, attempt, &error.to_string()))?;
    folder.write(KEY, &pem("PRIVATE KEY", &pkcs8), Readers::Owner)?;
    folder.write(PUBLIC, &pem("PUBLIC KEY", &signer.key().to_spki()), Readers::Everybody)?;
    Ok(writeln!(world.out, "{}", (words.fleet.key_made)(&signer.key().kid(), &key, &public))?)
}

/// Reads the key.
pub(super) fn signer(folder: &Folder, words: &Words) -> Result<FleetSigner, Fault> {
    let pem = folder.read_secret(KEY, Lacking::FleetKey)?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_| FleetKeyError::Private);
    let signer = der.and_then(|der| FleetSigner::from_pkcs8(der.secret_pkcs8_der()));
    signer.map_err(|error| cannot(words, FleetAttempt::Read(&folder.file(KEY)), &error.to_string()))
}

/// Returns bytes that nobody can guess.
pub(super) fn random<const N: usize>(attempt: FleetAttempt<'_>, words: &Words) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    let drawn = ring::default_provider().secure_random.fill(&mut bytes);
    drawn.map(|()| bytes).map_err(|_| cannot(words, attempt, words.fleet.no_random))
}
