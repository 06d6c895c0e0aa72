//! Where a session stands, by its own word and its payments'.

use super::*;

fn standing(status_word: &str, payments: &[Value]) -> Standing {
    status(&session(status_word, payments)).standing
}

fn interacting(status: &str) -> Value {
    with(status, "customer_interaction", redirect(json!({ "url": "https://bank.example/1", "method": "GET" })))
}

#[test]
fn a_session_stands_where_its_payment_does() {
    for (status_word, payments, want) in [
        ("created", vec![], Standing::Unstarted),
        ("in_progress", vec![], Standing::Unstarted),
        ("in_progress", vec![payment("in_progress")], Standing::Preparing),
        ("in_progress", vec![payment("pending")], Standing::Preparing),
        ("in_progress", vec![payment("a_new_word")], Standing::Preparing),
        ("in_progress", vec![interacting("pending")], Standing::Open),
        ("in_progress", vec![interacting("in_progress")], Standing::Open),
        ("in_progress", vec![interacting("failed")], Standing::Preparing),
        ("in_progress", vec![payment("failed")], Standing::Preparing),
        ("in_progress", vec![payment("failed"), interacting("pending")], Standing::Open),
        ("accepted", vec![succeeded()], Standing::Paid),
        ("in_progress", vec![succeeded()], Standing::Paid),
        ("cancelled", vec![succeeded()], Standing::Paid),
        ("cancelled", vec![], Standing::Cancelled),
        ("canceled", vec![], Standing::Cancelled),
        ("cancelled", vec![payment("pending")], Standing::Cancelled),
        ("canceled", vec![payment("failed")], Standing::Failed),
        ("cancelled", vec![payment("failed")], Standing::Failed),
        // `error` is not final, whatever it is about.
        ("error", vec![], Standing::Preparing),
        ("error", vec![payment("failed")], Standing::Preparing),
        ("error", vec![payment("pending")], Standing::Preparing),
        ("error", vec![interacting("pending")], Standing::Open),
        ("error", vec![succeeded()], Standing::Paid),
        ("accepted", vec![], Standing::Preparing),
        ("a_new_word", vec![], Standing::Preparing),
    ] {
        assert_eq!(standing(status_word, &payments), want, "{status_word} {payments:?}");
    }
}

#[test]
fn only_next_action_says_beyond_doubt_that_a_confirmation_is_waited_for() {
    for payment_status in ["in_progress", "pending"] {
        let mut session = session("in_progress", &[payment(payment_status)]);
        session["actions"] = json!({ "confirm": "2025-12-04T07:48:28.275964Z" });
        assert_eq!(status(&session).standing, Standing::Preparing, "`actions` stays when it has been used");
        session["next_action"] = json!("confirm");
        let report = status(&session);
        assert_eq!((report.standing, report.action), (Standing::Ready, None));
        session["next_action"] = json!("capture");
        assert_eq!(status(&session).standing, Standing::Preparing);
    }
    let mut over = session("cancelled", &[payment("pending")]);
    over["next_action"] = json!("confirm");
    assert_eq!(status(&over).standing, Standing::Cancelled);
}

#[test]
fn an_open_session_says_what_the_customer_is_to_do() {
    let url = "https://bank.example/1".to_owned();
    let report = status(&session("in_progress", &[interacting("pending")]));
    assert_eq!(report.action, Some(Action::Scan(CodeText::Url(url))));
    let form =
        with("pending", "customer_interaction", redirect(json!({ "url": "https://b.example", "method": "POST" })));
    let report = status(&session("in_progress", &[form]));
    assert!(matches!(report.action, Some(Action::Unsupported(_))), "{report:?}");
    assert_eq!(report.standing, Standing::Open);
    let paid = with("succeeded", "customer_interaction", interacting("pending")["customer_interaction"].clone());
    assert_eq!(status(&session("accepted", &[paid])).action, None);
}

#[test]
fn a_report_has_amounts_transfers_and_refunds() {
    let unstarted = status(&session("created", &[]));
    assert_eq!((unstarted.amount, unstarted.total), (Amount::vnd(100_000), Amount::vnd(0)));
    assert_eq!(unstarted.provider_id, session_id());

    let refund = |id: &str, status: &str, amount: u64| {
        json!({ "id": id, "status": status, "created_at": "2025-12-05T00:00:00Z",
            "amount_details": { "amount": amount, "currency": "vnd" } })
    };
    let mut second = refund("rf_2", "succeeded", 5000);
    second["finished_at"] = json!("2025-12-06T00:00:00Z");
    second["is_chargeback"] = json!(true);
    let mut foreign = refund("rf_5", "accepted", 5000);
    foreign["amount_details"]["currency"] = json!("USD");
    let listed = json!([
        refund("rf_1", "accepted", 30_000), second, refund("rf_3", "failed", 1), refund("rf_4", "in_progress", 1),
        foreign, refund("", "accepted", 1), refund("rf_6", "accepted", 0), {"id": "rf_7"},
    ]);
    let mut paid = succeeded();
    paid["refunds"] = listed;
    let report = status(&session("accepted", &[payment("failed"), paid]));
    let refund = |id: &str, amount, at: &str| Refund {
        reference: TransferRef(id.to_owned()),
        amount: Amount::vnd(amount),
        refunded_at: at.parse().ok(),
    };
    let want = Report {
        provider_id: session_id(),
        amount: Amount::vnd(100_000),
        total: Amount::vnd(100_000),
        transfers: vec![transfer()],
        refunds: vec![refund("rf_1", 30_000, "2025-12-05T00:00:00Z"), refund("rf_2", 5000, "2025-12-06T00:00:00Z")],
        standing: Standing::Paid,
        action: None,
    };
    assert_eq!(report, want);
}

#[test]
fn every_succeeded_payment_counts() {
    let second = with("succeeded", "id", json!("pm_2"));
    let report = status(&session("accepted", &[succeeded(), second]));
    assert_eq!((report.total, report.transfers.len()), (Amount::vnd(200_000), 2));
    let nameless = with("succeeded", "id", json!(7));
    let told = told(Question::Status, &session("accepted", &[nameless]));
    let reason = "Smart Glocal tells of a payment without an id".to_owned();
    assert_eq!(told, Err(Trouble::Invalid { reason }));
}

#[test]
fn a_report_about_another_order_is_no_report() {
    let other = json!({ "reference": "0001017-029727123" });
    for payment in [with("succeeded", "customer", other), with("pending", "customer", Value::Null)] {
        let told = told(Question::Status, &session("in_progress", std::slice::from_ref(&payment)));
        assert!(matches!(told, Err(Trouble::Invalid { .. })), "{payment}: {told:?}");
    }
    let session = json!({ "id": "ps_1", "status": "created" });
    for question in [Question::Status, Question::Confirm, Question::Cancel(CancelReason::Expired)] {
        assert!(matches!(told(question, &session), Err(Trouble::Invalid { .. })));
    }
}

#[test]
fn amounts_in_hundredths_are_whole_or_nobody_s() {
    let provider = SmartGlocal::new(SmartGlocalAccount { minor_units: MinorUnits::Hundredths, ..account() });
    let told = |amount: u64| {
        let details = json!({ "amount": amount, "currency": "VND" });
        let session = session("accepted", &[with("succeeded", "amount_details", details)]);
        told_by(&provider, Question::Status, &yes(&ok(&session))).map(|report| report.total)
    };
    assert_eq!(told(10_000_000), Ok(Amount::vnd(100_000)));
    for wrong in [100_000, 10_000_001, 10_000_050, 0, u64::MAX] {
        assert!(matches!(told(wrong), Err(Trouble::Invalid { .. })), "{wrong}");
    }
}

#[test]
fn a_confirmation_is_answered_with_where_the_session_stands() {
    let mut before = session("in_progress", &[payment("pending")]);
    before["next_action"] = json!("confirm");
    assert_eq!(told(Question::Confirm, &before).map(|report| report.standing), Ok(Standing::Ready));
    let after = session("in_progress", &[interacting("pending")]);
    assert_eq!(told(Question::Confirm, &after).map(|report| report.standing), Ok(Standing::Open));
}

#[test]
fn a_cancellation_is_done_with_a_yes_unless_money_came_first() {
    let cancel = |session: &Value| told(Question::Cancel(CancelReason::ByCashier), session);
    let other = with("pending", "customer", json!({ "reference": "user123" }));
    for session in [
        session("in_progress", &[payment("pending")]),
        session("created", &[]),
        session("cancelled", &[payment("failed")]),
        session("canceled", &[]),
        session("error", &[payment("failed")]),
        // It may be cancelled because it is not as it should be.
        session("in_progress", &[other]),
    ] {
        let report = cancel(&session).expect("a usable answer");
        assert_eq!((report.standing, report.total), (Standing::Cancelled, Amount::vnd(0)), "{session}");
    }
    let report = cancel(&session("accepted", &[succeeded()])).expect("a usable answer");
    assert_eq!((report.standing, report.transfers), (Standing::Paid, vec![transfer()]));
    let other = with("succeeded", "amount_details", json!({ "amount": 1, "currency": "VND" }));
    assert!(matches!(cancel(&session("accepted", &[other])), Err(Trouble::Invalid { .. })));
}

#[test]
fn the_names_of_v2_are_read_alike() {
    let mut session = session("accepted", &[]);
    session["payment_list"] = json!([succeeded()]);
    assert_eq!(status(&session).transfers, [transfer()]);
}
