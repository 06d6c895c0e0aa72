//! What a day comes to, as JSON and as CSV.

use serde_json::{Value, json};

use super::raw::get;
use crate::api::fake::{Mood, Terminal, ended, receipt, rules, sale, sale_id};
use crate::till::{Ending, Marks, Payment, ProviderId, Receipt, Refund, Sale, TransferRef, Via};
use till_wire::{Amount, ChannelId, UnixTime};

fn time(text: &str) -> UnixTime {
    text.parse().expect("a time")
}

fn payment(amount: u64, received_at: &str, via: Via) -> Payment {
    Payment {
        provider_id: ProviderId("link".into()),
        reference: TransferRef(format!("TF{received_at}")),
        amount: Amount::vnd(amount),
        transacted_at: None,
        received_at: time(received_at),
        via,
    }
}

/// The day is 2026-11-20 at a counter in Vietnam: from 17:00 to 17:00 by UTC.
async fn terminal() -> Terminal {
    let terminal = Terminal::start(rules(), None).await;
    let finan = ChannelId::new("finan").expect("a channel's name");
    terminal.keep(ended(1, Ending::Paid));
    terminal.keep(ended(2, Ending::Cancelled(None)));
    let marks = Marks { late: true, attention: true };
    let short = payment(20_000, "2026-11-20T16:59:59Z", Via::Poll);
    let refund = Refund {
        provider_id: ProviderId("link".into()),
        reference: TransferRef("RF1".into()),
        amount: Amount::vnd(5_000),
        refunded_at: None,
        received_at: time("2026-11-20T17:00:00Z"),
    };
    let late = Sale { channel: finan.clone(), marks, payments: vec![short], ..ended(3, Ending::Expired(None)) };
    terminal.keep(Sale { refunds: vec![refund], ..late });
    // Made the day before, and paid in this one: one part by hand, from a receipt.
    let parts = vec![
        payment(30_000, "2026-11-19T17:00:00Z", Via::Webhook),
        payment(20_000, "2026-11-20T03:00:00Z", Via::Match),
    ];
    terminal.keep(Sale { created_at: time("2026-11-19T16:59:59Z"), payments: parts, ..ended(4, Ending::Paid) });
    terminal.keep(Sale { created_at: time("2026-11-20T17:00:00Z"), ..sale(5) });
    terminal.keep(sale(6));
    let matched = Receipt { amount: Amount::vnd(20_000), sale: Some(sale_id(4)), ..receipt("one") };
    let other_day = Receipt { received_at: time("2026-11-20T17:00:00Z"), attention: true, ..receipt("three") };
    let noted = Receipt { note: Some("=1+1".into()), ..receipt("two") };
    terminal.memory().receipts = vec![matched, noted, other_day];
    terminal
}

#[tokio::test]
async fn a_day_is_reckoned_by_channel_and_state_and_money_by_the_day_it_came() {
    let terminal = terminal().await;
    let reply = get(&terminal, "/v1/report?day=2026-11-20").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let mut report = reply.json();
    let attention = report["attention"].take();
    let line = |channel: &str, state: &str, paid: u64, refunded: u64| json!({"channel": channel, "state": state, "count": 1, "amount": 50_000, "paid_amount": paid, "refunded_amount": refunded});
    let pieces = |count: u64, amount: u64| json!({"count": count, "amount": amount});
    assert_eq!(
        report,
        json!({
            "day": "2026-11-20", "timezone": "Asia/Ho_Chi_Minh",
            "since": "2026-11-19T17:00:00Z", "until": "2026-11-20T17:00:00Z", "currency": "VND", "complete": true,
            "sales": {
                "count": 4, "amount": 200_000, "paid_amount": 70_000, "refunded_amount": 5_000, "open": 1,
                "flags": {"offline": 0, "underpaid": 1, "overpaid": 0, "late": 1, "refunded": 1, "manual": 0, "attention": 1},
                "by": [
                    line("finan", "expired", 20_000, 5_000), line("payos", "requesting", 0, 0),
                    line("payos", "paid", 50_000, 0), line("payos", "cancelled", 0, 0),
                ],
            },
            "received": [
                {"channel": "finan", "amount": 20_000, "payments": pieces(1, 20_000), "receipts": pieces(0, 0), "refunds": pieces(0, 0)},
                {"channel": "payos", "amount": 170_000, "payments": pieces(2, 80_000), "receipts": pieces(2, 90_000), "refunds": pieces(0, 0)},
            ],
            "receipts": {"count": 2, "amount": 90_000, "unmatched": pieces(1, 70_000)},
            "attention": null,
        })
    );
    let named = |list: &str, name: &str| {
        attention[list].as_array().expect("a list").iter().map(|one| one[name].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(attention["count"], 2);
    assert_eq!(named("sales", "id"), ["0001017-000000003"]);
    assert_eq!(named("receipts", "provider_ref"), ["three"], "whatever its day");
    // The sums are those of the sales that are listed.
    let listed = get(&terminal, "/v1/sales?limit=200&since=2026-11-19T17:00:00Z").await.json();
    let sales = listed["sales"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|sale| sale["created_at"].as_str() < Some("2026-11-20T17"));
    let sums = sales.fold((0, 0), |(count, paid), sale| (count + 1, paid + sale["paid_amount"].as_u64().unwrap_or(0)));
    assert_eq!(sums, (4, 70_000));
}

#[tokio::test]
async fn a_day_is_listed_as_csv_with_a_line_for_each_sale_and_receipt() {
    let terminal = terminal().await;
    let reply = get(&terminal, "/v1/report.csv?day=2026-11-20").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let text = String::from_utf8(reply.body).expect("it is text");
    let (one, two) = (receipt("one").key, receipt("two").key);
    let mut want = vec![
        "kind,id,time,state,flags,channel,currency,amount,paid_amount,refunded_amount,reference,note,finished_at,failure,order,provider_id,provider_refs,sale".to_owned(),
        "sale,0001017-000000001,2026-11-20T10:04:05+07:00,paid,,payos,VND,50000,50000,0,,,,,0001017-000000001,,TF1,".to_owned(),
        "sale,0001017-000000002,2026-11-20T10:04:05+07:00,cancelled,,payos,VND,50000,0,0,,,,,0001017-000000002,,,".to_owned(),
        "sale,0001017-000000003,2026-11-20T10:04:05+07:00,expired,underpaid late refunded attention,finan,VND,50000,20000,5000,,,,,0001017-000000003,,TF2026-11-20T16:59:59Z,".to_owned(),
        "sale,0001017-000000006,2026-11-20T10:04:05+07:00,requesting,,payos,VND,50000,0,0,,,,,0001017-000000006,,,".to_owned(),
    ];
    let mut receipts = vec![
        format!("receipt,{one},2026-11-20T10:04:05+07:00,matched,,payos,VND,20000,0,0,,,,,,link,one,0001017-000000004"),
        format!("receipt,{two},2026-11-20T10:04:05+07:00,unmatched,,payos,VND,70000,70000,0,,'=1+1,,,,link,two,"),
    ];
    receipts.sort();
    want.extend(receipts);
    want.sort_by_key(|line| !line.starts_with("kind"));
    let mut got: Vec<&str> = text.lines().collect();
    assert_eq!(got.first(), want.first().map(String::as_str).as_ref());
    got.sort_unstable();
    want.sort_unstable();
    assert_eq!(got, want);
}

#[tokio::test]
async fn today_is_the_day_when_none_is_named() {
    let terminal = terminal().await;
    let report = get(&terminal, "/v1/report").await.json();
    let (from, until) = (report["since"].as_str().map(time), report["until"].as_str().map(time));
    let now = Some(crate::clock::wall());
    assert!(from <= now && now < until, "{report}");
    assert_eq!(get(&terminal, "/v1/report.csv").await.status, 200);
}

#[tokio::test]
async fn p11_what_is_no_day_is_refused_and_names_the_key() {
    let terminal = terminal().await;
    for path in ["/v1/report?day=", "/v1/report?day=2026-13-01", "/v1/report?day=today", "/v1/report.csv?day=2026-1-1"]
    {
        assert_eq!(get(&terminal, path).await.problem(), (422, "invalid".into(), Some("day".into())), "{path}");
    }
    assert_eq!(get(&terminal, "/v1/report?days=1").await.problem(), (422, "invalid".into(), Some("days".into())));
    terminal.feel(Mood::StoreFault);
    assert_eq!(get(&terminal, "/v1/report").await.problem(), (503, "store-fault".into(), None));
}
