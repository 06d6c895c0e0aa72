//! A start in every state, with the same boot and with another one (promises P2, P10).

use super::endings::shown;
use super::{World, check, check_calls, check_scene};

#[test]
fn p2_a_sale_whose_request_was_under_way_is_asked_about() {
    for start in ["restart", "boot"] {
        let script = format!("0 sell 50000\n 1 {start}\n 1.1 status notfound\n 2.1 created");
        check_calls(&script, "0 create #1 50000\n1 ask #1\n2.1 create #1 50000");
        check(&script, "#1 showing 0/50000");
        let script = format!("0 sell 50000\n 1 {start}\n 1.1 status paid T1:50000");
        check(&script, "#1 paid 50000/50000");
    }
}

#[test]
fn a_request_that_was_put_off_stays_put_off() {
    let script = "0 sell 50000\n 0 create later after=20\n 5 boot\n 19 wait";
    check_calls(script, "0 create #1 50000");
    // Five seconds had passed when the power was cut, but the record is of second 0: the whole pause remains.
    check_calls("0 sell 50000\n 0 create later after=20\n 5 boot\n 25 wait", "0 create #1 50000\n25 create #1 50000");
    check_calls(
        "0 sell 50000\n 0 create later after=20\n 5 restart\n 20 wait",
        "0 create #1 50000\n20 create #1 50000",
    );
}

#[test]
fn a_code_comes_back_with_the_time_that_remains() {
    check_scene(&shown("5 restart"), "code of #1 0/50000 until 300 of 300 s");
    check_scene(&shown("100 webhook T1 1000\n 200 boot"), "code of #1 1000/50000 until 400 of 300 s");
    check_calls(&shown("5 restart\n 6 wait"), "0 create #1 50000\n5 ask #1");
    check(&shown("5 restart\n 6 webhook T1 50000"), "#1 paid 50000/50000");
    check(&shown("400 asleep\n 400 restart\n 401 status open"), "#1 expired 0/50000");
}

#[test]
fn p10_a_wall_clock_that_jumps_by_years_changes_nothing() {
    for jump in ["-1795143600", "-99999999", "99999999", "500000000"] {
        let jumped = shown(&format!("5 wall {jump}\n"));
        check_scene(&jumped, "code of #1 0/50000 until 300 of 300 s");
        check(&format!("{jumped} 299 wait"), "#1 showing 0/50000");
        check(&format!("{jumped} 300 status open"), "#1 expired 0/50000");
        check(&format!("{jumped} 6 boot\n 7 webhook T1 50000"), "#1 paid 50000/50000");
        check(&format!("{jumped} 6 restart\n 300 status paid T1:50000"), "#1 paid 50000/50000");
        check(&format!("6 wall {jump}\n 7 sell 50000\n 8 created\n 9 webhook T1 50000"), "#1 paid 50000/50000");
    }
}

#[test]
fn a_code_that_was_being_drawn_is_drawn_again() {
    let script = "panel manual\n 0 sell 50000\n 1 created\n 2 restart\n";
    check_scene(script, "code of #1 0/50000 unconfirmed of 300 s");
    check(&format!("{script} 6.9 shown"), "#1 showing 0/50000");
    check(&format!("{script} 7 wait\n 7.5 shown"), "#1 failed 0/50000 because display_unavailable");
}

#[test]
fn p6_an_end_that_waits_for_the_panel_waits_for_the_new_processs_first_picture() {
    let script = "panel manual\n 0 sell 50000\n 1 created\n 1.5 shown\n 2 webhook T1 50000\n";
    for start in ["restart", "boot"] {
        let late = format!("{script} 20 asleep\n 20 {start}\n");
        check(&format!("{late} 20.9 wait"), "#1 showing 50000/50000");
        check(&format!("{late} 20.9 shown"), "#1 paid 50000/50000");
        check(&format!("{late} 21 wait"), "#1 paid 50000/50000 attention");
    }
}

#[test]
fn the_last_question_is_asked_again() {
    let script = shown("300 wait\n 303 boot\n 304 status paid T1:50000");
    check(&script, "#1 paid 50000/50000");
    check(&shown("300 wait\n 303 boot\n 312.9 wait"), "#1 showing 0/50000");
    check(&shown("300 wait\n 303 boot\n 313 wait"), "#1 expired 0/50000");
}

#[test]
fn p8_a_last_question_that_nobody_may_have_heard_has_its_whole_time_again() {
    let down = shown("300 wait\n 330 asleep\n 330 restart\n");
    check(&format!("{down} 339.9 wait"), "#1 showing 0/50000");
    check(&format!("{down} 339 status paid T1:50000"), "#1 paid 50000/50000");
    check(&format!("{down} 340 wait"), "#1 expired 0/50000");
}

#[test]
fn a_cancellation_goes_on() {
    let script = shown("5 cancel\n 6 boot\n 7 cancelled cancelled");
    check_calls(&script, "0 create #1 50000\n5 cancel #1 ByCashier\n6 cancel #1 ByCashier");
    check(&script, "#1 cancelled 0/50000");
    check(&shown("5 cancel\n 6 boot\n 36 wait"), "#1 cancelled 0/50000");
}

#[test]
fn an_owed_cancellation_and_the_look_out_for_money_go_on() {
    let script = shown("5 cancel\n 35 wait\n 36 boot\n 37 cancelled cancelled\n 96 wait");
    let world = World::run(&script);
    let asks: Vec<&String> = world.log.iter().filter(|line| line.contains(" ask #1")).collect();
    assert_eq!(asks, ["96 ask #1"], "the first look is due 60 s after the end; none of them had passed by the record");
    check(&format!("{script}\n 97 status paid T1:50000"), "#1 paid 50000/50000 late");
}

#[test]
fn p9_a_machine_that_is_switched_off_every_night_does_not_look_for_ever() {
    let mut script = shown("10 status expired\n");
    for day in 1..=4 {
        script += &format!("{} boot 5\n", day * 30_000);
    }
    let world = World::run(&format!("{script} 150000 wait"));
    assert_eq!(world.disk.sales.values().filter(|sale| sale.is_alive()).count(), 0);
}

#[test]
fn p2_an_acknowledged_webhook_that_waits_for_its_order_survives() {
    let script = "0 sell 50000\n 1 webhook T1 50000\n 2 boot\n 2.5 status paid T1:50000";
    check(script, "#1 paid 50000/50000");
    check(
        "0 sell 50000\n 1 webhook T1 50000 id=X\n 2 boot\n 2.5 status open\n 3 wait",
        "#1 requesting 0/50000 waiting for provider as #2\nreceipt X T1 50000 attention",
    );
}

#[test]
fn p2_an_ended_sale_is_looked_up_for_late_money() {
    check(&shown("5 webhook T1 50000\n 6 restart\n 7 webhook T2 20000"), "#1 paid 70000/50000 overpaid late");
    check(&shown("5 webhook T1 50000\n 6 boot\n 7 webhook T1 50000"), "#1 paid 50000/50000");
}
