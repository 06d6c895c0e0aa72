//! Every stage, and what is possible in it.

use serde_json::Map;

use super::{Ending, Failure, Session, SessionId, Stage, Version};
use crate::clock::Moment;
use crate::glocal::payment::{Order, Refunding};

#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    Ready,
    Confirm,
    Action,
    Cancel,
    Pay,
    PayLate,
    Fail,
    Stumble,
    Refund(u64),
    Wait(i64),
}

use Step::{Action, Cancel, Confirm, Fail, Pay, PayLate, Ready, Refund, Start, Stumble, Wait};

fn at(secs: i64) -> Moment {
    Moment::from_secs(secs)
}

/// Takes one step and says whether it was possible.
fn take(session: &mut Session, step: Step, now: Moment) -> bool {
    let order = || Order { reference: "1".into(), amount: 10, currency: "VND".into(), said: Map::new() };
    match step {
        Start => session.start(order(), ["pm_1".into(), "pm_2".into()], now).is_ok(),
        Ready => session.make_ready(now),
        Confirm => session.confirm(now).is_ok(),
        Action => session.require_action(now),
        Cancel => session.cancel(now).is_ok(),
        Pay => session.pay(now),
        PayLate => session.pay_late(now),
        Fail => session.fail(Failure::Final, now),
        Stumble => session.fail(Failure::Uncertain, now),
        Refund(amount) => session.refund("rf_1".into(), amount, Refunding::Refund, now),
        Wait(_) => true,
    }
}

/// Takes steps, of which all but the last must be possible.
#[track_caller]
fn after(script: &[Step], last: bool) -> Session {
    let mut session = Session::new(SessionId::new(1), Version::V1, None, at(0));
    let mut now = 0;
    for (index, step) in script.iter().enumerate() {
        if let Wait(secs) = step {
            now += secs;
        }
        session.grow_older(at(now));
        let want = index + 1 < script.len() || last;
        assert_eq!(take(&mut session, *step, at(now)), want, "step {index} of {script:?}");
    }
    session
}

#[track_caller]
fn check(script: &[Step], want: Stage) {
    assert_eq!(after(script, true).stage, want);
}

#[track_caller]
fn check_impossible(script: &[Step], step: Step) {
    let before = after(script, true);
    let whole: Vec<_> = script.iter().copied().chain([step]).collect();
    assert_eq!(after(&whole, false).stage, before.stage, "{step:?} changes nothing");
}

#[test]
fn a_payment_goes_from_its_start_to_its_end() {
    check(&[], Stage::Created);
    check(&[Start], Stage::Starting);
    check(&[Start, Ready], Stage::Ready { until: at(14_400) });
    check(&[Start, Ready, Confirm], Stage::Confirmed);
    check(&[Start, Ready, Confirm, Action], Stage::Acting { until: at(3_600) });
    check(&[Start, Ready, Confirm, Action, Pay], Stage::Succeeded);
    check(&[Start, Ready, Confirm, Action, Fail], Stage::Failed);
    let session = after(&[Start, Wait(1), Ready, Wait(2), Confirm, Wait(3), Action, Wait(4), Pay], true);
    let payment = session.payment.expect("it was started");
    assert_eq!((payment.created_at, payment.confirm_at, payment.finished_at), (at(0), Some(at(3)), Some(at(10))));
    assert_eq!(session.updated_at, at(10));
}

#[test]
fn steps_out_of_their_order_are_impossible() {
    let paid = [Start, Ready, Confirm, Action, Pay];
    for step in [Ready, Confirm, Action, Pay, PayLate, Fail, Refund(1)] {
        check_impossible(&[], step);
    }
    for step in [Start, Confirm, Action, Pay, Refund(1)] {
        check_impossible(&[Start], step);
    }
    for step in [Start, Ready, Action, Pay] {
        check_impossible(&[Start, Ready], step);
    }
    for step in [Start, Ready, Confirm, Pay] {
        check_impossible(&[Start, Ready, Confirm], step);
    }
    for step in [Start, Ready, Confirm, Action] {
        check_impossible(&[Start, Ready, Confirm, Action], step);
    }
    for step in [Start, Ready, Confirm, Action, Cancel, Pay, PayLate, Fail, Stumble, Refund(11), Refund(0)] {
        check_impossible(&paid, step);
    }
    for step in [Start, Ready, Confirm, Action, Pay, Fail, Refund(1)] {
        check_impossible(&[Start, Cancel], step);
    }
}

#[test]
fn a_cancel_ends_what_has_not_ended_otherwise() {
    let by_shop = Stage::Cancelled(Ending::Shop);
    check(&[Cancel], by_shop);
    check(&[Start, Ready, Cancel, Cancel], by_shop);
    check(&[Start, Ready, Confirm, Action, Cancel], by_shop);
    check(&[Start, Ready, Confirm, Action, Stumble, Cancel], by_shop);
    check(&[Start, Ready, Wait(14_400), Cancel], Stage::Cancelled(Ending::Time));
    check_impossible(&[Start, Fail], Cancel);
}

#[test]
fn time_ends_what_waits_and_nothing_else() {
    let by_time = Stage::Cancelled(Ending::Time);
    check(&[Start, Ready, Wait(14_399)], Stage::Ready { until: at(14_400) });
    check(&[Start, Ready, Wait(14_400)], by_time);
    check(&[Start, Ready, Confirm, Action, Wait(3_599)], Stage::Acting { until: at(3_600) });
    check(&[Start, Ready, Confirm, Action, Wait(3_600)], by_time);
    check(&[Start, Wait(100_000)], Stage::Starting);
    check(&[Start, Ready, Confirm, Wait(100_000)], Stage::Confirmed);
    let session = after(&[Start, Ready, Confirm, Action, Wait(9_999)], true);
    assert_eq!(session.updated_at, at(3_600), "it ended when its time was over, not when somebody looked");
    check_impossible(&[Start, Ready, Wait(14_400)], Confirm);
}

#[test]
fn an_error_is_not_final() {
    let troubled = [Start, Ready, Confirm, Action, Stumble];
    check(&troubled, Stage::Error);
    check(&[&troubled[..], &[Pay]].concat(), Stage::Succeeded);
    check(&[&troubled[..], &[Fail]].concat(), Stage::Failed);
}

#[test]
fn money_can_arrive_late_at_whatever_has_a_payment() {
    for ended in [&[Start, Cancel][..], &[Start, Fail], &[Start, Ready, Wait(14_400)]] {
        check(&[ended, &[PayLate]].concat(), Stage::Succeeded);
    }
    check_impossible(&[Cancel], PayLate);
}

#[test]
fn no_more_is_given_back_than_was_paid() {
    let paid = [Start, Ready, Confirm, Action, Pay];
    let session = after(&[&paid[..], &[Refund(4), Refund(6)]].concat(), true);
    assert_eq!(session.payment.map(|payment| payment.refunded()), Some(10));
    check_impossible(&[&paid[..], &[Refund(4)]].concat(), Refund(7));
}

#[test]
fn calls_are_counted_whether_they_were_possible_or_not() {
    let session = after(&[Start, Ready, Confirm, Confirm], false);
    assert_eq!(session.confirm_calls, 2);
}

#[test]
fn a_number_is_read_as_it_is_written() {
    assert_eq!(SessionId::from_text("ps_5666"), Some(SessionId::new(5666)));
    assert_eq!(SessionId::new(5666).to_string(), "ps_5666");
    for wrong in ["", "5666", "ps_", "ps_x", "ps_-1", "ps_+1", "ps_01", "pm_1", "ps_99999999999999999999"] {
        assert_eq!(SessionId::from_text(wrong), None, "{wrong}");
    }
}
