//! One payment, followed through the logs of both programs by its webhook's id, as docs/support.md tells it. It must not
//! know how lines are written.

use serde_json::Value;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

/// The line with these words in it, in this order of the log.
fn line(printed: &str, words: &[&str]) -> Result<String, String> {
    let found = printed.lines().find(|line| words.iter().all(|word| line.contains(word)));
    found.map(str::to_owned).ok_or_else(|| format!("no line with {words:?} in\n{printed}"))
}

/// The value of a field of a line.
fn field(line: &str, name: &str) -> String {
    let start = format!(" {name}=");
    let value = line.split_once(&start).map(|(_, rest)| rest.split(' ').next().unwrap_or_default());
    value.unwrap_or_else(|| panic!("no {name} in {line}")).trim_matches('"').to_owned()
}

#[test]
fn one_id_leads_from_the_socket_to_the_screen() {
    let shop = Shop::open();
    let sale = shop.till.sell_and_show(50_000);
    let id = id_of(&sale).to_owned();
    let other = shop.pay(&sale, 50_000);
    let paid = shop.till.wait_state(&id, "paid", SOON);
    let journal = shop.till.get(&format!("/v1/sales/{id}/journal")).json();
    let kept = |journal: &Value| {
        let entries = journal["entries"].as_array().cloned().unwrap_or_default();
        entries.iter().find_map(|entry| entry["cause"]["envelope"].as_str().map(str::to_owned))
    };
    let webhook = kept(&journal).unwrap_or_else(|| panic!("the journal names no envelope: {journal}"));
    let of = format!("webhook={webhook}");
    let bridge = ["webhook taken", "webhook published", "webhook acknowledged by the broker"];
    for what in bridge {
        wait_for(what, SOON, || line(&shop.bridge.printed(), &[what, &of]));
    }
    let judged = wait_for("the till has judged it", SOON, || line(&shop.till.printed(), &["webhook judged", &of]));
    assert_eq!((field(&judged, "sale"), field(&judged, "paid")), (id.clone(), "50000".to_owned()), "{judged}");
    wait_for("the panel shows it", SOON, || line(&shop.till.printed(), &["PAID is shown", &of, &format!("sale={id}")]));
    let printed = shop.till.printed();
    let at = |words: &[&str]| {
        let found = printed.lines().position(|line| words.iter().all(|word| line.contains(word)));
        found.unwrap_or_else(|| panic!("no {words:?} in {printed}"))
    };
    let order = [at(&["webhook received", &of]), at(&["webhook judged", &of]), at(&["PAID is shown", &id])];
    assert!(order.is_sorted(), "{order:?}\n{printed}");
    // Nothing of the payment itself is in a line.
    for text in [other.to_string(), paid["payments"][0]["provider_ref"].as_str().unwrap_or("missing").to_owned()] {
        assert!(!printed.contains(&text) && !shop.bridge.printed().contains(&text), "{text} is in a log");
    }
}
