//! Who may call: the token, the rules for browsers, the unix socket.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use super::raw::{call, call_socket, get};
use crate::api::fake::{TOKEN, Terminal, rules, rules_with_token};
use crate::api::{Api, ApiError};

const SELL: &str = "POST /v1/sales";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const BODY: &[u8] = br#"{"amount":50000}"#;

/// A folder of this test alone, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tilld-api-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the system has room for a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_changing_call_needs_the_json_type_even_without_a_body() {
    let terminal = Terminal::start(rules(), None).await;
    for headers in [&[][..], &[("Content-Type", "text/plain")], &[("Content-Type", "application/jsonp")]] {
        let reply = call(terminal.address, SELL, headers, BODY).await;
        assert_eq!(reply.problem(), (403, "forbidden".into(), None), "{headers:?}");
        let reply = call(terminal.address, "POST /v1/replay", headers, b"").await;
        assert_eq!(reply.problem(), (403, "forbidden".into(), None), "{headers:?}");
    }
    let spelt = [("content-type", "Application/JSON; charset=utf-8")];
    assert_eq!(call(terminal.address, SELL, &spelt, BODY).await.status, 201);
    assert_eq!(terminal.memory().requests.len(), 1);
}

#[tokio::test]
async fn a_browser_may_sell_only_from_the_terminals_own_page() {
    let terminal = Terminal::start(rules(), None).await;
    let host = terminal.address.to_string();
    let own = format!("http://{host}");
    for (host, origin) in [
        (host.as_str(), "https://shop.example"),
        (host.as_str(), "null"),
        (host.as_str(), "http://localhost:3000"),
        (host.as_str(), "http://127.0.0.1"),
        ("shop.example", "http://shop.example"),
        ("192.168.1.7:8460", "http://192.168.1.7:8460"),
    ] {
        let headers = [JSON, ("Host", host), ("Origin", origin)];
        let reply = call(terminal.address, SELL, &headers, BODY).await;
        assert_eq!(reply.problem(), (403, "forbidden".into(), None), "{host} {origin}");
    }
    assert_eq!(terminal.memory().requests, []);
    let headers = [JSON, ("Host", host.as_str()), ("Origin", own.as_str())];
    assert_eq!(call(terminal.address, SELL, &headers, BODY).await.status, 201);
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_reads_nothing() {
    let terminal = Terminal::start(rules(), None).await;
    for host in ["shop.example", "localhost.shop.example:8460", "10.1.2.3"] {
        let reply = call(terminal.address, "GET /v1/sales", &[("Host", host)], b"").await;
        assert_eq!(reply.problem(), (403, "forbidden".into(), None), "{host}");
    }
    for host in ["localhost:1", "127.0.0.1", "[::1]:8460"] {
        assert_eq!(call(terminal.address, "GET /v1/sales", &[("Host", host)], b"").await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn with_a_token_every_call_over_tcp_must_carry_it() {
    let terminal = Terminal::start(rules_with_token(), None).await;
    let right = format!("Bearer {TOKEN}");
    let wrong = format!("Bearer {TOKEN}x");
    for path in ["/v1/sales", "/healthz", "/metrics", "/nowhere"] {
        let reply = get(&terminal, path).await;
        assert_eq!(reply.problem(), (401, "unauthorised".into(), None), "{path}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"tilld\""));
    }
    for value in [wrong.as_str(), "Bearer ", "Bearer", "", TOKEN, "Basic YTpi"] {
        let reply = call(terminal.address, "GET /v1/sales", &[("Authorization", value)], b"").await;
        assert_eq!(reply.problem(), (401, "unauthorised".into(), None), "{value}");
    }
    let headers = [("Authorization", right.as_str()), ("Host", "till.shop.example")];
    assert_eq!(call(terminal.address, "GET /v1/sales", &headers, b"").await.status, 200);
    for origin in ["https://shop.example", "http://till.shop.example:8460", "null"] {
        let page = [JSON, ("Authorization", right.as_str()), ("Host", "till.shop.example"), ("Origin", origin)];
        let reply = call(terminal.address, SELL, &page, BODY).await;
        assert_eq!(reply.problem(), (403, "forbidden".into(), None), "{origin}");
    }
}

#[tokio::test]
async fn the_socket_asks_for_no_token_and_lets_owner_and_group_in() {
    let folder = Folder::new("socket");
    let path = folder.0.join("api.sock");
    let terminal = Terminal::start(rules_with_token(), Some(&path)).await;
    let mode = std::fs::metadata(&path).expect("the socket is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert_eq!(call_socket(&path, SELL, &[JSON], BODY).await.status, 201);
    let untyped = call_socket(&path, "POST /v1/replay", &[], b"").await;
    assert_eq!(untyped.problem(), (403, "forbidden".into(), None));
    terminal.stop().await;
    assert!(!path.exists());
}

/// A call that comes while no daemon is there waits for the next one, which goes on with the same socket.
#[tokio::test]
async fn a_socket_that_was_handed_over_is_taken_and_left_as_it_is() {
    let folder = Folder::new("handed");
    let path = folder.0.join("api.sock");
    let made = UnixListener::bind(&path).expect("the folder takes a socket");
    for wanted in [Some(path.as_path()), None] {
        let call = tokio::spawn({
            let path = path.clone();
            async move { call_socket(&path, "GET /v1/sales", &[], b"").await.status }
        });
        let handed_over = Some(made.try_clone().expect("a second end"));
        let api = Api::bind_beside(handed_over, ([127, 0, 0, 1], 0).into(), wanted, rules()).await;
        let terminal = Terminal::of(api.expect("it is taken over"));
        assert_eq!(call.await.expect("it ends"), 200);
        terminal.stop().await;
        assert!(path.exists(), "whoever made it has it still");
    }
    // Where another is wanted, there are two.
    let other = folder.0.join("other.sock");
    let handed_over = Some(made.try_clone().expect("a second end"));
    let api = Api::bind_beside(handed_over, ([127, 0, 0, 1], 0).into(), Some(&other), rules()).await;
    let terminal = Terminal::of(api.expect("both can be had"));
    for path in [&path, &other] {
        assert_eq!(call_socket(path, "GET /v1/sales", &[], b"").await.status, 200);
    }
    terminal.stop().await;
}

#[tokio::test]
async fn a_dead_socket_is_replaced_and_a_living_one_refused() {
    let folder = Folder::new("dead");
    let path = folder.0.join("api.sock");
    drop(UnixListener::bind(&path).expect("the folder takes a socket"));
    let terminal = Terminal::start(rules(), Some(&path)).await;
    let second = Api::bind(([127, 0, 0, 1], 0).into(), Some(&path), rules()).await;
    assert!(matches!(second, Err(ApiError::Socket { .. })), "{second:?}");
    assert_eq!(call_socket(&path, "GET /v1/sales", &[], b"").await.status, 200);
    terminal.stop().await;
    std::fs::write(&path, "precious").expect("the folder takes a file");
    let third = Api::bind(([127, 0, 0, 1], 0).into(), Some(&path), rules()).await;
    assert!(matches!(third, Err(ApiError::Socket { .. })), "{third:?}");
    assert_eq!(std::fs::read(&path).ok(), Some(b"precious".to_vec()));
}

#[tokio::test]
async fn nobody_listens_to_the_network_without_a_token() {
    let open = Api::bind(([0, 0, 0, 0], 0).into(), None, rules()).await;
    assert!(matches!(open, Err(ApiError::TokenRequired { .. })), "{open:?}");
    assert!(Api::bind(([0, 0, 0, 0], 0).into(), None, rules_with_token()).await.is_ok());
}
