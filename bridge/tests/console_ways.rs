//! The ways to and from the fleet console: a broker that goes away and comes back, TLS of its own, and a proxy before it.

mod support;

use support::broker::Broker;
use support::console::{Console, PASSWORD, Terminals, place, shows};
use support::tls::Certificate;
use support::{Folder, eventually, free_port};
use till_wire::fleet::Command;

#[tokio::test]
async fn after_a_restart_of_the_broker_the_view_is_right() {
    let (mut broker, console, terminals) = place().await;
    let state = |state: &str, session: u32| {
        let at = support::fleet::now();
        format!(r#"{{"state":"{state}","session":{session},"at":"{at}"}}"#)
    };
    let topic = "till/v1/0001017/up/state";
    terminals.say(topic, state("ready", 7)).await;
    terminals.health(1017, "Quầy 1", "").await;
    terminals.ready(1018, "Quầy 2").await;
    let mut lan = console.signed_in("lan").await;
    shows(&mut lan, "/?standing=fine", "/terminals/0001018").await;
    broker.shut_down().await;
    shows(&mut lan, "/", "id=\"offline\"").await;
    assert!(lan.get("/?standing=fine").await.body.contains("/terminals/0001017"), "what is known stays to be seen");
    assert_eq!(console.admin("/readyz").await.status, 503);
    assert_eq!(lan.order("0001017", "cmd=identify").await.status, 503, "nothing is taken for sent");
    broker.start().await;
    eventually("the console is back", async || {
        Some(console.admin("/readyz").await.status).filter(|status| *status == 200)
    })
    .await;
    assert!(!lan.get("/").await.body.contains("id=\"offline\""));
    let mut terminals = Terminals::connect(&broker).await;
    // The will of a connection from before, which the broker was late with; and behind it something that is seen.
    terminals.say(topic, state("lost", 6)).await;
    terminals.health(1017, "Quầy Một", "").await;
    shows(&mut lan, "/?standing=fine", "Quầy Một").await;
    terminals.state(1018, "lost").await;
    shows(&mut lan, "/?standing=cannot-sell", "/terminals/0001018").await;
    terminals.say(topic, state("lost", 7)).await;
    shows(&mut lan, "/?standing=cannot-sell", "/terminals/0001017").await;
    assert_eq!(lan.order("0001017", "cmd=identify").await.status, 303);
    let command = Command::peek(terminals.next_command().await.body.as_bytes()).expect("a command");
    assert_eq!(command.cmd, "identify", "and what could not be sent before does not come now");
    assert!(!terminals.has_command());
}

#[tokio::test]
async fn over_tls_and_behind_a_proxy_cookies_are_for_tls_alone() {
    let broker = Broker::running().await;
    let made = Folder::new();
    let certificate = Certificate::make(made.path(), "console");
    let port = free_port();
    let direct =
        format!("listen = \"127.0.0.1:{port}\"\npublic = \"https://localhost:{port}\"\n{}", certificate.line());
    let behind = "listen = \"127.0.0.1:0\"\npublic = \"https://console.example\"\ntrusted_proxies = [ \"127.0.0.1\" ]";
    let client = Some(certificate.client());
    for (http, host, tls, forwarded, source) in [
        (direct.as_str(), format!("localhost:{port}"), client, "", "127.0.0.1"),
        (behind, "console.example".to_owned(), None, "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
    ] {
        let console = Console::started_with(&broker, http).await;
        let mut browser = console.browser().known_as(&host, "https", tls, forwarded);
        let reply = browser.sign_in("lan", PASSWORD).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let cookie = reply.headers.lines().find(|line| line.contains("__Host-till-console=")).expect("a session");
        assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly") && cookie.contains("SameSite=Strict"));
        let list = browser.get("/").await;
        assert_eq!((list.status, list.header("strict-transport-security")), (200, Some("max-age=31536000")));
        assert_eq!(console.audit()[0]["source"], source);
        // A form from the same name without TLS is another's.
        let csrf = browser.csrf().await;
        let origin = format!("Origin: http://{host}\r\n");
        assert_eq!(browser.post_with("/sign-out", &origin, &format!("csrf={csrf}")).await.status, 403);
        assert_eq!(browser.ask("GET / HTTP/1.1", "Host: 127.0.0.1\r\n", "").await.status, 421);
    }
}
