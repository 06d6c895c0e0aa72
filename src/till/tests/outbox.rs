//! What is owed to the world: the newest revision of each subject, one message in flight, everything again on a new connection.

use super::endings::shown;
use super::{World, check_only};
use crate::till::MAX_OWED_BYTES;

#[track_caller]
fn check_published(script: &str, want: &str) {
    check_only("publish", script, want);
}

#[test]
fn one_message_is_in_flight_and_an_older_revision_is_replaced() {
    check_published("0 up\n 0 sell 50000\n 0 created\n 5 webhook T1 50000", "0 publish #1 r1");
    check_published(
        "0 up\n 0 sell 50000\n 0 created\n 6 published\n 7 published\n 8 wait",
        "0 publish #1 r1\n6 publish #1 r2",
    );
}

#[test]
fn without_a_broker_nothing_is_published_and_all_of_it_is_owed() {
    check_published("0 sell 50000\n 0 created\n 1 webhook R1 1000 nobody id=X", "");
    check_published(
        "0 sell 50000\n 0 created\n 1 webhook R1 1000 nobody id=X\n 2 up\n 3 published\n 4 published\n 5 wait",
        "2 publish #1 r2\n3 publish receipt r1",
    );
}

#[test]
fn p9_after_a_time_without_broker_nobody_is_flooded() {
    let mut script = String::from("0 sell 1000\n 0 cancel\n");
    for at in 1..60 {
        script += &format!("{at} sell 1000\n {at} cancel\n");
    }
    script += "100 up\n";
    // The broker takes each message at once.
    for millisecond in 0..3500 {
        script += &format!("{}.{:03} published?\n", 100 + millisecond / 1000, millisecond % 1000);
    }
    let world = World::run(&script);
    let sent: Vec<&str> = world.log.iter().filter(|line| line.contains(" publish #")).map(String::as_str).collect();
    assert_eq!(sent.len(), 60, "each sale's newest revision once: {sent:?}");
    let within = |second: &str| sent.iter().filter(|line| line.starts_with(second)).count();
    assert_eq!((within("100"), within("101"), within("102")), (20, 20, 20));
    let order: Vec<String> = (1..=60).map(|number| format!("publish #{number} ")).collect();
    assert!(sent.iter().zip(&order).all(|(line, wanted)| line.contains(wanted.as_str())), "in order: {sent:?}");
}

#[test]
fn p9_beyond_its_bound_the_queue_takes_money_and_no_new_sale() {
    let money: String = (1..=10_000).map(|number| format!("0 webhook R{number} 1000 nobody id=X\n")).collect();
    let full = format!("{money} 1 sell 50000\n 2 keys 5 enter\n 3 webhook R0 1000 nobody id=X");
    let world = World::run(&full);
    let replies: Vec<&String> = world.log.iter().filter(|line| line.contains(" reply ")).collect();
    assert_eq!(replies, ["1 reply queue full", "2 reply queue full"]);
    assert_eq!(world.scene(), "typed 5 but queue_full");
    assert_eq!((world.disk.receipts.len(), world.disk.sales.len()), (10_001, 0));
    // One message less, and there is room for a sale.
    let freed = format!("{money} 1 up\n 2 published\n 3 sell 50000\n 4 wait");
    check_only(
        "reply",
        &freed.replace("R10000 ", "R9999 "),
        "3 reply created #1 requesting 0/50000 waiting for provider",
    );
}

/// A receipt with a note of 20 000 letters is a message of about 20 300 bytes.
fn large_money(count: usize) -> String {
    (1..=count).map(|number| format!("0 webhook R{number} 1000 nobody id=X note=20000\n")).collect()
}

#[test]
fn p9_beyond_its_bytes_the_queue_takes_money_and_no_new_sale() {
    let room = World::run(&large_money(820));
    let each = room.till.queue(0, room.now()).bytes / 820;
    let most = (MAX_OWED_BYTES - 65_536) / each;
    assert!((820..830).contains(&most), "{each} bytes each");
    let most = usize::try_from(most).expect("a small number");
    let sold = World::run(&format!("{} 1 sell 50000\n 2 wait", large_money(most)));
    assert!(sold.log.iter().any(|line| line.starts_with("1 reply created")), "there is room for the largest sale");
    assert!(sold.till.queue(0, sold.now()).bytes <= MAX_OWED_BYTES);
    let full = format!("{} 1 sell 50000\n 2 keys 5 enter\n", large_money(most + 1));
    let world = World::run(&format!("{full} 3 webhook R0 1000 nobody id=X note=20000"));
    let replies: Vec<&String> = world.log.iter().filter(|line| line.contains(" reply ")).collect();
    assert_eq!(replies, ["1 reply queue full", "2 reply queue full"]);
    assert_eq!(world.scene(), "typed 5 but queue_full");
    assert_eq!((world.disk.receipts.len(), world.disk.sales.len()), (most + 2, 0));
    // The bound outlives the process, and what is delivered leaves room.
    let again = World::run(&format!("{full} 3 restart\n 4 sell 50000"));
    assert!(again.log.iter().any(|line| line == "4 reply queue full"), "{:?}", again.log.last());
    let freed = World::run(&format!("{full} 3 up\n 4 published\n 5 sell 50000"));
    assert!(freed.log.iter().any(|line| line.starts_with("5 reply created")), "{:?}", freed.log.last());
}

#[test]
fn p9_the_bytes_of_the_queue_are_those_of_its_messages() {
    let world = World::run("0 sell 50000\n 0 created\n 1 webhook R1 1000 nobody id=X\n 2 wait");
    let sale = world.disk.sales.values().next().expect("a sale was made");
    let receipt = world.disk.receipts.values().next().expect("money came");
    let sale = till_wire::sale::Sale::from(sale).message_bytes();
    let receipt = till_wire::sale::Receipt::from(receipt).message_bytes();
    assert_eq!(world.till.queue(0, world.now()).bytes, sale + receipt);
    let settled = World::run("0 up\n 0 sell 50000\n 0 create refused\n 1 published\n 2 published\n 3 wait");
    assert_eq!(settled.till.queue(0, settled.now()).bytes, 0);
}

#[test]
fn p9_what_the_broker_has_taken_is_written_down_with_the_next_write() {
    let sold = "0 up\n 0 sell 50000\n 0 created\n 1 published\n 2 published\n";
    let settled = |more: &str| {
        let world = World::run(&format!("{sold}{more}"));
        world.log.iter().filter(|line| line.contains(" write settled ")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(settled(""), [""; 0]);
    assert_eq!(settled("299 wait"), [""; 0]);
    assert_eq!(settled("301 wait"), ["300 write settled #1"]);
    assert_eq!(settled("3 webhook R1 1000 nobody id=X"), ["3 write settled #1"]);
    // What has become owed again is not settled.
    assert_eq!(settled("3 webhook T1 1000"), [""; 0]);
    check_published(
        &format!("{sold} 3 webhook T1 1000\n 4 restart\n 5 up"),
        "0 publish #1 r1\n1 publish #1 r2\n3 publish #1 r3\n5 publish #1 r3",
    );
    // What nobody has written down is sent once more.
    check_published(&format!("{sold} 3 restart\n 4 up"), "0 publish #1 r1\n1 publish #1 r2\n4 publish #1 r2");
    check_published(
        &format!("{sold} 301 wait\n 302 restart\n 303 up"),
        "0 publish #1 r1\n1 publish #1 r2\n303 publish replay -600",
    );
}

#[test]
fn p9_at_most_64_words_that_something_was_taken_wait_for_a_write() {
    let money: String = (1..=70).map(|number| format!("0 webhook R{number} 1000 nobody id=X\n")).collect();
    let taken: String = (0..8000).map(|ms| format!("{}.{:03} published?\n", 1 + ms / 1000, ms % 1000)).collect();
    let world = World::run(&format!("{money} 1 up\n{taken}"));
    let settled = world.log.iter().filter(|line| line.contains(" write settled ")).count();
    assert_eq!(settled, 64);
    assert_eq!((world.till.queue(0, world.now()).count, world.disk.owed.len()), (0, 6));
}

#[test]
fn everything_is_sent_again_on_a_new_connection() {
    check_published("0 up\n 0 sell 50000\n 1 down\n 2 up\n 3 published", "0 publish #1 r1\n2 publish #1 r1");
}

#[test]
fn a_late_word_about_an_earlier_connections_message_frees_no_place() {
    let script = "0 up\n 0 sell 50000\n 0 created\n 1 down\n 2 up\n 3 published message=1\n 4 webhook T1 50000\n";
    // #1 r2 is in flight since second 2; the word about r1 settles nothing and sends nothing.
    check_published(script, "0 publish #1 r1\n2 publish #1 r2");
    check_published(&format!("{script} 5 published message=2"), "0 publish #1 r1\n2 publish #1 r2\n5 publish #1 r4");
}

#[test]
fn a_lost_session_asks_for_everything_since_the_last_sign_of_the_link() {
    check_published("0 up new", "0 publish replay -1200");
    check_published("0 up\n 10 down\n 2000 up new", "2000 publish replay -900");
    check_published("0 up\n 1000 down\n 2000 up new", "2000 publish replay 0");
    // A session that was kept for a short time has everything.
    check_published("0 up\n 10 down\n 360 up", "");
    check_published("0 up\n 400 down\n 660 up\n 1000 down\n 1260 up", "");
}

/// P2: a broker keeps so many messages for a till that is away, acknowledges what is more, and tells nobody.
#[test]
fn p2_after_a_long_time_away_a_kept_session_is_not_believed_to_have_everything() {
    check_published("0 up\n 10 down\n 361 up", "361 publish replay -900");
    check_published("0 up\n 400 down\n 661 up", "661 publish replay -600");
    // It is said again like any other; a line that only flaps meanwhile adds nothing.
    check_published(
        "0 up\n 10 down\n 2000 up\n 2001 published\n 2002 down\n 2003 up\n 2006 published\n 2007 down\n 2030 up",
        "2000 publish replay -900\n2005 publish replay -900",
    );
    // A clock that was set meanwhile cannot tell how long it was.
    check_published("0 up\n 10 down\n 11 wall 3600\n 20 up", "20 publish replay -900");
    check_published("0 up\n 10 down\n 11 wall -3600\n 20 up", "20 publish replay everything");
    check_published("0 up\n 10 down\n 11 wall -5\n 20 up", "");
}

/// A first connection after a clock was set, which asks for a replay four times.
const UP_AND_ASKED: &str = " 1 up\n 2 published\n 7 published\n 37 published\n 337 published\n";

#[track_caller]
fn check_last_published(script: &str, want: &str) {
    let world = World::run(script);
    let last = world.log.iter().rfind(|line| line.contains(" publish "));
    assert_eq!(last.map(String::as_str), Some(want), "{:?}", world.log);
}

#[test]
fn p10_a_clock_that_jumped_asks_for_everything() {
    // The link was last seen by a clock that was a year ahead.
    check_last_published(
        &format!("0 wall 31536000\n{UP_AND_ASKED} 1000 down\n 1001 wall -31536000\n 1010 up new"),
        "1010 publish replay everything",
    );
    // The clock is not set now.
    check_published("0 up\n 10 down\n 11 wall -1795143600\n 20 up new", "20 publish replay everything");
    // It is a year ahead now, but a provider has told the time.
    check_published("0 up\n 10 down\n 11 wall 31536000\n 12 date -31536000\n 20 up new", "20 publish replay -900");
}

#[test]
fn p10_a_clock_that_turns_out_wrong_asks_again_for_everything() {
    // The clock is a year ahead all the time, and nobody can tell before a provider answers.
    let wrong = format!("0 wall 31536000\n{UP_AND_ASKED} 1000 down\n 1010 up new\n");
    check_last_published(&wrong, "1010 publish replay 31536001");
    check_last_published(&format!("{wrong} 1011 published\n 1012 date -31536000"), "1012 publish replay everything");
    // Six hours are too much as well: the link is noted by the provider's time from then on.
    let wrong = format!("0 wall 21600\n{UP_AND_ASKED} 1000 down\n 1010 up new\n");
    check_last_published(&wrong, "1010 publish replay 21601");
    let told = format!("{wrong} 1011 published\n 1012 date -21600\n 1013 published\n 1014 published\n");
    check_last_published(&told, "1012 publish replay everything");
    check_last_published(
        &format!("{told} 1017 published\n 1047 published\n 1347 published\n 2000 down\n 9000 up new"),
        "9000 publish replay 1010",
    );
    // A clock that is right asks once more only as it always does.
    let right = "1 up\n 10 down\n 20 up new\n 21 published\n 22 date 0\n 23 wait";
    check_published(right, "20 publish replay -899");
}

#[test]
fn a_wish_for_a_replay_contains_the_later_one() {
    let both = "0 up\n 10 down\n 2000 up new\n 2001 replay\n";
    check_published(both, "2000 publish replay -900");
    check_published(&format!("{both} 2002 published"), "2000 publish replay -900\n2002 publish replay everything");
    check_published(
        &format!("{both} 2002 published\n 2003 published\n 2004 up"),
        "2000 publish replay -900\n2002 publish replay everything",
    );
}

/// A broker that lost our session lost the bridges' too: nobody may have heard the first wish.
#[test]
fn p2_a_wish_for_a_replay_is_said_again_three_times() {
    check_published(
        "0 up new\n 1 published\n 6 published\n 36 published\n 336 published\n 9999 wait",
        "0 publish replay -1200\n5 publish replay -1200\n35 publish replay -1200\n335 publish replay -1200",
    );
    check_published("0 up new\n 1 published\n 2 down\n 20 up", "0 publish replay -1200\n20 publish replay -1200");
}

#[test]
fn p2_a_new_process_asks_for_what_its_predecessor_may_have_missed() {
    // The broker says only once that it had no session: to a process that may have died before it wrote that down.
    check_published(
        "0 up\n 10 down\n 2000 restart\n 2001 up\n 2002 published\n 2003 down\n 2004 up",
        "2001 publish replay -900",
    );
}

#[test]
fn p2_a_wish_for_a_replay_is_said_again_and_until_then_nothing_counts_as_heard() {
    let new = "0 up\n 10 down\n 2000 up new\n 2001 published\n 2006 published\n";
    check_published(new, "2000 publish replay -900\n2005 publish replay -900");
    // The process dies before it has said it for the last time: the next one reaches back as far.
    check_published(
        &format!("{new} 2007 restart\n 2008 up"),
        "2000 publish replay -900\n2005 publish replay -900\n2008 publish replay -900",
    );
}

#[test]
fn a_new_store_asks_for_everything() {
    check_published("store new 29727000\n 0 up", "0 publish replay everything");
}

#[test]
fn what_is_owed_survives_a_restart() {
    check_published(
        &shown("1 webhook R1 1000 nobody id=X\n 2 restart\n 3 up\n 4 published\n 5 published\n 6 up"),
        "0 publish #1 r1\n3 publish #1 r2\n4 publish receipt r1\n5 publish replay -900\n6 publish replay -900",
    );
}
