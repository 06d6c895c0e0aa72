//! Commands of the fleet's operator: which are obeyed, what each does, and what becomes of them over restarts.

use till_wire::UnixTime;

use super::world::World;
use super::{check_only, check_scene, compare};
use crate::till::{Event, MAX_COMMANDS};

/// Runs the script and compares what has become of its commands.
#[track_caller]
fn check_fates(script: &str, want: &str) {
    let world = World::run(script);
    compare(script, &world, &world.fates(), want);
}

/// P12: whatever is not for this terminal, or not now, does nothing, and its sender hears why.
#[test]
fn p12_what_is_not_for_us_or_not_now_is_not_obeyed() {
    let disabled = |words: &str| format!("0 command c disable {words}\n 5 wait");
    for (words, reason) in [
        ("made=-7200", "expired"),
        ("life=0", "rejected: it must expire (`exp`) at most 24 h after it was made (`iat`)"),
        ("life=-5", "rejected: it must expire (`exp`) at most 24 h after it was made (`iat`)"),
        ("life=86401", "rejected: it must expire (`exp`) at most 24 h after it was made (`iat`)"),
        ("made=61", "rejected: it is not yet valid (`iat`, `nbf`): see whose clock is wrong"),
        ("begins=61", "rejected: it is not yet valid (`iat`, `nbf`): see whose clock is wrong"),
        (
            "made=-86402 life=86400",
            "rejected: it is older than this terminal's store, which may have lost that it was obeyed",
        ),
    ] {
        let world = World::run(&disabled(words));
        compare(words, &world, &world.fates(), &format!("c {reason}"));
        assert_eq!(world.scene(), "idle, cut off", "{words}");
    }
    for (words, reason) in [
        ("aud=0001018", "it is for another terminal (`aud`)"),
        ("aud=group:south", "it is for another terminal (`aud`)"),
        ("topic=d", "its topic does not have its name (`jti`)"),
    ] {
        let world = World::run(&disabled(words));
        compare(words, &world, &world.fates(), "");
        let id = if words.starts_with("topic") { "d" } else { "c" };
        let told = format!("0 tell {id} rejected: {reason}");
        assert!(world.log.contains(&told), "{words}: {:?}", world.log);
    }
    for words in ["", "aud=group:north", "made=60", "made=-3599", "life=86400"] {
        assert_eq!(World::run(&disabled(words)).scene(), "disabled", "{words}");
    }
    check_fates("0 command c bad\n 5 wait", "c rejected: unknown command `bad`");
}

/// P10, P12: a clock that was never set judges no command, until a provider tells the time.
#[test]
fn p12_without_a_clock_nothing_is_obeyed() {
    check_fates("0 wall -1700000000\n 0 command c disable\n 5 wait", "c rejected: the terminal's clock is not set");
    let script = "0 wall -1700000000\n 0 date 1700000000\n 0 command c disable made=1700000000\n 5 wait";
    check_fates(script, "c succeeded");
}

/// P12: a store that was made while the clock was wrong does not know what an earlier one had obeyed; this process does.
#[test]
fn p12_a_store_of_unknown_age_obeys_nothing_older_than_this_process() {
    for (made, obeyed) in [("-60", false), ("-5", true)] {
        let mut world = World::run("0 wait");
        world.disk.born = UnixTime::from_ms(5_000);
        world.restart();
        world.wait_until(10_000);
        let event = world.commanded(&["command", "c", "report", &format!("made={made}")]);
        world.happen(event);
        world.wait_until(11_000);
        assert_eq!(world.log.iter().any(|line| line.ends_with("perform c report")), obeyed, "{:?}", world.log);
    }
}

/// P12: the same command again does nothing, before and after its end, over restarts, and when it has been forgotten.
#[test]
fn p12_a_command_is_carried_out_once() {
    let again = "0 command c report\n 1 command c report\n 2 performed c\n 3 command c report\n 3 restart\n\
                 4 command c report\n 5 boot\n 6 command c report\n 4000 command c report made=-4000\n 4001 wait";
    check_only("perform", again, "0.1 perform c report");
    check_fates(again, "c succeeded {}");
}

/// P2: a command is on the disk before the broker is told that it is safe, and its status before anybody hears of it.
#[test]
fn p2_a_command_is_durable_before_it_is_acknowledged() {
    let world = World::run("0 up\n 0 command c screenshot\n 1 wait");
    let said =
        |what: &str| world.log.iter().position(|line| line == what).unwrap_or_else(|| panic!("{:#?}", world.log));
    assert!(said("0 write command c received") < said("0 acknowledge 2"));
    assert!(said("0.1 write command c running") < said("0.1 perform c screenshot"));
}

#[test]
fn what_is_received_is_begun_after_a_restart_and_what_was_running_has_failed() {
    check_fates("0 command c report\n 0 restart\n 1 performed c\n 2 wait", "c succeeded {}");
    let broken = "c failed: the terminal was started again while it was being carried out";
    check_fates("0 command c report\n 1 restart\n 2 performed c\n 3 wait", broken);
    check_fates("0 command c screenshot\n 1 performed c pieces=2\n 2 boot\n 3 wait", broken);
    check_fates("0 command c report\n 62 performed c\n 63 wait", "c failed: it took longer than 60 s");
    check_fates("0 command c report\n 1 performed c fails\n 2 wait", "c failed: no");
}

#[test]
fn what_was_not_begun_in_its_time_has_expired() {
    let script = "0 command a report\n 0 command b report life=30\n 50 performed a\n 51 wait";
    check_fates(script, "a succeeded {}\nb expired");
    check_fates("0 command c report life=30\n 0 asleep\n 100 restart\n 101 wait", "c expired");
}

#[test]
fn p6_words_of_the_operator_never_hide_a_sale() {
    let words = "0 command c show-message text=Nghỉ seconds=30";
    check_scene(&format!("{words}\n 1 wait"), "message Nghỉ");
    check_scene(&format!("{words}\n 31 wait"), "idle, cut off");
    check_scene(&format!("{words}\n 1 sell 50000\n 1 created"), "code of #1 0/50000 until 301 of 300 s");
    check_scene(&format!("{words}\n 1 keys 25"), "typed 25");
    check_scene(&format!("{words}\n 1 keys esc"), "idle, cut off");
    let sold = "0 sell 50000\n 0 created\n 1 command c show-message seconds=30\n 2 wait";
    check_scene(sold, "code of #1 0/50000 until 300 of 300 s");
    check_fates(sold, "c running AwaitsDisplay");
    let after = format!("{sold}\n 10 cancel\n 11 cancelled cancelled\n 30 wait");
    check_scene(&after, "message Chào");
    check_fates(&after, "c succeeded");
    check_scene("0 command c identify\n 1 wait", "identity 0001017");
    check_fates("panel none\n 0 command c identify\n 1 wait", "c failed: there is no display that works");
}

#[test]
fn a_sale_is_cancelled_as_the_cashier_does_it_and_the_journal_says_by_whom() {
    let script = "0 sell 50000\n 0 created\n 1 command c cancel-sale\n 2 cancelled cancelled\n 3 wait";
    check_fates(script, "c succeeded 0001017-029727122");
    let world = World::run(script);
    let by_command = world.disk.journal.iter().any(|entry| world.entry(entry).contains("by Command c"));
    assert!(by_command, "{:?}", world.disk.journal);
    check_fates("0 command c cancel-sale\n 1 wait", "c failed: no sale is open");
    check_fates("0 command c cancel-sale sale=#9\n 1 wait", "c failed: there is no such sale, or it ended long ago");
}

#[test]
fn a_terminal_that_is_shut_settles_what_is_open_and_sells_nothing_new() {
    let shut = "0 sell 50000\n 0 created\n 1 command c disable\n 2 webhook T1 50000\n 3 acknowledge\n 4 sell 60000";
    check_only(
        "reply",
        shut,
        "0 reply created #1 requesting 0/50000 waiting for provider\n3 reply acknowledged #1 paid 50000/50000\n4 reply disabled",
    );
    check_scene(&format!("{shut}\n 5 keys 5 enter"), "typed 5 but disabled");
    check_scene(&format!("{shut}\n 5 restart\n 6 boot\n 7 wait"), "disabled");
    check_scene(&format!("{shut}\n 5 damaged\n 7 wait"), "disabled");
    check_scene(
        &format!("{shut}\n 5 command d enable\n 6 sell 60000\n 6 created"),
        "code of #2 0/60000 until 306 of 300 s",
    );
}

#[test]
fn a_restart_waits_for_the_sale_and_has_succeeded_when_another_process_is_there() {
    let wanted = "0 sell 50000\n 0 created\n 1 command c restart\n 5 wait";
    check_only("restart-wanted", wanted, "");
    check_fates(wanted, "c running AwaitsSale");
    let paid = format!("{wanted}\n 6 webhook T1 50000\n 7 wait");
    check_only("restart-wanted", &paid, "6 restart-wanted");
    check_fates(&format!("{paid}\n 8 restart\n 9 wait"), "c succeeded");
    check_fates(&format!("{wanted}\n 8 restart\n 9 wait"), "c succeeded");
}

#[test]
fn a_level_of_the_log_lasts_as_long_as_it_was_set_for() {
    let script = "0 command c set-log-level minutes=2\n 1 performed c\n 200 wait";
    check_only("usual-log-level", script, "121 usual-log-level");
    check_only("usual-log-level", "0 command c set-log-level\n 1 performed c\n 90000 wait", "");
}

/// P9: pieces wait behind everything that is owed, one at a time, and begin again after a broken line.
#[test]
fn p9_pieces_are_sent_behind_what_is_owed() {
    let script = "0 up\n 0 command c screenshot\n 1 published?\n 1 published?\n 1 published?\n 2 performed c pieces=2\n\
                  3 published?\n 4 sell 50000\n 5 published?\n 6 published?\n 7 down\n 8 up\n 9 published?\n 10 published?\n\
                  11 published?\n 12 wait";
    let world = World::run(script);
    let sent: Vec<String> = world.log.iter().filter(|line| line.contains("publish")).cloned().collect();
    let place = |what: &str| sent.iter().position(|line| line.ends_with(what));
    let (first, sale) = (place("piece 0 of c"), place("#1 r1"));
    assert!(first.is_some() && sale.is_some(), "{sent:#?}");
    assert_eq!(world.fates(), ["c succeeded {}"], "{sent:#?}");
    let late = "0 up\n 0 command c screenshot\n 1 performed c pieces=2\n 2 down\n 700 wait";
    check_fates(late, "c failed: the broker has not taken all pieces within 10 minutes");
}

/// P9: so many are remembered, and what comes on top is told and not kept; one that has expired makes room, and is not
/// obeyed again although it is forgotten.
#[test]
fn p9_the_memory_of_commands_is_bounded_and_forgets_only_what_has_expired() {
    let mut world = World::run("0 up\n 1 wait");
    let send = |world: &mut World, name: &str, words: &[&str]| {
        let line = [&["command", name, "bad"], words].concat();
        let event = world.commanded(&line);
        world.happen(event);
        while let Some(owed) = world.published.pop() {
            world.happen(Event::Published { subject: owed.subject, revision: owed.revision });
        }
    };
    for number in 0..MAX_COMMANDS {
        send(&mut world, &format!("c-{number}"), &["life=100"]);
        world.wait_until(world.at + 100);
    }
    assert_eq!(world.disk.commands.len(), MAX_COMMANDS);
    send(&mut world, "late", &["life=100"]);
    world.wait_until(world.at + 60_000);
    while let Some(owed) = world.published.pop() {
        world.happen(Event::Published { subject: owed.subject, revision: owed.revision });
        world.wait_until(world.at + 100);
    }
    world.wait_until(world.at + 200_000);
    send(&mut world, "more", &["life=100"]);
    assert_eq!(world.disk.commands.len(), MAX_COMMANDS);
    assert!(world.fates().iter().any(|fate| fate.starts_with("more ")), "room was made");
    assert!(world.disk.forgotten.is_some() && !world.till.knows_command("c-0".parse().expect("an id")));
    // The clock goes back to where the forgotten one was alive.
    let lived = i64::try_from(MAX_COMMANDS).expect("small") * 100;
    world.skew -= world.at - lived + 50_000;
    let before = world.disk.commands.len();
    send(&mut world, "c-0", &["made=-60", "life=100"]);
    assert_eq!(world.disk.commands.len(), before);
    assert!(world.log.iter().any(|line| line.ends_with("tell c-0 expired")), "{:?}", world.log.last());
}

/// P2: a terminal forgets nothing that others do not have: it is shut, delivers all sales and receipts, and says that it is
/// wiped before it ends.
#[test]
fn p2_a_terminal_that_is_wiped_delivers_first_what_only_it_has() {
    let wanted = "0 sell 50000\n 0 created\n 1 webhook T1 50000\n 2 command c wipe\n 3 sell 60000\n 9 wait";
    check_only("perform", wanted, "");
    check_fates(wanted, "c running AwaitsDelivery");
    let world = World::run(wanted);
    assert!(world.log.contains(&"3 reply disabled".to_owned()), "{:?}", world.log);
    let taken: String = (11..20).map(|second| format!("\n {second} published?")).collect();
    let delivered = format!("{wanted}\n 10 up{taken}\n 20 wait");
    let world = World::run(&delivered);
    assert_eq!(world.fates(), ["c running"]);
    assert!(world.log.iter().any(|line| line.ends_with("perform c wipe")), "{:#?}", world.log);
    check_only("restart-wanted", &format!("{delivered}\n 21 performed c\n 22 wait"), "");
    // Somebody has heard of it, or nobody does for too long.
    let heard = format!("{delivered}\n 21 performed c\n 22 published?\n 23 published?\n 24 published?\n 25 wait");
    assert!(World::run(&heard).log.iter().any(|line| line.ends_with("restart-wanted")), "it is said");
    let unheard = format!("{delivered}\n 21 performed c\n 21 down\n 40 wait");
    check_only("restart-wanted", &unheard, "31 restart-wanted");
    check_fates("0 command c wipe confirm=0001018\n 5 wait", "c rejected: `confirm` is not this terminal's number");
}

/// An update is fetched while sales go on, installed while none is open, and told of by what the system says.
#[test]
fn an_update_is_fetched_during_sales_and_installed_between_them() {
    let fetching = "0 command c update\n 1 sell 50000\n 1 created\n 2 performed c fetching 40\n 3 wait";
    check_only("fetch", fetching, "0.1 fetch c 0.2.0");
    check_fates(fetching, "c running Fetching { percent: 40 }");
    let fetched = format!("{fetching}\n 4 performed c fetched\n 9 wait");
    check_only("install", &fetched, "");
    check_fates(&fetched, "c running AwaitsSale");
    let paid = format!("{fetched}\n 10 webhook T1 50000\n 11 wait");
    check_only("install", &paid, "10 install c 0.2.0");
    check_fates(&paid, "c running Installing");
    check_fates(&format!("{paid}\n 12 performed c\n 13 wait"), "c succeeded {}");
    check_only("drop-update", &format!("{paid}\n 12 performed c fails\n 13 wait"), "12 drop-update");
    check_fates("0 command c update\n 1 performed c fails\n 2 wait", "c failed: no");
    // Nothing that comes late or twice moves it.
    let late =
        format!("{paid}\n 12 performed c fetching 9\n 12 performed c fetched\n 13 performed c\n 14 performed c fails");
    check_fates(&late, "c succeeded {}");
    check_only("install", &late, "10 install c 0.2.0");
}

/// P12: what was fetched is fetched on after a restart or a power cut; what was given to the system is asked for, never given
/// up as unknown, and each only once.
#[test]
fn p12_an_update_goes_on_after_a_restart_where_it_was() {
    for again in ["restart", "boot"] {
        let fetching = format!("0 command c update\n 2 performed c fetching 40\n 3 {again}\n 4 wait");
        check_only("fetch", &fetching, "0.1 fetch c 0.2.0\n3 fetch c 0.2.0");
        let sold = "0 sell 50000\n 0 created\n 1 command c update\n 2 performed c fetched\n 3 wait";
        check_only("fetch", &format!("{sold}\n 4 {again}\n 5 wait"), "1.1 fetch c 0.2.0\n4 fetch c 0.2.0");
        let given = format!("0 command c update\n 2 performed c fetched\n 3 {again}\n 4 wait");
        check_only("install", &given, "2 install c 0.2.0\n3 install c 0.2.0");
        check_fates(&format!("{given}\n 5 performed c\n 6 command c update\n 7 wait"), "c succeeded {}");
        // The time in which it may be begun does not count any more.
        check_fates(&format!("{given}\n 3605 wait"), &unheard("c"));
    }
    let given = "0 command c update life=60\n 2 performed c fetched\n 100 wait";
    check_fates(given, "c running Installing");
    check_fates("0 command c update\n 2 performed c fetched\n 3604 wait", &unheard("c"));
}

fn unheard(id: &str) -> String {
    format!("{id} failed: the system has not said within an hour what came of the installation")
}

#[test]
fn an_update_that_is_not_there_in_its_time_has_expired_and_is_dropped() {
    let slow = "0 command c update life=30\n 10 performed c fetching 40\n 31 wait";
    check_fates(slow, "c expired");
    check_only("drop-update", slow, "30 drop-update");
    check_only("install", &format!("{slow}\n 32 performed c fetched\n 33 wait"), "");
    let sold = "0 sell 50000\n 0 created\n 1 command c update life=30\n 2 performed c fetched\n 40 wait";
    check_fates(sold, "c expired");
}

/// One update at a time; whatever else is commanded is done meanwhile.
#[test]
fn another_update_waits_and_other_commands_do_not() {
    let two = "0 command a update\n 1 command b update version=0.3.0\n 2 command c report\n 3 performed c\n 4 wait";
    check_only("fetch", two, "0.1 fetch a 0.2.0");
    check_fates(two, "a running Fetching { percent: 0 }\nb received\nc succeeded {}");
    check_only("fetch", &format!("{two}\n 5 performed a fails\n 6 wait"), "0.1 fetch a 0.2.0\n5 fetch b 0.3.0");
}

/// The document is kept as long as another program may have to prove it, and no longer.
#[test]
fn p9_the_document_of_an_update_is_forgotten_with_its_end() {
    let documents = |script: &str| -> Vec<bool> {
        World::run(script).disk.commands.values().map(|record| record.document.is_some()).collect()
    };
    assert_eq!(documents("0 command c update\n 2 performed c fetched\n 3 boot\n 4 wait"), [true]);
    assert_eq!(documents("0 command c update\n 2 performed c fails\n 3 wait"), [false]);
    assert_eq!(documents("0 command c update made=-7200\n 3 wait"), [false]);
}
