//! `till-bridge register CHANNEL URL`: what it tells payOS, what it tells whoever typed it, and with which exit code.

mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use support::bridge::{BridgeProcess, Wishes};
use support::confirming::{API_KEY, CLIENT_ID, ConfirmingPayOs, Mood};
use support::{Folder, finan, free_port, glocal};

/// A configuration with nothing in it but what this command needs: an operator's own.
struct Operator(Folder);

impl Operator {
    fn new(payos: &str) -> Self {
        Self::with(payos, &["client_id", "api_key"], CLIENT_ID)
    }

    fn with(payos: &str, keys: &[&str], client_id: &str) -> Self {
        let folder = Folder::new();
        let place = folder.path().display().to_string();
        for (name, secret) in [("client_id", client_id), ("api_key", API_KEY)] {
            let path = folder.path().join(name);
            std::fs::write(&path, secret).expect("a key");
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
        }
        let keys: String = keys.iter().map(|key| format!("{key} = {{ file = \"{place}/{key}\" }}\n")).collect();
        let text = format!(
            "[[channel]]\nid = \"payos\"\nprovider = \"payos\"\nbase_url = \"{payos}\"\n{keys}\n{}\n{}",
            finan::CHANNEL,
            glocal::CHANNEL
        );
        std::fs::write(folder.path().join("bridge.toml"), text).expect("a configuration");
        Self(folder)
    }

    /// Returns the exit code, and all that was printed.
    async fn register(&self, channel: &str, url: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_till-bridge"));
        command.args(["register", channel, url, "--config"]).arg(self.0.path().join("bridge.toml"));
        // It asks payOS itself, whatever the environment says.
        command.env_remove("CREDENTIALS_DIRECTORY").env("http_proxy", "http://127.0.0.1:1");
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
        let Output { status, stdout, stderr } = output.expect("the program can be started");
        let text = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        assert!(!text.contains(API_KEY) && !text.contains(CLIENT_ID), "no key is shown: {text}");
        (status.code(), text)
    }
}

async fn bridge() -> BridgeProcess {
    BridgeProcess::started(free_port(), &Wishes::default()).await
}

#[tokio::test]
async fn payos_tests_the_running_bridge_and_stores_its_address() {
    let (bridge, payos) = (bridge().await, ConfirmingPayOs::open(Mood::Honest).await);
    let url = format!("http://{}/hooks/payos", bridge.hooks());
    let (code, said) = Operator::new(&payos.base_url()).register("payos", &url).await;
    assert_eq!(code, Some(0), "{said}");
    for part in [url.as_str(), "113366668888", "QUAN CA PHE", "Quầy"] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!((said.lines().count(), payos.stored()), (1, Some(url)));
    assert_eq!(bridge.metric("till_bridge_webhooks_total{channel=\"payos\",outcome=\"ping\"}").await, 1);
    assert_eq!(bridge.metric("till_bridge_journal_entries").await, 0);
}

#[tokio::test]
async fn an_address_that_is_not_the_channel_s_is_warned_of_and_payos_decides() {
    let (bridge, payos) = (bridge().await, ConfirmingPayOs::open(Mood::Honest).await);
    let operator = Operator::new(&payos.base_url());
    let (code, said) = operator.register("payos", &format!("http://{}/hooks/pay", bridge.hooks())).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("warning") && said.contains("/hooks/payos"), "{said}");
    assert!(said.contains("400") && said.contains("Webhook url invalid") && said.contains("is the bridge running"));
    assert_eq!(payos.stored(), None);
}

#[tokio::test]
async fn a_bridge_that_cannot_be_reached_is_named_as_the_reason() {
    let payos = ConfirmingPayOs::open(Mood::Honest).await;
    let url = format!("http://127.0.0.1:{}/hooks/payos", free_port());
    let (code, said) = Operator::new(&payos.base_url()).register("payos", &url).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&url) && said.contains("is the bridge running"), "{said}");
}

#[tokio::test]
async fn wrong_keys_are_named() {
    let payos = ConfirmingPayOs::open(Mood::Honest).await;
    let operator = Operator::with(&payos.base_url(), &["client_id", "api_key"], "another");
    let (code, said) = operator.register("payos", "http://127.0.0.1:1/hooks/payos").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("401") && said.contains("client_id") && said.contains("my.payos.vn"), "{said}");
}

#[tokio::test]
async fn whatever_payos_says_is_told_with_what_to_do() {
    let large: &'static str = format!("{{\"code\":\"00\",\"x\":\"{}\"}}", "x".repeat(100_000)).leak();
    for (mood, parts) in [
        (Mood::Answers(200, "{\"code\":\"214\",\"desc\":\"tạm dừng\"}"), ["214", "tạm dừng"]),
        (Mood::Answers(500, ""), ["500", "could not deliver its test"]),
        (Mood::Answers(429, ""), ["429", "wait"]),
        (Mood::Answers(302, ""), ["302", "base_url"]),
        (Mood::Answers(200, large), ["200", "base_url"]),
        (Mood::Hangs, ["broke before its answer", "run this again"]),
    ] {
        let payos = ConfirmingPayOs::open(mood).await;
        let (code, said) = Operator::new(&payos.base_url()).register("payos", "https://a.example/hooks/payos").await;
        assert_eq!(code, Some(1), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
    }
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let (code, said) = Operator::new(&nobody).register("payos", "https://a.example/hooks/payos").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot reach payOS") && said.contains(&nobody), "{said}");
}

#[tokio::test]
async fn missing_keys_are_a_fault_of_the_configuration_and_all_are_named() {
    let url = "https://a.example/hooks/payos";
    for (has, missing) in
        [(&["client_id"][..], &["api_key"][..]), (&["api_key"], &["client_id"]), (&[], &["client_id", "api_key"])]
    {
        let (code, said) = Operator::with("https://payos.example", has, CLIENT_ID).register("payos", url).await;
        assert_eq!((code, said.lines().count()), (Some(64), missing.len()), "{said}");
        assert!(missing.iter().all(|key| said.contains(&format!("channel[0].{key}"))), "{said}");
    }
    let (code, said) = Operator::new("http://payos.example").register("payos", url).await;
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("channel[0].base_url"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_registered_is_a_usage_fault_that_says_what_to_do() {
    let operator = Operator::new("https://payos.example");
    let https = "https://a.example/hooks/finan";
    for (channel, url, parts) in [
        ("finan", https, ["book.finan.one/setting/open-api", "/hooks/finan"]),
        ("glocal", https, ["account manager", "/hooks/glocal"]),
        ("shop", https, ["no channel `shop`", "`payos`, `finan`, `glocal`"]),
        ("Shop\n", https, ["no channel `Shop\\n`", "a-z"]),
        ("payos", "http://a.example/hooks/payos", ["https://", "loopback"]),
        ("payos", "a.example/hooks/payos", ["https://", "loopback"]),
    ] {
        let (code, said) = operator.register(channel, url).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
    }
}

#[tokio::test]
async fn a_bridge_whose_file_has_these_keys_runs_without_being_able_to_read_them() {
    let channel = "client_id = { credential = \"payos-client-id\" }\napi_key = { file = \"FOLDER/not-there\" }\n\
                   base_url = \"https://payos.example\"";
    let bridge = BridgeProcess::started(free_port(), &Wishes { channel, ..Wishes::default() }).await;
    let body = support::payos::webhook(&support::payos::payment(support::payos::ORDER, "TF1"));
    assert_eq!(bridge.post(&body).await.status, 200);
}
