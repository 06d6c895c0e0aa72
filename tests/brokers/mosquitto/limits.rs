//! How large a message may be. It must not know what is in it.

use super::place::Place;

const TOPIC: &str = "till/v1/0001017/up/log/c-1/1";

/// P9: 64 KiB pass, and not a byte more; who sends much more is disconnected, and nobody else.
#[test]
fn p9_a_message_of_64_kib_passes_and_a_larger_one_does_not() {
    let place = Place::make();
    let (operator, other) = (place.peer("operator-1"), place.peer("0001018"));
    operator.subscribe("till/v1/+/up/#");
    let plan = place.plan("0001017");
    let terminal = place.connect(&plan);
    terminal.publish(TOPIC, false, vec![b'a'; 65_536]);
    // It is acknowledged all the same.
    terminal.publish(TOPIC, false, vec![b'b'; 65_537]);
    let end = terminal.try_publish(TOPIC, false, vec![b'c'; 66_560]);
    assert!(end.is_err(), "a packet of more than 66 560 bytes ends the connection");
    let terminal = place.connect(&plan);
    terminal.publish(TOPIC, false, "the last");
    operator.texts_until("the last");
    let sizes: Vec<_> = operator.seen().iter().map(|message| message.body.len()).collect();
    assert_eq!(sizes, [65_536, "the last".len()]);
    other.publish("till/v1/0001018/up/state", false, "still here");
    operator.texts_until("still here");
}

/// P9: a handshake in four parts is state that nobody needs.
#[test]
fn p9_a_message_of_quality_2_ends_its_senders_connection() {
    let place = Place::make();
    let terminal = place.peer("0001017");
    terminal.publish_exactly_once("till/v1/0001017/up/state", "twice as sure");
    terminal.wait_for_end();
}

/// P9: the service may open as many files as clients may come.
#[test]
fn p9_the_service_has_files_for_all_connections() {
    let value = |file: &str, key: &str| -> u32 {
        let text = tests::mosquitto::shipped_file(file);
        let values: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(key)).collect();
        let [value] = values[..] else { panic!("`{key}` stands {} times in {file}", values.len()) };
        value.parse().unwrap_or_else(|error| panic!("{file}: {key}{value}: {error}"))
    };
    let connections = value("config/mosquitto/tilld.conf", "max_connections ");
    let files = value("config/mosquitto/limits.conf", "LimitNOFILE=");
    assert!(files >= connections + 500, "{files} files for {connections} connections");
}
