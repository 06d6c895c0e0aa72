//! The program's command line: help, version, configuration faults and their exit codes, TLS.

mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Output, Stdio};

use till_bridge::config::Settings;
use till_bridge::{Bridge, OpenError, StartError};

use support::bridge::{BridgeProcess, Wishes};
use support::payos::{ORDER, payment, webhook};
use support::{Folder, LIMIT};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till-bridge"));
    command.args(arguments).env_remove("CREDENTIALS_DIRECTORY");
    command.output().expect("the program can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes a configuration and returns what `--check` says of it, without the file's name.
fn check(toml: &str) -> (Option<i32>, Vec<String>) {
    let folder = Folder::new();
    let file = folder.path().join("bridge.toml");
    std::fs::write(&file, toml.replace("FOLDER", &folder.path().display().to_string())).expect("a configuration");
    std::fs::write(folder.path().join("key"), "0123").expect("a key");
    std::fs::set_permissions(folder.path().join("key"), Permissions::from_mode(0o600)).expect("its mode");
    let file = file.display().to_string();
    let output = run(&["--config", &file, "--check"]);
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| line.replace(&format!("{file}: "), "")).collect();
    (output.status.code(), lines)
}

const LEAST: &str = r#"
[http]
listen = "127.0.0.1:0"
[mqtt]
url = "mqtt://127.0.0.1:1883"
client_id = "bridge-1"
[journal]
path = "FOLDER/journal"
[[channel]]
id = "payos"
provider = "payos"
checksum_key = { file = "FOLDER/key" }
"#;

#[test]
fn help_and_version_are_there_and_a_wrong_word_is_a_usage_fault() {
    assert_eq!(run(&["--help"]).status.code(), Some(0));
    let version = run(&["--version"]);
    assert_eq!(text(&version.stdout), format!("till-bridge {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["--nonsense"]).status.code(), Some(2));
    let missing = run(&["--config", "/nonexistent/bridge.toml"]);
    assert_eq!(missing.status.code(), Some(64));
    assert!(text(&missing.stderr).starts_with("/nonexistent/bridge.toml: "));
}

#[test]
fn the_least_configuration_passes_and_opens_nothing() {
    assert_eq!(check(LEAST), (Some(0), Vec::new()));
    let credential = LEAST.replace("{ file = \"FOLDER/key\" }", "{ credential = \"key\" }");
    let (code, notes) = check(&credential);
    assert_eq!((code, notes.len()), (Some(0), 1), "{notes:?}");
}

/// Checks that there is one line for each of these keys.
#[track_caller]
fn assert_faults(toml: &str, want: &[&str]) {
    let (code, lines) = check(toml);
    let mut keys: Vec<&str> = lines.iter().filter_map(|line| line.split(" = ").next()).collect();
    let mut want = want.to_vec();
    keys.sort_unstable();
    want.sort_unstable();
    assert_eq!((code, keys), (Some(64), want), "{lines:#?}");
}

#[test]
fn every_fault_is_found_in_one_run() {
    assert_faults(
        r#"
[http]
listen = "8470"
forged_per_s = 0
trusted_proxies = ["10.0.0.0/8", "10.0.0.0/40"]
tls = { cert = "/nonexistent" }
[admin]
listen = 8471
[mqtt]
url = "mqtt://broker.example"
client_id = "0001017"
[journal]
keep_h = -1
max_bytes = 1
speed = 3
[[channel]]
id = "PayOS"
provider = "payos"
public_path = "hooks?"
fallback = 0
[[channel]]
id = "x"
provider = "paypal"
"#,
        &[
            "http.listen",
            "http.forged_per_s",
            "http.trusted_proxies[1]",
            "http.tls.key",
            "admin.listen",
            "mqtt.url",
            "mqtt.client_id",
            "journal.path",
            "journal.keep_h",
            "journal.max_bytes",
            "journal.speed",
            "channel[0].id",
            "channel[0].public_path",
            "channel[0].fallback",
            "channel[0].checksum_key",
            "channel[1].provider",
        ],
    );
}

#[test]
fn every_fault_of_every_provider_s_keys_is_found_in_one_run() {
    let channels = r#"
[[channel]]
id = "a"
provider = "payos"
checksum_key = { file = "FOLDER/key" }
client_id = "open"
base_url = "http://payos.example"
ca = "/nonexistent.pem"
freshness_s = 5
[[channel]]
id = "b"
provider = "finan"
secret = { file = "FOLDER/key" }
secret_next = "open"
signature = "md5"
freshness_s = -1
[[channel]]
id = "c"
provider = "finan"
[[channel]]
id = "d"
provider = "smart-glocal"
webhook_public_key = "FOLDER/key"
webhook_public_key_next = "/nonexistent.pem"
[[channel]]
id = "e"
provider = "smart-glocal"
"#;
    assert_faults(
        &format!("{LEAST}{channels}"),
        &[
            "channel[1].client_id",
            "channel[1].base_url",
            "channel[1].ca",
            "channel[1].freshness_s",
            "channel[2].secret_next",
            "channel[2].signature",
            "channel[2].freshness_s",
            "channel[3].secret",
            "channel[4].webhook_public_key",
            "channel[4].webhook_public_key_next",
            "channel[5].webhook_public_key",
        ],
    );
}

/// What config/bridge.toml offers is there: every key that it shows, also those behind a "#".
#[test]
fn every_key_of_the_documented_configuration_is_known() {
    let documented = include_str!("../../config/bridge.toml");
    let places = [
        "/etc/till-bridge/ca.pem",
        "/etc/till-bridge/payos-ca.pem",
        "/etc/till-bridge/glocal.pub",
        "/etc/till-bridge/glocal-next.pub",
    ];
    let shown = |line: &str| line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with(' ')).is_some();
    let lines = documented.lines().map(|line| if shown(line) { &line[1..] } else { line });
    let all: String = lines.flat_map(|line| [line, "\n"]).collect();
    for provider in ["payos", "finan", "smart-glocal"] {
        assert!(all.contains(&format!("provider = \"{provider}\"")), "{provider}");
    }
    let (code, lines) = check(&all);
    let unexplained: Vec<_> = lines
        .iter()
        // Credentials are noted, and files of another machine are missed.
        .filter(|line| !line.contains("CREDENTIALS_DIRECTORY") && !places.iter().any(|place| line.contains(place)))
        .collect();
    assert_eq!((code, unexplained), (Some(64), Vec::<&String>::new()), "{lines:#?}");
    // Each of those four was really looked for.
    assert!(places.iter().all(|place| lines.iter().any(|line| line.contains(place))), "{lines:#?}");
}

#[test]
fn two_channels_of_one_name_are_a_fault() {
    let (_, channel) = LEAST.split_once("[[channel]]").expect("a channel");
    let (code, lines) = check(&format!("{LEAST}[[channel]]{channel}"));
    assert_eq!((code, lines.len()), (Some(64), 1), "{lines:?}");
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
    let folder = Folder::new();
    let socket = folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    manager.set_read_timeout(Some(LIMIT)).expect("a limit");
    let bridge = BridgeProcess::new(support::free_port(), &Wishes::default());
    // As systemd does, the process is told its own number.
    let script = "WATCHDOG_PID=$$ exec \"$0\" --config \"$1\"";
    let process = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_till-bridge")])
        .arg(bridge.folder.path().join("bridge.toml"))
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

#[tokio::test]
async fn the_library_runs_in_a_task_and_gives_everything_back_at_the_end() {
    let place = BridgeProcess::new(support::free_port(), &Wishes::default());
    for _ in 0..2 {
        let settings = Settings::read(&place.folder.path().join("bridge.toml")).expect("the settings");
        let bridge = Bridge::bind(settings.clone()).await.expect("a bridge");
        let second = Bridge::bind(settings).await.map(|_| ()).expect_err("the journal is in use");
        assert!(matches!(second, StartError::Journal(OpenError::InUse { .. })), "{second:?}");
        let (hooks, admin) = (bridge.hooks_addr(), bridge.admin_addr());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(bridge.run(stopped));
        let body = webhook(&payment(ORDER, "TF1"));
        assert_eq!(support::http::post(hooks, "/hooks/payos", body.as_bytes()).await.status, 200);
        assert_eq!(support::http::get(admin, "/readyz").await.status, 200);
        stop.send(()).expect("the bridge listens");
        running.await.expect("no panic").expect("no fault");
    }
}
