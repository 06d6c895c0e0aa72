//! No secret of any kind leaves the programs, whatever level their logs have: everything that they print, publish and
//! answer in a day full of sales, mistakes and attacks is looked through for all of them, in the forms that a program would
//! turn them into. It must not know how secrets are kept.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use demo::{finan, glocal};
use serde_json::json;
use tests::folder::Folder;
use tests::http;
use tests::process::{program, run};
use tests::providers::{PAYER, finan_channels, glocal_channels, order};
use tests::shop::Shop;
use tests::till::{TillPlan, id_of};
use tests::wait::{SOON, wait_for};

use crate::enrolment::Fleet;
use crate::refusing_disk::{end_over_its_store, outlive_refusals};

/// Everything of ours at its loudest. Other people's libraries are as they ship.
const LOUD: &str =
    "info,tilld=trace,till_bridge=trace,till_wire=trace,till_settings=trace,till_authority=trace,till_display=trace";
const TOKEN: &str = "token-of-the-register/+0123456789?=";
const PIN: &str = "86420975";
const PASSWORD: &str = "broker's pass & word: 7+8=15/%";

/// A secret, by the name under which it is missed.
struct Secret {
    name: &'static str,
    bytes: Vec<u8>,
}

impl Secret {
    fn new(name: &'static str, text: &str) -> Self {
        assert!(text.len() >= 8, "{name} is so short that it may stand anywhere");
        Self { name, bytes: text.as_bytes().to_vec() }
    }

    /// The forms in which it may have been written: as it is, in hexadecimal, percent-encoded, quoted, and in base64
    /// at each of the three places that it may have in what is encoded.
    fn forms(&self) -> Vec<String> {
        let hex: String = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let percent = self.bytes.iter().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        let percent: String = percent.collect();
        let raw = String::from_utf8_lossy(&self.bytes).into_owned();
        let mut forms = vec![
            hex.to_uppercase(),
            hex,
            percent.to_lowercase(),
            percent,
            format!("{raw:?}").trim_matches('"').into(),
            raw,
        ];
        forms.push(format!("{:?}", self.bytes).trim_matches(['[', ']']).to_owned());
        for before in 0..3 {
            let text = [vec![0; before], self.bytes.clone()].concat();
            for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                // The first and last letters depend on what stands beside.
                let (from, until) = (before * 2, encoded.len() - 2);
                forms.push(encoded.get(from..until).unwrap_or_default().to_owned());
            }
        }
        forms
    }
}

/// What came out of the programs, by where.
#[derive(Default)]
struct Collected(Vec<(String, String)>);

impl Collected {
    fn add(&mut self, from: impl Into<String>, text: impl Into<String>) {
        self.0.push((from.into(), text.into()));
    }

    /// Every file below a folder, whatever is in it.
    fn add_files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.add_files(&path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path).expect("the file can be read");
                self.add(path.display().to_string(), String::from_utf8_lossy(&bytes));
            }
        }
    }

    /// Where a secret stands, with what stands around it.
    fn find(&self, secret: &Secret) -> Option<String> {
        let forms = secret.forms();
        self.0.iter().find_map(|(from, text)| {
            let line = text.lines().find(|line| forms.iter().any(|form| line.contains(form.as_str())))?;
            Some(format!("{} stands in {from}: {line}", secret.name))
        })
    }

    #[track_caller]
    fn assert_free_of(&self, secrets: &[Secret]) {
        let found: Vec<_> = secrets.iter().filter_map(|secret| self.find(secret)).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// A shop with every provider and every secret that the programs can have, as loud as they can be.
struct Place {
    shop: Shop,
    finan: finan::Sandbox,
    glocal: glocal::Sandbox,
    secrets: Vec<Secret>,
    _keys: [Folder; 2],
}

impl Place {
    fn open() -> Self {
        let keys = [Folder::make(), Folder::make()];
        let finan = finan::Sandbox::start().expect("the sandbox starts");
        let glocal = glocal::Sandbox::start().expect("the sandbox starts");
        let [first, second] = &keys;
        let of_finan = finan_channels(&finan, first, "", "");
        let of_glocal = glocal_channels(&glocal, second, "minor_units = 0", PAYER);
        let [at_till, at_bridge] = [0, 1].map(|at| of_finan[at].clone() + &of_glocal[at]);
        let password = first.write("password", PASSWORD);
        let login = |name: &str| format!("username = \"{name}\"\npassword = {{ file = {password:?} }}");
        let till = |plan: &mut TillPlan| {
            outlive_refusals(plan);
            plan.launcher.extend(["/usr/bin/env".to_owned(), format!("RUST_LOG={LOUD}")]);
            plan.token = Some(TOKEN.to_owned());
            let hash = tilld::pin::hash(PIN).expect("the system hashes");
            plan.sale = format!("supervisor_pin = \"{hash}\"");
            (plan.mqtt, plan.channels) = (login("till"), at_till);
        };
        let shop = Shop::open_with_both(till, |plan| {
            plan.rust_log = Some(LOUD);
            (plan.mqtt, plan.channels) = (login("bridge"), at_bridge);
        });
        finan.set_webhook_url(Some(shop.bridge.hook_url_of("finan")));
        glocal.set_webhook_url(Some(shop.bridge.hook_url_of("glocal")));
        let keys_of = (shop.payos.credentials(), finan.credentials(), glocal.credentials());
        let mut secrets = vec![
            Secret::new("payOS's client id", &keys_of.0.client_id),
            Secret::new("payOS's API key", &keys_of.0.api_key),
            Secret::new("payOS's checksum key", &keys_of.0.checksum_key),
            // Finan's client id travels with each webhook (contract §5), since it is signed.
            Secret::new("Finan's secret", &keys_of.1.secret),
            Secret::new("the API's token", TOKEN),
            Secret::new("the supervisor's PIN", PIN),
            Secret::new("the broker's password", PASSWORD),
        ];
        let lines = keys_of.2.private_key.lines().filter(|line| !line.starts_with('-') && line.len() > 40);
        secrets.extend(lines.map(|line| Secret::new("a line of Smart Glocal's private key", line)));
        assert!(secrets.len() > 15, "the key has lines");
        Self { shop, finan, glocal, secrets, _keys: keys }
    }

    /// One paid sale over each provider.
    fn sell(&self) -> String {
        let till = &self.shop.till;
        let mut last = String::new();
        for channel in ["payos", "finan", "glocal"] {
            let body = json!({ "amount": 50_000, "channel": channel }).to_string();
            let made = till.post("/v1/sales", body);
            assert_eq!(made.status, 201, "{}", made.text());
            let sale = till.wait_state(id_of(&made.json()), "showing", SOON);
            match channel {
                "payos" => drop(self.shop.pay(&sale, 50_000)),
                "finan" => drop(self.finan.pay(order(&sale), 50_000).expect("the order is known")),
                _ => {
                    let bill = self.glocal.scan(sale["qr"].as_str().unwrap_or_default()).expect("a code of ours");
                    self.glocal.pay(bill.session).expect("the session takes money");
                }
            }
            last = id_of(&till.wait_state(id_of(&sale), "paid", SOON)).to_owned();
        }
        last
    }
}

/// Sells, and does everything wrong that can be done wrong, then collects what came of it.
fn live(place: &mut Place) -> Collected {
    let mut collected = Collected::default();
    let id = place.sell();
    let shop = &mut place.shop;
    // Nobody may do these, or not so.
    for (path, body) in [
        ("/v1/sales", json!({ "amount": -1 }).to_string()),
        ("/v1/sales", "{".to_owned()),
        (&format!("/v1/sales/{id}/confirm"), json!({ "pin": "00000000" }).to_string()),
        (&format!("/v1/sales/{id}/confirm"), json!({ "pin": PIN }).to_string()),
        (&format!("/v1/sales/{id}/acknowledge"), json!({ "pin": PIN }).to_string()),
    ] {
        let answer = shop.till.post(path, &body);
        collected.add(format!("the answer to {path}"), answer.text());
    }
    let stranger = http::send(shop.till.api(), "GET", "/v1/status", &[("Authorization", "Bearer wrong")], b"");
    collected.add("the answer to a stranger", stranger.expect("an answer").text());
    for path in ["/hooks/payos", "/hooks/finan", "/hooks/glocal", "/hooks/none"] {
        let answer = http::post_json(shop.bridge.hooks(), path, br#"{"data":{"amount":1},"signature":"00"}"#);
        collected.add(format!("the answer to a forged {path}"), answer.expect("an answer").text());
    }
    // A broker and a till that go and come back say most of what they can say.
    shop.broker.stop();
    shop.till.wait_for_broker_away();
    let cancelled = shop.till.sell_and_show(20_000);
    shop.till.cancel(id_of(&cancelled));
    shop.till.wait_state(id_of(&cancelled), "cancelled", SOON);
    shop.broker.start_again();
    shop.till.wait_for_broker();
    for path in [
        "/v1/sales",
        "/v1/receipts",
        "/v1/status",
        "/v1/queue",
        "/v1/report",
        "/v1/flight",
        "/metrics",
        "/healthz",
        "/openapi.json",
    ] {
        collected.add(path, shop.till.get(path).text());
    }
    collected.add("a journal", shop.till.get(&format!("/v1/sales/{id}/journal")).text());
    for page in ["/metrics", "/readyz", "/healthz"] {
        collected.add(format!("the bridge's {page}"), shop.bridge.admin(page).text());
    }
    wait_for("the sale was published", SOON, || {
        if shop.ear.seen_on("up/sale/").is_empty() { Err("nothing".to_owned()) } else { Ok(()) }
    });
    for words in [&["doctor"][..], &["doctor", "--json"], &["status"], &["sales"], &["report"], &["queue"], &["flight"]]
    {
        let output = shop.till.command_line(words);
        collected.add(format!("till {}", words.join(" ")), said(&output));
    }
    // What is on disk goes to whoever is sent a terminal's store, a recording of how it ended, or a bridge's journal.
    collected.add_files(&shop.till.store);
    let recording = end_over_its_store(&mut shop.till);
    collected.add("the recording", std::fs::read_to_string(recording).expect("a recording is text"));
    collected.add("what doctor says of a till that is off", said(&shop.till.command_line(&["doctor"])));
    collected.add_files(&shop.folder.file("bridge-1-journal"));
    collected.add("the till's log", shop.till.printed());
    collected.add("the bridge's log", shop.bridge.printed());
    for message in shop.ear.seen() {
        collected.add(message.topic.clone(), String::from_utf8_lossy(&message.body).into_owned());
    }
    collected
}

fn said(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Secrets that stand in the configuration itself, by mistake, under every key that may hold one.
fn misplace(shop: &Shop, secrets: &[Secret], collected: &mut Collected) {
    let config = std::fs::read_to_string(&shop.till.config).expect("a configuration");
    for secret in secrets {
        let text = format!("{:?}", String::from_utf8_lossy(&secret.bytes));
        let places = ["api_key", "secret", "private_key", "password", "token", "client_id", "checksum_key", "api_kye"];
        let broken: String = config
            .lines()
            .map(|line| match places.iter().find(|place| line.starts_with(**place)) {
                Some(place) => format!("{place} = {text}\n"),
                None => format!("{line}\n"),
            })
            .collect();
        let broken = format!("{broken}\npasswrod = {text}\n");
        let file = shop.folder.write("misplaced.toml", broken);
        for (what, arguments) in
            [("tilld", &["--check"][..]), ("tilld", &[]), ("till", &["--check"]), ("till", &["doctor"])]
        {
            let output = run(Command::new(program(what)).arg("--config").arg(&file).args(arguments));
            assert!(!output.status.success() || what == "till", "a secret in the file is refused: {}", said(&output));
            collected.add(format!("{what} {arguments:?} with {} in its file", secret.name), said(&output));
        }
    }
}

#[test]
fn no_secret_is_printed_published_or_answered() {
    let mut place = Place::open();
    let mut collected = live(&mut place);
    misplace(&place.shop, &place.secrets, &mut collected);
    let log = |from: &str| {
        collected.0.iter().any(|(name, text)| name == from && text.contains(" TRACE ") | text.contains(" DEBUG "))
    };
    assert!(log("the till's log") && log("the bridge's log"), "both are loud");
    let file = |place: &str| collected.0.iter().any(|(name, text)| name.contains(place) && text.contains("FT"));
    assert!(file("-store/") && file("-journal/"), "what is on disk holds the payments");
    let recorded = collected.0.iter().any(|(name, text)| name == "the recording" && text.contains("50000"));
    assert!(recorded, "the recording has the sales");
    collected.assert_free_of(&place.secrets);
}

/// The lines of a private key in a file, each of which is a secret.
fn key_lines(name: &'static str, file: &Path) -> Vec<Secret> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    let key =
        text.split("-----BEGIN ").find(|part| part.split("-----").next().unwrap_or_default().ends_with("PRIVATE KEY"));
    let key = key.unwrap_or_else(|| panic!("no private key in {}", file.display()));
    let lines = key.lines().skip(1).take_while(|line| !line.starts_with('-')).filter(|line| line.len() > 20);
    let lines: Vec<_> = lines.map(|line| Secret::new(name, line)).collect();
    assert!(!lines.is_empty(), "{} has lines", file.display());
    lines
}

/// Neither the enrolment server nor the terminal tells a key or a claim, which is worth the terminal's place until it is used.
#[test]
fn no_secret_of_an_enrolment_is_printed_or_answered() {
    let fleet = Fleet::start_loud(LOUD);
    let (used, unused) = (fleet.claim(1017), fleet.claim(1018));
    let mut collected = Collected::default();
    let (told, signature) = unused.rsplit_once('.').expect("a claim is signed");
    let (first, rest) = signature.split_at(1);
    let broken = format!("{told}.{}{rest}", if first == "A" { "B" } else { "A" });
    for (name, claim, code) in [("one", &used, 0), ("two", &used, 1), ("three", &broken, 1)] {
        let (ended, said) = fleet.enrol(name, claim);
        assert_eq!(ended, Some(code), "{said}");
        collected.add(format!("what `tilld enrol` says of {name}"), said);
    }
    for page in ["/metrics", "/readyz", "/healthz"] {
        collected.add(page, http::get(fleet.plan.admin, page).expect("an answer").text());
    }
    collected.add_files(&fleet.plan.claims);
    let log = std::fs::read_to_string(fleet.folder.file("enrol.log")).expect("the server's log");
    assert!(log.contains("0001017"), "{log}");
    collected.add("the server's log", log);
    let signature = |claim: &str| claim.rsplit('.').next().map(|text| Secret::new("a claim's signature", text));
    let mut secrets: Vec<_> = [&used, &unused].into_iter().filter_map(|claim| signature(claim)).collect();
    secrets.extend(key_lines("the fleet's key", &fleet.folder.file("fleet.key")));
    secrets.extend(key_lines("the issuer's key", &fleet.plan.issuer.key));
    secrets.extend(key_lines("the server's key", &fleet.plan.server.key));
    secrets.extend(key_lines("the terminal's key", &fleet.folder.file("one/till.pem")));
    collected.assert_free_of(&secrets);
}

/// What looks for secrets finds them.
#[test]
fn each_form_of_a_secret_is_found() {
    let secret = Secret::new("a password", PASSWORD);
    let before = ["", "u:", "user:"].map(|before| STANDARD_NO_PAD.encode(format!("{before}{PASSWORD}:and more")));
    let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded = "broker%27s%20pass%20%26%20word%3A%207%2B8%3D15%2F%25";
    for text in [PASSWORD, &hex, encoded, &format!("{:?}", PASSWORD.as_bytes())]
        .into_iter()
        .chain(before.iter().map(String::as_str))
    {
        let mut collected = Collected::default();
        collected.add("here", format!("first\nvalue={text} more\n"));
        assert!(collected.find(&secret).is_some(), "{text}");
    }
    let mut collected = Collected::default();
    collected.add("here", "nothing of it");
    assert_eq!(collected.find(&secret), None);
}
