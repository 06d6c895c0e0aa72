//! The cashier's command line `till`: words in, exit codes out. It must not know the API.

use std::process::{Command, Output};
use std::thread;

use serde_json::Value;
use tests::process::{program, run};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(output)))
}

#[test]
fn a_waiting_sale_exits_0_when_it_is_paid_and_3_when_it_ends_unpaid() {
    let shop = Shop::open();
    for (amount, is_paid, want) in [(50_000, true, 0), (20_000, false, 3)] {
        let typed = amount.to_string();
        let output = thread::scope(|scope| {
            let waiting = scope.spawn(|| shop.till.command_line(&["sale", &typed, "--wait"]));
            let showing = wait_for("the sale is showing", SOON, || {
                let found = shop.till.sales().into_iter().find(|sale| sale["state"] == "showing");
                found.ok_or_else(|| "no sale is".to_owned())
            });
            assert_eq!(showing["amount"], amount);
            if is_paid {
                shop.pay(&showing, amount);
            } else {
                assert_eq!(shop.till.cancel(id_of(&showing)).status, 202);
            }
            waiting.join().expect("the command line runs to its end")
        });
        assert_eq!(code(&output), Some(want), "{}", text(&output));
    }
}

#[test]
fn sales_are_made_shown_listed_and_cancelled_by_words() {
    let shop = Shop::open();
    let made = shop.till.command_line(&["sale", "1tr5", "--note", "bàn 4", "--reference", "ORDER-77", "--json"]);
    assert_eq!(code(&made), Some(0), "{}", text(&made));
    let sale = json(&made);
    assert_eq!(
        (&sale["amount"], &sale["note"], &sale["reference"]),
        (&1_500_000.into(), &"bàn 4".into(), &"ORDER-77".into())
    );
    let id = id_of(&sale).to_owned();
    shop.till.wait_state(&id, "showing", SOON);

    let shown = shop.till.command_line(&["show", &id, "--json"]);
    assert_eq!((code(&shown), &json(&shown)["id"]), (Some(0), &sale["id"]), "{}", text(&shown));
    let tail = id.get(id.len() - 4..).unwrap_or_default();
    let by_tail = shop.till.command_line(&["show", tail, "--json"]);
    assert_eq!((code(&by_tail), &json(&by_tail)["id"]), (Some(0), &sale["id"]), "{}", text(&by_tail));
    let listed = shop.till.command_line(&["sales", "--state", "showing", "--limit", "5"]);
    assert!(code(&listed) == Some(0) && text(&listed).contains(&id), "{}", text(&listed));
    let status = shop.till.command_line(&["status", "--json"]);
    assert_eq!((code(&status), &json(&status)["terminal"]["number"]), (Some(0), &1017.into()), "{}", text(&status));

    let picture = shop.folder.file("seen.png");
    let screen = shop.till.command_line(&["screen", &picture.to_string_lossy()]);
    assert_eq!(code(&screen), Some(0), "{}", text(&screen));
    let qr = shop.till.sale(&id)["qr"].clone();
    assert_eq!(tests::screen::one_code(&picture).map(Value::from), Ok(qr));

    let busy = shop.till.command_line(&["sale", "10000"]);
    assert_eq!(code(&busy), Some(1), "another sale is showing: {}", text(&busy));
    let cancelled = shop.till.command_line(&["cancel", tail]);
    assert_eq!(code(&cancelled), Some(0), "{}", text(&cancelled));
    shop.till.wait_state(&id, "cancelled", SOON);
    let again = shop.till.command_line(&["cancel", &id]);
    assert_eq!(code(&again), Some(1), "it has ended: {}", text(&again));
}

#[test]
fn a_key_makes_one_sale_of_two_commands() {
    let shop = Shop::open();
    let sell = || shop.till.command_line(&["sale", "50k", "--key", "K-1", "--json"]);
    let (first, second) = (sell(), sell());
    assert_eq!((code(&first), code(&second)), (Some(0), Some(0)), "{}{}", text(&first), text(&second));
    assert_eq!(json(&first)["id"], json(&second)["id"]);
    assert_eq!(shop.till.sales().len(), 1);
}

/// P11: bad words are a usage fault and reach nobody.
#[test]
fn p11_bad_words_exit_2_and_make_no_sale() {
    let shop = Shop::open();
    let amounts = ["0", "-5", "1.5", "50,5", "abc", "", "500000000", "1000000000000000000000000000000", "5 0", "0x10"];
    for amount in amounts {
        let output = shop.till.command_line(&["sale", "--", amount]);
        assert_eq!(code(&output), Some(2), "`{amount}`: {}", text(&output));
    }
    for words in [&["sell", "5000"][..], &["sale"], &["sale", "5000", "--nonsense"], &["sales", "--limit", "x"], &[]] {
        let output = shop.till.command_line(words);
        assert_eq!(code(&output), Some(2), "{words:?}: {}", text(&output));
    }
    assert_eq!(shop.till.sales(), Vec::<Value>::new());
}

#[test]
fn a_missing_or_broken_configuration_exits_64_and_an_absent_daemon_4() {
    let mut shop = Shop::open();
    let with = |config: &str| run(Command::new(program("till")).args(["--config", config, "status"]));
    let missing = with("/nonexistent/tilld.toml");
    assert_eq!(code(&missing), Some(64), "{}", text(&missing));
    let broken = shop.folder.write("broken.toml", "[api]\nlisten = \"nowhere\"\n");
    let broken = with(&broken.to_string_lossy());
    assert_eq!(code(&broken), Some(64), "{}", text(&broken));
    assert!(text(&broken).contains("api.listen"), "{}", text(&broken));
    assert!(shop.till.terminate().success());
    for words in [&["status"][..], &["sale", "5000"], &["sale", "5000", "--wait"], &["sales"], &["show"]] {
        let output = shop.till.command_line(words);
        assert_eq!(code(&output), Some(4), "{words:?}: {}", text(&output));
    }
}

/// P2: whoever suspects that something is missing asks for it again; nothing is counted twice by that.
#[test]
fn a_replay_is_asked_for_by_a_word_and_the_bridge_publishes_again() {
    let shop = Shop::open();
    let paid = shop.assert_sells(50_000);
    shop.ear.forget();
    let asked = shop.till.command_line(&["replay"]);
    assert_eq!(code(&asked), Some(0), "{}", text(&asked));
    shop.ear.wait("the till asks", "0001017/up/replay", |body| body["since"].is_string());
    shop.ear.wait("the bridge publishes again", "0001017/down/webhook", |envelope| envelope["v"] == 1);
    let next = shop.assert_sells(10_000);
    assert_eq!(shop.till.sales(), [next, paid]);
}

/// The command line reaches the daemon by its unix socket where there is one.
#[test]
fn words_go_through_the_unix_socket_where_there_is_one() {
    let mut shop = Shop::open();
    assert!(shop.till.terminate().success());
    let socket = shop.folder.file("api.sock");
    let config = std::fs::read_to_string(&shop.till.config).expect("the configuration is there");
    let listening = config.replace("[api]\n", &format!("[api]\nsocket = {socket:?}\n"));
    std::fs::write(&shop.till.config, &listening).expect("the configuration can be changed");
    shop.till.start_again();
    // With another address in its file, the command line has the socket alone.
    let address = shop.till.api().to_string();
    let elsewhere = shop.folder.write("elsewhere.toml", listening.replace(&address, "127.0.0.1:1"));
    let with = |words: &[&str]| run(Command::new(program("till")).arg("--config").arg(&elsewhere).args(words));
    let sold = with(&["sale", "50k", "--json"]);
    assert_eq!(code(&sold), Some(0), "{}", text(&sold));
    assert_eq!(shop.till.sales().first().map(|sale| &sale["id"]), Some(&json(&sold)["id"]));
    assert!(shop.till.terminate().success());
    assert_eq!(code(&with(&["status"])), Some(4), "the daemon is gone");
    // A socket that a killed daemon left behind is in nobody's way.
    shop.till.start_again();
    shop.till.kill();
    shop.till.start_again();
    assert_eq!(code(&with(&["status"])), Some(0));
}
