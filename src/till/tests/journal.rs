//! The journal: each revision with its cause and its proof, and money that was reported and not counted.

use super::endings::shown;
use super::{World, compare};
use crate::till::CauseKind;

/// Runs the script and compares the journal of all sales.
#[track_caller]
fn check_journal(script: &str, want: &str) {
    let world = World::run(script);
    let lines: Vec<String> = world.disk.journal.iter().map(|entry| world.entry(entry)).collect();
    compare(script, &world, &lines, want);
}

/// What a sale whose code is on the display has in its journal.
const MADE: &str = "#1 r1 requesting 0 by SaleCall\n#1 r2 showing 0 by Display shown\n";

#[test]
fn p1_a_paid_sale_names_the_webhook_that_proved_it() {
    let want = "#1 r3 showing 50000 by Webhook transfer +T1 50000 webhook\n#1 r4 paid 50000 by Display shown";
    check_journal(&shown("5 webhook T1 50000"), &format!("{MADE}{want}"));
}

#[test]
fn p1_money_found_by_asking_names_the_answer() {
    let want = "#1 r3 showing 50000 by StatusAnswer paid +T1 50000 poll\n#1 r4 paid 50000 by Display shown";
    check_journal(&shown("10 status paid T1:50000"), &format!("{MADE}{want}"));
}

#[test]
fn p4_money_that_is_reported_and_not_counted_is_in_the_journal_once() {
    let large = |rest: &str| format!("double 50000\n{}", shown(rest));
    let reported = format!("{MADE}#1 r2 showing 0 by Webhook transfer ?T1 50000\n");
    check_journal(&large("5 webhook T1 50000\n 6 webhook T1 50000\n 7 status open"), &reported);
    let want = "#1 r3 showing 50000 by StatusAnswer paid +T1 50000 poll\n#1 r4 paid 50000 by Display shown";
    check_journal(&large("5 webhook T1 50000\n 6 status paid T1:50000"), &format!("{reported}{want}"));
    let other = "#1 r2 showing 0 by Webhook transfer ?T2 50000";
    check_journal(&large("5 webhook T1 50000\n 6 webhook T2 50000"), &format!("{reported}{other}"));
}

#[test]
fn a_webhook_before_the_order_has_its_id_is_in_the_journal() {
    let want = "#1 r1 requesting 0 by SaleCall
        #1 r1 requesting 0 by Webhook transfer ?T1 50000
        #1 r2 showing 0 by Display shown";
    check_journal("0 up\n 0 sell 50000\n 1 webhook T1 50000 id=other\n 2 created", want);
}

#[test]
fn cashier_provider_time_and_restart_are_told_apart() {
    let cancelled = "#1 r3 cancelling 0 by CancelCall\n#1 r4 cancelled 0 by CancelAnswer cancelled";
    check_journal(&shown("5 cancel\n 6 cancelled cancelled"), &format!("{MADE}{cancelled}"));
    let unanswered = "#1 r3 cancelling 0 by CancelCall\n#1 r4 cancelled 0 by Deadline";
    check_journal(&shown("5 cancel\n 35 wait"), &format!("{MADE}{unanswered}"));
    check_journal(&shown("5 wait\n 310 wait\n 320 wait"), &format!("{MADE}#1 r3 expired 0 by Deadline"));
    let refused = "#1 r1 requesting 0 by SaleCall\n#1 r2 failed 0 by OrderAnswer refused";
    check_journal("0 up\n 0 sell 50000\n 0 create refused", refused);
    let late = "#1 r1 requesting 0 by SaleCall\n#1 r2 failed 0 by Restart";
    check_journal("0 up\n 0 sell 50000\n 1 asleep\n 400 restart", late);
}

#[test]
fn attention_and_the_supervisor_are_told_with_their_cause() {
    let script = shown("5 cancel\n 6 cancelled cancelled\n 10 webhook T1 20000\n 20 acknowledge pin");
    let want = "#1 r3 cancelling 0 by CancelCall
        #1 r4 cancelled 0 by CancelAnswer cancelled
        #1 r5 cancelled 20000 underpaid late attention by Webhook transfer +T1 20000 webhook
        #1 r6 cancelled 20000 underpaid late by Supervisor acknowledged";
    check_journal(&script, &format!("{MADE}{want}"));
}

#[test]
fn why_a_provider_was_not_reached_is_told_where_the_sale_waited_failed_or_went_offline() {
    let unreached = "0 sell 50000\n 0 channel payos Network\n 0 create unreached\n";
    let made = "#1 r1 requesting 0 by SaleCall\n";
    let waited = format!("{made}#1 r2 requesting 0 by OrderAnswer not_reached because Network\n");
    check_journal(unreached, &waited);
    // The wait ends for the reason that its last try met.
    let closed = format!("{unreached} 2 channel payos Silence\n 2 create unreached\n 2 asleep\n 200 wait");
    check_journal(&closed, &format!("{waited}#1 r3 failed 0 by Deadline because Silence"));
    let failed = format!("{made}#1 r2 failed 0 by OrderAnswer not_reached because Network");
    check_journal(&format!("offline refuse\n{unreached}"), &failed);
    let offline = format!(
        "{made}#1 r1 requesting 0 by OrderAnswer not_reached because Network\n#1 r2 showing 0 offline by Display shown"
    );
    check_journal(&format!("offline vietqr\n{unreached}"), &offline);
    let at_once = format!("{made}#1 r2 showing 0 offline by OrderAnswer not_reached because Network");
    check_journal(&format!("panel none\noffline vietqr\n{unreached}"), &at_once);
    // A good answer has no reason, and what another channel said is none of this sale's.
    let well = "0 sell 50000\n 0 channel bank Network\n 0 channel payos well\n 0 create refused";
    check_journal(well, &format!("{made}#1 r2 failed 0 by OrderAnswer refused"));
}

#[test]
fn a_webhook_is_named_as_in_the_bridge_s_log_and_nothing_else_is() {
    let world = World::run(&shown("5 webhook T1 20000\n 10 status paid T2:30000"));
    let named: Vec<bool> = world.disk.journal.iter().map(|entry| entry.cause.envelope.is_some()).collect();
    let by: Vec<CauseKind> = world.disk.journal.iter().map(|entry| entry.cause.kind).collect();
    assert!(named.contains(&true));
    assert_eq!(named, by.iter().map(|kind| *kind == CauseKind::Webhook).collect::<Vec<_>>(), "{by:?}");
}
