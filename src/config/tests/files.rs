//! The documented defaults in `config/`: they are taken, and what they call a default is one. It must not test faults.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use till_settings::{Document, Environment, Mode};

use super::{Folder, SMALLEST, settings};
use crate::config::{OfflineMode, Settings, StaticQr};

const SHIPPED: &str = include_str!("../../../config/tilld.toml");

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

/// A private key, which protects nothing.
pub(super) const PRIVATE_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiPMB1YZ+TWNDANW3
dMNrJdMRUXe1mNYxdPw+mo7VL76hRANCAATJnVob/h1CFEAdQiforqPXxXTSUbR5
/VOrvAXjTl70Gzs98kr2U49WLs2nlzSOgU+p94Uw7mTB0cVog0bDeGU3
-----END PRIVATE KEY-----
";

/// The sandbox's public examples of what a Smart Glocal channel needs.
pub(super) const MERCHANT_KEY: &str = include_str!("../../../demo/keys/merchant.pem");
pub(super) const GLOCAL_PUBLIC_KEY: &str = include_str!("../../../demo/keys/smart-glocal.pub.pem");

/// A public key, not of Smart Glocal's kind.
pub(super) const PUBLIC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyZ1aG/4dQhRAHUIn6K6j18V00lG0
ef1Tq7wF405e9Bs7PfJK9lOPVi7Np5c0joFPqfeFMO5kwdHFaINGw3hlNw==
-----END PUBLIC KEY-----
";

/// The public key of a fleet: that of RFC 8410, section 10.1.
pub(super) const FLEET_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

/// Takes a file away from others, as one with a secret must be.
pub(super) fn make_private(path: &str) {
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).expect("the file is ours");
}

fn read(text: &str) -> (Settings, Vec<String>) {
    let document = Document::parse(Path::new("f"), text, Mode::Check).expect("it is TOML");
    let document = document.in_environment(Environment::default());
    let (settings, notes) = Settings::from_document(document).expect("it is right");
    (settings, notes.iter().map(|note| note.key.clone()).collect())
}

/// Takes the `#` away from every setting that is commented out.
fn uncommented(text: &str) -> String {
    let setting = |line: &str| {
        let rest = line.strip_prefix('#')?;
        rest.starts_with(|c: char| !c.is_whitespace()).then(|| rest.to_owned())
    };
    let lines = text.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_is_right_as_it_is_but_for_credentials() {
    // Without the system's certificates, which the machine of a test need not have.
    let text = SHIPPED.replace("mqtts://broker.example:8883", "mqtt://127.0.0.1");
    let (_, notes) = read(&text);
    let keys = ["channel[0].client_id", "channel[0].api_key", "channel[0].checksum_key"];
    assert_eq!(notes, keys);
}

#[test]
fn every_setting_of_the_shipped_file_can_be_used_and_its_defaults_are_true() {
    let folder = Folder::new();
    folder.file("ca.pem", CERTIFICATE);
    folder.file("till.pem", CERTIFICATE);
    folder.file("fleet.pub", FLEET_KEY);
    folder.file("broker.pub", FLEET_KEY);
    folder.file("console.pub", FLEET_KEY);
    folder.file("glocal.pub", GLOCAL_PUBLIC_KEY);
    folder.file("glocal-next.pub", GLOCAL_PUBLIC_KEY);
    let text = uncommented(SHIPPED).replace("/etc/tilld", &folder.0.display().to_string());
    let (full, notes) = read(&text);
    assert_eq!(full.channels.len(), 3);
    assert_eq!(notes.len(), 11);
    assert!(matches!(full.display.static_qr, Some(StaticQr::Channel(_))));

    // Apart from what is off when left out, a file that says everything says what one that says nothing means.
    let mut full = full;
    let bare = settings(SMALLEST).expect("the smallest file is right");
    full.display.static_qr = None;
    full.display.looks.logo = None;
    full.display.looks.dimming.night = None;
    full.display.driver = bare.display.driver.clone();
    full.sale.double_proof_over = None;
    full.sale.supervisor_pin = None;
    assert_eq!(full.fleet.trusted_keys.len(), 1);
    full.fleet.trusted_keys.clear();
    full.fleet.pinned.clear();
    assert_eq!(full.fleet.broker_keys.len(), 1);
    full.fleet.broker_keys.clear();
    assert_eq!(full.fleet.harmless_keys.len(), 1);
    full.fleet.harmless_keys.clear();
    full.fleet.identity = None;
    assert_eq!(full.terminal, bare.terminal);
    assert_eq!(full.store, bare.store);
    assert_eq!(full.api.listen, bare.api.listen);
    assert_eq!(full.api.screen, bare.api.screen);
    assert_eq!(full.display, bare.display);
    assert_eq!(full.keypad, bare.keypad);
    assert!(full.serial.is_some());
    assert_eq!(full.sound, bare.sound);
    assert_eq!(full.sale, bare.sale);
    assert_eq!(full.offline, bare.offline);
    assert_eq!(full.offline.mode, OfflineMode::Wait);
    assert_eq!(full.fleet, bare.fleet);
}
