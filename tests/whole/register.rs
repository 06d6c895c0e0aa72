//! `till-bridge register`: payOS tests the running bridge and sends its webhooks there from then on. It must not know the
//! till.

use std::path::Path;
use std::process::{Command, Output};

use demo::payos::Sandbox;
use tests::bridge::{Bridge, BridgePlan};
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::process::program;
use tests::shop::sandbox;
use tests::wait::{SOON, wait_for};

/// A bridge with this key, whose file also has what the command needs.
fn bridge(folder: &Folder, payos: &Sandbox, broker: &Mosquitto, checksum_key: &str) -> Bridge {
    let credentials = payos.credentials();
    let client_id = folder.write("client-id", credentials.client_id);
    let api_key = folder.write("api-key", credentials.api_key);
    let mut plan = BridgePlan::new(broker, checksum_key);
    plan.channel = format!(
        "base_url = {:?}\nclient_id = {{ file = {client_id:?} }}\napi_key = {{ file = {api_key:?} }}\n",
        payos.base_url()
    );
    plan.start(folder)
}

fn register(config: &Path, url: &str) -> (Option<i32>, String) {
    let mut command = Command::new(program("till-bridge"));
    let output = command.arg("--config").arg(config).args(["register", "payos", url]).output();
    let Output { status, stdout, stderr } = output.unwrap_or_else(|error| panic!("cannot run till-bridge: {error}"));
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn payos_tests_the_bridge_and_sends_its_webhooks_there_from_then_on() {
    let (folder, payos) = (Folder::make(), sandbox());
    let broker = Mosquitto::start(&folder);
    let bridge = bridge(&folder, &payos, &broker, &payos.credentials().checksum_key);
    let (code, said) = register(&folder.file("bridge-1.toml"), &bridge.hook_url());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&bridge.hook_url()) && said.contains(&payos.account().number), "{said}");
    assert!(said.contains(&payos.account().name), "{said}");
    let pings = "till_bridge_webhooks_total{channel=\"payos\",outcome=\"ping\"} 1";
    assert!(bridge.admin("/metrics").text().contains(pings));

    payos.add_foreign_order(77, 50_000);
    payos.pay(77, 50_000).unwrap_or_else(|error| panic!("the customer cannot pay: {error}"));
    wait_for("the payment's webhook is taken", SOON, || {
        let deliveries = payos.deliveries();
        if deliveries.iter().any(|delivery| delivery.status == Some(200)) {
            Ok(())
        } else {
            Err(format!("{deliveries:?}"))
        }
    });
}

#[test]
fn a_bridge_with_another_key_takes_no_test_and_is_not_registered() {
    let (folder, payos) = (Folder::make(), sandbox());
    let broker = Mosquitto::start(&folder);
    let bridge = bridge(&folder, &payos, &broker, "another-key");
    let (code, said) = register(&folder.file("bridge-1.toml"), &bridge.hook_url());
    assert_eq!(code, Some(1), "{said}");
    for part in ["400", "Webhook url invalid", "checksum_key"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(bridge.admin("/metrics").text().contains("till_bridge_forged_total 1"));
}
