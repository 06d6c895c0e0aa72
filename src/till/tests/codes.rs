//! What is drawn is checked, and what cannot be drawn is not (promise P6).

use super::endings::shown;
use super::{check, check_calls};

const MISMATCH: &str = "#1 failed 0/50000 because qr_mismatch";

#[test]
fn p6_a_code_that_is_not_this_sales_is_not_drawn() {
    check("0 sell 50000\n 1 created code=static", MISMATCH);
    check("0 sell 50000\n 1 created code=other", MISMATCH);
    check("0 sell 50000\n 1 created code=https://pay.example/1", MISMATCH);
    check("0 sell 50000\n 1 created code=none", "#1 failed 0/50000 because provider_invalid");
    check("0 sell 50000\n 1 created code=empty", "#1 failed 0/50000 because provider_invalid");
}

#[test]
fn p6_a_code_for_another_account_than_the_channels_is_not_drawn() {
    check("account 113366668888\n 0 sell 50000\n 1 created", "#1 showing 0/50000");
    check("account 113366668888\n 0 sell 50000\n 1 created account=99990000", MISMATCH);
    check("0 sell 50000\n 1 created account=99990000", "#1 showing 0/50000");
}

#[test]
fn the_order_of_a_code_that_was_not_drawn_is_cancelled() {
    let script = "0 sell 50000\n 1 created code=other\n 2 cancelled cancelled\n 10 wait";
    check_calls(script, "0 create #1 50000\n1 cancel #1 Abandoned");
}

#[test]
fn money_that_waited_pays_a_sale_whose_code_is_bad() {
    check("0 sell 50000\n 1 webhook T1 50000\n 2 created code=none", "#1 paid 50000/50000");
}

#[test]
fn a_code_that_is_too_dense_fails_the_sale() {
    let script = "panel manual\n 0 sell 50000\n 1 created\n 1.1 dense\n 1.2 shown\n 2 cancelled cancelled\n 10 wait";
    check(script, "#1 failed 0/50000 because display_unavailable");
    check_calls(script, "0 create #1 50000\n1.1 cancel #1 Abandoned");
}

#[test]
fn a_panel_that_fails_or_says_nothing_fails_a_sale_whose_code_it_does_not_show() {
    let begin = "panel manual\n 0 sell 50000\n 1 created\n";
    check(&format!("{begin} 1.1 panel fails\n 1.2 shown"), "#1 failed 0/50000 because display_unavailable");
    check(&format!("{begin} 5.9 wait"), "#1 requesting 0/50000 waiting for provider");
    check(&format!("{begin} 6 wait\n 6.5 shown"), "#1 failed 0/50000 because display_unavailable");
    check(&format!("{begin} 7 wait"), "#1 failed 0/50000 attention because display_unavailable");
}

#[test]
fn a_new_sale_without_a_working_panel_fails_without_an_order() {
    let script = "panel manual\n 0 panel fails\n 1 sell 50000";
    check(script, "#1 failed 0/50000 because display_unavailable");
    check_calls(script, "");
    check("panel manual\n 0 panel fails\n 1 shown\n 1 sell 50000", "#1 requesting 0/50000 waiting for provider");
}

#[test]
fn an_open_sale_goes_on_when_the_panel_fails() {
    check(&shown("1 panel fails\n 5 webhook T1 20000"), "#1 showing 20000/50000 underpaid");
    check("0 sell 50000\n 1 panel fails\n 2 created", "#1 showing 0/50000");
}

#[test]
fn without_a_panel_nobody_is_waited_for() {
    let script = "panel none\n 0 up\n 0 sell 50000\n 1 created\n";
    check(script, "#1 showing 0/50000");
    check(&format!("{script} 2 cancel\n 3 cancelled cancelled"), "#1 cancelled 0/50000");
}
