//! `till fleet`, the real program, and what others make of its files: OpenSSL, a real mosquitto, and whoever opens a claim.
//! It must not know how the files are made.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::process::{program, run, system_program};
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{Claim, FleetKey};

/// A fleet whose operator has a folder.
struct Fleet {
    folder: Folder,
}

impl Fleet {
    /// A fleet with its key and its authority.
    fn make() -> Self {
        let fleet = Self { folder: Folder::make() };
        fleet.folder.write(
            "fleet.toml",
            "[enrol]\nurl = \"https://enrol.example:8472/enrol\"\n[mqtt]\nurl = \"mqtts://broker.example\"\n\
             [[channel]]\nid = \"payos\"\nbase_url = \"https://api-merchant.payos.vn\"\n",
        );
        fleet.done(&["keygen"]);
        fleet.done(&["ca", "init"]);
        fleet
    }

    fn key(&self, name: &str) -> PathBuf {
        self.folder.file("keys").join(name)
    }

    fn fleet(&self, words: &[&str]) -> Output {
        // The most careless shell: every bit that is not asked for away is there.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "umask 0; exec \"$@\"", "sh"]).arg(program("till"));
        command.arg("--config").arg(self.folder.file("fleet.toml")).arg("fleet").args(words);
        run(command.env("TILL_LANG", "en"))
    }

    #[track_caller]
    fn done(&self, words: &[&str]) -> String {
        let output = self.fleet(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", said(&output));
        self.assert_no_secret_in(&said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[track_caller]
    fn assert_no_secret_in(&self, text: &str) {
        for key in self.keys() {
            let pem = fs::read_to_string(&key).expect("a key is text");
            let mut lines = pem.lines().filter(|line| !line.starts_with("-----"));
            assert!(lines.all(|line| !text.contains(line)), "{key:?} is in: {text}");
        }
    }

    fn keys(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.file("keys")).expect("the folder of keys is there");
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "key")).collect()
    }

    /// Signs a terminal's certificate with the issuer, as the enrolment server does, and returns certificate and key.
    fn terminal(&self, number: &str) -> (PathBuf, PathBuf) {
        let file = |end: &str| self.folder.file(&format!("{number}.{end}"));
        let (certificate, key, request) = (file("pem"), file("key"), file("csr"));
        let mut command = openssl("req");
        command.args(["-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]);
        succeed(command.arg(format!("/CN={number}")).arg("-keyout").arg(&key).arg("-out").arg(&request));
        let uses = self.folder.write("client.ext", "keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n");
        let mut command = openssl("x509");
        command.args(["-req", "-days", "2", "-set_serial"]).arg(fastrand::u32(1..).to_string());
        command.arg("-CA").arg(self.key("issuer.pem")).arg("-CAkey").arg(self.key("issuer.key"));
        succeed(command.arg("-in").arg(&request).arg("-extfile").arg(&uses).arg("-out").arg(&certificate));
        (certificate, key)
    }

    /// What OpenSSL says of a certificate, with the list of revoked ones.
    fn judged(&self, purpose: &str, certificate: &Path) -> Output {
        let mut command = openssl("verify");
        command.arg("-CAfile").arg(self.key("ca.pem")).arg("-untrusted").arg(self.key("issuer.pem"));
        command.arg("-CRLfile").arg(self.key("crl.pem")).args(["-crl_check", "-purpose", purpose]);
        run(command.arg(certificate))
    }

    fn public_key(&self) -> FleetKey {
        let mut command = openssl("pkey");
        let der = succeed(command.args(["-pubin", "-outform", "DER", "-in"]).arg(self.key("fleet.pub"))).stdout;
        FleetKey::from_spki(&der).expect("an Ed25519 key")
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn openssl(verb: &str) -> Command {
    let mut command = Command::new(system_program("openssl", "openssl"));
    command.arg(verb);
    command
}

#[track_caller]
fn succeed(command: &mut Command) -> Output {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    output
}

#[test]
fn openssl_reads_the_fleets_files_and_nobody_else_can() {
    let fleet = Fleet::make();
    fleet.done(&["ca", "client", "bridge-1"]);
    fleet.done(&["ca", "server", "broker.example", "127.0.0.1"]);
    assert_eq!(fleet.keys().len(), 5);
    for key in fleet.keys().iter().chain([&fleet.key("revoked.txt")]) {
        let mode = fs::metadata(key).expect("the file is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{key:?}");
    }
    let folder = fs::metadata(fleet.folder.file("keys")).expect("the folder is there").permissions().mode();
    assert_eq!(folder & 0o777, 0o700);
    let public = succeed(openssl("pkey").arg("-pubout").arg("-in").arg(fleet.key("fleet.key"))).stdout;
    assert_eq!(String::from_utf8_lossy(&public), fs::read_to_string(fleet.key("fleet.pub")).expect("a key"));

    let (terminal, _) = fleet.terminal("0001017");
    let certificates = [
        ("sslclient", fleet.key("bridge-1.pem")),
        ("sslserver", fleet.key("broker.example.pem")),
        ("sslclient", terminal),
    ];
    for (purpose, certificate) in &certificates {
        let verdict = fleet.judged(purpose, certificate);
        assert!(verdict.status.success(), "{certificate:?}: {}", said(&verdict));
    }
    // A client is no server and a server is no client.
    assert!(!fleet.judged("sslserver", &fleet.key("bridge-1.pem")).status.success());
    assert!(!fleet.judged("sslclient", &fleet.key("broker.example.pem")).status.success());
    let mut names = openssl("x509");
    let names = succeed(names.args(["-noout", "-ext", "subjectAltName", "-in"]).arg(fleet.key("broker.example.pem")));
    assert!(said(&names).contains("DNS:broker.example, IP Address:127.0.0.1"), "{}", said(&names));
}

/// P12: what was taken back is good for nothing, and everything else stays good.
#[test]
fn p12_a_revoked_certificate_is_refused_by_openssl_and_no_other() {
    let fleet = Fleet::make();
    fleet.done(&["ca", "client", "bridge-1"]);
    fleet.done(&["ca", "client", "bridge-2"]);
    let (stolen, _) = fleet.terminal("0001017");
    let (other, _) = fleet.terminal("0001018");
    let stolen_file = stolen.to_string_lossy().into_owned();
    fleet.done(&["revoke", &stolen_file, &fleet.key("bridge-1.pem").to_string_lossy()]);
    for (certificate, is_good) in
        [(&stolen, false), (&other, true), (&fleet.key("bridge-1.pem"), false), (&fleet.key("bridge-2.pem"), true)]
    {
        let verdict = fleet.judged("sslclient", certificate);
        assert_eq!(verdict.status.success(), is_good, "{certificate:?}: {}", said(&verdict));
        assert!(is_good || said(&verdict).contains("certificate revoked"), "{}", said(&verdict));
    }
    // By its number alone; the list before is not forgotten.
    let serial = succeed(openssl("x509").args(["-noout", "-serial", "-in"]).arg(&other));
    let serial = said(&serial).trim().replace("serial=", "");
    fleet.done(&["revoke", "--serial", &serial, "--days", "30"]);
    for certificate in [&stolen, &other] {
        assert!(said(&fleet.judged("sslclient", certificate)).contains("certificate revoked"), "{certificate:?}");
    }
    let number = || {
        let shown = succeed(openssl("crl").args(["-noout", "-crlnumber", "-in"]).arg(fleet.key("crl.pem")));
        said(&shown).trim().to_owned()
    };
    let before = number();
    fleet.done(&["revoke", "--renew"]);
    assert_eq!((before.as_str(), number().as_str()), ("crlNumber=0x03", "crlNumber=0x04"));
    assert!(said(&fleet.judged("sslclient", &stolen)).contains("certificate revoked"));
}

/// Shakes hands with a server as a client, and returns what OpenSSL said of it.
fn handshake(fleet: &Fleet, server: SocketAddr, certificate: &Path, key: &Path) -> String {
    let mut command = openssl("s_client");
    command.arg("-connect").arg(server.to_string()).arg("-CAfile").arg(fleet.key("ca.pem"));
    command.args(["-verify_return_error", "-verify_ip", "127.0.0.1", "-quiet", "-no_ign_eof"]);
    command.arg("-cert").arg(certificate).arg("-key").arg(key).arg("-cert_chain").arg(fleet.key("issuer.pem"));
    said(&run(&mut command))
}

/// P12: with a real broker, whose certificate is the fleet's too: bridges and terminals come in, and what was revoked does
/// not as soon as the broker has read its list again.
#[test]
fn p12_a_broker_lets_the_fleet_in_and_a_revoked_terminal_not() {
    let fleet = Fleet::make();
    fleet.done(&["ca", "client", "bridge-1"]);
    fleet.done(&["ca", "server", "127.0.0.1"]);
    let (certificate, key) = fleet.terminal("0001017");
    let bridge = (fleet.key("bridge-1.pem"), fleet.key("bridge-1.key"));
    let path = |name: &str| fleet.key(name).display().to_string();
    let port = free_port();
    let broker = Mosquitto::start_with(
        &fleet.folder,
        format!(
            "listener {port} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\ncrlfile {}\nrequire_certificate true\n\
             use_identity_as_username true\nallow_anonymous false",
            path("ca.pem"),
            path("127.0.0.1.pem"),
            path("127.0.0.1.key"),
            path("crl.pem")
        ),
    );
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let refused = |certificate: &Path, key: &Path| handshake(&fleet, address, certificate, key);
    for (certificate, key) in [(&bridge.0, &bridge.1), (&certificate, &key)] {
        let told = refused(certificate, key);
        assert!(!told.contains("alert") && !told.contains("verify error"), "{certificate:?}: {told}");
    }
    fleet.done(&["revoke", &certificate.to_string_lossy()]);
    broker.reload();
    wait_for("the revoked terminal is refused", SOON, || {
        let told = refused(&certificate, &key);
        if told.contains("alert certificate revoked") { Ok(()) } else { Err(told) }
    });
    let told = refused(&bridge.0, &bridge.1);
    assert!(!told.contains("alert") && !told.contains("verify error"), "{told}");
}

#[test]
fn a_claim_can_be_piped_scanned_and_opened_with_the_fleets_key_alone() {
    let fleet = Fleet::make();
    let picture = fleet.folder.file("claim.png");
    let out = fleet.done(&[
        "claim",
        "--number",
        "1017",
        "--label",
        "Quầy 1",
        "--valid",
        "90m",
        "--png",
        &picture.to_string_lossy(),
    ]);
    let line = out.strip_suffix('\n').expect("a line");
    assert!(!line.contains(char::is_whitespace), "{line}");
    assert_eq!(tests::screen::one_code(&picture).as_deref(), Ok(line));
    let claim = Claim::open(line, &[fleet.public_key()]).expect("the fleet's claim");
    assert_eq!((claim.number.to_string().as_str(), claim.label.as_str()), ("0001017", "Quầy 1"));
    assert_eq!(claim.exp - claim.iat, 90 * 60);
    assert_eq!(claim.trusted_keys, [fleet.public_key()]);
    assert_eq!(claim.ca, fs::read_to_string(fleet.key("ca.pem")).expect("a certificate"));
    let stranger = Fleet::make();
    assert!(Claim::open(line, &[stranger.public_key()]).is_err());
}

#[test]
fn nothing_is_written_over_and_faults_of_the_file_exit_64() {
    let fleet = Fleet::make();
    let contents = || fleet.keys().iter().map(|key| fs::read(key).expect("a key")).collect::<Vec<_>>();
    let before = contents();
    for words in [&["keygen"][..], &["ca", "init"]] {
        let output = fleet.fleet(words);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), [].as_slice()), "{}", said(&output));
        assert!(said(&output).contains("is there already"), "{}", said(&output));
    }
    assert_eq!(contents(), before);
    fleet.folder.write("fleet.toml", "[enrol]\nurl = \"ftp://x\"\n[mqtt]\n");
    for words in [&["--check"][..], &["keygen"]] {
        let output = fleet.fleet(words);
        assert_eq!(output.status.code(), Some(64), "{}", said(&output));
        assert!(said(&output).contains("enrol.url") && said(&output).contains("mqtt.url"), "{}", said(&output));
    }
    let mut usual = Command::new(program("till"));
    let usual = run(usual.args(["fleet", "keygen"]).env("HOME", fleet.folder.path()));
    assert_eq!(usual.status.code(), Some(64), "{}", said(&usual));
    assert!(said(&usual).contains(".config/till/fleet.toml"), "{}", said(&usual));
}
