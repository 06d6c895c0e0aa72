//! Answers believed or refused, and what comes of an order that was made.

use super::*;

fn opened() -> Result<Made, Trouble> {
    Ok(Made::Opened { provider_id: session_id() })
}

fn started() -> Result<Made, Trouble> {
    Ok(Made::Started { provider_id: session_id() })
}

fn refusal() -> Value {
    json!({ "status": "error", "error": { "code": "bad_\u{7}sum", "description": "số tiền\nsai" } })
}

fn refused(reason: &str) -> Trouble {
    Trouble::Refused(Refusal::unsaid(reason))
}

fn refused_for(cause: RefusalCause, code: Option<&str>, reason: &str) -> Trouble {
    Trouble::Refused(Refusal { cause, code: code.map(str::to_owned), reason: reason.to_owned() })
}

fn invalid(reason: &str) -> Trouble {
    Trouble::Invalid { reason: reason.to_owned() }
}

#[test]
fn a_created_session_is_to_be_started_and_a_started_one_is_waited_for() {
    let created = yes(&ok(&session("created", &[])));
    assert_eq!(made_by(&provider(), MakeStep::Create, &created), opened());
    let start = || MakeStep::Start(session_id());
    for payments in [vec![payment("in_progress")], vec![payment("pending")], vec![], vec![succeeded()]] {
        let reply = yes(&ok(&session("in_progress", &payments)));
        assert_eq!(made_by(&provider(), start(), &reply), started());
        assert_eq!(made_by(&with_init(), MakeStep::Create, &reply), started());
        assert_eq!(made_by(&with_init(), start(), &reply), started());
    }
    let there = redirect(json!({ "url": "https://bank.example/1", "method": "GET" }));
    let reply = yes(&ok(&session("in_progress", &[with("pending", "customer_interaction", there)])));
    assert_eq!(made_by(&provider(), start(), &reply), started(), "the next question finds the address");
}

#[test]
fn an_answer_about_another_order_is_no_answer() {
    let start = |session: &Value| made_by(&provider(), MakeStep::Start(session_id()), &yes(&ok(session)));
    let other = json!({ "id": "ps_5667", "status": "in_progress" });
    let reason = "Smart Glocal answered about another session (`ps_5667`) than `ps_5666`";
    assert_eq!(start(&other), Err(invalid(reason)));
    let reference = with("pending", "customer", json!({ "reference": "0001017-029727123" }));
    let reason = "Smart Glocal answered about the order of another reference";
    assert_eq!(start(&session("in_progress", &[reference])), Err(invalid(reason)));
    let reason = "Smart Glocal answered about another amount, or another currency, than was asked for";
    for details in [
        json!({ "amount": 100_001, "currency": "VND" }),
        json!({ "amount": 100_000, "currency": "USD" }),
        json!({ "amount": "100000", "currency": "VND" }),
        json!({ "amount": 100_000.5, "currency": "VND" }),
        json!({ "amount": 100_000 }),
        Value::Null,
    ] {
        let payment = with("pending", "amount_details", details);
        assert_eq!(start(&session("in_progress", &[payment])), Err(invalid(reason)));
    }
    let lower = with("pending", "amount_details", json!({ "amount": 100_000, "currency": "vnd" }));
    assert_eq!(start(&session("in_progress", &[lower])), started());
}

#[test]
fn a_payment_that_is_not_taken_up_is_refused_in_their_words() {
    let error = json!({ "code": 17, "description": "limit" });
    let reply = |status| yes(&ok(&session(status, &[with("failed", "error", error.clone())])));
    let start = |reply: &Reply| made_by(&provider(), MakeStep::Start(session_id()), reply);
    let reason = "Smart Glocal did not take the payment up (code `17`: `limit`)";
    assert_eq!(start(&reply("cancelled")), Err(refused_for(RefusalCause::Unsaid, Some("17"), reason)));
    assert_eq!(start(&reply("error")), started(), "`error` is not final");
}

#[test]
fn a_refusal_has_smart_glocal_s_words_on_one_line_under_any_status() {
    let words = "Smart Glocal says no (code `bad_\u{fffd}sum`: `số tiền\u{fffd}sai`)";
    let body = refusal().to_string();
    for (verdict, cause, reason) in [
        (Verdict::Yes, RefusalCause::Unsaid, words.to_owned()),
        (no(), RefusalCause::Unsaid, format!("HTTP 400: {words}")),
        (forbidden(), RefusalCause::Access, format!("HTTP 403: {words}")),
    ] {
        let refused = refused_for(cause, Some("bad_\u{fffd}sum"), &reason);
        let reply = unsigned(verdict, body.as_bytes());
        assert_eq!(told_by(&provider(), Question::Status, &reply), Err(refused.clone()));
        assert_eq!(made_by(&provider(), MakeStep::Create, &reply), Err(refused.clone()));
        assert_eq!(told_by(&provider(), Question::Status, &signed(reply, GLOCAL)), Err(refused));
    }
    let long = json!({ "status": "error", "error": { "code": "c".repeat(5000), "description": "d".repeat(5000) } });
    let Err(Trouble::Refused(Refusal { reason, code, .. })) = told_by(&provider(), Question::Status, &yes(&long))
    else {
        unreachable!("it is a refusal");
    };
    assert!(reason.len() < 400, "{reason}");
    assert!(code.is_some_and(|code| code.chars().count() <= 41));
    let bare = yes(&json!({ "status": "error" }));
    assert_eq!(told_by(&provider(), Question::Status, &bare), Err(refused("Smart Glocal says no ()")));
}

#[test]
fn a_no_of_http_is_explained_by_the_body_and_never_undone() {
    let fine = ok(&session("in_progress", &[payment("pending")])).to_string();
    for body in [fine.as_bytes(), b"", b"<html>", b"\xff", b"[]", b"{}"] {
        let reply = unsigned(no(), body);
        assert_eq!(told_by(&provider(), Question::Status, &reply), Err(refused("HTTP 400")));
        assert_eq!(
            made_by(&provider(), MakeStep::Create, &unsigned(forbidden(), body)),
            Err(refused_for(RefusalCause::Access, None, "HTTP 403"))
        );
    }
}

#[test]
fn p1_a_signature_is_checked_when_there_is_one() {
    let wrong = "Smart Glocal's answer has a wrong signature";
    let fine = || yes(&ok(&session("in_progress", &[payment("pending")])));
    assert!(told_by(&provider(), Question::Status, &signed(fine(), GLOCAL)).is_ok());
    let forged = signed(fine(), MERCHANT);
    let next = VerifyingKey::from_pem(MERCHANT_PUBLIC.as_bytes()).expect("a key");
    assert!(told_by(&provider().believing(Some(next)), Question::Status, &forged).is_ok(), "while keys are changed");
    assert_eq!(told_by(&provider(), Question::Status, &forged), Err(invalid(wrong)));
    assert_eq!(made_by(&provider(), MakeStep::Create, &forged), Err(invalid(wrong)));
    let tampered =
        Reply { headers: signed(fine(), GLOCAL).headers, ..yes(&ok(&session("in_progress", &[succeeded()]))) };
    assert_eq!(told_by(&provider(), Question::Status, &tampered), Err(invalid(wrong)));
    let refusal = unsigned(no(), refusal().to_string().as_bytes());
    assert_eq!(told_by(&provider(), Question::Status, &signed(refusal.clone(), MERCHANT)), Err(invalid(wrong)));
    let shut = Reply { verdict: forbidden(), ..signed(refusal, MERCHANT) };
    assert_eq!(told_by(&provider(), Question::Status, &shut), Err(refused_for(RefusalCause::Access, None, "HTTP 403")));
}

#[test]
fn p1_an_answer_without_a_signature_is_refused_where_signatures_are_demanded() {
    let strict = SmartGlocal::new(SmartGlocalAccount { require_signed_answers: true, ..account() });
    let fine = || yes(&ok(&session("in_progress", &[payment("pending")])));
    let unsigned_answer = invalid("Smart Glocal's answer has no signature");
    assert_eq!(told_by(&strict, Question::Status, &fine()), Err(unsigned_answer.clone()));
    let empty = Reply { headers: BTreeMap::from([("x-partner-sign".to_owned(), String::new())]), ..fine() };
    assert_eq!(told_by(&strict, Question::Status, &empty), Err(unsigned_answer));
    assert!(told_by(&strict, Question::Status, &signed(fine(), GLOCAL)).is_ok());
    let refusal = Reply { verdict: no(), ..yes(&refusal()) };
    assert_eq!(told_by(&strict, Question::Status, &refusal), Err(refused("HTTP 400")), "its words are nobody's");
}

#[test]
fn p11_what_is_not_an_answer_is_invalid() {
    let whole = ok(&session("in_progress", &[payment("pending")])).to_string();
    let twice = whole.replacen("\"id\":", "\"id\":\"ps_1\",\"id\":", 1);
    let id = |id: Value| ok(&json!({ "id": id, "status": "created" })).to_string();
    let list = |list: Value| ok(&json!({ "id": SESSION, "status": "created", "acquiring_payments": list })).to_string();
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "<html>502</html>".to_owned(),
        whole.get(..whole.len() / 2).expect("half").to_owned(),
        twice,
        json!({ "status": 1 }).to_string(),
        json!({ "status": "OK", "session": session("created", &[]) }).to_string(),
        json!({ "status": "ok" }).to_string(),
        json!({ "status": "ok", "session": [] }).to_string(),
        ok(&json!({ "id": SESSION })).to_string(),
        id(json!(5666)),
        id(json!("")),
        id(json!("ps 1")),
        id(json!("p".repeat(129))),
        list(json!({})),
        list(json!(["pm_1"])),
        list(json!([{ "id": "pm_1" }])),
        list(json!([{ "id": "pm_1", "status": "pending", "refunds": "none" }])),
    ];
    for body in bodies {
        for step in [MakeStep::Create, MakeStep::Start(session_id())] {
            let made = made_by(&provider(), step, &unsigned(Verdict::Yes, body.as_bytes()));
            assert!(matches!(made, Err(Trouble::Invalid { .. })), "{body}: {made:?}");
        }
    }
    let made = made_by(&provider(), MakeStep::Create, &unsigned(Verdict::Yes, b"\xff"));
    assert_eq!(made, Err(invalid("cannot read Smart Glocal's answer: it is not UTF-8")));
}
