//! Questions for an order: by id, by list, about several payment requests, about none.

use super::*;
use crate::provider::{CancelReason, Question, Report, Standing, Transfer, TransferRef};

fn request(id: &str, paid: u64) -> Value {
    json!({
        "payment_request_id": id, "paid_amount": paid, "status": if paid == 0 { "unpaid" } else { "partial_paid" },
        "payment_method": "bank_transfer", "amount": 50_000, "description": "", "reference_type": "",
        "reference_id": ORDER, "payments": [],
    })
}

fn report(id: &str, total: u64) -> Report {
    Report {
        provider_id: ProviderId(id.to_owned()),
        amount: Amount::vnd(50_000),
        total: Amount::vnd(total),
        transfers: Vec::new(),
        refunds: Vec::new(),
        standing: Standing::Open,
        action: None,
    }
}

/// The answer to a question for the list.
fn listed(id: Option<&str>, data: Value) -> Result<Report, Trouble> {
    asked(id, Question::Status, &yes(&done(data)))
}

fn asked(id: Option<&str>, question: Question, reply: &Reply) -> Result<Report, Trouble> {
    let list = sent(finan().ask(&known(None), question, NOW));
    match finan().told(&known(id), question, &list, reply, NOW)? {
        Next::Done(report) => Ok(report),
        Next::Send(request) => panic!("nothing is to be sent: {request:?}"),
    }
}

fn invalid(reason: &str) -> Result<Report, Trouble> {
    Err(Trouble::Invalid { reason: format!("Finan answered about {reason}") })
}

#[test]
fn one_payment_request_is_read_as_an_object_or_as_a_list_of_one() {
    for data in [request(ID, 0), json!([request(ID, 0)])] {
        for id in [None, Some(ID)] {
            assert_eq!(listed(id, data.clone()), Ok(report(ID, 0)));
        }
    }
}

#[test]
fn p3_ids_are_compared_without_their_prefix() {
    let prefixed = format!("PR-{ID}");
    assert_eq!(listed(Some(ID), json!([request(&prefixed, 0)])), Ok(report(ID, 0)));
    assert_eq!(listed(Some(&prefixed), json!([request(ID, 0)])), Ok(report(ID, 0)));
    assert_eq!(listed(None, json!([request(&prefixed, 0)])), Ok(report(ID, 0)));
}

#[test]
fn p4_of_several_payment_requests_of_an_order_the_known_one_counts() {
    let two = json!([request("PR-a", 0), request("PR-b", 20_000), request("PR-c", 0)]);
    assert_eq!(listed(Some("c"), two.clone()), Ok(report("c", 0)));
    // Without a known one it is the one with money, or else the first.
    assert_eq!(listed(None, two.clone()), Ok(report("b", 20_000)));
    assert_eq!(listed(None, json!([request("PR-a", 0), request("PR-c", 0)])), Ok(report("a", 0)));
    assert_eq!(listed(Some("d"), two), invalid("another payment request than the one that it made"));
}

#[test]
fn p4_payment_requests_of_others_are_not_looked_at() {
    let mut foreign = request("PR-x", 50_000);
    foreign["reference_id"] = json!("0001017-029727123");
    let broken = json!({"reference_id": "INV-001", "amount": "a lot"});
    assert_eq!(listed(None, json!([foreign, broken, request(ID, 0), {}])), Ok(report(ID, 0)));
    let others = "other orders than the one asked for (0001017-029727122)";
    assert_eq!(listed(None, json!([foreign, broken])), invalid(others));
    assert_eq!(listed(Some("x"), foreign), invalid(others));
}

#[test]
fn p4_another_amount_is_another_order() {
    let mut other = request(ID, 0);
    other["amount"] = json!(50_001);
    let reason = "another amount (50.001 ₫) than the one asked for (50.000 ₫)";
    assert_eq!(listed(Some(ID), other), invalid(reason));
}

#[test]
fn nothing_listed_is_no_order() {
    let reason = "Finan has no payment request of the order 0001017-029727122".to_owned();
    for data in [json!([]), Value::Null] {
        assert_eq!(listed(None, data), Err(Trouble::NotFound { reason: reason.clone() }));
    }
    let absent = json!({"code": 102_000});
    assert_eq!(asked(None, Question::Status, &yes(&absent)), Err(Trouble::NotFound { reason }));
    let gone = Err(Trouble::NotFound { reason: "HTTP 404".to_owned() });
    assert_eq!(asked(None, Question::Status, &no(404, "")), gone);
}

#[test]
fn p8_a_question_by_id_that_leads_nowhere_is_asked_by_the_list() {
    let one = sent(finan().ask(&known(Some(ID)), Question::Status, NOW));
    let later = UnixTime::from_secs(NOW.secs() + 7);
    let told = |reply: &Reply| finan().told(&known(Some(ID)), Question::Status, &one, reply, later);
    assert_eq!(told(&yes(&done(request(ID, 0)))), Ok(Next::Done(report(ID, 0))));
    let leads_nowhere = [
        no(404, ""),
        no(400, refused(400_004).to_string()),
        yes(&refused(404_000)),
        yes(&done(json!([]))),
        yes(&done(json!([request("another", 0)]))),
        reply(Verdict::Yes, "<html>"),
    ];
    for reply in leads_nowhere {
        let list = sent(told(&reply));
        assert_eq!(list.path, format!("/api/v1/payments?reference_id={ORDER}"));
        assert!(list.headers.contains(&("x-timestamp".into(), later.secs().to_string())));
        let again = finan().told(&known(Some(ID)), Question::Status, &list, &reply, later);
        assert!(again.is_err(), "the list is asked for once: {again:?}");
    }
    // Whoever may not ask by id may not ask for a list.
    let forbidden = told(&reply(Verdict::Forbidden { reason: "HTTP 401".to_owned() }, refused(401).to_string()));
    let reason = "HTTP 401: code 401: `Lý\u{fffd} do`".to_owned();
    let code = Some("401".to_owned());
    assert_eq!(forbidden, Err(Trouble::Refused(Refusal { cause: RefusalCause::Access, code, reason })));
}

#[test]
fn each_of_finan_s_words_has_its_standing() {
    for (word, open, standing) in [
        ("unpaid", true, Standing::Open),
        ("partial_paid", true, Standing::Open),
        ("something", true, Standing::Open),
        ("Paid", true, Standing::Open),
        ("", true, Standing::Open),
        ("paid", false, Standing::Paid),
        ("extra_paid", false, Standing::Paid),
    ] {
        let mut data = request(ID, 0);
        data["status"] = json!(word);
        let reply = yes(&done(data));
        let told = |question| asked(Some(ID), question, &reply).map(|report| report.standing);
        assert_eq!(told(Question::Status), Ok(standing), "{word}");
        assert_eq!(told(Question::Confirm), Ok(standing), "{word}");
        // There is no cancel: that it is not paid is all that can be learned.
        let cancelled = if open { Standing::Cancelled } else { standing };
        assert_eq!(told(Question::Cancel(CancelReason::ByCashier)), Ok(cancelled), "{word}");
    }
}

#[test]
fn a_cancellation_asks_how_the_order_stands() {
    let paths = |id| {
        let path = |question| sent(finan().ask(&known(id), question, NOW));
        let cancelled = path(Question::Cancel(CancelReason::Expired));
        assert_eq!(cancelled, path(Question::Status));
        assert_eq!(cancelled, path(Question::Confirm));
        assert!(cancelled.body.is_empty());
    };
    paths(None);
    paths(Some(ID));
}

#[test]
fn p3_what_came_is_reported_and_a_payment_without_an_id_only_in_the_total() {
    let mut data = request(ID, 80_000);
    data["payments"] = json!([
        { "id": "PAY-1", "amount": 20_000, "method": "bank_transfer", "created_at": "2026-11-20T10:05:00+07:00" },
        { "id": "", "amount": 30_000, "created_at": "2026-11-20T10:05:00+07:00" },
        { "amount": 10_000 },
        { "id": "PAY-2", "amount": 0 },
        { "id": "PAY-3", "amount": 20_000, "created_at": "20/11/2026" },
    ]);
    let transfer = |id: &str, transacted_at| Transfer {
        reference: TransferRef(id.to_owned()),
        amount: Amount::vnd(20_000),
        transacted_at,
    };
    let transfers = vec![transfer("PAY-1", Some(UnixTime::from_secs(1_795_143_900))), transfer("PAY-3", None)];
    assert_eq!(listed(Some(ID), data), Ok(Report { transfers, ..report(ID, 80_000) }));
}

#[test]
fn p11_every_type_of_our_own_payment_request_is_checked() {
    let with = |field: &str, value: Value| {
        let mut data = request(ID, 0);
        data[field] = value;
        listed(Some(ID), data)
    };
    for (field, value) in [
        ("payment_request_id", json!(7)),
        ("payment_request_id", Value::Null),
        ("amount", json!("50000")),
        ("amount", json!(50_000.5)),
        ("paid_amount", Value::Null),
        ("paid_amount", json!(-1)),
        ("status", json!(1)),
        ("status", Value::Null),
        ("payments", json!({})),
        ("payments", json!([7])),
        ("payments", json!([{ "id": 7, "amount": 1 }])),
        ("payments", json!([{ "id": "x", "amount": "1" }])),
        ("payments", json!([{ "id": "x" }])),
        ("payments", json!([{ "id": "x", "amount": 1, "created_at": 1 }])),
    ] {
        let read = with(field, value.clone());
        assert!(matches!(read, Err(Trouble::Invalid { .. })), "{field}: {value}: {read:?}");
    }
    assert_eq!(with("payments", Value::Null), Ok(report(ID, 0)));
    for data in [json!("x"), json!([[]]), json!([null]), json!(7)] {
        assert!(matches!(listed(None, data), Err(Trouble::Invalid { .. })));
    }
}
