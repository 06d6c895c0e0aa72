//! How a terminal is doing, as the fleet hears it (contract §5, `up/health`): real figures, kept by the broker, said anew when
//! something changes. It must not know when the till looks.

use serde_json::{Value, json};
use tests::shop::TERMINAL;
use tests::wait::{SOON, wait_for};

use super::post::Post;

const HEALTH: &str = "till/v1/0001017/up/health";

fn heard(post: &Post, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    post.operator.wait(what, HEALTH, is_it).json()
}

#[test]
fn health_is_the_status_and_is_kept_for_whoever_comes_later() {
    let post = Post::open();
    let said = heard(&post, "health", |said| said["links"]["broker"]["up"] == true);
    let status = post.till.status();
    assert_eq!(said["terminal"]["number"], TERMINAL);
    for field in ["number", "label", "version", "boot_id", "groups"] {
        assert_eq!(said["terminal"][field], status["terminal"][field], "{field}: {said}");
    }
    assert_eq!(said["terminal"]["groups"], json!(["north"]));
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&said), keys(&status), "the same fields (contract §5)");
    assert!(said["memory_bytes"].as_u64() > Some(1_000_000), "{said}");
    assert!(said["store"]["free_bytes"].as_u64() > Some(0), "{said}");
    let later = post.another().wait("what is kept", HEALTH, |said| said["links"]["broker"]["up"] == true);
    assert!(later.retained);
}

#[test]
fn what_somebody_must_act_on_is_said_when_it_happens() {
    let mut post = Post::open();
    heard(&post, "health", |said| said["links"]["broker"]["up"] == true);
    let sale = post.till.sell_and_show(50_000);
    heard(&post, "the channel works", |said| said["links"]["payos"]["up"] == true);
    post.till.cancel(tests::till::id_of(&sale));
    post.till.wait_state(tests::till::id_of(&sale), "cancelled", SOON * 4);
    post.order("c-1", "disable", json!({}));
    heard(&post, "it is shut", |said| said["disabled"] == true);
    post.order("c-2", "enable", json!({}));
    heard(&post, "it is open", |said| said.get("disabled").is_none());

    post.till.kill();
    post.operator.wait("the broker notices", "0001017/up/state", |said| said["state"] == "lost");
    post.operator.forget();
    post.till.start_again();
    let said = heard(&post, "health of the new start", |said| said["links"]["broker"]["up"] == true);
    assert!(said["terminal"]["uptime_s"].as_u64() < Some(60), "{said}");
}

/// Whoever runs the fleet can tell a machine that sleeps from one that is lost.
#[test]
fn a_machine_that_sleeps_says_so_and_comes_back() {
    let post = Post::open();
    let state = |what: &str, word: &str| post.operator.wait(what, "0001017/up/state", |said| said["state"] == word);
    state("it is there", "ready");
    post.operator.forget();
    post.till.put_to_sleep();
    state("it sleeps", "sleeping");
    wait_for("it has left", SOON, || {
        let broker = &post.till.status()["links"]["broker"];
        if broker["up"] == false { Ok(()) } else { Err(broker.to_string()) }
    });
    post.till.wake();
    state("it is there again", "ready");
    assert!(post.operator.seen_on("up/state").iter().all(|said| said.json()["state"] != "lost"));
}
