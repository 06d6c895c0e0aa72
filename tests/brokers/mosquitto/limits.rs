//! How large, how many and how long: what mosquitto bounds with our file. It must not know what is in a message.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use tests::wait::{SOON, holds_for, wait_for};
use tests::wrong_clock::WrongClock;

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
    let connections = shipped_number("config/mosquitto/tilld.conf", "max_connections ");
    let files = shipped_number("config/mosquitto/limits.conf", "LimitNOFILE=");
    assert!(files >= connections + 500, "{files} files for {connections} connections");
}

/// P9: connections that nobody uses for anything, as a thief with one certificate or none could open, end at a number; those
/// who are connected by then stay so. The number is a smaller one here: mosquitto takes minutes for 12 000 on a busy machine.
#[test]
fn p9_connections_beyond_the_limit_are_refused_and_the_others_stay() {
    let mut place = Place::make();
    restart_with(&mut place, "max_connections 12000", "max_connections 12");
    let (terminal, operator) = (place.peer("0001017"), place.peer("operator-1"));
    operator.subscribe("till/v1/+/up/#");
    let connect = || TcpStream::connect(place.broker.address()).expect("the system connects it");
    let denied = || place.broker.printed().matches("max_connections exceeded").count();
    // The two, and who looked whether the broker listens: he may not be gone yet.
    let held: Vec<_> = (3..12).map(|_| connect()).collect();
    holds_for("all that may come are let in", Duration::from_millis(500), || match denied() {
        0 => Ok(()),
        some => Err(format!("{some} are denied")),
    });
    let mut more: Vec<_> = (0..3).map(|_| connect()).collect();
    let last = more.last_mut().expect("there are some");
    last.set_read_timeout(Some(SOON)).expect("a socket has time-outs");
    assert_eq!(last.read(&mut [0]).ok(), Some(0), "the broker hangs up on who is one too many");
    wait_for("the broker says why", SOON, || if denied() > 0 { Ok(()) } else { Err(place.broker.printed()) });
    terminal.publish(TOPIC, false, "still here");
    operator.texts_until("still here");
    drop(held);
}

/// P9: what waits for a terminal that is away is bounded by number as well as by bytes; what comes then is dropped, and the
/// terminal asks the bridge for it (`replay.rs`). The number is a smaller one here: 120 000 messages take minutes on a busy
/// machine.
#[test]
fn p9_a_queue_holds_as_many_messages_as_the_file_says() {
    let mut place = Place::make();
    let shipped = shipped_number("config/mosquitto/tilld.conf", "max_queued_messages ");
    let most = 2_000;
    restart_with(&mut place, &format!("max_queued_messages {shipped}"), &format!("max_queued_messages {most}"));
    let plan = place.plan("0001017");
    let (terminal, bridge) = (place.connect(&plan), place.peer("bridge-1"));
    terminal.subscribe("till/v1/0001017/down/#");
    place.cut("0001017", terminal);
    let texts: Vec<String> = (1..=most + 30).map(|number| number.to_string()).collect();
    bridge.publish_all("till/v1/0001017/down/webhook", &texts);
    let terminal = place.connect(&plan);
    assert!(terminal.session_present());
    terminal.texts_until(&most.to_string());
    // Publishing on the terminal's own way is answered after whatever else waits for it.
    terminal.publish(TOPIC, false, "is there more?");
    assert!(terminal.texts().iter().eq(texts.iter().take(most)), "{:?}", terminal.texts().last());
}

/// P9: a session that nobody has come back to for a time is dropped with its queue, so that terminals which are gone cost
/// nothing; who comes back earlier finds it. The time is 14 hours here: the test's certificates are good for two days.
#[test]
fn p9_a_session_ends_when_nobody_came_back_for_as_long_as_the_file_says() {
    let mut place = Place::make();
    let clock = WrongClock::showing(&place.folder, "+0");
    place.broker.launch_by(clock.launcher());
    restart_with(&mut place, "persistent_client_expiration 14d", "persistent_client_expiration 14h");
    let plan = place.plan("0001017");
    let terminal = place.connect(&plan);
    terminal.subscribe("till/v1/0001017/down/#");
    place.cut("0001017", terminal);
    // Away for 13 hours, come, away for 15 more.
    for (shows, is_kept) in [("+13h", true), ("+28h", false)] {
        clock.set(shows);
        // The broker looks for sessions that are over from time to time, and at a start.
        place.broker.stop();
        place.broker.start_again();
        let terminal = place.connect(&plan);
        assert_eq!(terminal.session_present(), is_kept, "{shows}");
        place.cut("0001017", terminal);
    }
}

/// Starts the broker again with another value of one setting.
#[track_caller]
fn restart_with(place: &mut Place, line: &str, with: &str) {
    place.broker.stop();
    let file = place.broker.shipped().settings();
    let text = std::fs::read_to_string(&file).expect("the file is ours");
    assert_eq!(text.lines().filter(|other| *other == line).count(), 1, "`{line}` stands once in {file:?}");
    std::fs::write(&file, text.replace(line, with)).expect("the file is ours");
    place.broker.start_again();
}

/// Returns the number after `key` in one of our files.
#[track_caller]
fn shipped_number(file: &str, key: &str) -> usize {
    let text = tests::mosquitto::shipped_file(file);
    let values: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(key)).collect();
    let [value] = values[..] else { panic!("`{key}` stands {} times in {file}", values.len()) };
    value.parse().unwrap_or_else(|error| panic!("{file}: {key}{value}: {error}"))
}
