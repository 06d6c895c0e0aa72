//! What is announced about what is to be seen. It must not play anything.

use std::time::Duration;

use till_wire::sale::FailureCode;
use till_wire::{Amount, SaleId};

use crate::sound::Announcement;
use crate::sound::ear::Ear;
use crate::till::{Code, Ended, Failure, Link, Payee, QrKind, Told, View};

fn sale(number: u32) -> SaleId {
    format!("0001017-{number:09}").parse().expect("a sale's id")
}

fn paid(number: u32, amount: u64) -> View {
    View::Paid { sale: sale(number), amount: Amount::vnd(50_000), paid: Amount::vnd(amount) }
}

fn code(number: u32, paid: u64) -> View {
    let payee = Payee { bin: None, account: None, name: None };
    View::Code {
        sale: sale(number),
        amount: Amount::vnd(50_000),
        paid: Amount::vnd(paid),
        code: Code { text: "code".to_owned(), kind: QrKind::Vietqr, payee },
        expires: None,
        total: Duration::from_secs(300),
        told: Told::AtOnce,
    }
}

fn ended(number: u32, ending: Ended) -> View {
    View::Ended { sale: sale(number), amount: Amount::vnd(50_000), paid: Amount::vnd(0), ending }
}

fn failed() -> Ended {
    Ended::Failed(Failure::new(FailureCode::ProviderUnreachable, "no answer"))
}

fn money(number: u32, amount: u64) -> View {
    View::Money { number, amount: Amount::vnd(amount) }
}

const IDLE: View = View::Idle { link: Link::Up, barrier: None };

/// The announcements about what is to be seen after the first picture, in words.
#[track_caller]
fn check(views: &[View], want: &[Announcement]) {
    let mut ear = Ear::default();
    let said: Vec<_> = views.iter().filter_map(|view| ear.see(view)).collect();
    assert_eq!(said, want, "{views:#?}");
}

#[test]
fn a_sale_that_is_paid_is_announced_once_with_what_was_paid() {
    let want = Announcement::Paid(Amount::vnd(50_000));
    check(&[IDLE, code(1, 0), paid(1, 50_000), paid(1, 50_000), paid(1, 70_000), IDLE], &[want]);
    let over = Announcement::Paid(Amount::vnd(60_000));
    check(&[IDLE, code(1, 0), paid(1, 50_000), code(2, 0), paid(2, 60_000)], &[want, over]);
}

#[test]
fn what_is_to_be_seen_at_a_start_is_no_news() {
    check(&[paid(1, 50_000), paid(1, 50_000), IDLE], &[]);
    check(&[code(1, 20_000), code(1, 20_000)], &[]);
    check(&[money(0, 20_000), IDLE], &[]);
    check(&[code(1, 20_000), paid(1, 50_000)], &[Announcement::Paid(Amount::vnd(50_000))]);
}

#[test]
fn a_sale_that_fails_or_expires_is_heard_and_one_that_was_cancelled_is_not() {
    check(&[IDLE, ended(1, failed()), ended(1, failed()), IDLE], &[Announcement::Unpaid]);
    check(&[IDLE, code(1, 0), ended(1, Ended::Expired)], &[Announcement::Unpaid]);
    check(&[IDLE, code(1, 0), ended(1, Ended::Cancelled)], &[]);
}

#[test]
fn a_failed_sale_that_is_paid_after_all_is_announced() {
    let want = [Announcement::Unpaid, Announcement::Paid(Amount::vnd(50_000))];
    check(&[IDLE, ended(1, Ended::Expired), paid(1, 50_000), paid(1, 50_000)], &want);
}

#[test]
fn each_payment_that_is_short_says_what_is_missing() {
    let short = |missing| Announcement::Short { missing: Amount::vnd(missing) };
    let views = [
        IDLE,
        code(1, 0),
        code(1, 20_000),
        View::Checking { sale: sale(1), amount: Amount::vnd(50_000) },
        code(1, 20_000),
        code(1, 45_000),
        code(2, 0),
        code(2, 45_000),
    ];
    check(&views, &[short(30_000), short(5_000), short(5_000)]);
}

#[test]
fn money_without_a_sale_is_announced_once_also_when_a_sale_comes_in_between() {
    let came = |amount| Announcement::Money(Amount::vnd(amount));
    let between = [IDLE, money(0, 20_000), code(1, 0), ended(1, Ended::Cancelled), money(0, 20_000), IDLE];
    check(&between, &[came(20_000)]);
    check(&[IDLE, money(0, 20_000), money(1, 30_000), IDLE], &[came(20_000), came(30_000)]);
    check(&[IDLE, money(0, 20_000), IDLE, money(0, 20_000)], &[came(20_000), came(20_000)]);
}

#[test]
fn two_customers_who_pay_the_same_without_a_sale_are_heard_as_two() {
    let came = Announcement::Money(Amount::vnd(25_000));
    check(&[IDLE, money(0, 25_000), money(0, 25_000), money(1, 25_000), IDLE], &[came, came]);
}

#[test]
fn waiting_typing_and_a_store_that_refuses_are_silent() {
    check(
        &[IDLE, View::StoreFault, IDLE, View::Checking { sale: sale(1), amount: Amount::vnd(1000) }, code(1, 0)],
        &[],
    );
}

#[test]
fn a_terminal_that_is_looked_for_is_heard_once_for_each_command() {
    let looked_for = |id: &str| {
        let command = till_wire::CommandId::new(id).expect("a command's id");
        View::Identity { command, terminal: sale(1).order().terminal() }
    };
    let first = [IDLE, looked_for("a"), code(1, 0), looked_for("a"), IDLE, looked_for("b")];
    check(&first, &[Announcement::Here, Announcement::Here]);
    check(&[IDLE, View::Message { text: "Chào".to_owned() }, View::Disabled, IDLE], &[]);
}
