//! Orders as payOS hears of them, and its good answers.

use serde_json::{Value, json};
use till_wire::payos::create_signature;
use till_wire::{Amount, UnixTime};

use super::server::{Server, answer};
use super::*;
use crate::till::{CodeText, Made, Payee, Report, ReportStanding, Transfer, TransferRef};

#[tokio::test]
async fn an_order_is_made_with_every_field_that_payos_demands() {
    let mut server = Server::start(answer(200, "", &signed(&created()))).await;
    let providers = providers(&server.base, "partner_code = \"partner-7\"").expect("usable settings");
    let answered = providers.create(&wanted()).await;
    let payee = Payee {
        bin: Some("970422".to_owned()),
        account: Some("113366668888".to_owned()),
        name: Some("QUY VAC XIN PHONG CHONG COVID".to_owned()),
    };
    let provider_id = ProviderId(LINK.to_owned());
    let code = Some(CodeText::VietQr("000201".to_owned()));
    let made = CreateAnswer::Made(Made::Payable { provider_id, code, payee });
    assert_eq!(answered, Answered { answer: made, date: None, corrected_ms: 0, fault: None });

    let asked = server.asked().await;
    assert_eq!(asked.line, "POST /v2/payment-requests HTTP/1.1");
    let header = |name| asked.headers.get(name).map(String::as_str);
    assert_eq!(header("x-client-id"), Some("the-client-id"));
    assert_eq!(header("x-api-key"), Some("the-api-key"));
    assert_eq!(header("x-partner-code"), Some("partner-7"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("user-agent"), Some(concat!("tilld/", env!("CARGO_PKG_VERSION"))));
    let (ok, cancel) = ("https://shop.example/ok", "https://shop.example/cancel");
    let code = order().payos_code();
    let body = json!({
        "orderCode": code,
        "amount": 50_000,
        "description": "029727122",
        "returnUrl": ok,
        "cancelUrl": cancel,
        "expiredAt": NOW.secs() + 300 + 30,
        "signature": create_signature(KEY.as_bytes(), 50_000, cancel, "029727122", code, ok),
    });
    assert_eq!(serde_json::from_str::<Value>(&asked.body).ok(), Some(body));
}

#[tokio::test]
async fn the_description_is_filled_in_per_order() {
    let mut server = Server::start(answer(200, "", &signed(&created()))).await;
    let more = "description = \"{label} {terminal}{sequence}\"";
    let providers = providers(&server.base, more).expect("usable settings");
    providers.create(&wanted()).await;
    let body: Value = serde_json::from_str(&server.asked().await.body).expect("a JSON body");
    assert_eq!(body["description"], "Quay 1 0001017029727122");
}

#[tokio::test]
async fn p10_the_order_s_end_is_told_in_the_provider_s_own_time() {
    // payOS's clock is an hour ahead of ours.
    let date = "date: Fri, 20 Nov 2026 04:04:05 GMT\r\n";
    let mut server = Server::start(answer(200, date, &signed(&created()))).await;
    let providers = providers(&server.base, "").expect("usable settings");
    let ahead = UnixTime::from_secs(NOW.secs() + 3600);
    for expected in [NOW.secs() + 330, ahead.secs() + 330] {
        let answered = providers.create(&wanted()).await;
        assert_eq!(answered.date, Some(ahead));
        let body: Value = serde_json::from_str(&server.asked().await.body).expect("a JSON body");
        assert_eq!(body["expiredAt"], expected);
    }
}

#[tokio::test]
async fn an_order_is_asked_for_and_cancelled_by_our_own_reference() {
    let mut server = Server::start(answer(200, "", &signed(&link()))).await;
    let providers = providers(&server.base, "").expect("usable settings");
    providers.ask(&known()).await;
    let path = "/v2/payment-requests/1017029727122";
    let asked = server.asked().await;
    assert_eq!((asked.line, asked.body), (format!("GET {path} HTTP/1.1"), String::new()));
    for (reason, sentence) in [
        (CancelReason::ByCashier, "Cancelled at the counter"),
        (CancelReason::Expired, "The time to pay was over"),
        (CancelReason::Abandoned, "Replaced by another order"),
    ] {
        providers.cancel(&known(), reason).await;
        let asked = server.asked().await;
        let body = json!({ "cancellationReason": sentence }).to_string();
        assert_eq!((asked.line, asked.body), (format!("POST {path}/cancel HTTP/1.1"), body));
        assert_eq!(asked.headers.get("x-api-key").map(String::as_str), Some("the-api-key"));
    }
}

async fn report(data: Value) -> Report {
    let server = Server::start(answer(200, "", &signed(&data))).await;
    let providers = providers(&server.base, "").expect("usable settings");
    let answered = providers.ask(&known()).await;
    assert_eq!(answered, providers.cancel(&known(), CancelReason::Expired).await);
    as_known(answered.answer).expect("a usable answer")
}

fn as_known(answer: StatusAnswer) -> Option<Report> {
    match answer {
        StatusAnswer::Known(report) => Some(report),
        StatusAnswer::NotFound
        | StatusAnswer::Refused(_)
        | StatusAnswer::Invalid { .. }
        | StatusAnswer::NotReached
        | StatusAnswer::Later { .. } => None,
    }
}

#[tokio::test]
async fn p3_what_came_is_reported_and_a_transfer_without_a_name_only_in_the_total() {
    let transfer = |reference: &str, amount: u64| {
        json!({
            "reference": reference,
            "amount": amount,
            "transactionDateTime": "2026-11-20T10:05:00+07:00",
            "accountNumber": "113366668888",
            "description": "x",
        })
    };
    let mut data = link();
    data["amountPaid"] = json!(60_000);
    data["status"] = json!("PAID");
    data["transactions"] = json!([transfer("TF1", 30_000), transfer("", 30_000), transfer("TF2", 0)]);
    let transfer = Transfer {
        reference: TransferRef("TF1".to_owned()),
        amount: Amount::vnd(30_000),
        transacted_at: Some(UnixTime::from_secs(1_795_143_900)),
    };
    let expected = Report {
        provider_id: ProviderId(LINK.to_owned()),
        amount: Amount::vnd(50_000),
        total: Amount::vnd(60_000),
        transfers: vec![transfer],
        refunds: Vec::new(),
        standing: ReportStanding::Paid,
        action: None,
    };
    assert_eq!(report(data).await, expected);
}

#[tokio::test]
async fn each_of_payos_s_words_has_its_standing() {
    for (word, standing) in [
        ("PENDING", ReportStanding::Open),
        ("PROCESSING", ReportStanding::Open),
        ("UNDERPAID", ReportStanding::Open),
        ("SOMETHING", ReportStanding::Open),
        ("PAID", ReportStanding::Paid),
        ("CANCELLED", ReportStanding::Cancelled),
        ("EXPIRED", ReportStanding::Expired),
        ("FAILED", ReportStanding::Failed),
    ] {
        let mut data = link();
        data["status"] = json!(word);
        assert_eq!(report(data).await.standing, standing, "{word}");
    }
}

#[tokio::test]
async fn a_request_runs_in_a_task_of_its_own() {
    let server = Server::start(answer(200, "", &signed(&link()))).await;
    let providers = providers(&server.base, "").expect("usable settings");
    let task = tokio::spawn(async move { providers.ask(&known()).await.answer });
    as_known(task.await.expect("the task ends")).expect("a usable answer");
}

#[tokio::test]
async fn p4_a_question_without_the_provider_s_id_learns_it() {
    let server = Server::start(answer(200, "", &signed(&link()))).await;
    let providers = providers(&server.base, "").expect("usable settings");
    let lost = OrderAt { known: KnownOrder { provider_id: None, ..known().known }, ..known() };
    let report = as_known(providers.ask(&lost).await.answer).expect("a usable answer");
    assert_eq!(report.provider_id, ProviderId(LINK.to_owned()));
}
