//! One list of questions to every broker: sessions, last words, sizes, restarts, and a whole sale in each state. What
//! brokers answer differently is written down here and in docs/brokers-nats.md; how brokers are run is not known here.

mod restarts;
mod sales;
mod sessions;
mod sizes;
mod words;

use tests::broker::Broker;
use tests::mosquitto::Mosquitto;
use tests::nats::Nats;
use tests::rabbitmq::RabbitMq;
use tests::shop::Shop;

/// What a broker was seen to do where brokers differ.
#[derive(Clone, Copy, Debug)]
struct Measured {
    /// How many of 1 500 messages for a session whose client is away it keeps.
    queue: usize,
    /// Whether who subscribes with a wildcard hears what is retained.
    retained_by_wildcard: bool,
    /// Whether a last will that is to be retained is.
    will_is_retained: bool,
    /// What becomes of a message that is larger than it was told to take.
    beyond: Beyond,
    /// What it knows after SIGKILL.
    after_kill: Memory,
}

/// What a broker knows when it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    /// The session of a client that is away, and the message in it.
    session: bool,
    /// What was retained just before.
    last_word: bool,
}

/// What becomes of a message beyond a broker's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    /// The broker ends the sender's connection.
    Ended,
    /// The message is dropped; the broker says nothing, then or later, on a connection that stays.
    Unanswered,
    /// There is no limit: it is delivered.
    Delivered,
}

/// mosquitto 2.0 with its own limit of 1 000 messages a session. It writes its memory down when it ends in order.
#[test]
fn p2_p9_mosquitto_does_what_is_written_about_it() {
    ask_everything::<Mosquitto>(Measured {
        queue: 1000,
        retained_by_wildcard: true,
        will_is_retained: true,
        beyond: Beyond::Ended,
        after_kill: Memory { session: false, last_word: false },
    });
}

/// NATS 2.9 with JetStream. Its `max_payload` does not count for MQTT.
#[test]
fn p2_p9_nats_does_what_is_written_about_it() {
    ask_everything::<Nats>(Measured {
        queue: 1500,
        retained_by_wildcard: true,
        will_is_retained: true,
        beyond: Beyond::Delivered,
        after_kill: Memory { session: true, last_word: true },
    });
}

/// RabbitMQ 3.10 with its MQTT plugin.
#[test]
fn p2_p9_rabbitmq_does_what_is_written_about_it() {
    ask_everything::<RabbitMq>(Measured {
        queue: 1500,
        retained_by_wildcard: false,
        will_is_retained: true,
        beyond: Beyond::Unanswered,
        after_kill: Memory { session: true, last_word: false },
    });
}

fn ask_everything<B: Broker>(measured: Measured) {
    let mut shop = Shop::<B>::open_on_any(|_| {}, |_| {});
    let at = shop.broker.address();
    sales::a_sale_is_paid_by_webhook(&shop);
    sessions::a_session_is_resumed(at);
    sessions::what_nobody_waits_for_is_dropped(at);
    sessions::a_queue_has_this_end(at, measured);
    words::what_is_retained_is_told_to_who_comes_later(at, measured);
    words::a_last_will_is_told(at, measured);
    sizes::the_largest_message_passes(at);
    sizes::a_far_larger_one_has_this_end(at, measured);
    sales::a_killed_till_is_lost_and_its_webhook_waits(&mut shop);
    restarts::with_its_memory(&mut shop);
    restarts::after_a_kill(&mut shop, measured);
    restarts::without_its_memory(&mut shop);
}
