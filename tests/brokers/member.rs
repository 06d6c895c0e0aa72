//! A fleet from nothing, with the programs that its people use: an operator makes keys and a claim, a terminal out of its
//! box joins, sells, is renewed, and is put out. It must not know how any of them works inside.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use demo::payos::Sandbox;
use serde_json::json;
use tests::authority::Identity;
use tests::bridge::{Bridge, BridgePlan};
use tests::enrolment::EnrolmentPlan;
use tests::folder::Folder;
use tests::mosquitto::{Mosquitto, Papers};
use tests::port::free_port;
use tests::process::{Process, program, run};
use tests::screen;
use tests::shop::{TERMINAL, sandbox};
use tests::till::{Till, TillPlan, id_of, order_of};
use tests::wait::{SOON, wait_for};
use till_authority::{Authority, Key, Leaf, Request};
use till_wire::{TerminalNumber, UnixTime};

const DAY: Duration = Duration::from_secs(86_400);

/// A fleet with its servers. Parts are stopped in the order of the fields, and the folder goes last.
struct Fleet {
    bridge: Bridge,
    _enrolment: Process,
    broker: Mosquitto,
    payos: Sandbox,
    folder: Folder,
}

impl Fleet {
    fn open() -> Self {
        let folder = Folder::make();
        let payos = sandbox();
        let terminals = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let describe = |broker: &str| {
            let (url, base_url) = (format!("https://{terminals}/enrol"), payos.base_url());
            folder.write(
                "fleet.toml",
                format!(
                    "[enrol]\nurl = \"{url}\"\n[mqtt]\nurl = \"{broker}\"\n\
                     [[channel]]\nid = \"payos\"\nbase_url = \"{base_url}\"\n"
                ),
            );
        };
        describe("mqtts://broker.example");
        for words in [
            &["keygen"][..],
            &["ca", "init"],
            &["ca", "server", "127.0.0.1", "localhost"],
            &["ca", "client", "bridge-1"],
        ] {
            till_fleet(&folder, words);
        }
        let keys = |name: &str| folder.file("keys").join(name);
        let server = Identity { certificate: keys("127.0.0.1.pem"), key: keys("127.0.0.1.key") };
        let papers = Papers { authority: keys("ca.pem"), broker: server.clone(), revoked: keys("crl.pem") };
        let broker = Mosquitto::start_with_papers(&folder, &papers);
        describe(&broker.secure_url());
        let enrolment = EnrolmentPlan {
            admin: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            terminals,
            server,
            issuer: Identity { certificate: keys("issuer.pem"), key: keys("issuer.key") },
            root: keys("ca.pem"),
            revoked: Some(keys("crl.pem")),
            fleet_key: keys("fleet.pub"),
            claims: folder.file("claims"),
            rust_log: None,
        };
        let enrolment = enrolment.start(&folder);
        let mut plan = BridgePlan::new(&broker, &payos.credentials().checksum_key);
        plan.broker_url = broker.secure_url();
        let (ca, certificate, key) = (keys("ca.pem"), keys("bridge-1.pem"), keys("bridge-1.key"));
        plan.mqtt = format!("ca = {ca:?}\ncert = {certificate:?}\nkey = {{ file = {key:?} }}");
        let bridge = plan.start(&folder);
        payos.set_webhook_url(Some(bridge.hook_url()));
        Self { bridge, _enrolment: enrolment, broker, payos, folder }
    }

    /// A terminal as it comes: its configuration knows the channel's secrets, and neither number nor broker.
    fn terminal(&self) -> Till {
        let mut plan = TillPlan::new(TERMINAL, "mqtts://nowhere.example", &self.payos);
        plan.tables = format!("[fleet]\nidentity = {:?}", self.identity());
        let till = plan.prepare(&self.folder);
        let written = fs::read_to_string(&till.config).expect("the plan is written");
        let left_out = ["number = ", "label = ", "url = ", "base_url = "];
        let kept = written.lines().filter(|line| !left_out.iter().any(|key| line.starts_with(key)));
        let bare: Vec<&str> = kept.collect();
        assert_eq!(bare.len() + left_out.len(), written.lines().count(), "{written}");
        fs::write(&till.config, bare.join("\n")).expect("it is ours");
        till
    }

    fn identity(&self) -> PathBuf {
        self.folder.file("identity")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.identity().join(name)
    }

    fn claim(&self, number: &str) -> String {
        let made = till_fleet(&self.folder, &["claim", "--number", number, "--label", "Cạnh cửa", "--valid", "1h"]);
        String::from_utf8_lossy(&made.stdout).trim().to_owned()
    }

    /// Gives a claim to the terminal's own program.
    fn enrol(&self, till: &Till, claim: &str) -> Output {
        let mut command = Command::new(program("tilld"));
        run(command.arg("--config").arg(&till.config).args(["enrol", claim]))
    }

    /// A whole sale, paid by a webhook over the broker.
    #[track_caller]
    fn assert_sells(&self, till: &Till, amount: u64) {
        let sale = till.sell_and_show(amount);
        till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        self.payos.pay(order_of(&sale), amount).expect("payOS knows the order");
        let paid = till.wait_state(id_of(&sale), "paid", SOON);
        assert_eq!(paid["payments"][0]["via"], json!("webhook"), "{paid}\n{}", self.bridge.printed());
    }

    /// Makes the terminal's certificate one that was made so many days ago, for 90.
    fn age(&self, days: i64) {
        let read = |name: &str| fs::read(self.folder.file("keys").join(name)).expect("the operator's file");
        let issuer = Authority::read(&read("issuer.pem"), &read("issuer.key")).expect("the issuer");
        let number = TerminalNumber::new(TERMINAL).expect("a number");
        let key = Key::generate().expect("a key");
        let request = Request::make(&key, number).expect("a request");
        let request = Request::read(request.as_bytes()).expect("a good request");
        let then = UnixTime::from_secs(now().secs() - days * 86_400);
        let chain = issuer.terminal(&request, number, then, DAY * 90).expect("a certificate");
        fs::write(self.file("till.pem"), key.to_pem() + &chain).expect("it is ours");
    }
}

#[expect(clippy::disallowed_methods, reason = "a certificate is old as of today")]
fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    UnixTime::from_secs(i64::try_from(since.as_secs()).expect("not that far ahead"))
}

#[track_caller]
fn till_fleet(folder: &Folder, words: &[&str]) -> Output {
    let mut command = Command::new(program("till"));
    command.arg("--config").arg(folder.file("fleet.toml")).arg("fleet").args(words);
    let output = run(command.env("TILL_LANG", "en"));
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    output
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn leaf(file: &Path) -> Leaf {
    Leaf::read(&fs::read(file).expect("the terminal's file")).expect("a certificate")
}

#[test]
fn p12_a_terminal_out_of_its_box_joins_sells_is_renewed_and_is_put_out() {
    let fleet = Fleet::open();
    let mut till = fleet.terminal();
    till.launch();
    wait_for("its display says something", SOON, || screen::look(&till.picture).map(|_| ()));
    till.assert_no_code();
    let how_to = fs::read(&till.picture).expect("a picture");

    // A claim that is no good changes nothing; a good one works while the daemon runs.
    let claim = fleet.claim("1017");
    let (cut, _) = claim.split_at(claim.len() - 2);
    let refused = fleet.enrol(&till, cut);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    let joined = fleet.enrol(&till, &claim);
    assert!(joined.status.success(), "{}", said(&joined));
    till.wait_for_api();
    till.wait_for_broker();
    let status = till.status();
    assert_eq!((&status["terminal"]["number"], &status["terminal"]["label"]), (&json!(1017), &json!("Cạnh cửa")));
    assert_ne!(fs::read(&till.picture).expect("a picture"), how_to);
    fleet.assert_sells(&till, 50_000);
    let again = fleet.enrol(&till, &fleet.claim("1018"));
    assert!(!again.status.success() && said(&again).contains("this is terminal 0001017"), "{}", said(&again));

    // Two thirds of its certificate's life are over while it is off.
    assert!(till.terminate().success());
    fleet.age(61);
    let old = leaf(&fleet.file("till.pem"));
    till.start_again();
    till.wait_for_broker();
    wait_for("the renewed certificate is used", SOON, || {
        let found = leaf(&fleet.file("till.pem"));
        match (found.serial == old.serial, fleet.file("next.pem").exists()) {
            (false, false) => Ok(()),
            _ => Err(format!("still until {}; next: {}", found.not_after, fleet.file("next.pem").exists())),
        }
    });
    let renewed = leaf(&fleet.file("till.pem"));
    assert_ne!(renewed.public_key, old.public_key, "a renewed certificate has a key of its own");
    till.wait_for_broker();
    let told = json!({ "not_after": renewed.not_after, "renew_at": renewed.renew_at() });
    assert_eq!(till.status()["certificate"], told, "the status tells of the certificate that is used");
    fleet.assert_sells(&till, 60_000);

    // It is stolen. The old certificate and the renewed one are no use any more; what it owes stays owed.
    let file = fleet.file("till.pem").display().to_string();
    till_fleet(&fleet.folder, &["revoke", &file]);
    let list = fs::read(fleet.folder.file("keys").join("crl.pem")).expect("the list");
    fs::write(fleet.broker.shipped().revoked(), list).expect("it is ours");
    fleet.broker.reload();
    assert!(till.terminate().success());
    till.start_again();
    till.wait_for_broker_away();
    wait_for("the broker refuses the certificate", SOON, || {
        let reason = till.status()["links"]["broker"]["reason"].as_str().unwrap_or_default().to_owned();
        if reason.to_lowercase().contains("revoked") { Ok(()) } else { Err(reason) }
    });
}

/// A terminal was off for so long that its certificate is over: it says so, and what is to be done, and is a member again
/// with a new claim.
#[test]
fn p12_a_terminal_whose_certificate_ended_while_it_was_off_says_that_it_needs_a_new_claim() {
    let fleet = Fleet::open();
    let mut till = fleet.terminal();
    till.launch();
    let joined = fleet.enrol(&till, &fleet.claim("1017"));
    assert!(joined.status.success(), "{}", said(&joined));
    till.wait_for_api();
    till.wait_for_broker();
    assert!(till.terminate().success());
    fleet.age(91);
    till.start_again();
    let over = leaf(&fleet.file("till.pem")).not_after;
    wait_for("the status says that the certificate is over", SOON, || {
        let status = till.status();
        assert_eq!(status["certificate"]["not_after"], over.to_string(), "{status}");
        let reason = status["links"]["broker"]["reason"].as_str().unwrap_or_default().to_owned();
        let names_it = reason.contains(&over.to_string()) && reason.contains("new claim");
        if names_it { Ok(()) } else { Err(reason) }
    });
    let again = fleet.enrol(&till, &fleet.claim("1017"));
    assert!(again.status.success(), "{}", said(&again));
    assert!(till.terminate().success());
    till.start_again();
    till.wait_for_broker();
    fleet.assert_sells(&till, 50_000);
}
