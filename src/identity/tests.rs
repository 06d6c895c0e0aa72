//! The folder of an enrolment: what is kept, what is not believed, and who can read it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use till_wire::TerminalNumber;
use till_wire::fleet::FleetSigner;

use super::*;

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tilld-identity-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn place(&self) -> Place {
        Place::new(self.0.join("identity"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signer() -> FleetSigner {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's")
}

fn claim(signer: &FleetSigner) -> (Claim, String) {
    let claim = Claim {
        jti: ClaimId::new([1; 16]),
        number: TerminalNumber::new(1017).expect("a number"),
        label: "Quầy 1".into(),
        iat: 1_795_000_000,
        exp: 1_795_086_400,
        enrol_url: "https://enrol.example/enrol".into(),
        ca: "the authority\n".into(),
        broker: "mqtts://broker.example".into(),
        channels: Vec::new(),
        trusted_keys: vec![signer.key()],
    };
    let document = claim.sign(signer).expect("a signed claim");
    (claim, document)
}

fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path()).expect("the folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_terminal_joins_and_is_enrolled_from_then_on() {
    let (folder, signer) = (Folder::make(), signer());
    let (place, (claim, document)) = (folder.place(), claim(&signer));
    assert_eq!(place.claim(&[]).expect("no folder is no fault"), None);
    let key = place.key_to_ask_with(&claim.jti).expect("a key");
    assert_eq!(place.claim(&[]).expect("not yet"), None);
    assert_eq!(place.key_to_ask_with(&claim.jti).expect("the same key").to_pem(), key.to_pem());
    place.join(&format!("{document}\n"), &claim, &key, "the chain\n").expect("joined");
    assert_eq!(place.claim(&[]).expect("believed"), Some(claim.clone()));
    assert_eq!(place.claim(&[signer.key()]).expect("believed"), Some(claim));
    assert_eq!(names(&place), [AUTHORITY, CLAIM, CURRENT]);
    let current = place.current().expect("read").expect("there");
    assert_eq!(String::from_utf8(current).expect("text"), key.to_pem() + "the chain\n");
}

#[test]
fn only_the_owner_can_read_what_is_kept() {
    let (folder, signer) = (Folder::make(), signer());
    let (place, (claim, document)) = (folder.place(), claim(&signer));
    let key = place.key_to_ask_with(&claim.jti).expect("a key");
    let mode = |name: &str| fs::metadata(place.path().join(name)).expect("a file").permissions().mode() & 0o7777;
    assert_eq!((mode(""), mode(ASKING)), (0o700, 0o600));
    place.join(&document, &claim, &key, "").expect("joined");
    place.keep_next(&key, "").expect("kept");
    assert!(names(&place).iter().all(|name| mode(name) == 0o600), "{:?}", names(&place));
}

#[test]
fn what_root_writes_belongs_to_whom_the_folder_belongs() {
    let folder = Folder::make();
    if fs::metadata(&folder.0).expect("the folder").uid() != 0 {
        // Without root's rights nothing can be given away, and nothing has to be.
        return;
    }
    std::os::unix::fs::chown(&folder.0, Some(65_534), Some(65_534)).expect("root may");
    let place = folder.place();
    place.key_to_ask_with(&ClaimId::new([2; 16])).expect("a key");
    for path in [place.path().to_owned(), place.path().join(ASKING)] {
        let found = fs::metadata(&path).expect("made");
        assert_eq!((found.uid(), found.gid()), (65_534, 65_534), "{path:?}");
    }
}

#[test]
fn p12_a_claim_that_was_changed_on_disk_is_not_believed() {
    let (folder, signer) = (Folder::make(), signer());
    let (place, (claim, document)) = (folder.place(), claim(&signer));
    let key = place.key_to_ask_with(&claim.jti).expect("a key");
    place.join(&document, &claim, &key, "").expect("joined");
    let said = |pinned: &[FleetKey]| place.claim(pinned).expect_err("not believed").to_string();
    // Whoever may write here and has no key of the fleet: with a key in the configuration, he gains nothing.
    let stranger = self::signer();
    let (_, theirs) = self::claim(&stranger);
    fs::write(place.path().join(CLAIM), &theirs).expect("written");
    assert!(said(&[signer.key()]).contains("not trusted"));
    fs::write(place.path().join(CLAIM), &document[1..]).expect("written");
    assert!(said(&[]).contains("enrol this terminal again"));
    fs::write(place.path().join(CLAIM), "x".repeat(MAX_CLAIM + 1)).expect("written");
    assert!(said(&[]).contains("cannot read"));
    fs::write(place.path().join(CLAIM), &document).expect("written");
    fs::write(place.path().join(AUTHORITY), "another authority").expect("written");
    assert!(said(&[]).contains("ca.pem") && said(&[]).contains("not what the claim says"));
    fs::remove_file(place.path().join(AUTHORITY)).expect("removed");
    assert!(said(&[]).contains("not what the claim says"));
}

#[test]
fn a_claim_is_asked_with_one_key_and_another_claim_with_another() {
    let folder = Folder::make();
    let place = folder.place();
    let first = place.key_to_ask_with(&ClaimId::new([1; 16])).expect("a key").to_pem();
    let second = place.key_to_ask_with(&ClaimId::new([2; 16])).expect("a key").to_pem();
    assert_ne!(first, second);
    assert_eq!(place.key_to_ask_with(&ClaimId::new([2; 16])).expect("the same").to_pem(), second);
    // Half a file, as a lost disk may leave one.
    fs::write(place.path().join(ASKING), format!("claim {}\n-----BEGIN", ClaimId::new([2; 16]))).expect("written");
    assert_ne!(place.key_to_ask_with(&ClaimId::new([2; 16])).expect("another").to_pem(), second);
}

#[test]
fn a_renewed_certificate_waits_beside_the_old_one() {
    let folder = Folder::make();
    let (place, signer) = (folder.place(), signer());
    let (claim, document) = claim(&signer);
    let key = place.key_to_ask_with(&claim.jti).expect("a key");
    place.join(&document, &claim, &key, "old").expect("joined");
    let ends = |pem: Option<Vec<u8>>| pem.map(|pem| String::from_utf8_lossy(&pem).ends_with("new"));
    place.use_next().expect("nothing to use");
    assert_eq!((ends(place.current().expect("read")), place.next().expect("read")), (Some(false), None));
    place.keep_next(&Key::generate().expect("a key"), "new").expect("kept");
    assert_eq!(ends(place.current().expect("read")), Some(false));
    place.use_next().expect("used");
    assert_eq!((ends(place.current().expect("read")), place.next().expect("read")), (Some(true), None));
    place.keep_next(&key, "newer").expect("kept");
    place.drop_next().expect("dropped");
    place.drop_next().expect("nothing to drop");
    assert_eq!(ends(place.current().expect("read")), Some(true));
}
