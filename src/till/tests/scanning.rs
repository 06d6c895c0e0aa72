//! Order numbers that are scanned: which sale has them, and how long they wait.

use super::endings::{SHOWN, shown};
use super::{World, check_only, check_scene};

/// The reference of the newest sale at the end of a script.
#[track_caller]
fn check_reference(script: &str, want: Option<&str>) {
    let world = World::run(script);
    let newest = world.till.memory().sales.pop().expect("something is sold");
    assert_eq!(newest.reference.as_deref(), want, "{script}");
}

#[test]
fn the_sale_that_is_typed_has_what_was_scanned() {
    check_reference("0 up\n 0 keys 50 000\n 1 scan A\n 2 keys enter", Some("A"));
    check_reference("0 up\n 0 scan A\n 59 keys 50 000 enter", Some("A"));
    check_reference("0 up\n 0 scan A\n 0 scan B\n 1 keys 50 000 enter", Some("B"));
    check_reference("0 up\n 0 scan A\n 50 keys 5\n 100 keys enter", Some("A"));
    check_reference("0 up\n 0 scan A\n 50 keys back\n 100 keys 5 enter", Some("A"));
    check_reference("0 up\n 0 scan A\n 1 keys 50 000 ×\n 50 keys enter\n 100 keys back enter", Some("A"));
}

#[test]
fn what_was_scanned_is_forgotten_with_its_minute_its_entry_and_its_sale() {
    check_reference("0 up\n 0 scan A\n 61 keys 50 000 enter", None);
    check_reference("0 up\n 0 keys 5\n 0 scan A\n 1 keys esc 5 enter", None);
    check_reference("0 up\n 0 scan A\n 1 sell 50000", None);
    check_reference(
        "0 up\n 0 scan A\n 1 keys 5 enter\n 1 created\n 2 keys esc\n 2 cancelled cancelled\n 3 keys 7 enter",
        None,
    );
}

#[test]
fn what_was_scanned_is_seen_and_hides_no_sale() {
    check_scene("0 up\n 0 scan A", "typed  for A");
    check_scene("0 up\n 0 scan A\n 61 wait", "idle");
    check_scene("0 up\n 0 keys 50 000\n 1 scan A", "typed 50.000 for A");
    check_scene(&shown("1 webhook T1 50000\n 2 scan A"), "typed  for A");
    check_scene(&shown("2 scan A"), &World::run(SHOWN).scene());
    check_only(
        "reply",
        &shown("2 scan A"),
        "0 reply created #1 requesting 0/50000 waiting for provider\n2 reply busy #1",
    );
}
