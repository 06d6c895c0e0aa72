//! `fleet.toml`: the shipped one, where it is looked for, and every fault of one.

use std::fs;

use super::{FLEET, Operator};

/// `config/fleet.toml`, as it is shipped.
const SHIPPED: &str = include_str!("../../../../config/fleet.toml");

#[tokio::test]
async fn the_shipped_file_is_right_and_so_is_every_setting_in_it() {
    let operator = Operator::with("shipped", SHIPPED);
    let came = operator.done(&["--check"]).await;
    assert!(came.out.ends_with("fleet.toml: the fleet's configuration is in order\n"), "{}", came.out);
    operator.done(&["keygen"]).await;

    let setting = |line: &str| {
        line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| !c.is_whitespace())).map(str::to_owned)
    };
    let full: Vec<String> = SHIPPED.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned())).collect();
    let all = Operator::with("shipped-full", &full.join("\n"));
    fs::copy(operator.key("fleet.pub"), all.0.folder.join(".config/till/second.pub")).expect("the files are ours");
    all.done(&["--check"]).await;
    // A file that says everything says what one that says nothing means.
    all.done(&["keygen"]).await;
    assert!(all.key("fleet.key").is_file());
}

#[tokio::test]
async fn p11_every_fault_of_the_file_is_told_in_one_run_by_every_verb() {
    let config = "colour = \"red\"\n\
        [keys]\nfolder = 7\nfile = \"x\"\n\
        [enrol]\nurl = \"http://enrol.example\"\nmore_trusted_keys = [ \"nowhere.pub\", \"fleet.toml\" ]\n\
        [mqtt]\nurl = \"mqtt://broker.example\"\n\
        [[channel]]\nid = \"payos\"\nbase_url = \"https://a.example\"\n\
        [[channel]]\nid = \"payos\"\n\
        [[channel]]\nid = \"No\"\nbase_url = \"ftp://a.example\"\n";
    let operator = Operator::with("faults", config);
    let keys = [
        "colour",
        "keys.folder",
        "keys.file",
        "enrol.url",
        "enrol.more_trusted_keys[0]",
        "enrol.more_trusted_keys[1]",
        "mqtt.url",
        "channel[1].base_url",
        "channel[1].id",
        "channel[2].id",
        "channel[2].base_url",
    ];
    for words in [&["--check"][..], &["keygen"], &["keygen", "--check"], &["revoke", "--renew"]] {
        let told = operator.refused(64, words).await;
        for key in keys {
            assert!(told.lines().any(|line| line.contains(&format!("fleet.toml: {key} = "))), "{key} in {told}");
        }
        assert_eq!(told.lines().count(), keys.len(), "{told}");
    }
    assert!(!operator.keys().exists());
}

#[tokio::test]
async fn the_file_is_looked_for_in_the_usual_place_or_where_it_is_named() {
    let operator = Operator::new("place");
    let usual = operator.0.folder.join(".config/till/fleet.toml");
    let other = operator.0.folder.join("other.toml");
    fs::rename(&usual, &other).expect("the files are ours");
    let told = operator.refused(64, &["keygen"]).await;
    assert!(told.contains(&usual.display().to_string()), "{told}");
    let other = other.display().to_string();
    operator.done(&["keygen", "--config", &other]).await;
    // Its keys are beside it.
    assert!(operator.0.folder.join("keys/fleet.key").is_file());
    // An absolute folder, which cannot be: a file is in the way.
    fs::write(&other, format!("{FLEET}[keys]\nfolder = \"{other}/keys\"\n")).expect("the file is ours");
    let told = operator.refused(1, &["keygen", "--config", &other]).await;
    assert!(told.contains(&format!("the folder of keys `{other}/keys`")), "{told}");
}
