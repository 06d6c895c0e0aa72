//! `till doctor`, as an engineer on call runs it: with the daemon and without, on what is well and on what is broken. It
//! must not know how anything is looked at.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use demo::payos::Sandbox;
use serde_json::Value;
use tests::authority::{Authority, Identity};
use tests::disk::Disk;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::process::{program, run, system_program};
use tests::shop::{Shop, TERMINAL, sandbox};
use tests::till::{Till, TillPlan};
use tests::tls_front::TlsFront;
use tests::wrong_clock::WrongClock;

/// What `till doctor --json` says, and how it exits.
struct Seen {
    code: Option<i32>,
    json: Value,
}

fn seen(output: &Output) -> Seen {
    let text = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", text()));
    Seen { code: output.status.code(), json }
}

fn doctor(till: &Till) -> Seen {
    seen(&till.command_line(&["doctor", "--json"]))
}

impl Seen {
    /// The findings of a check, about this or about anything.
    fn of(&self, check: &str, about: Option<&str>) -> Vec<&Value> {
        let all = self.json["checks"].as_array().expect("a list of checks").iter();
        all.filter(|line| line["check"] == check && about.is_none_or(|about| line["about"] == about)).collect()
    }

    /// Fails unless a check, about this, comes to this result alone, and says this word.
    #[track_caller]
    fn assert(&self, check: &str, about: Option<&str>, result: &str, word: &str) {
        let lines = self.of(check, about);
        let all = !lines.is_empty() && lines.iter().all(|line| line["result"] == result);
        let says = lines.iter().any(|line| line["found"].as_str().is_some_and(|found| found.contains(word)));
        assert!(all && says, "{check} {about:?} should be {result} and say {word:?}: {:#}", self.json);
        let helps =
            lines.iter().all(|line| result != "fault" || line["advice"].as_str().is_some_and(|a| !a.is_empty()));
        assert!(helps, "a fault says what to do: {lines:#?}");
    }

    #[track_caller]
    fn assert_code(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{:#}", self.json);
    }
}

const CHECKS: [&str; 14] = [
    "configuration",
    "daemon",
    "versions",
    "clock",
    "network",
    "dns",
    "tls",
    "certificate",
    "display",
    "keypad",
    "sound",
    "disk",
    "permissions",
    "updates",
];

/// Nothing is wrong, so nothing is said to be; nothing is ordered, and no secret is shown.
#[test]
fn a_terminal_that_is_well_has_no_fault() {
    let shop = Shop::open();
    let before = (shop.till.status()["links"]["broker"].clone(), shop.payos.orders().len());
    let well = doctor(&shop.till);
    well.assert_code(0);
    assert_eq!(well.json["faults"], 0, "{:#}", well.json);
    for check in CHECKS {
        assert!(!well.of(check, None).is_empty(), "{check} is missing: {:#}", well.json);
    }
    well.assert("daemon", None, "ok", "answers");
    well.assert("versions", None, "ok", env!("CARGO_PKG_VERSION"));
    well.assert("clock", None, "ok", "payos");
    well.assert("tls", Some("broker"), "ok", "answers");
    well.assert("display", None, "ok", "png");
    well.assert("permissions", None, "ok", "closed to others");
    well.assert("updates", None, "skipped", "no key is trusted");
    let after = (shop.till.status()["links"]["broker"].clone(), shop.payos.orders().len());
    assert_eq!(before, after, "the daemon keeps its line to the broker, and nothing is ordered");
    for (language, ok, summary) in [("en", "ok ", "Nothing is wrong"), ("vi", "tốt ", "không thấy gì hỏng")] {
        let output = shop.till.command_line(&["--lang", language, "doctor"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.starts_with(ok) && text.contains(summary), "{text}");
        let keys = shop.payos.credentials();
        for secret in [keys.client_id, keys.api_key, keys.checksum_key] {
            assert!(!text.contains(&secret), "{text}");
        }
    }
}

#[test]
fn what_is_gone_is_a_fault_with_what_to_do() {
    let mut shop = Shop::open_with(|plan| {
        plan.panel = Some("driver = \"fbdev\"\ndevice = \"/dev/fb-that-is-not-there\"".to_owned());
        plan.keypad = "[\"/dev/input/event-that-is-not-there\"]".to_owned();
    });
    doctor(&shop.till).assert("display", None, "fault", "fb-that-is-not-there");
    shop.till.terminate();
    shop.broker.stop();
    let seen = doctor(&shop.till);
    seen.assert_code(1);
    seen.assert("daemon", None, "fault", "127.0.0.1");
    seen.assert("versions", None, "skipped", "cannot be asked");
    seen.assert("tls", Some("broker"), "fault", "refused");
    seen.assert("tls", Some("payos"), "ok", "answers");
    seen.assert("display", None, "fault", "/dev/fb-that-is-not-there is not there");
    seen.assert("keypad", None, "fault", "event-that-is-not-there");
    let vietnamese = shop.till.command_line(&["--lang", "vi", "doctor"]);
    let text = String::from_utf8_lossy(&vietnamese.stdout).into_owned();
    assert!(vietnamese.status.code() == Some(1) && text.contains("không có /dev/fb-that"), "{text}");
}

#[test]
fn a_broken_configuration_is_told_and_the_rest_is_looked_at_all_the_same() {
    let (folder, payos) = (Folder::make(), sandbox());
    let mut plan = TillPlan::new(TERMINAL, "mqtts://broker.invalid", &payos);
    plan.tables = "[nonsense]\nx = 1".to_owned();
    let till = plan.prepare(&folder);
    let seen = doctor(&till);
    seen.assert_code(64);
    seen.assert("configuration", None, "fault", "nonsense");
    seen.assert("dns", None, "fault", "broker.invalid");
    seen.assert("tls", Some("broker"), "skipped", "mended");
    seen.assert("tls", Some("payos"), "skipped", "mended");
    seen.assert("permissions", None, "ok", "closed to others");
    assert!(seen.of("disk", None).iter().any(|line| line["result"] == "ok"), "{:#}", seen.json);
    fs::write(&till.config, "this is no TOML").expect("the file is ours");
    let seen = doctor(&till);
    seen.assert_code(64);
    seen.assert("configuration", None, "fault", "line 1");
    fs::remove_file(&till.config).expect("the file is ours");
    let seen = doctor(&till);
    seen.assert_code(64);
    // There is no line in it that could be mended.
    let told = seen.of("configuration", None);
    assert!(told.iter().all(|line| line["advice"].as_str().is_some_and(|say| say.contains("--config"))), "{told:?}");
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn others_who_can_use_a_secret_and_a_wrong_clock_are_faults() {
    let (folder, payos) = (Folder::make(), sandbox());
    let till = TillPlan::new(TERMINAL, "mqtt://localhost:9", &payos).prepare(&folder);
    let secret = folder.file("till-0001017-api-key");
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o606)).expect("the file is ours");
    let seen = doctor(&till);
    seen.assert("permissions", None, "fault", "0606");
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).expect("the file is ours");
    let later = |ahead: &str| {
        let launcher = WrongClock::showing(&folder, ahead).launcher();
        let (first, rest) = launcher.split_first().expect("a launcher");
        seen_of(Command::new(first).args(rest).arg(program("till")), &till.config)
    };
    later("+2h").assert("clock", None, "fault", "7200 s off");
    later("-30y").assert("clock", None, "fault", "not set");
}

fn seen_of(command: &mut Command, config: &Path) -> Seen {
    seen(&run(command.arg("--config").arg(config).args(["doctor", "--json"])))
}

/// A provider and a broker behind TLS.
struct Secure {
    folder: Folder,
    authority: Authority,
    payos: Sandbox,
    front: TlsFront,
    _broker: Mosquitto,
    broker_url: String,
}

impl Secure {
    fn open() -> Self {
        let (folder, payos) = (Folder::make(), sandbox());
        let authority = Authority::make(&folder, "ours");
        let front = TlsFront::open(&authority.issue_for_long(&folder, "payos"), payos.address());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let server = authority.issue_for_long(&folder, "broker");
        let broker = Mosquitto::start_with(&folder, server.listener(address.port(), &authority));
        Self { folder, authority, payos, front, _broker: broker, broker_url: format!("mqtts://{address}") }
    }

    fn look(&self, mqtt: String, channel: String) -> Seen {
        let mut plan = TillPlan::new(TERMINAL, &self.broker_url, &self.payos);
        plan.payos_url = format!("https://localhost:{}", self.front.port());
        (plan.mqtt, plan.channel) = (mqtt, channel);
        doctor(&plan.prepare(&self.folder))
    }
}

#[test]
fn certificates_are_judged_on_both_sides() {
    let mut place = Secure::open();
    let strangers = Authority::make(&place.folder, "strangers");
    let known = place.authority.issue_for_long(&place.folder, "0001017");
    let expired = place.authority.issue_expired(&place.folder, "old");
    let ours = |identity: &Identity| identity.settings(&place.authority);
    let trusting = |authority: &Authority| format!("ca = {:?}", authority.certificate);
    let well = place.look(ours(&known), trusting(&place.authority));
    well.assert("tls", Some("broker"), "ok", "is trusted");
    well.assert("tls", Some("payos"), "ok", "is trusted");
    well.assert("clock", None, "ok", "payos");
    well.assert("certificate", None, "ok", "lasts until");
    let brief = place.authority.issue(&place.folder, "0001017");
    place.look(ours(&brief), trusting(&place.authority)).assert("certificate", None, "fault", "ends soon");
    let front = TlsFront::open(&place.authority.issue(&place.folder, "brief"), place.payos.address());
    place.front = front;
    place.look(ours(&known), trusting(&place.authority)).assert("tls", Some("payos"), "fault", "ends soon");
    let seen = place.look(known.settings(&strangers), trusting(&strangers));
    seen.assert_code(1);
    seen.assert("tls", Some("broker"), "fault", "cannot be trusted");
    seen.assert("tls", Some("payos"), "fault", "cannot be trusted");
    let seen = place.look(trusting(&place.authority), String::new());
    seen.assert("tls", Some("broker"), "fault", "refuses this terminal");
    seen.assert("certificate", None, "skipped", "none");
    let seen = place.look(ours(&expired), trusting(&place.authority));
    seen.assert("tls", Some("broker"), "fault", "refuses this terminal");
    seen.assert("certificate", None, "fault", "ended");
}

/// What another user may not read is no fault of the terminal's.
#[test]
fn an_ordinary_user_is_told_what_only_root_can_see() {
    assert!(rustix::process::geteuid().is_root(), "ROOT IS NEEDED: only root can run a program as `nobody`");
    let shop = Shop::open();
    for (path, mode) in [(shop.folder.path(), 0o755), (&shop.till.config, 0o644)] {
        fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("they are ours");
    }
    let mut command = Command::new(system_program("setpriv", "util-linux"));
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program("till"));
    let seen = seen_of(&mut command, &shop.till.config);
    seen.assert_code(0);
    seen.assert("configuration", None, "skipped", "api_key");
    seen.assert("daemon", None, "ok", "answers");
    assert!(
        seen.of("disk", None).iter().any(|line| line["found"].as_str().is_some_and(|f| f.contains("not this user's")))
    );
}

#[test]
fn a_disk_without_room_or_that_cannot_be_written_is_a_fault() {
    let (folder, payos) = (Folder::make(), sandbox());
    let mut disk = Disk::make(folder.path(), "small", 16 * 1024);
    let mut plan = TillPlan::new(TERMINAL, "mqtt://localhost:9", &payos);
    plan.store = Some(disk.path().join("store"));
    let till = plan.prepare(&folder);
    let found = |word: &str| {
        let seen = doctor(&till);
        let fits =
            |line: &&Value| line["result"] == "fault" && line["found"].as_str().is_some_and(|f| f.contains(word));
        assert!(seen.of("disk", None).iter().any(fits), "{word}: {:#}", seen.json);
    };
    found("are free");
    disk.mount_again("ro");
    found("read-only");
}
