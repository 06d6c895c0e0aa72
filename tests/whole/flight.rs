//! The flight recorder of a real till: what it holds replays to the same steps, and holds nobody's name and no secret.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tests::http;
use tests::process::{program, run};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;
use tilld::flight::{Verdict, replay_file};

use crate::refusing_disk;

/// Takes the recording out of a till, and sees that it replays to the same steps.
fn recording(shop: &Shop) -> (PathBuf, String) {
    let text = shop.till.get("/v1/flight").text();
    let file = shop.folder.write("flight.jsonl", &text);
    let replayed = replay_file(&file).expect("the till's recording can be read");
    assert_eq!((&replayed.verdict, replayed.torn, replayed.skipped), (&Verdict::Same, None, 0), "{}", file.display());
    assert!(replayed.steps > 10, "{replayed:?}");
    (file, text)
}

/// The customer, his basket, the cashier's words, PINs, tokens and keys are nowhere in it.
#[test]
fn p11_a_real_till_is_replayed_to_the_same_steps_without_anybody_s_name() {
    let (pin, token, key) = ("86420975", "token-of-the-register-0123456789", "idempotency-key-4711");
    let shop = Shop::open_with(|plan| {
        plan.token = Some(token.to_owned());
        let hash = tilld::pin::hash(pin).expect("the system hashes");
        plan.sale = format!("supervisor_pin = \"{hash}\"");
    });
    let body = json!({
        "amount": 80_000, "reference": "BAN-7-CHI-HOA", "note": "khách quen",
        "customer": {"name": "Trần Văn Khách", "phone": "0912345678", "email": "khach@vidu.example", "address": "12 Ngõ Hẹp"},
        "items": [{"name": "Thuốc huyết áp", "quantity": 1, "price": 80_000}],
    });
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
    for status in [201, 200] {
        let answer = http::send(shop.till.api(), "POST", "/v1/sales", &headers, body.to_string().as_bytes());
        assert_eq!(answer.expect("an answer").status, status);
    }
    let made = shop.till.sales().remove(0);
    let sale = shop.till.wait_state(id_of(&made), "showing", SOON);
    let code = sale["qr"].as_str().expect("a code").to_owned();
    shop.pay(&sale, 80_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
    let body = json!({ "pin": pin }).to_string();
    assert_eq!(shop.till.post(&format!("/v1/sales/{}/acknowledge", id_of(&sale)), body).status, 200);
    let cancelled = shop.till.sell_and_show(20_000);
    shop.till.cancel(id_of(&cancelled));
    shop.till.wait_state(id_of(&cancelled), "cancelled", SOON);

    assert_eq!(http::get(shop.till.api(), "/v1/flight").expect("an answer").status, 401, "as every other call");
    let (_, text) = recording(&shop);
    let keys = shop.payos.credentials();
    let account = shop.payos.account();
    let hidden = [
        pin,
        token,
        key,
        "argon2",
        "CHI-HOA",
        "khách quen",
        "Trần",
        "0912345678",
        "khach@",
        "Ngõ",
        "Thuốc",
        code.as_str(),
        account.number.as_str(),
        keys.client_id.as_str(),
        keys.api_key.as_str(),
        keys.checksum_key.as_str(),
        "signature",
    ];
    for secret in hidden {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "`{secret}`");
    }
    assert!(text.contains(id_of(&sale)) && text.contains("80000"), "ids and amounts are what it is for");
}

/// The disk refuses a write, and what is on it then is damage: the daemon cannot go on and ends. What led to it stands beside
/// the store, and the next start makes a new one.
#[test]
fn p11_a_till_that_ends_over_its_store_leaves_a_recording_that_can_be_replayed() {
    let mut shop = Shop::open_with(refusing_disk::outlive_refusals);
    shop.assert_sells(50_000);
    let recording = &refusing_disk::end_over_its_store(&mut shop.till);
    let said = shop.till.printed();
    assert!(said.contains("what led to this was written down") && said.contains("another start can"), "{said}");
    let replayed = replay_file(recording).expect("it is a recording");
    assert_eq!((&replayed.verdict, replayed.torn, replayed.skipped), (&Verdict::Same, None, 0), "{replayed:?}");
    assert!(replayed.steps > 10, "{replayed:?}");
    let output = run(Command::new(program("till-demo")).arg("--replay").arg(recording));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("a sale of 50.000 ₫ over payos is wanted"), "{told}");

    shop.till.kill();
    shop.till.start_again();
    shop.assert_sells(20_000);
}

/// What the command line prints is the same; a program replays it, and its exit code says how that went.
#[test]
fn p11_the_demo_replays_a_recording_and_says_by_its_exit_code_how_it_went() {
    let shop = Shop::open();
    shop.assert_sells(50_000);
    let (file, text) = recording(&shop);
    let printed = String::from_utf8(shop.till.command_line(&["flight"]).stdout).expect("text");
    assert!(printed.starts_with(text.lines().next().expect("a first line")) && printed.len() >= text.len());

    let replay = |file: &PathBuf| {
        let output = run(Command::new(program("till-demo")).arg("--replay").arg(file));
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said)
    };
    let (status, said) = replay(&file);
    assert!(status == Some(0) && said.trim_end().ends_with("steps went the same way"), "{said}");
    for words in ["a sale of 50.000 ₫ over payos is wanted", "write    sale", "do       reply created", "display  code"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let tampered = shop.folder.write("tampered.jsonl", text.replacen("paid 50000", "paid 60000", 1));
    let (status, said) = replay(&tampered);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("paid 60000") && said.contains("not every step went the same way"), "{said}");
    let (status, said) = replay(&shop.till.config);
    assert!(status == Some(2) && said.contains("no recording of tilld"), "{said}");
}
