//! The program's command line: help, version, configuration faults and their exit codes, TLS.

mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use support::Folder;
use support::bridge::{BridgeProcess, Wishes};
use support::payos::{ORDER, payment, webhook};

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

#[test]
fn every_fault_is_found_in_one_run() {
    let (code, lines) = check(
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
id = "finan"
provider = "finan"
secret = { file = "FOLDER/key" }
signature = "md5"
[[channel]]
id = "x"
provider = "paypal"
"#,
    );
    assert_eq!(code, Some(64));
    let keys: Vec<&str> = lines.iter().filter_map(|line| line.split(" = ").next()).collect();
    let want = [
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
        "channel[1].signature",
        "channel[1].provider",
        "channel[2].provider",
    ];
    let sorted = |keys: &[&str]| {
        let mut keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        keys.sort();
        keys
    };
    assert_eq!(sorted(&keys), sorted(&want), "{lines:#?}");
}

#[test]
fn two_channels_of_one_name_are_a_fault() {
    let (_, channel) = LEAST.split_once("[[channel]]").expect("a channel");
    let (code, lines) = check(&format!("{LEAST}[[channel]]{channel}"));
    assert_eq!((code, lines.len()), (Some(64), 1), "{lines:?}");
}

#[tokio::test]
async fn hooks_are_served_over_tls_when_it_is_set() {
    let made = Folder::new();
    let (cert, key) = (made.path().join("cert.pem"), made.path().join("key.pem"));
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args([
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .expect("the program `openssl` is needed: apt install openssl");
    assert!(output.status.success(), "{}", text(&output.stderr));
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("its mode");
    let tls = format!("tls = {{ cert = {cert:?}, key = {{ file = {key:?} }} }}");
    let wishes = Wishes { http: tls.leak(), ..Wishes::default() };
    let bridge = BridgeProcess::started(support::free_port(), &wishes).await;

    let roots = till_settings::tls::certificates(&cert).expect("the certificate");
    let roots = till_settings::tls::Roots::Only(roots);
    let config = till_settings::tls::client_config(roots, None).expect("a client");
    let body = webhook(&payment(ORDER, "TF1"));
    let reply = support::http::post_over_tls(bridge.hooks(), config, "/hooks/payos", &body).await;
    assert_eq!(reply.status, 200);
}
