//! The page of the display: who gets it, who gets the form, and what a browser may do on either.

use super::raw::{Reply, call, get};
use crate::api::fake::{TOKEN, Terminal, rules, rules_with_token};
use crate::api::{ApiRules, ScreenRules};
use crate::config::Locale;

const LOOK: &str = "GET /screen";
const SELL: &str = "POST /v1/sales";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const BODY: &[u8] = br#"{"amount":50000}"#;

fn with_page(rules: ApiRules) -> ApiRules {
    ApiRules { screen: Some(ScreenRules { label: "Quầy <1> & \"2\"".into(), locale: Locale::Vietnamese }), ..rules }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).expect("a page is text")
}

/// What every page of this terminal must say to a browser.
fn assert_strict(reply: &Reply) {
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let policy = reply.header("content-security-policy").expect("a page has a policy");
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
    // No inline code but that whose digest is named.
    assert!(!policy.contains("-inline") && !policy.contains("-eval"), "{policy}");
    let page = text(reply);
    for place in ["{label}", "{style}", "{script}", "{language}", "http://", "https://", "src=", "href="] {
        assert!(!page.contains(place), "`{place}` in the page");
    }
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let inside = page.split(start).nth(1).and_then(|rest| rest.split(end).next()).expect("the page has it");
        assert!(policy.contains(&hash(inside)), "the policy allows what stands in {start}");
    }
}

fn hash(text: &str) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
}

#[tokio::test]
async fn the_page_is_there_only_when_it_is_wanted() {
    let terminal = Terminal::start(rules(), None).await;
    assert_eq!(get(&terminal, "/screen").await.problem(), (404, "not-found".into(), None));
    let terminal = Terminal::start(with_page(rules()), None).await;
    let reply = get(&terminal, "/screen").await;
    assert_eq!(reply.status, 200);
    assert_strict(&reply);
    let page = text(&reply);
    assert!(page.contains("<html lang=\"vi\">") && page.contains("Quầy &lt;1&gt; &amp; &quot;2&quot;"));
    let rebound = call(terminal.address, LOOK, &[("Host", "shop.example")], b"").await;
    assert_eq!(rebound.problem(), (403, "forbidden".into(), None));
}

#[tokio::test]
async fn where_a_token_is_needed_a_browser_without_it_gets_a_form() {
    let terminal = Terminal::start(with_page(rules_with_token()), None).await;
    let right = format!("Bearer {TOKEN}");
    for headers in [&[][..], &[("Authorization", "Bearer wrong")], &[("Authorization", "Basic YTpi")]] {
        let reply = call(terminal.address, LOOK, headers, b"").await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer realm=\"tilld\"")));
        assert_strict(&reply);
        assert!(text(&reply).contains("type=\"password\"") && !text(&reply).contains(TOKEN));
    }
    let page = call(terminal.address, LOOK, &[("Authorization", &right), ("Host", "192.168.1.7:8460")], b"").await;
    assert_eq!(page.status, 200);
    assert_strict(&page);
    let form = get(&terminal, "/screen").await;
    assert_eq!(page.header("content-security-policy"), form.header("content-security-policy"));
    for path in ["/v1/screen.png", "/v1/sales", "/screen/x"] {
        assert_eq!(get(&terminal, path).await.problem(), (401, "unauthorised".into(), None), "{path}");
    }
    let terminal = Terminal::start(rules_with_token(), None).await;
    assert_eq!(get(&terminal, "/screen").await.problem(), (401, "unauthorised".into(), None));
}

#[tokio::test]
async fn a_page_on_a_phone_may_sell_with_the_token_from_the_name_that_it_was_loaded_from() {
    let terminal = Terminal::start(with_page(rules_with_token()), None).await;
    let right = format!("Bearer {TOKEN}");
    let cases = [
        (Some(right.as_str()), "192.168.1.7:8460", "http://192.168.1.7:8460", 201),
        (Some(right.as_str()), "till.shop.example", "https://till.shop.example", 409),
        (Some(right.as_str()), "192.168.1.7:8460", "http://192.168.1.7", 403),
        (Some(right.as_str()), "192.168.1.7:8460", "http://192.168.1.8:8460", 403),
        (Some(right.as_str()), "192.168.1.7:8460", "ftp://192.168.1.7:8460", 403),
        (Some(right.as_str()), "192.168.1.7:8460", "https://shop.example", 403),
        (Some(right.as_str()), "192.168.1.7:8460", "null", 403),
        (Some("Bearer wrong"), "192.168.1.7:8460", "http://192.168.1.7:8460", 401),
        (Some("Basic YTpi"), "192.168.1.7:8460", "http://192.168.1.7:8460", 401),
        (None, "192.168.1.7:8460", "http://192.168.1.7:8460", 401),
    ];
    for (token, host, origin, status) in cases {
        let mut headers = vec![JSON, ("Host", host), ("Origin", origin)];
        headers.extend(token.map(|token| ("Authorization", token)));
        let reply = call(terminal.address, SELL, &headers, BODY).await;
        assert_eq!(reply.status, status, "{token:?} {host} {origin}");
    }
    let cookie = [JSON, ("Host", "localhost"), ("Cookie", &format!("token={TOKEN}"))];
    assert_eq!(call(terminal.address, SELL, &cookie, BODY).await.status, 401);
    assert_eq!(terminal.memory().requests.len(), 1);
}
