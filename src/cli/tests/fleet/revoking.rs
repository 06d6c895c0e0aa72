//! Taking certificates back: which list they go on, and that no list forgets. How OpenSSL judges them is tried in
//! `tests/whole/fleet.rs`.

use std::fs;

use serde_json::{Value, json};

use super::Operator;

#[tokio::test]
async fn each_certificate_goes_on_its_signers_list_once_and_numbers_grow() {
    let operator = Operator::ready("lists").await;
    operator.done(&["ca", "client", "bridge-1"]).await;
    assert!(operator.text("revoked.txt").ends_with("\nnumber 1\n"));
    assert_eq!(operator.text("crl.pem").matches("BEGIN X509 CRL").count(), 2);
    let bridge = operator.key("bridge-1.pem").display().to_string();
    let came = operator.done(&["revoke", &bridge, "--serial", "0A:FF"]).await;
    assert!(came.out.starts_with("Revoked: bridge-1, serial number "), "{}", came.out);
    assert!(came.out.contains("Revoked: -, serial number 0aff.\n"), "{}", came.out);
    let text = operator.text("revoked.txt");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let [number, of_bridge, of_terminal] = lines.as_slice() else { panic!("{text}") };
    assert_eq!(*number, "number 2");
    assert!(of_bridge.ends_with(" root bridge-1"), "{text}");
    assert!(of_terminal.starts_with("0aff ") && of_terminal.ends_with(" issuer -"), "{text}");
    let came = operator.done(&["revoke", "--serial", "aff", &bridge]).await;
    assert_eq!(came.out.matches("Revoked before: ").count(), 2, "{}", came.out);
    assert_eq!(operator.text("revoked.txt"), text.replace("number 2", "number 3"));
    let told = operator.done(&["revoke", "--serial", "0aff", "--serial", "0b", "--json"]).await.out;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let certificate = |serial: &str, is_old: bool| json!({ "name": "-", "serial": serial, "revoked_before": is_old });
    assert_eq!(told["certificates"], json!([certificate("0aff", true), certificate("0b", false)]));
    assert_eq!((&told["count"], &told["list"]), (&json!(3), &json!(operator.key("crl.pem"))));
    assert!(told["valid_until"].is_string(), "{told}");
}

#[tokio::test]
async fn the_roots_key_is_needed_for_what_the_root_has_signed_alone() {
    let operator = Operator::ready("offline").await;
    operator.done(&["ca", "client", "bridge-1"]).await;
    let root_list = operator.text("ca-crl.pem");
    let away = operator.0.folder.join("ca.key");
    fs::rename(operator.key("ca.key"), &away).expect("the files are ours");
    let before = operator.text("revoked.txt");
    let bridge = operator.key("bridge-1.pem").display().to_string();
    let told = operator.refused(1, &["revoke", "--serial", "7", &bridge]).await;
    assert!(told.contains("ca.key") && told.contains("bring it back"), "{told}");
    assert_eq!(operator.text("revoked.txt"), before);
    let came = operator.done(&["revoke", "--serial", "7"]).await;
    assert!(came.err.contains("ca-crl.pem stays as it is"), "{}", came.err);
    assert_eq!(operator.text("ca-crl.pem"), root_list);
    assert!(operator.text("crl.pem").ends_with(&root_list));
    fs::rename(&away, operator.key("ca.key")).expect("the files are ours");
    operator.done(&["revoke", &bridge]).await;
    assert_ne!(operator.text("ca-crl.pem"), root_list);
    assert!(operator.text("crl.pem").ends_with(&operator.text("ca-crl.pem")));
}

#[tokio::test]
async fn what_cannot_be_revoked_is_refused_and_changes_nothing() {
    let operator = Operator::ready("refusing").await;
    let stranger = Operator::new("refusing-stranger");
    stranger.done(&["ca", "init", "--name", "stranger"]).await;
    stranger.done(&["ca", "client", "bridge-1"]).await;
    let path = |of: &Operator, name: &str| of.key(name).display().to_string();
    let before = (operator.text("revoked.txt"), operator.text("crl.pem"));
    for (file, code, why) in [
        (path(&stranger, "bridge-1.pem"), 1, "not signed by this fleet"),
        (path(&operator, "issuer.pem"), 1, "authority's own"),
        (path(&operator, "ca.key"), 1, "there is none"),
        ("/nowhere/0001017.pem".to_owned(), 1, "/nowhere/0001017.pem"),
        ("1017".to_owned(), 2, "--serial"),
    ] {
        let told = operator.refused(code, &["revoke", "--serial", "7", &file]).await;
        assert!(told.contains(why), "{told}");
    }
    assert_eq!((operator.text("revoked.txt"), operator.text("crl.pem")), before);
    fs::write(operator.key("revoked.txt"), "number 9\n07 x\n").expect("the file is ours");
    let told = operator.refused(1, &["revoke", "--serial", "7"]).await;
    assert!(told.contains("line 2 is broken"), "{told}");
    assert_eq!(operator.text("crl.pem"), before.1);
}
