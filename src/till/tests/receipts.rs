//! Money that fits no sale is kept, shown and reported, each piece once (promises P3, P4).

use super::endings::shown;
use super::{check, check_only, check_scene};

#[test]
fn p4_money_without_an_order_is_a_receipt() {
    check("0 webhook T1 50000 nobody id=X", "receipt X T1 50000");
    check_only("acknowledge", "0 webhook T1 50000 nobody id=X", "0 acknowledge 1");
    check_only("announce", "0 webhook T1 50000 nobody id=X", "0 announce receipt X T1 50000");
    check_only("publish", "0 up\n 0 webhook T1 50000 nobody id=X", "0 publish receipt r1");
}

#[test]
fn p3_a_receipt_is_made_once() {
    check("0 webhook T1 50000 nobody id=X\n 1 webhook T1 50000 nobody id=X", "receipt X T1 50000");
    check("0 webhook T1 50000 nobody id=X\n 1 restart\n 1 webhook T1 50000 nobody id=X", "receipt X T1 50000");
    check_only(
        "acknowledge",
        "0 webhook T1 50000 nobody id=X\n 1 webhook T1 50000 nobody id=X",
        "0 acknowledge 1\n1 acknowledge 2",
    );
    check("0 webhook T1 50000 nobody id=X\n 1 webhook T1 50000 nobody id=Y", "receipt X T1 50000\nreceipt Y T1 50000");
}

#[test]
fn p3_a_receipt_is_not_made_again_of_money_that_comes_under_another_order() {
    // The same transfer is reported without an order first, and then under an order that is not named yet.
    let first = "0 webhook T1 50000 nobody id=X\n 1 restart\n 2 sell 20000\n 3 webhook T1 50000 id=X\n 4 restart\n";
    let made = format!("{first} 4.5 status notfound\n 5.5 created\n 6 wait");
    check(&made, "#1 showing 0/20000\nreceipt X T1 50000");
    check_only(
        "announce",
        &made,
        "0 announce receipt X T1 50000
        2 announce #1 requesting 0/20000 waiting for provider
        5.5 announce #1 showing 0/20000",
    );
}

#[test]
fn p3_a_receipt_among_hundreds_is_made_once() {
    let mut script = String::new();
    let mut want = Vec::new();
    for turn in 0..400 {
        script += &format!("{turn} webhook T{turn} 1000 nobody id=X\n");
        want.push(format!("receipt X T{turn} 1000"));
    }
    for turn in 0..400 {
        script += &format!("{} webhook T{turn} 1000 nobody id=X\n", turn + 400);
    }
    want.sort();
    check(&script, &want.join("\n"));
}

#[test]
fn an_order_of_a_wiped_store_is_a_receipt() {
    check("0 webhook T1 50000 order=0001017-029720000 id=X", "receipt X T1 50000");
}

#[test]
fn an_order_of_another_terminal_is_a_receipt_that_needs_attention() {
    check("0 webhook T1 50000 order=0001018-029720000 id=X", "receipt X T1 50000 attention");
}

#[test]
fn old_money_needs_attention_and_is_not_shown() {
    // Older than 48 hours, and older than this store, which is a day old.
    for age in [86_401, 172_801] {
        let script = format!("0 webhook T1 50000 nobody id=X age={age}");
        check(&script, "receipt X T1 50000 attention");
        check_scene(&script, "idle, cut off");
    }
    check_scene("0 webhook T1 50000 nobody id=X age=86000", "money 50000");
    // The second in which the store was made.
    check("0 webhook T1 50000 nobody id=X age=86400", "receipt X T1 50000");
}

#[test]
fn a_receipt_does_not_disturb_a_sale_in_progress() {
    let during = shown("5 webhook R1 7000 nobody id=X\n");
    check_scene(&during, "code of #1 0/50000 until 300 of 300 s");
    check_scene(&format!("{during} 6 webhook T1 50000\n 7 wait"), "paid 50000/50000");
    check_scene(&format!("{during} 6 webhook T1 50000\n 14 wait"), "money 7000");
    check_scene(&format!("{during} 6 webhook T1 50000\n 22 wait"), "idle");
}
