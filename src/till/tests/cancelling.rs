//! Cancellations that are owed to providers, until they are confirmed or a day has passed.

use super::World;
use super::endings::shown;
use super::{check, check_calls};

fn cancels(script: &str) -> Vec<String> {
    let world = World::run(script);
    world.log.iter().filter(|line| line.contains(" cancel #")).cloned().collect()
}

#[test]
fn an_owed_cancellation_is_sent_again_until_it_is_confirmed() {
    let script = shown(
        "5 cancel\n 6 cancelled later\n 11 cancelled unreached\n 21 cancelled invalid\n 41 cancelled open\n 81 cancelled cancelled\n 1000 wait",
    );
    assert_eq!(
        cancels(&script),
        [
            "5 cancel #1 ByCashier",
            "11 cancel #1 ByCashier",
            "21 cancel #1 ByCashier",
            "41 cancel #1 ByCashier",
            "81 cancel #1 ByCashier"
        ]
    );
    check(&script, "#1 cancelled 0/50000");
}

#[test]
fn an_owed_cancellation_is_given_up_after_a_day() {
    let sent = cancels(&shown("5 cancel\n 200000 wait"));
    assert!(sent.len() > 100, "it was sent only {} times", sent.len());
    let last: u64 = sent.last().and_then(|line| line.split(' ').next()).and_then(|text| text.parse().ok()).unwrap();
    assert!((85_000..86_500).contains(&last), "the last one was sent at {last} s");
}

#[test]
fn a_cancellation_with_a_long_retry_after_is_given_up_in_time_without_spinning() {
    assert_eq!(cancels(&shown("5 cancel\n 6 cancelled later after=200000\n 400000 wait")), ["5 cancel #1 ByCashier"]);
}

#[test]
fn a_refused_cancellation_asks_how_the_order_stands() {
    let script = shown("5 cancel\n 6 cancelled refused\n 6.5 status cancelled\n 30 wait");
    check_calls(&script, "0 create #1 50000\n5 cancel #1 ByCashier\n6 ask #1");
    check(&script, "#1 cancelled 0/50000");
}

#[test]
fn a_cancellation_that_is_always_refused_is_given_up() {
    let mut script = shown("5 cancel\n");
    for turn in 0..40 {
        script += &format!("{} cancelled refused\n", 6 + turn * 700);
    }
    assert_eq!(cancels(&script).len(), 10);
    check(&script, "#1 cancelled 0/50000");
}

#[test]
fn a_cancelled_last_question_is_a_cancel() {
    check(&shown("301 cancel"), "#1 cancelling 0/50000");
    check(&shown("301 cancel\n 302 status paid T1:50000"), "#1 paid 50000/50000");
    check(&shown("301 cancel\n 302 cancelled cancelled"), "#1 cancelled 0/50000");
}

#[test]
fn partial_money_does_not_keep_a_paid_sales_other_order_open() {
    // The lost first order got 20 000, the second one the rest: both are still open at the provider.
    let lost = "0 up\n 0 sell 50000\n 0 create lost\n 1 status open\n 1 created #2\n";
    let script = format!("{lost} 2 webhook T1 20000 #1\n 3 webhook T2 30000 #2\n 4 wait");
    check(&script, "#1 paid 50000/50000 as #2");
    check_calls(
        &script,
        "0 create #1 50000\n1 ask #1\n1 cancel #1 Abandoned\n1 create #2 50000\n3 cancel #1 Abandoned\n3 cancel #2 Abandoned",
    );
}
