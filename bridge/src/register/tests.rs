//! What addresses are taken, and what payOS's answers become. The request itself is tried from outside.

use serde_json::json;

use super::HookUrl;
use super::answer::judge;
use super::ask::Answered;

const URL: &str = "https://hooks.example/hooks/payos";

fn judged(status: u16, body: &str) -> Result<String, String> {
    judge(&Answered { status, body: body.as_bytes().to_vec() }, URL)
}

#[test]
fn an_address_is_https_or_on_this_very_machine() {
    for right in [
        URL,
        "https://hooks.example",
        "https://hooks.example:8443/a/hooks/payos?shop=1",
        "http://127.0.0.1:8470/hooks/payos",
        "http://localhost/hooks/payos",
    ] {
        assert!(HookUrl::new(right).is_some(), "{right}");
    }
    for wrong in [
        "",
        "hooks.example/hooks/payos",
        "http://hooks.example/hooks/payos",
        "ftp://hooks.example/",
        "https://user@hooks.example/",
        "https://hooks.example/#top",
        "https://hooks.example/?a#top",
        "https://hooks.example/ space",
        "https://",
    ] {
        assert_eq!(HookUrl::new(wrong), None, "{wrong}");
    }
}

#[test]
fn an_address_leads_to_a_path_whatever_stands_before_and_behind_it() {
    for (url, leads) in [
        (URL, true),
        ("https://hooks.example/behind/hooks/payos?a=b", true),
        ("https://hooks.example/hooks/payos/", false),
        ("https://hooks.example/?x=/hooks/payos", false),
    ] {
        assert_eq!(HookUrl::new(url).map(|url| url.leads_to("/hooks/payos")), Some(leads), "{url}");
    }
}

#[test]
fn success_names_the_account_and_what_was_stored() {
    let data = json!({"webhookUrl": URL, "accountNumber": "113366668888", "accountName": "QUAN CA PHE",
        "name": "Quầy 1", "shortName": "Q1"});
    let said = judged(200, &json!({"code": "00", "desc": "success", "data": data}).to_string());
    let said = said.expect("it is stored");
    for part in [URL, "113366668888", "QUAN CA PHE", "Quầy 1"] {
        assert!(said.contains(part), "{said}");
    }
    // 202 is an answer of payOS too, and nothing of `data` is promised.
    assert!(judged(202, "{\"code\":\"00\"}").is_ok_and(|said| said.contains(URL)));
}

#[test]
fn everything_else_is_a_refusal_that_says_what_to_do() {
    for (status, body, parts) in [
        (200, "{\"code\":\"214\",\"desc\":\"Cổng thanh toán\"}", ["214", "Cổng thanh toán", "my.payos.vn"]),
        (
            200,
            "{\"code\":\"20\",\"desc\":\"Webhook url invalid\"}",
            ["20", "Webhook url invalid", "is the bridge running"],
        ),
        (200, "<html>", ["200", "none of payOS", "base_url"]),
        (200, "{\"code\":0}", ["200", "none of payOS", "base_url"]),
        (401, "{\"code\":\"401\",\"desc\":\"Unauthorized\"}", ["401", "Unauthorized", "api_key"]),
        (403, "", ["403", "client_id", "my.payos.vn"]),
        (400, "{\"code\":\"20\",\"desc\":\"Webhook url invalid\"}", ["400", URL, "is the bridge running"]),
        (429, "", ["429", "too often", "wait"]),
        (500, "", ["500", URL, "is the bridge running"]),
        (302, "", ["302", "nobody expects", "base_url"]),
    ] {
        let said = judged(status, body).expect_err("it is not stored");
        assert!(parts.iter().all(|part| said.contains(part)), "{status} {body}: {said}");
    }
}

#[test]
fn p9_what_payos_says_stays_on_one_line_of_bounded_length() {
    let desc = format!("a\nb\u{1b}[31m{}", "x".repeat(60_000));
    let said = judged(400, &json!({"code": "20", "desc": desc}).to_string()).expect_err("it is not stored");
    assert!(!said.contains(char::is_control) && said.len() < 1000, "{said}");
}
