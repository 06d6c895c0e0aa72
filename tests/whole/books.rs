//! Closing time and afterwards: what a day comes to, what is owed to others, and how a sale came to be what it is. It must
//! not know how any of it is reckoned or kept.

use demo::payos::{CallKind, Fault, Lasting};
use serde_json::{Value, json};
use tests::shop::Shop;
use tests::till::{id_of, order_of};
use tests::wait::{SOON, wait_for};

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(output)))
}

/// Somebody pays an order that this terminal's store does not know.
fn receive(shop: &Shop, near: &Value, amount: u64) {
    let order = order_of(near).value() - 5;
    shop.payos.add_foreign_order(order, amount);
    shop.payos.pay(order, amount).expect("the order is there");
    wait_for("the receipt", SOON, || shop.till.receipts().pop().ok_or_else(|| "there is none".to_owned()));
}

/// P4: money without a sale is in the day's report, too.
#[test]
fn p4_a_day_comes_to_what_its_sales_and_receipts_come_to() {
    let mut shop = Shop::open();
    let paid = shop.assert_sells(50_000);
    let cancelled = shop.till.sell_and_show(20_000);
    receive(&shop, &cancelled, 30_000);
    assert_eq!(shop.till.cancel(id_of(&cancelled)).status, 202);
    shop.till.wait_state(id_of(&cancelled), "cancelled", SOON);
    let open = shop.till.sell_and_show(70_000);

    let report = shop.till.get("/v1/report").json();
    let day = report["day"].as_str().unwrap_or_default().to_owned();
    let sales = shop.till.sales();
    let sum = |field: &str| sales.iter().filter_map(|sale| sale[field].as_u64()).sum::<u64>();
    let of_day = &report["sales"];
    assert_eq!((&of_day["count"], &of_day["open"]), (&json!(3), &json!(1)), "{report}");
    assert_eq!(
        (&of_day["amount"], &of_day["paid_amount"]),
        (&json!(sum("amount")), &json!(sum("paid_amount"))),
        "{report}"
    );
    let line = |state: &str, amount: u64, paid: u64| json!({"channel": "payos", "state": state, "count": 1, "amount": amount, "paid_amount": paid, "refunded_amount": 0});
    let lines = [line("showing", 70_000, 0), line("paid", 50_000, 50_000), line("cancelled", 20_000, 0)];
    assert_eq!(of_day["by"], json!(lines), "{report}");
    let unmatched = json!({"count": 1, "amount": 30_000});
    assert_eq!(report["receipts"], json!({"count": 1, "amount": 30_000, "unmatched": unmatched}), "{report}");
    assert_eq!(report["received"][0]["amount"], 80_000, "{report}");
    assert_eq!((&report["timezone"], &report["complete"]), (&json!("Asia/Ho_Chi_Minh"), &json!(true)), "{report}");

    let told = shop.till.command_line(&["report", "--day", &day]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told));
    let words = text(&told);
    assert!(words.contains("80.000 ₫ by 1 payment and 1 piece without a sale"), "{words}");
    assert!(words.contains("total                               3  140.000 ₫  50.000 ₫"), "{words}");
    assert_eq!(json(&shop.till.command_line(&["report", "--json"]))["sales"], *of_day);
    let csv = text(&shop.till.command_line(&["report", "--csv", "--day", &day]));
    let column = |name: &str| csv.lines().next().and_then(|head| head.split(',').position(|head| head == name));
    let field =
        |line: &str, name: &str| column(name).and_then(|at| line.split(',').nth(at)).unwrap_or_default().to_owned();
    let listed: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| (field(line, "kind"), field(line, "state"), field(line, "paid_amount")))
        .collect();
    let want = [
        ("sale", "paid", "50000"),
        ("sale", "cancelled", "0"),
        ("receipt", "unmatched", "30000"),
        ("sale", "showing", "0"),
    ];
    let mut want: Vec<_> =
        want.map(|(kind, state, paid)| (kind.to_owned(), state.to_owned(), paid.to_owned())).to_vec();
    want.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, want, "{csv}");
    assert!(csv.contains(id_of(&paid)) && csv.contains(id_of(&open)), "{csv}");

    let bad = shop.till.get("/v1/report?day=yesterday");
    assert_eq!((bad.problem(), bad.json()["field"].as_str()), ((422, "invalid".to_owned()), Some("day")));
    assert_eq!(shop.till.command_line(&["report", "--day", "yesterday"]).status.code(), Some(2));
    let empty = shop.till.get("/v1/report?day=2020-02-29").json();
    assert_eq!((&empty["sales"]["count"], &empty["received"]), (&json!(0), &json!([])), "{empty}");

    // A restart changes nothing of it.
    shop.till.kill();
    shop.till.start_again();
    let again = shop.till.get(&format!("/v1/report?day={day}")).json();
    assert_eq!((&again["sales"], &again["receipts"]), (of_day, &report["receipts"]));
}

/// What `/v1/status` says of the queue agrees with what is in it.
#[track_caller]
fn queue(shop: &Shop) -> Vec<(String, String, Value)> {
    let queue = shop.till.get("/v1/queue").json();
    let status = shop.till.status();
    let entries = queue["entries"].as_array().cloned().unwrap_or_default();
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    if status["queue"]["entries"] == queue["count"] {
        assert_eq!(status["queue"]["oldest_s"].is_u64(), !entries.is_empty(), "{status} {queue}");
    }
    entries.iter().map(|entry| (word(entry, "kind"), word(entry, "destination"), entry["sale"].clone())).collect()
}

/// P2: what is owed to others survives, and is told until it is paid off.
#[test]
fn p2_what_is_owed_to_broker_and_provider_is_listed_until_it_is_paid_off() {
    let mut shop = Shop::open();
    wait_for("nothing is owed", SOON, || {
        let owed = queue(&shop);
        if owed.is_empty() { Ok(()) } else { Err(format!("{owed:?}")) }
    });
    assert_eq!(text(&shop.till.command_line(&["queue"])), "Nothing is owed to anybody.\n");
    shop.broker.kill();
    shop.till.wait_for_broker_away();
    let sale = shop.till.sell_and_show(50_000);
    let of_sale = |kind: &str, to: &str| (kind.to_owned(), to.to_owned(), sale["id"].clone());
    assert_eq!(queue(&shop), [of_sale("sale", "broker")]);
    let fault = Fault::HttpStatus { status: 500, retry_after_s: None };
    shop.payos.plan(CallKind::Cancel, fault, Lasting::UntilReset);
    assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
    let both = [of_sale("cancellation", "payos"), of_sale("sale", "broker")];
    let owed = |shop: &Shop| {
        let mut owed = queue(shop);
        owed.sort_by(|a, b| a.0.cmp(&b.0));
        owed
    };
    assert_eq!(owed(&shop), both);
    shop.till.kill();
    shop.till.start_again();
    assert_eq!(owed(&shop), both);
    let told = shop.till.command_line(&["queue"]);
    assert!(text(&told).contains("cancelling an order") && text(&told).contains(id_of(&sale)), "{}", text(&told));
    assert_eq!(json(&shop.till.command_line(&["queue", "--json"]))["count"], 2);
}

fn journal(shop: &Shop, sale: &Value) -> Vec<Value> {
    let answer = shop.till.get(&format!("/v1/sales/{}/journal", id_of(sale)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let journal = answer.json();
    assert_eq!((&journal["sale"], &journal["dropped"]), (&sale["id"], &json!(0)), "{journal}");
    journal["entries"].as_array().cloned().unwrap_or_default()
}

/// P1: what proved the money stands in the journal, also after the power was cut.
#[test]
fn p1_the_journal_of_a_paid_sale_names_the_webhook() {
    let mut shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let reference = shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(id_of(&sale), "paid", SOON);
    let entries = journal(&shop, &sale);
    let revisions: Vec<u64> = entries.iter().filter_map(|entry| entry["revision"].as_u64()).collect();
    assert_eq!(revisions, (1..=paid["revision"].as_u64().unwrap_or(0)).collect::<Vec<_>>(), "{entries:?}");
    let made = entries.first().expect("there is a first entry");
    assert_eq!((&made["state"], &made["cause"]["kind"]), (&json!("requesting"), &json!("sale_call")), "{made}");
    let proved = entries.iter().find(|entry| entry["counted"] != json!([])).expect("money was counted");
    let money = json!({"provider_id": paid["provider_id"], "provider_ref": reference.as_str(), "amount": 50_000});
    let cause = json!({"who": "provider", "kind": "webhook", "said": "transfer", "why": null, "order": sale["order"], "transfer": money});
    let mut said = proved["cause"].clone();
    let envelope = said.as_object_mut().and_then(|cause| cause.remove("envelope"));
    assert_eq!(said, cause, "{proved}");
    // The bridge's journal and the terminal's can be laid side by side.
    let envelope = envelope.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let taken = shop.bridge.kept();
    assert!(envelope.len() == 32 && taken.contains(&envelope), "`{envelope}` is not in: {taken}");
    assert_eq!(
        (&proved["counted"][0]["via"], &proved["counted"][0]["provider_ref"]),
        (&json!("webhook"), &money["provider_ref"])
    );
    let last = entries.last().expect("there is a last entry");
    assert_eq!((&last["state"], &last["paid_amount"]), (&json!("paid"), &json!(50_000)), "{last}");

    let told = text(&shop.till.command_line(&["journal", id_of(&sale)]));
    let line = told.lines().find(|line| line.contains("signed webhook")).unwrap_or_default();
    assert!(line.contains(&format!("50.000 ₫ counted ({}, webhook)", reference.as_str())), "{told}");
    assert_eq!(json(&shop.till.command_line(&["journal", id_of(&sale), "--json"]))["entries"], json!(entries));
    let nothing = shop.till.get("/v1/sales/0001017-000000001/journal");
    assert_eq!(nothing.problem(), (404, "not-found".to_owned()));
    shop.till.kill();
    shop.till.start_again();
    assert_eq!(journal(&shop, &sale), entries);
}

/// P1, P4: until the provider itself agrees, a large sale's money is in the journal only (contract §3).
#[test]
fn p1_p4_money_that_is_not_counted_yet_is_in_the_journal_only() {
    let shop = Shop::open_with(|plan| plan.sale = "double_proof_over = 3000000\n".to_owned());
    let sale = shop.till.sell_and_show(5_000_000);
    let fault = Fault::HttpStatus { status: 500, retry_after_s: None };
    shop.payos.plan(CallKind::Get, fault, Lasting::UntilReset);
    let reference = shop.pay(&sale, 5_000_000);
    let reported = wait_for("the report is in the journal", SOON, || {
        let entries = journal(&shop, &sale);
        let found = entries.iter().find(|entry| entry["cause"]["transfer"]["provider_ref"] == reference.as_str());
        found.cloned().ok_or_else(|| format!("{entries:?}"))
    });
    assert_eq!((&reported["counted"], &reported["paid_amount"]), (&json!([]), &json!(0)), "{reported}");
    let seen = shop.till.sale(id_of(&sale));
    assert_eq!((&seen["paid_amount"], &seen["payments"]), (&json!(0), &json!([])), "{seen}");
    assert_eq!(reported["revision"], seen["revision"], "no revision is made of it");
    assert_eq!(shop.till.receipts(), Vec::<Value>::new());
    shop.payos.reset_faults();
    shop.till.wait_state(id_of(&sale), "paid", SOON * 3);
    let entries = journal(&shop, &sale);
    let proved = entries.iter().find(|entry| entry["counted"] != json!([])).expect("money was counted");
    assert_eq!(
        (&proved["cause"]["kind"], &proved["counted"][0]["via"]),
        (&json!("status_answer"), &json!("poll")),
        "{proved}"
    );
}
