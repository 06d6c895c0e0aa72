//! Certificates as rustls judges them, which neither wrote nor read them here.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName as TlsName, UnixTime as TlsTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, crypto};
use till_wire::{TerminalNumber, UnixTime};

use super::*;

const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);
const DAY: u64 = 86_400;
const YEAR: Duration = Duration::from_secs(365 * DAY);

fn at(days: i64) -> UnixTime {
    UnixTime::from_secs(NOW.secs() + days * 86_400)
}

fn key() -> Key {
    Key::generate().expect("a key")
}

fn root() -> Authority {
    Authority::root("Fleet root", key(), NOW, YEAR * 20).expect("a root")
}

fn issuer(root: &Authority) -> Authority {
    root.issuer("Fleet issuer", key(), NOW, YEAR * 5).expect("an issuer")
}

fn number() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a number")
}

fn terminal(issuer: &Authority) -> String {
    let request = Request::make(&key(), number()).expect("a request");
    let request = Request::read(request.as_bytes()).expect("our own request");
    issuer.terminal(&request, number(), NOW, YEAR).expect("a certificate")
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().expect("PEM")
}

fn store(root: &Authority) -> Arc<RootCertStore> {
    let mut store = RootCertStore::empty();
    store.add(chain(root.certificate()).remove(0)).expect("a root");
    Arc::new(store)
}

/// Judges a client's chain as a server of ours does, with these revocation lists.
fn as_client(root: &Authority, pem: &str, now: UnixTime, lists: &[&str]) -> Result<(), String> {
    let provider = Arc::new(crypto::ring::default_provider());
    let lists = lists.iter().map(|list| CertificateRevocationListDer::from_pem_slice(list.as_bytes()).expect("a list"));
    let verifier = WebPkiClientVerifier::builder_with_provider(store(root), provider)
        .with_crls(lists)
        .only_check_end_entity_revocation()
        .allow_unknown_revocation_status()
        .build()
        .expect("a verifier");
    let chain = chain(pem);
    let (leaf, rest) = chain.split_first().expect("a certificate");
    let now = TlsTime::since_unix_epoch(Duration::from_secs(now.secs().unsigned_abs()));
    verifier.verify_client_cert(leaf, rest, now).map(|_| ()).map_err(|error| format!("{error:?}"))
}

fn as_server(root: &Authority, pem: &str, name: &str) -> Result<(), String> {
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(store(root), provider).build().expect("a verifier");
    let chain = chain(pem);
    let (leaf, rest) = chain.split_first().expect("a certificate");
    let name = TlsName::try_from(name.to_owned()).expect("a name");
    let now = TlsTime::since_unix_epoch(Duration::from_secs(NOW.secs().unsigned_abs()));
    verifier.verify_server_cert(leaf, rest, &name, &[], now).map(|_| ()).map_err(|error| format!("{error:?}"))
}

#[test]
fn a_terminals_chain_is_believed_as_a_client_while_it_is_valid() {
    let root = root();
    let issuer = issuer(&root);
    let pem = terminal(&issuer);
    assert_eq!(as_client(&root, &pem, NOW, &[]), Ok(()));
    assert_eq!(as_client(&root, &pem, at(364), &[]), Ok(()));
    assert!(as_client(&root, &pem, at(366), &[]).expect_err("too late").contains("Expired"));
    assert!(as_client(&root, &pem, at(-1), &[]).expect_err("too early").contains("NotValidYet"));
    assert!(as_client(&self::root(), &pem, NOW, &[]).is_err(), "another fleet's root of the same name");
    assert!(as_server(&root, &pem, "broker.example").is_err());
    let leaf = Leaf::read(pem.as_bytes()).expect("a certificate");
    assert_eq!(leaf.common_name.as_deref(), Some("0001017"));
    assert_eq!((leaf.not_after, leaf.is_authority), (at(365), false));
    assert_eq!(leaf.renew_at().secs(), leaf.not_before.secs() + (365 * 86_400 + 3_600) * 2 / 3);
}

#[test]
fn a_certificate_does_not_outlive_who_signed_it() {
    let root = Authority::root("Fleet root", key(), NOW, YEAR).expect("a root");
    let issuer = root.issuer("Fleet issuer", key(), NOW, YEAR * 5).expect("an issuer");
    assert_eq!(issuer.ends(), root.ends());
    let client = ClientName::new("bridge-1").expect("a name");
    let pem = issuer.client(&client, &key(), NOW, YEAR * 9).expect("a certificate");
    assert_eq!(Leaf::read(pem.as_bytes()).expect("a certificate").not_after, root.ends());
}

/// Whoever breaks into the enrolment server has the issuer's key.
#[test]
fn p12_an_issuer_of_terminals_can_make_no_broker_and_no_other_authority() {
    let root = root();
    let issuer = issuer(&root);
    let names = [ServerName::new("broker.example").expect("a name")];
    let by_root = root.server(&names, &key(), NOW, YEAR).expect("a certificate");
    assert_eq!(as_server(&root, &by_root, "broker.example"), Ok(()));
    assert!(as_server(&root, &by_root, "other.example").is_err());
    assert!(as_client(&root, &by_root, NOW, &[]).is_err());
    let by_issuer = issuer.server(&names, &key(), NOW, YEAR).expect("a certificate") + issuer.certificate();
    assert!(as_server(&root, &by_issuer, "broker.example").is_err());
    let second = issuer.issuer("A second issuer", key(), NOW, YEAR).expect("an issuer");
    let pem = terminal(&second) + issuer.certificate();
    assert!(as_client(&root, &pem, NOW, &[]).is_err());
}

#[test]
fn a_revoked_certificate_is_refused_and_others_are_not() {
    let root = root();
    let issuer = issuer(&root);
    let (stolen, other) = (terminal(&issuer), terminal(&issuer));
    let serial = Leaf::read(stolen.as_bytes()).expect("a certificate").serial;
    let list = issuer.revocations(&[(serial, NOW)], 1, NOW, at(30)).expect("a list");
    assert!(as_client(&root, &stolen, NOW, &[&list]).expect_err("revoked").contains("Revoked"));
    assert_eq!(as_client(&root, &other, NOW, &[&list]), Ok(()));
    // The same authority, read from its files.
    let files = Authority::read(issuer.certificate().as_bytes(), issuer.key_pem().as_bytes()).expect("read");
    let serial = Leaf::read(other.as_bytes()).expect("a certificate").serial;
    let list = files.revocations(&[(serial, NOW)], 2, NOW, at(30)).expect("a list");
    assert!(as_client(&root, &other, NOW, &[&list]).expect_err("revoked").contains("Revoked"));
    assert_eq!(as_client(&root, &stolen, NOW, &[&list]), Ok(()));
}

#[test]
fn an_authority_reads_back_and_signs_as_before() {
    let root = root();
    let made = issuer(&root);
    let read = Authority::read(made.certificate().as_bytes(), made.key_pem().as_bytes()).expect("read");
    assert_eq!((read.certificate(), read.ends()), (made.certificate(), made.ends()));
    assert_eq!(as_client(&root, &terminal(&read), NOW, &[]), Ok(()));
    let refused = |certificate: &str, key: &str| {
        Authority::read(certificate.as_bytes(), key.as_bytes()).expect_err("refused").to_string()
    };
    assert!(refused(made.certificate(), &root.key_pem()).contains("another's"));
    assert!(refused(&terminal(&made), &made.key_pem()).contains("may not issue"));
    assert!(refused("", &made.key_pem()).contains("there is none"));
    assert!(refused(made.certificate(), made.certificate()).contains("P-256"));
    assert!(refused(&"x".repeat(16_385), "").contains("longer than 16384"));
}

#[test]
fn p11_a_request_is_read_only_when_its_key_has_signed_it_and_is_on_p256() {
    let key = key();
    let pem = Request::make(&key, number()).expect("a request");
    let request = Request::read(pem.as_bytes()).expect("our own request");
    assert_eq!(request.common_name(), Some("0001017"));
    let refused = |pem: &str| Request::read(pem.as_bytes()).expect_err("refused").to_string();
    for pem in ["", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", &key.to_pem()] {
        assert!(refused(pem).starts_with("cannot read a certificate request"), "{pem}");
    }
    assert!(refused(&"x".repeat(16_385)).contains("longer than 16384"));
    // The last letters are the signature's.
    let body: Vec<&str> = pem.lines().collect();
    let last = body[body.len() - 2];
    let swapped = if last.starts_with('A') { 'B' } else { 'A' };
    let forged = pem.replace(last, &format!("{swapped}{}", &last[1..]));
    assert!(refused(&forged).starts_with("cannot read a certificate request"));
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    let other = rcgen::CertificateParams::default().serialize_request(&ed25519).and_then(|request| request.pem());
    assert!(refused(&other.expect("a request")).contains("P-256"));
}

#[test]
fn a_key_reads_back_and_shows_itself_to_nobody() {
    let key = key();
    let pem = key.to_pem();
    assert_eq!(Key::from_pem(pem.as_bytes()).expect("our own key").to_pem(), pem);
    assert_eq!(format!("{key:?}"), "Key(…)");
    let broken = pem.replace("MI", "MJ");
    let said = Key::from_pem(broken.as_bytes()).expect_err("refused").to_string();
    assert!(said.contains("P-256") && !said.contains("MJ"), "{said}");
    assert!(Key::from_pem(&[0xff, 0xfe]).expect_err("refused").to_string().contains("not text"));
}

#[test]
fn names_are_checked() {
    for name in ["bridge-1", "operator.hanoi", "a", "00010170"] {
        assert_eq!(ClientName::new(name).as_ref().map(ClientName::as_str), Some(name));
    }
    for name in ["", "0001017", "bridge 1", "a/b", "#", "+", &"x".repeat(65)] {
        assert_eq!(ClientName::new(name), None, "{name}");
    }
    assert_eq!(ServerName::new("127.0.0.1"), Some(ServerName::Address([127, 0, 0, 1].into())));
    assert!(matches!(ServerName::new("broker.example"), Some(ServerName::Dns(_))));
    for name in ["", "a..b", "-a", "a b", "Quầy", "*.example", &"x".repeat(64)] {
        assert_eq!(ServerName::new(name), None, "{name}");
    }
}
