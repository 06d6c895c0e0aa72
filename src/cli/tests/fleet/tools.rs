//! The verbs that connect, as far as they come without a broker. With one: tests/brokers/mosquitto/tools.rs.

use std::fs;

use super::super::nobody;
use super::{FLEET, Operator};

#[tokio::test]
async fn who_has_no_certificate_is_told_how_to_make_one() {
    let operator = Operator::ready("tools-certificate").await;
    let told = operator.refused(1, &["list"]).await;
    assert!(told.contains("`till fleet ca client operator-1` makes it"), "{told}");
    operator.done(&["ca", "client", "operator-1"]).await;
    let told = operator.refused(1, &["list"]).await;
    assert!(told.contains("cannot speak with the broker at mqtts://broker.example"), "{told}");

    let named = FLEET.replace("[[channel]]", "client_id = \"operator-2\"\n[[channel]]");
    let other = Operator::with("tools-name", &named);
    let told = other.refused(1, &["list"]).await;
    assert!(told.contains("`till fleet ca client operator-2` makes it"), "{told}");
    // A key that everybody can read is no key.
    operator.done(&["ca", "client", "operator-3"]).await;
    let open =
        FLEET.replace("[[channel]]", "cert = \"keys/operator-3.pem\"\nkey = { file = \"open.key\" }\n[[channel]]");
    let place = operator.0.folder.join(".config/till");
    fs::write(place.join("fleet.toml"), open).expect("the file is ours");
    fs::write(place.join("open.key"), "x").expect("the folder takes a file");
    let told = operator.refused(64, &["list"]).await;
    assert!(told.contains("mqtt.key = "), "{told}");
}

#[tokio::test]
async fn a_broker_that_is_away_is_told_of_in_both_languages() {
    let config = FLEET.replace("mqtts://broker.example", &format!("mqtt://{}", nobody().await));
    let operator = Operator::with("tools-away", &config);
    operator.done(&["keygen"]).await;
    for words in [
        &["list"][..],
        &["show", "1017"],
        &["watch"],
        &["command", "1017", "identify"],
        &["screenshot", "1017", "x.png"],
    ] {
        let told = operator.refused(1, words).await;
        assert!(told.starts_with("till: cannot speak with the broker at mqtt://127.0.0.1:"), "{told}");
        let told = operator.refused(1, &[&["--lang", "vi"], words].concat()).await;
        assert!(told.starts_with("till: không thể nói chuyện với máy chủ MQTT ở mqtt://127.0.0.1:"), "{told}");
    }
    // Nothing was asked that a broker would be needed for.
    for words in
        [&["command", "1017"][..], &["command", "1017", "dance"], &["command", "--all", "wipe"], &["show", "0"]]
    {
        operator.refused(2, words).await;
    }
    for (lang, unknown, other) in [
        ("en", "there is no command `dance`; there are: identify, show-message", "it is typed like: till fleet"),
        ("vi", "không có lệnh `dance`; các lệnh: identify, show-message", "gõ như: till fleet"),
    ] {
        let told = operator.refused(2, &["--lang", lang, "command", "1017", "dance"]).await;
        assert!(told.contains(unknown), "{told}");
        let told = operator.refused(2, &["--lang", lang, "command", "1017", "show-message"]).await;
        assert!(told.contains(other) && told.contains("command 1017 show-message text="), "{told}");
    }
    let told = operator.refused(1, &["set", "--all"]).await;
    assert!(told.contains("there is no file of a terminal"), "{told}");
}

#[tokio::test]
async fn a_commands_key_must_be_there() {
    let config = FLEET.replace("mqtts://broker.example", "mqtt://127.0.0.1");
    let told = Operator::with("tools-key", &config).refused(1, &["command", "1017", "identify"]).await;
    assert!(told.contains("`till fleet keygen` makes it"), "{told}");
}
