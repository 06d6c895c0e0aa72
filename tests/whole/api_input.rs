//! What may be said to the API, and what it answers to everything else. It must not know what becomes of sales.

use serde_json::Value;
use tests::http;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[track_caller]
fn sell(shop: &Shop, headers: &[(&str, &str)], body: &[u8]) -> http::Answer {
    http::send(shop.till.api(), "POST", "/v1/sales", headers, body).expect("the API answers")
}

/// P11: a wrong amount is refused, naming the field, and makes no sale.
#[test]
fn p11_amounts_that_are_none_are_refused_and_named() {
    let shop = Shop::open();
    let amounts = [
        "0",
        "-1",
        "-50000",
        "0.5",
        "50000.5",
        "5e-1",
        "500000000",
        "99999999999999999999",
        "1000000000000000000000000000000",
        "\"50000\"",
        "\"abc\"",
        "\"50k\"",
        "null",
        "true",
        "[50000]",
        "{}",
    ];
    for amount in amounts {
        let answer = sell(&shop, &[JSON], format!("{{\"amount\":{amount}}}").as_bytes());
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{amount}: {}", answer.text());
        assert!(answer.text().contains("amount"), "{amount}: {}", answer.text());
    }
    let more = [
        ("{}", "amount"),
        (r#"{"amount":1000,"colour":"red"}"#, "colour"),
        (r#"{"amount":1000,"currency":"USD"}"#, "currency"),
        (r#"{"amount":1000,"channel":"stranger"}"#, "channel"),
        (r#"{"amount":1000,"channel":"../x"}"#, "channel"),
        (r#"{"amount":1000,"expire_s":14}"#, "expire_s"),
        (r#"{"amount":1000,"expire_s":3601}"#, "expire_s"),
        (r#"{"amount":1000,"note":7}"#, "note"),
        (r#"{"amount":1000,"items":[{"name":"x","quantity":1,"price":999}]}"#, "items"),
    ];
    for (body, field) in more {
        let answer = sell(&shop, &[JSON], body.as_bytes());
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{body}: {}", answer.text());
        assert!(answer.text().contains(field), "{body}: {}", answer.text());
    }
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
    assert_eq!(shop.payos.requests().len(), 0, "payOS heard nothing");
    shop.assert_sells(1);
    shop.assert_sells(499_999_999);
}

/// P11: what is no JSON is `malformed`, whatever it is.
#[test]
fn p11_bodies_that_are_no_json_are_malformed() {
    let shop = Shop::open();
    let deep = "[".repeat(30_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b"amount=50000",
        b"{\"amount\":50000",
        b"{\"amount\":abc}",
        b"\xff\xfe",
        b"{\"amount\":1,\"note\":\"\xff\"}",
        b"{\"amount\":050000}",
        b"{\"amount\":5e4.5}",
        b"{'amount':50000}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = sell(&shop, &[JSON], body);
        let shown = String::from_utf8_lossy(body.get(..40).unwrap_or(body)).into_owned();
        assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{shown}: {}", answer.text());
    }
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
}

/// P9: a body has a bound.
#[test]
fn p9_a_body_over_64_kib_is_413() {
    let shop = Shop::open();
    let body = |length: usize| {
        let start = "{\"amount\":5000,\"note\":\"";
        format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
    };
    for length in [65_537, 200_000, 10_000_000] {
        let answer = sell(&shop, &[JSON], body(length).as_bytes());
        assert_eq!(answer.problem(), (413, "too-large".to_owned()), "{length}: {}", answer.text());
    }
    // One that just fits is read, and its note is too long.
    let answer = sell(&shop, &[JSON], body(65_536).as_bytes());
    assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{}", answer.text());
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
    shop.assert_sells(10_000);
}

/// A page in somebody's browser cannot sell.
#[test]
fn a_browsers_page_from_elsewhere_is_forbidden() {
    let shop = Shop::open();
    let port = shop.till.api().port();
    let (own, other_port) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{}", port ^ 1));
    let body = b"{\"amount\":5000}";
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("Content-Type", "text/plain")],
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &[("Content-Type", "application/jsonp")],
        &[JSON, ("Origin", "https://evil.example")],
        &[JSON, ("Origin", &other_port)],
        &[JSON, ("Origin", "null")],
        &[JSON, ("Host", "evil.example")],
    ];
    for headers in refused {
        let answer = sell(&shop, headers, body);
        assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{headers:?}: {}", answer.text());
    }
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
    let sale = sell(&shop, &[("Content-Type", "application/json; charset=utf-8"), ("Origin", &own)], body);
    assert_eq!(sale.status, 201, "{}", sale.text());
    let id = sale.json()["id"].clone();
    // Every call that changes something needs the type, also without a body.
    let path = format!("/v1/sales/{}/cancel", id.as_str().unwrap_or_default());
    let untyped = http::send(shop.till.api(), "POST", &path, &[], b"").expect("the API answers");
    assert_eq!(untyped.problem(), (403, "forbidden".to_owned()), "{}", untyped.text());
    assert_eq!(shop.till.cancel(id.as_str().unwrap_or_default()).status, 202);
}

/// A daemon that others can reach wants its token.
#[test]
fn a_token_is_wanted_where_one_is_set() {
    let mut shop = Shop::open();
    assert!(shop.till.terminate().success());
    let token = shop.folder.write("token", "s3cret-token\n");
    let config = std::fs::read_to_string(&shop.till.config).expect("the configuration is there");
    let with_token = config.replace("[api]\n", &format!("[api]\ntoken = {{ file = {token:?} }}\n"));
    std::fs::write(&shop.till.config, with_token).expect("the configuration can be changed");
    shop.till.start_again();
    let ask = |headers: &[(&str, &str)]| {
        http::send(shop.till.api(), "GET", "/v1/sales", headers, b"").expect("the API answers").problem()
    };
    assert_eq!(ask(&[]), (401, "unauthorised".to_owned()));
    assert_eq!(ask(&[("Authorization", "Bearer wrong")]), (401, "unauthorised".to_owned()));
    assert_eq!(ask(&[("Authorization", "Basic s3cret-token")]), (401, "unauthorised".to_owned()));
    assert_eq!(ask(&[("Authorization", "Bearer s3cret-token")]).0, 200);
    let sold = shop.till.command_line(&["sale", "5000", "--json"]);
    assert_eq!(sold.status.code(), Some(0), "the command line knows the token: {sold:?}");
    assert!(!shop.till.printed().contains("s3cret-token"), "a secret is never printed");
}

#[test]
fn p11_nonsense_over_http_stops_nothing() {
    let shop = Shop::open();
    let lines: [&[u8]; 6] = [
        b"\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/sales HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \x00\r\nConnection: close\r\n\r\n",
    ];
    for line in lines {
        // Whether it answers 400 or closes is its choice; a success is none.
        let answer = http::exchange(shop.till.api(), line).map(|answer| answer.status);
        assert!(answer.as_ref().map_or(true, |status| *status >= 400), "{answer:?}");
    }
    for (method, path, status) in
        [("DELETE", "/v1/sales", 405), ("PUT", "/v1/status", 405), ("GET", "/v1/nonsense", 404)]
    {
        let answer = http::send(shop.till.api(), method, path, &[JSON], b"{}").expect("the API answers");
        assert_eq!(answer.problem().0, status, "{method} {path}: {}", answer.text());
        assert!(!answer.problem().1.is_empty(), "{method} {path}: {}", answer.text());
    }
    for query in ["state=nonsense", "limit=0", "limit=x", "since=yesterday", "cursor=x", "colour=red"] {
        let answer = shop.till.get(&format!("/v1/sales?{query}"));
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{query}: {}", answer.text());
    }
    let sale = shop.till.sell_and_show(10_000);
    shop.pay(&sale, 10_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
}
