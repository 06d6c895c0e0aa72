//! The way to the broker: which URLs, certificates and credentials are taken, and the options of a client. It must not
//! connect.

use std::ffi::OsStr;
use std::time::Duration;

use rumqttc::{TlsConfiguration, Transport};

use super::{Folder, check_faults, read, read_with};
use crate::{Broker, Environment, Mode};

/// A certificate that signs itself, for nothing but these tests.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUIByrBPxI2eSApdGLZ4XCniW9zxAwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHMDAwMTAxNzAgFw0yNjExMjAyMzM3NDhaGA8yMTI2MTAyNzIz
Mzc0OFowEjEQMA4GA1UEAwwHMDAwMTAxNzBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABMmdWhv+HUIUQB1CJ+iuo9fFdNJRtHn9U6u8BeNOXvQbOz3ySvZTj1YuzaeX
NI6BT6n3hTDuZMHRxWiDRsN4ZTejUzBRMB0GA1UdDgQWBBRWF0s8J/pfXAUEuAmC
RyHyvyD9dTAfBgNVHSMEGDAWgBRWF0s8J/pfXAUEuAmCRyHyvyD9dTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIAX5yQSBsbjhAvTStBSARcjkjV1s
KyrK1Ov2cLVu9ItOAiEA2wBzM9cjO1I4ujYUX32yZtgg0hd2ZHJmDVWXwYxUrAc=
-----END CERTIFICATE-----
";

/// Its private key, which protects nothing.
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiPMB1YZ+TWNDANW3
dMNrJdMRUXe1mNYxdPw+mo7VL76hRANCAATJnVob/h1CFEAdQiforqPXxXTSUbR5
/VOrvAXjTl70Gzs98kr2U49WLs2nlzSOgU+p94Uw7mTB0cVog0bDeGU3
-----END PRIVATE KEY-----
";

/// Another private key, which protects nothing either.
const OTHER_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdjQ+izpRNDLwWJWT
Rz5Et4r/KeX9ZVB3wuVwC9BM2eChRANCAAQcL8KVDmDKw89ut50mF14Xt2Lsr3LJ
mIwL9Kbx5C2+hmLGV5oDPyoMkJwbOJJcnPUqv+xOZtsUUEmXWpXsYUPh
-----END PRIVATE KEY-----
";

const URLS: &str = "mqtts://host[:8883] without user and path, or mqtt://host[:1883] on loopback";

#[test]
fn plain_mqtt_is_for_loopback_alone() {
    let good = [
        ("mqtt://localhost", "localhost:1883"),
        ("mqtt://127.0.0.1:1884", "127.0.0.1:1884"),
        ("mqtt://127.1.2.3/", "127.1.2.3:1883"),
        ("mqtt://[::1]", "[::1]:1883"),
    ];
    for (url, address) in good {
        let taken = read(&format!("url = {url:?}"), Broker::read);
        let taken = taken.map(|(broker, _)| broker.address());
        assert_eq!(taken.as_deref(), Ok(address));
    }
    let bad = [
        "mqtt://broker.example",
        "mqtt://192.0.2.1",
        "mqtt://localhost.example",
        "mqtts://[::1]",
        "mqtts://broker.example/path",
        "http://localhost",
        "localhost:1883",
        "",
    ];
    for url in bad {
        let line = format!("f: url = {url:?}: expected {URLS}");
        check_faults(&format!("url = {url:?}"), Broker::read, &[&line]);
    }
    let toml = "url = \"mqtt://till:hunter2@localhost\"";
    check_faults(toml, Broker::read, &[&format!("f: url = (hidden): expected {URLS}")]);
    check_faults("", Broker::read, &[&format!("f: url = (missing): expected {URLS}")]);
}

#[test]
fn a_client_keeps_its_session_and_acknowledges_by_hand() {
    let toml = "url = \"mqtt://localhost\"\nusername = \"till\"\npassword = { env = \"P\" }";
    let environment = Environment::new([("P", OsStr::new("hunter2"))]);
    let (broker, _) = read_with(toml, Mode::Run, environment, Broker::read).expect("it is right");
    assert_eq!(format!("{broker:?}"), "Broker(localhost:1883)");

    let options = broker.client_options("0001017");
    assert_eq!(options.client_id(), "0001017");
    assert_eq!(options.broker_address(), ("localhost".to_owned(), 1883));
    assert_eq!(options.keep_alive(), Duration::from_secs(15));
    assert!(!options.clean_session());
    assert!(options.manual_acks());
    assert_eq!(options.max_packet_size(), 65_536 + 1_024);
    assert_eq!(options.inflight(), 32);
    let login = options.credentials().map(|login| (login.username, login.password));
    assert_eq!(login, Some(("till".to_owned(), "hunter2".to_owned())));
    assert!(matches!(options.transport(), Transport::Tcp));
}

#[test]
fn a_client_shows_its_certificate_over_tls() {
    let folder = Folder::new();
    let cert = folder.file("cert.pem", 0o644, CERTIFICATE);
    let key = folder.file("key.pem", 0o600, KEY);
    let toml = format!("url = \"mqtts://broker.example\"\nca = {cert:?}\ncert = {cert:?}\nkey = {{ file = {key:?} }}");
    let (broker, _) = read(&toml, Broker::read).expect("it is right");
    let options = broker.client_options("0001017");
    assert_eq!(options.broker_address(), ("broker.example".to_owned(), 8883));
    let shows = match options.transport() {
        Transport::Tls(TlsConfiguration::Rustls(config)) => config.client_auth_cert_resolver.has_certs(),
        Transport::Tls(_) | Transport::Tcp | Transport::Unix => false,
    };
    assert!(shows);
}

#[test]
fn certificates_and_keys_that_are_no_good_are_refused() {
    let folder = Folder::new();
    let cert = folder.file("cert.pem", 0o644, CERTIFICATE);
    let key = folder.file("key.pem", 0o600, KEY);
    let other = folder.file("other.pem", 0o600, OTHER_KEY);
    let text = folder.file("text.pem", 0o600, "no PEM");
    let with = |ca: &str, cert: &str, key: &str| {
        let url = "url = \"mqtts://broker.example\"";
        format!("{url}\nca = {ca:?}\ncert = {cert:?}\nkey = {{ file = {key:?} }}")
    };
    let none = format!("cannot find certificates in PEM form in `{text}`: no items found");
    let line = format!("f: ca = {text:?}: expected a PEM file of certificates ({none})");
    check_faults(&with(&text, &cert, &key), Broker::read, &[&line]);
    let line = format!("f: cert = {text:?}: expected a certificate and its key ({none})");
    check_faults(&with(&cert, &text, &key), Broker::read, &[&line]);
    let reason = "cannot find a private key in PEM form: no items found";
    let line = format!("f: key = {{ file = {text:?} }}: expected a certificate and its key ({reason})");
    check_faults(&with(&cert, &cert, &text), Broker::read, &[&line]);
    let reason = "cannot use the certificate with its private key: keys may not be consistent: KeyMismatch";
    let line = format!("f: cert = {cert:?}: expected a certificate and its key ({reason})");
    check_faults(&with(&cert, &cert, &other), Broker::read, &[&line]);
}

#[test]
fn half_an_identity_is_refused() {
    let url = "url = \"mqtt://localhost\"";
    let cases = [
        ("cert = \"x\"", "f: key = (missing): expected one, because cert is given"),
        ("key = { env = \"E\" }", "f: cert = (missing): expected one, because key is given"),
        ("username = \"u\"", "f: password = (missing): expected one, because username is given"),
        ("password = { env = \"E\" }", "f: username = (missing): expected one, because password is given"),
    ];
    for (half, line) in cases {
        let environment = Environment::new([("E", OsStr::new("x"))]);
        let taken = read_with(&format!("{url}\n{half}"), Mode::Run, environment, Broker::read);
        assert_eq!(taken.map(drop), Err(vec![line.to_owned()]));
    }
}

#[test]
fn a_key_that_was_only_noted_leaves_the_certificates_unchecked() {
    let folder = Folder::new();
    let cert = folder.file("cert.pem", 0o644, CERTIFICATE);
    let toml =
        format!("url = \"mqtts://broker.example\"\nca = {cert:?}\ncert = \"/nowhere\"\nkey = {{ credential = \"k\" }}");
    let taken = read_with(&toml, Mode::Check, Environment::default(), Broker::read);
    let note = "f: key = { credential = \"k\" }: not checked, because $CREDENTIALS_DIRECTORY is not set";
    assert_eq!(taken.map(|(_, notes)| notes), Ok(vec![note.to_owned()]));
}
