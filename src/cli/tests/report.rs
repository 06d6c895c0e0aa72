//! Closing time: what a day comes to, in words, as JSON and as CSV.

use super::Counter;
use crate::api::fake::{Terminal, ended, receipt, rules, sale};
use crate::cli::Language;
use crate::till::{Ending, Marks, Receipt, Sale};

async fn terminal() -> Terminal {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(ended(1, Ending::Paid));
    let marks = Marks { attention: true, ..Marks::default() };
    terminal.keep(Sale { marks, ..ended(2, Ending::Cancelled(None)) });
    terminal.keep(sale(3));
    terminal.memory().receipts = vec![Receipt { attention: true, ..receipt("one") }];
    terminal
}

#[tokio::test]
async fn a_day_is_told_money_first_then_sales_then_what_to_look_at() {
    let terminal = terminal().await;
    let counter = Counter::at("report", &terminal);
    let came = counter.till(&["report", "--day", "2026-11-20"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    let want = "\
Report of 2026-11-20
Money that came on this day
    payos         120.000 ₫ by 1 payment and 1 piece without a sale
Sales made on this day
  channel  State                   Count     Amount      Paid
  payos    … waiting for the code      1   50.000 ₫       0 ₫
  payos    ✓ PAID                      1   50.000 ₫  50.000 ₫
  payos    ✗ cancelled                 1   50.000 ₫       0 ₫
  total                                3  150.000 ₫  50.000 ₫
To look at
  ! not ended     1
  ! fits no sale  1, together 70.000 ₫
  ! attention     2 to be looked at
";
    assert!(came.out.starts_with(want), "{}", came.out);
    assert!(
        came.out.contains("0001017-000000002") && came.out.contains(&receipt("one").key.to_string()),
        "{}",
        came.out
    );
    let quiet = counter.till(&["report", "--day", "2020-01-01"]).await;
    assert!(quiet.out.contains("total      0 ₫\nSales made on this day\n  No sales.\n"), "{}", quiet.out);
    let vietnamese = counter.speaking(Language::Vietnamese).till(&["report", "--day", "2026-11-20"]).await;
    assert!(vietnamese.out.starts_with("Báo cáo ngày 2026-11-20\nTiền về trong ngày\n"), "{}", vietnamese.out);
}

#[tokio::test]
async fn programs_get_the_apis_json_and_spreadsheets_csv() {
    let terminal = terminal().await;
    let counter = Counter::at("report-forms", &terminal);
    let json = counter.till(&["report", "--day", "2026-11-20", "--json"]).await;
    assert!(json.out.starts_with("{\"day\":\"2026-11-20\",") && json.out.ends_with("}\n"), "{}", json.out);
    let csv = counter.till(&["report", "--csv", "--day", "2026-11-20"]).await;
    assert!(csv.out.starts_with("kind,id,time,") && csv.out.lines().count() == 5, "{}", csv.out);
    assert!(csv.out.ends_with('\n') && !csv.out.ends_with("\n\n"), "{}", csv.out);
}

#[tokio::test]
async fn what_is_no_day_is_a_usage_fault() {
    let terminal = terminal().await;
    let counter = Counter::at("report-faults", &terminal);
    for day in ["", "today", "2026-02-30", "20261120", "9999-12-31"] {
        let came = counter.till(&["report", "--day", day]).await;
        assert_eq!(came.code, 2, "{day}: {came:?}");
    }
    let wrong = counter.till(&["report", "--day", "29.11.2026"]).await;
    assert!(wrong.err.contains("expected a day such as 2026-11-29"), "{}", wrong.err);
    assert_eq!(counter.till(&["report", "--json", "--csv"]).await.code, 2);
}
