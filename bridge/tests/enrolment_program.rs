//! `till-bridge enrol` on the command line: its configuration's faults, its clock, what the service manager hears.

mod support;

use std::io::Read;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::enrolment::{Server, Wishes, toml};
use support::fleet::{DAY, Fleet, days_from_now, key};
use support::{Folder, LIMIT, eventually, private_file};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till-bridge"));
    command.arg("enrol").env_remove("CREDENTIALS_DIRECTORY");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `--check` says of a configuration, without the file's name.
fn check_in(folder: &Path, toml: &str) -> (Option<i32>, Vec<String>) {
    let file = folder.join("enrol.toml");
    std::fs::write(&file, toml.replace("FOLDER", &folder.display().to_string())).expect("a configuration");
    let output = program().arg("--config").arg(&file).arg("--check").output().expect("the program can be started");
    let prefix = format!("{}: ", file.display());
    let lines = text(&output.stdout).lines().map(|line| line.replace(&prefix, "")).collect();
    (output.status.code(), lines)
}

/// Checks that there is one line for each of these keys, in any order.
#[track_caller]
fn assert_faults(folder: &Path, toml: &str, want: &[&str]) -> Vec<String> {
    let (code, lines) = check_in(folder, toml);
    let mut keys: Vec<&str> = lines.iter().filter_map(|line| line.split(" = ").next()).collect();
    let mut want = want.to_vec();
    keys.sort_unstable();
    want.sort_unstable();
    assert_eq!((code, keys), (Some(64), want), "{lines:#?}");
    lines
}

#[test]
fn the_least_configuration_passes_and_opens_nothing() {
    let folder = Folder::new();
    Fleet::make(folder.path());
    assert_eq!(check_in(folder.path(), &toml(Wishes::default())), (Some(0), Vec::new()));
    assert!(!folder.path().join("store").exists());
    // A credential is only noted, and nothing is said of what cannot be tried without it.
    let credential = toml(Wishes::default()).replace("{ file = \"FOLDER/issuer.key\" }", "{ credential = \"issuer\" }");
    let (code, notes) = check_in(folder.path(), &credential);
    assert_eq!((code, notes.len()), (Some(0), 1), "{notes:?}");
    assert!(notes[0].starts_with("authority.key = "), "{notes:?}");
}

#[test]
fn every_fault_is_found_in_one_run() {
    let folder = Folder::new();
    let lines = assert_faults(
        folder.path(),
        r#"
[http]
listen = "0.0.0.0:8472"
trusted_proxies = ["10.0.0.0/8"]
[admin]
listen = 8473
[mqtt]
url = "mqtts://broker.example"
[authority]
cert = "/nonexistent/issuer.pem"
root = "/nonexistent/ca.pem"
[claims]
trusted_keys = []
valid_days = 826
max_records = 1
[limits]
refused_per_s = 0
certificates_per_h = 1001
"#,
        &[
            "http.trusted_proxies",
            "http.tls",
            "admin.listen",
            "mqtt",
            "authority.cert",
            "authority.key",
            "authority.root",
            "claims.trusted_keys",
            "claims.valid_days",
            "claims.max_records",
            "limits.refused_per_s",
            "limits.certificates_per_h",
        ],
    );
    let proxies = lines.iter().find(|line| line.starts_with("http.trusted_proxies")).expect("found above");
    assert!(proxies.contains("TLS must end here"), "{proxies}");
}

/// What is wrong with the files is found at the start, not by terminals.
#[test]
fn files_that_do_not_fit_together_are_faults() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let (fleet, foreign) = (Fleet::make(folder.path()), Fleet::make(elsewhere.path()));
    let place = folder.path();
    let strangers = |name: &str| std::fs::read_to_string(elsewhere.path().join(name)).expect("a file");
    let whole = toml(Wishes { authority: "crl = \"FOLDER/crl.pem\"", ..Wishes::default() });
    fleet.revoke(&[]);
    assert_eq!(check_in(place, &whole), (Some(0), Vec::new()));
    foreign.revoke(&[]);
    let over = fleet.root.issuer("Old issuer", key(), days_from_now(-9), DAY).expect("an issuer");
    let own = |name: &str| std::fs::read_to_string(place.join(name)).expect("a file");
    for (name, wrong, fault) in [
        ("crl.pem", strangers("crl.pem"), "authority.crl"),
        ("crl.pem", "x".into(), "authority.crl"),
        ("issuer.key", strangers("issuer.key"), "authority.cert"),
        ("issuer.pem", own("server.pem"), "authority.cert"),
        ("ca.pem", strangers("ca.pem"), "authority.cert"),
        ("ca.pem", "x".into(), "authority.root"),
        ("server.key", strangers("server.key"), "http.tls.cert"),
        ("fleet.pub", "x".into(), "claims.trusted_keys"),
        ("fleet.pub", own("ca.pem"), "claims.trusted_keys"),
    ] {
        let right = own(name);
        private_file(&place.join(name), &wrong);
        assert_faults(place, &whole, &[fault]);
        private_file(&place.join(name), &right);
    }
    private_file(&place.join("issuer.pem"), over.certificate());
    private_file(&place.join("issuer.key"), &over.key_pem());
    let lines = assert_faults(place, &whole, &["authority.cert"]);
    assert!(lines[0].contains("Expired"), "{lines:?}");
    let output = program().arg("--config").arg(place.join("enrol.toml")).output().expect("the program can be started");
    assert_eq!(output.status.code(), Some(64));
    assert!(text(&output.stderr).contains("authority.cert"), "{}", text(&output.stderr));
}

/// What config/enrol.toml offers is there: every key that it shows, also those behind a "#".
#[test]
fn every_key_of_the_documented_configuration_is_known() {
    let documented = include_str!("../../config/enrol.toml");
    let shown = |line: &str| line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with(' ')).is_some();
    let lines = documented.lines().map(|line| if shown(line) { &line[1..] } else { line });
    let all: String = lines.flat_map(|line| [line, "\n"]).collect();
    let folder = Folder::new();
    Fleet::make(folder.path()).revoke(&[]);
    std::fs::copy(folder.path().join("server.pem"), folder.path().join("enrol.pem")).expect("a certificate");
    // Its files are another machine's, and its secrets a service's.
    let here = all
        .replace("/etc/till-bridge/", "FOLDER/")
        .replace("{ credential = \"issuer-key\" }", "{ file = \"FOLDER/issuer.key\" }");
    let here = here.replace("{ credential = \"enrol-key\" }", "{ file = \"FOLDER/server.key\" }");
    assert_eq!(check_in(folder.path(), &here), (Some(0), Vec::new()));
}

/// A process that does not outlive its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has mostly ended already.
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

#[test]
fn the_service_manager_hears_that_it_is_ready_alive_and_stopping() {
    let server = Server::new(Wishes::default());
    let socket = server.fleet.folder.join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    manager.set_read_timeout(Some(LIMIT)).expect("a limit");
    // As systemd does, the process is told its own number.
    let script = "WATCHDOG_PID=$$ exec \"$0\" enrol --config \"$1\"";
    let process = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_till-bridge")])
        .arg(server.config())
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "1800000")
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let mut process = Ended(process);
    let hear = || {
        let mut buffer = [0; 100];
        let length = manager.recv(&mut buffer).expect("a word in time");
        text(&buffer[..length]).trim().to_owned()
    };
    assert_eq!([hear(), hear(), hear()], ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
    let sent = Command::new("kill").arg(process.0.id().to_string()).status();
    assert!(sent.expect("the program `kill` is there").success());
    let mut said = hear();
    while said == "WATCHDOG=1" {
        said = hear();
    }
    assert_eq!(said, "STOPPING=1");
    assert_eq!(process.0.wait().expect("it ends").code(), Some(0));
}

fn faketime() -> PathBuf {
    let places = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let library = places.map(|place| place.path().join("faketime/libfaketime.so.1")).find(|path| path.is_file());
    library.expect("libfaketime is needed: apt install faketime")
}

/// It is tried again by the service manager, until the clock is set: no fault of the configuration.
#[tokio::test]
async fn p10_a_machine_that_woke_in_1970_makes_no_certificates_and_does_not_take_its_files_for_wrong() {
    let server = Server::new(Wishes { authority: "crl = \"FOLDER/crl.pem\"", ..Wishes::default() });
    server.fleet.revoke(&[]);
    let process = program()
        .arg("--config")
        .arg(server.config())
        .env("LD_PRELOAD", faketime())
        .env("FAKETIME", "@1970-01-02 00:00:00")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut process = Ended(process);
    let status = eventually("it ends", async || process.0.try_wait().expect("it can be asked")).await;
    let mut said = String::new();
    process.0.stderr.take().expect("its log was asked for").read_to_string(&mut said).expect("text");
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("set it first"), "{said}");
    assert!(!server.store().exists());
}
