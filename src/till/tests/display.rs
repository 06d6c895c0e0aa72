//! What the display shows is the current sale's, with the right amount, or nothing (promise P6).

use super::endings::shown;
use super::{World, check_scene};

#[test]
fn a_sale_is_followed_from_the_wish_to_the_result() {
    check_scene("", "idle, cut off");
    check_scene("0 up", "idle");
    check_scene("0 sell 50000", "50000 waiting for provider");
    check_scene("0 sell 50000\n 1 create unreached", "50000 waiting for network until 121");
    check_scene("panel manual\n 0 sell 50000\n 1 created", "code of #1 0/50000 unconfirmed of 300 s");
    check_scene(&shown(""), "code of #1 0/50000 until 300 of 300 s");
    check_scene(&shown("5 webhook T1 20000"), "code of #1 20000/50000 until 300 of 300 s");
    check_scene(&shown("300 wait"), "50000 waiting for last answer");
    check_scene(&shown("5 cancel"), "50000 waiting for cancellation");
    check_scene(&shown("5 webhook T1 60000"), "paid 60000/50000");
    check_scene(&shown("5 cancel\n 6 cancelled cancelled"), "cancelled 0/50000");
    check_scene(&shown("300 status open"), "expired 0/50000");
    check_scene("0 sell 50000\n 1 create refused", "failed because provider_refused 0/50000");
}

#[test]
fn a_result_stays_for_its_time() {
    check_scene(&shown("5 webhook T1 50000\n 12.9 wait"), "paid 50000/50000");
    check_scene(&shown("5 webhook T1 50000\n 13 wait"), "idle");
    check_scene(&shown("5 webhook T1 50000\n 6 sell 20000"), "20000 waiting for provider");
    check_scene(&shown("5 webhook T1 50000\n 6 acknowledge #1"), "idle");
}

#[test]
fn an_acknowledge_clears_attention_only_with_the_pin() {
    let part = shown("5 webhook T1 20000\n 6 cancel\n 7 cancelled cancelled\n");
    super::check(&format!("{part} 8 acknowledge"), "#1 cancelled 20000/50000 underpaid attention");
    super::check(&format!("{part} 8 acknowledge pin"), "#1 cancelled 20000/50000 underpaid");
    check_scene(&format!("{part} 8 acknowledge"), "idle");
}

#[test]
fn p6_paid_is_drawn_only_for_the_current_sale() {
    let overtaken = shown("5 cancel\n 6 sell 20000\n 7 created\n 8 webhook T1 60000 #1\n");
    check_scene(&overtaken, "code of #2 0/20000 until 307 of 300 s");
    check_scene(&format!("{overtaken} 9 webhook T2 20000 #2"), "paid 20000/20000");
    check_scene(&format!("{overtaken} 9 webhook T2 20000 #2\n 17 wait"), "money 60000");
}

#[test]
fn money_is_shown_one_piece_after_the_other_each_for_its_time() {
    let three = "0 webhook T1 1000 nobody id=X\n 1 webhook T2 2000 nobody id=X\n 2 webhook T3 3000 nobody id=X\n";
    check_scene(&format!("{three} 7 wait"), "money 1000");
    check_scene(&format!("{three} 8 wait"), "money 2000");
    check_scene(&format!("{three} 16 wait"), "money 3000");
    check_scene(&format!("{three} 24 wait"), "idle, cut off");
}

#[test]
fn money_that_a_sale_interrupts_is_shown_again_in_full() {
    let script = "0 webhook R1 7000 nobody id=X\n 1 sell 50000\n 2 create refused\n";
    check_scene(&format!("{script} 9 wait"), "failed because provider_refused 0/50000");
    check_scene(&format!("{script} 10 wait"), "money 7000");
    check_scene(&format!("{script} 17.9 wait"), "money 7000");
    check_scene(&format!("{script} 18 wait"), "idle, cut off");
}

#[test]
fn p6_a_code_has_a_picture_of_its_own_and_so_has_its_absence() {
    let generation = |script: &str| World::run(script).till.scene().generation.0;
    let base = generation("0 up");
    assert_eq!(generation("0 up\n 0 sell 50000"), base);
    assert_eq!(generation(&shown("")), base + 1);
    for gone in ["5 webhook T1 50000", "5 cancel", "300 wait", "5 cancel\n 6 cancelled cancelled", "300 status open"] {
        assert_eq!(generation(&shown(gone)), base + 2, "{gone}");
    }
    assert_eq!(generation(&shown("5 cancel\n 6 sell 20000\n 7 created #2")), base + 3);
}

#[test]
fn p6_a_late_word_about_the_code_does_not_end_the_sale() {
    // The panel's word about the picture with the code arrives again after the cancel: it confirms nothing.
    let script = "panel manual\n 0 sell 50000\n 1 created\n 1.5 shown\n 2 cancel\n 2.1 cancelled cancelled\n";
    super::check(script, "#1 cancelling 0/50000");
    super::check(&format!("{script} 2.5 shown"), "#1 cancelled 0/50000");
}

#[test]
fn p13_the_idle_display_says_what_stands_in_the_way_until_the_next_good_answer() {
    for barrier in ["Network", "Silence", "Certificate", "Access", "Shut"] {
        let met = format!("0 up\n 0 channel payos {barrier}\n 1 wait");
        check_scene(&met, &format!("idle, {barrier}"));
        check_scene(&format!("{met}\n 2 channel payos well"), "idle");
        check_scene(&format!("{met}\n 2 down"), &format!("idle, cut off, {barrier}"));
        // What the next sale meets instead counts.
        check_scene(&format!("{met}\n 2 channel payos Silence"), "idle, Silence");
        check_scene(&format!("{met}\n 2 restart\n 3 up"), "idle");
    }
}

#[test]
fn p13_trouble_of_one_sale_or_of_another_channel_is_not_on_the_idle_display() {
    check_scene("0 up\n 0 channel payos amount\n 1 wait", "idle");
    check_scene("0 up\n 0 channel bank Network\n 1 wait", "idle");
    check_scene("0 up\n 0 channel payos Access\n 1 channel payos amount\n 2 wait", "idle");
}

#[test]
fn p13_a_barrier_of_which_nobody_has_heard_for_a_quarter_of_an_hour_is_no_longer_said() {
    let met = "0 up\n 0 channel payos Network\n";
    check_scene(&format!("{met} 899 wait"), "idle, Network");
    check_scene(&format!("{met} 900 wait"), "idle");
    check_scene(&format!("{met} 600 channel payos Network\n 1499 wait"), "idle, Network");
}
