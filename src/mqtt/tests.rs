//! The line against a real mosquitto: sessions, the last will, redelivery, acknowledgements, restarts and the goodbye.

mod broker;
mod heard;
mod line;
mod naps;
mod scripted;

use std::time::Duration;

use rumqttc::QoS;
use till_wire::{MAX_MESSAGE, Presence, TillState, Topic};
use tokio::net::TcpListener;
use tokio::time::timeout;

use self::broker::{Mosquitto, Road, Traffic, Watcher};
use self::heard::*;
use self::scripted::ScriptedBroker;
use super::*;

#[tokio::test]
async fn a_first_connection_has_a_new_session_and_the_next_start_finds_it_kept() {
    let broker = Mosquitto::start().await;
    let (link, mut heard) = Link::start(options(broker.port));
    assert_eq!(up(&mut heard).await, (FIRST, Session::New));
    link.stop().await;
    let later = Options { start: 4, ..options(broker.port) };
    let (_link, mut heard) = Link::start(later);
    assert_eq!(up(&mut heard).await, ((4 << 20) + 1, Session::Kept));
}

#[tokio::test]
async fn the_till_says_init_then_ready_then_disconnected_and_the_last_is_retained() {
    let broker = Mosquitto::start().await;
    let mut watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = Link::start(options(broker.port));
    assert_eq!(state(&mut watcher).await, said(Presence::Init, FIRST));
    up(&mut heard).await;
    link.presence(Presence::Ready);
    assert_eq!(state(&mut watcher).await, said(Presence::Ready, FIRST));

    let mut late = Watcher::start(broker.port).await;
    assert_eq!(state(&mut late).await, said(Presence::Ready, FIRST));
    link.stop().await;
    assert_eq!(state(&mut late).await, said(Presence::Disconnected, FIRST));

    let mut latest = Watcher::start(broker.port).await;
    let last = latest.next().await;
    assert!(last.retain, "the goodbye is kept for those who come later");
    let last: TillState = serde_json::from_slice(&last.payload).expect("a state");
    assert_eq!(last, said(Presence::Disconnected, FIRST));
}

#[tokio::test]
async fn a_cut_line_makes_the_broker_say_lost_with_the_number_of_that_connection() {
    let broker = Mosquitto::start().await;
    let road = Road::to(broker.port).await;
    let mut watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(road.port).await;
    link.presence(Presence::Ready);
    assert_eq!(state(&mut watcher).await, said(Presence::Init, FIRST));
    assert_eq!(state(&mut watcher).await, said(Presence::Ready, FIRST));

    road.set(Traffic::Cut);
    assert_eq!(state(&mut watcher).await, said(Presence::Lost, FIRST));
    let reason = down(&mut heard).await;
    assert!(reason.starts_with("the connection to the broker broke: "), "{reason}");

    road.set(Traffic::Flows);
    let (second, session) = up(&mut heard).await;
    assert!(second > FIRST, "{second} is not newer than {FIRST}");
    assert_eq!(session, Session::Kept);
    assert_eq!(state(&mut watcher).await, said(Presence::Init, second));
    // Nobody has to say it again: the daemon has been able to sell all the time.
    assert_eq!(state(&mut watcher).await, said(Presence::Ready, second));
    road.set(Traffic::Cut);
    assert_eq!(state(&mut watcher).await, said(Presence::Lost, second));
}

#[tokio::test]
async fn p2_an_unacknowledged_webhook_comes_again_and_an_old_acknowledgement_is_dropped() {
    let broker = Mosquitto::start().await;
    let road = Road::to(broker.port).await;
    let watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(road.port).await;
    let sent = envelope("{\"first\":1}");
    watcher.publish(WEBHOOK, bytes(&sent));
    let (old, first) = webhook(&mut heard).await;
    assert_eq!((old.connection, &first), (FIRST, &sent));

    cut(&road, &mut heard).await;
    link.acknowledge(old);
    road.set(Traffic::Flows);
    let again = redelivered(&mut heard).await;
    assert_eq!(again.1, sent);
    assert_ne!(again.0.connection, FIRST);

    // The old acknowledgement has the same packet id, and yet acknowledges nothing.
    assert_eq!(old.packet, again.0.packet);
    link.acknowledge(old);
    // Whatever was sent before this message has reached the broker once it is taken.
    link.publish(owed(1), &Topic::Replay(terminal()), Vec::new()).expect("the message is small");
    assert_eq!(next(&mut heard).await, Heard::Published { tag: owed(1) });
    cut(&road, &mut heard).await;
    road.set(Traffic::Flows);
    let third = redelivered(&mut heard).await;
    assert_eq!(third.1, sent);

    // Acknowledged in its own connection, it does not come again: the next one heard is another.
    link.acknowledge(third.0);
    let other = envelope("{\"second\":2}");
    watcher.publish(WEBHOOK, bytes(&other));
    let (delivery, second) = webhook(&mut heard).await;
    assert_eq!(second, other);
    link.acknowledge(delivery);
    link.stop().await;
    let (_link, mut heard) = Link::start(options(broker.port));
    up(&mut heard).await;
    let last = envelope("{\"third\":3}");
    watcher.publish(WEBHOOK, bytes(&last));
    assert_eq!(webhook(&mut heard).await.1, last);
}

#[tokio::test]
async fn p2_a_line_that_is_renewed_delivers_again_what_was_not_acknowledged() {
    let broker = Mosquitto::start().await;
    let watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(broker.port).await;
    let sent = envelope("{\"first\":1}");
    watcher.publish(WEBHOOK, bytes(&sent));
    assert_eq!(webhook(&mut heard).await.1, sent);
    link.renew();
    assert_eq!(down(&mut heard).await, "left the broker, to be told again what could not be kept");
    let (delivery, again) = redelivered(&mut heard).await;
    assert!(delivery.connection > FIRST);
    assert_eq!(again, sent);
}

#[tokio::test]
async fn p4_a_lost_session_is_told_by_the_first_connection_that_lives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (_link, mut heard) = Link::start(options(listener.local_addr().expect("an address").port()));
    // A broker without our session: the line dies right behind the CONNACK.
    let mut dying = ScriptedBroker::accept(&listener).await;
    dying.answer(&[0x20, 2, 0, 0]).await;
    drop(dying);
    down(&mut heard).await;
    // It says only once that it had none; now it has the one that was made then.
    let mut living = ScriptedBroker::accept(&listener).await;
    living.answer(&[0x20, 2, 1, 0]).await;
    let packet = living.subscription().await;
    living.answer(&[0x90, 3, packet[0], packet[1], 1]).await;
    assert_eq!(up(&mut heard).await, (FIRST + 1, Session::New));
}

#[tokio::test]
async fn a_restarted_broker_is_found_again_without_its_session() {
    let mut broker = Mosquitto::start().await;
    let (link, mut heard) = connected(broker.port).await;
    broker.kill();
    down(&mut heard).await;
    broker.run().await;
    let (second, session) = up(&mut heard).await;
    assert!(second > FIRST);
    assert_eq!(session, Session::New);

    let mut watcher = Watcher::start(broker.port).await;
    let topic = Topic::Replay(terminal());
    let taken = link.publish(owed(1), &topic, b"{}".to_vec());
    assert_eq!(taken, Ok(()));
    assert_eq!(next(&mut heard).await, Heard::Published { tag: owed(1) });
    // The watcher sees the retained state first.
    assert_eq!(state(&mut watcher).await, said(Presence::Init, second));
    assert_eq!(watcher.next().await.topic, topic.to_string());
}

#[tokio::test]
async fn each_published_message_is_told_by_its_tag() {
    let broker = Mosquitto::start().await;
    let mut watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(broker.port).await;
    let topic = Topic::Replay(terminal());
    // More than there are packet ids, with what the till says of itself in between.
    for number in 0..100 {
        link.publish(owed(number), &topic, number.to_string().into_bytes()).expect("the message is small");
        link.presence(Presence::Ready);
        assert_eq!(next(&mut heard).await, Heard::Published { tag: owed(number) });
    }
    let mut seen = Vec::new();
    while seen.len() < 100 {
        let message = watcher.next().await;
        if message.topic == topic.to_string() {
            assert!(!message.retain);
            seen.push(String::from_utf8_lossy(&message.payload).into_owned());
        }
    }
    let sent: Vec<_> = (0..100).map(|number: u64| number.to_string()).collect();
    assert_eq!(seen, sent);
}

#[tokio::test]
async fn p9_a_message_of_64_kib_goes_both_ways_and_a_larger_one_goes_neither() {
    let broker = Mosquitto::start().await;
    let watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(broker.port).await;

    let topic = Topic::Replay(terminal());
    let refused = link.publish(owed(1), &topic, vec![b'x'; MAX_MESSAGE + 1]);
    assert_eq!(refused, Err(TooLarge { bytes: MAX_MESSAGE + 1 }));
    link.publish(owed(2), &topic, vec![b'x'; MAX_MESSAGE]).expect("64 KiB are allowed");
    assert_eq!(next(&mut heard).await, Heard::Published { tag: owed(2) });

    let small = bytes(&envelope("")).len();
    let largest = envelope(&"x".repeat(MAX_MESSAGE - small));
    assert_eq!(bytes(&largest).len(), MAX_MESSAGE);
    watcher.publish(WEBHOOK, bytes(&largest));
    let (delivery, came) = webhook(&mut heard).await;
    assert_eq!(came, largest);
    link.acknowledge(delivery);
    assert_eq!(link.dropped(), Dropped::default());
}

#[tokio::test]
async fn p11_what_cannot_be_read_is_acknowledged_counted_and_dropped() {
    let broker = Mosquitto::start().await;
    let watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(broker.port).await;
    let body = |prefix: &str| [prefix, "/down/strange"].concat();
    watcher.publish(WEBHOOK, vec![b'x'; MAX_MESSAGE + 1]);
    watcher.publish(WEBHOOK, vec![b'x'; 500_000]);
    watcher.publish(WEBHOOK, b"{\"v\":1}".to_vec());
    watcher.publish(WEBHOOK, vec![0xff; 10]);
    watcher.publish(&body("till/v1/0001017"), b"{}".to_vec());
    watcher.publish_at(QoS::AtMostOnce, WEBHOOK, b"[]".to_vec());
    watcher.publish("till/v1/0001017/down/desired", b"d.e.f".to_vec());
    watcher.publish("till/v1/0001017/down/desired", vec![b'x'; MAX_MESSAGE + 1]);
    watcher.publish("till/v1/0001017/down/command/c-1", b"a.b.c".to_vec());
    watcher.publish("till/v1/0001017/down/command/c-2", vec![b'x'; MAX_MESSAGE + 1]);
    let sent = envelope("{}");
    watcher.publish(WEBHOOK, bytes(&sent));
    // Whoever signs something is told of what is too large, so it is heard of; the document itself is not.
    for want in [Some(b"d.e.f".to_vec()), None] {
        let (delivery, document) = as_desired(next(&mut heard).await).expect("a configuration comes first");
        assert_eq!(document, want);
        link.acknowledge(delivery);
    }
    for (name, want) in [("c-1", Some(b"a.b.c".to_vec())), ("c-2", None)] {
        let (delivery, id, document) = as_command(next(&mut heard).await).expect("a command");
        assert_eq!((id.as_str(), document), (name, want));
        link.acknowledge(delivery);
    }
    let (delivery, came) = webhook(&mut heard).await;
    assert_eq!(came, sent);
    link.acknowledge(delivery);
    let dropped = Dropped { too_large: 2, unknown_topic: 1, unreadable: 3 };
    assert_eq!(link.dropped(), dropped);

    // None of them comes again.
    link.stop().await;
    let (link, mut heard) = Link::start(options(broker.port));
    assert_eq!(up(&mut heard).await.1, Session::Kept);
    watcher.publish(WEBHOOK, bytes(&sent));
    assert_eq!(webhook(&mut heard).await.1, sent);
    assert_eq!(link.dropped(), Dropped::default());
}

#[tokio::test]
async fn p9_a_daemon_that_does_not_listen_holds_the_broker_back_and_loses_nothing() {
    let broker = Mosquitto::start().await;
    let watcher = Watcher::start(broker.port).await;
    let (link, mut heard) = connected(broker.port).await;
    let sent: Vec<_> = (0..60).map(|n| envelope(&n.to_string())).collect();
    for envelope in &sent {
        watcher.publish(WEBHOOK, bytes(envelope));
    }
    filled(&heard).await;
    let mut came = Vec::new();
    while came.len() < sent.len() {
        let (delivery, envelope) = webhook(&mut heard).await;
        came.push(envelope);
        link.acknowledge(delivery);
    }
    assert_eq!(came, sent);
}

#[tokio::test]
async fn p9_a_daemon_that_does_not_listen_says_goodbye_all_the_same() {
    let broker = Mosquitto::start().await;
    let mut watcher = Watcher::start(broker.port).await;
    let (link, heard) = connected(broker.port).await;
    for number in 0..60 {
        watcher.publish(WEBHOOK, bytes(&envelope(&number.to_string())));
    }
    filled(&heard).await;
    link.stop().await;
    assert_eq!(state(&mut watcher).await, said(Presence::Init, FIRST));
    assert_eq!(state(&mut watcher).await, said(Presence::Disconnected, FIRST));
}

#[tokio::test]
async fn a_refused_subscription_ends_the_connection_with_its_reason() {
    let port = broker::refusing().await;
    let (_link, mut heard) = Link::start(options(port));
    let reason = "the broker does not let this till read `till/v1/0001017/down/#`";
    assert_eq!(down(&mut heard).await, reason);
    assert_eq!(down(&mut heard).await, reason);
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_named() {
    let (link, mut heard) = Link::start(options(1));
    let reason = down(&mut heard).await;
    assert!(reason.starts_with("cannot connect to the broker at 127.0.0.1:1: "), "{reason}");
    let stopped = timeout(GOODBYE, link.stop()).await;
    assert_eq!(stopped, Ok(()));
}

/// A daemon whose loop takes nothing is what a line that hangs waits for.
#[tokio::test]
async fn a_line_that_hangs_is_told_of_and_one_without_a_broker_is_not() {
    let ms = Duration::from_millis;
    let quick = Timing { first_pause: ms(50), longest_pause: ms(60), ..Timing::of(&options(1)) };
    let (link, mut heard) = Link::start_timed(options(1), quick);
    let pulse = link.pulse();
    let mut signs = std::collections::BTreeSet::new();
    while signs.len() < 20 {
        down(&mut heard).await;
        signs.insert(pulse.sign());
    }
    // Nobody listens from now on: the line can tell a few more things, and then waits.
    let mut last = (0, tokio::time::Instant::now());
    let hangs = async {
        while heard.len() < HEARD || last.1.elapsed() < ms(1000) {
            if pulse.sign() != last.0 {
                last = (pulse.sign(), tokio::time::Instant::now());
            }
            tokio::time::sleep(ms(20)).await;
        }
    };
    timeout(Duration::from_secs(60), hangs).await.expect("the line gives no sign any more");
    assert!(pulse.is_late(tokio::time::Instant::now() + crate::pulse::PATIENCE));
    down(&mut heard).await;
    drop(link);
    let gone = async {
        while !pulse.is_late(tokio::time::Instant::now()) {
            tokio::time::sleep(ms(5)).await;
        }
    };
    timeout(Duration::from_secs(20), gone).await.expect("a task that has ended is late");
}

#[tokio::test]
async fn a_broker_that_goes_silent_is_given_up_and_called_again() {
    let broker = Mosquitto::start().await;
    let road = Road::to(broker.port).await;
    let options = options(road.port);
    let timing = Timing { keep_alive: Duration::from_secs(1), silence: Duration::from_secs(3), ..Timing::of(&options) };
    let (_link, mut heard) = Link::start_timed(options, timing);
    up(&mut heard).await;
    road.set(Traffic::Swallowed);
    let reason = down(&mut heard).await;
    let unanswered = "the connection to the broker broke: Mqtt state: Last pingreq isn't acked";
    assert_eq!(reason, unanswered);
    cut(&road, &mut heard).await;
    road.set(Traffic::Flows);
    assert_eq!(up(&mut heard).await.1, Session::Kept);
}
