//! A real till and a real bridge with certificates of their own, over a broker as operators have it. The till's line can be
//! cut. It must not know what gets lost.

use std::thread;

use demo::payos::{CallKind, Fault, Lasting, Sandbox};
use serde_json::Value;
use tests::authority::Authority;
use tests::bridge::{Bridge, BridgePlan};
use tests::folder::Folder;
use tests::listener::Listener;
use tests::mosquitto::Mosquitto;
use tests::shop::{TERMINAL, sandbox};
use tests::till::{Till, TillPlan, order_of};
use tests::wait::{SOON, wait_for};
use tests::way::Way;

use super::place::Place;

/// The largest body that a bridge takes is 32 KiB.
const LARGE: usize = 30_000;

/// Parts are stopped in the order of the fields, and the folder goes last.
pub(crate) struct Counter {
    pub(crate) till: Till,
    pub(crate) way: Way,
    pub(crate) bridge: Bridge,
    pub(crate) broker: Mosquitto,
    pub(crate) payos: Sandbox,
    /// A number that no sale of this till has: money for it is money without a sale.
    next_order: u64,
    /// What providers were told to be safe, in all.
    answered: Money,
    /// The day when it was opened.
    day: String,
    authority: Authority,
    folder: Folder,
}

/// So many payments, of so much together. No two payments of a test have the same amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) count: u64,
    pub(crate) amount: u64,
}

impl Counter {
    /// Opens a counter whose till is connected and has a session.
    pub(crate) fn open() -> Self {
        let Place { broker, authority, folder } = Place::make();
        let payos = sandbox();
        let identity = |name: &str| authority.issue(&folder, name).settings(&authority);
        let mut plan = BridgePlan::new(&broker, &payos.credentials().checksum_key);
        plan.broker_url = broker.secure_url();
        plan.mqtt = identity("bridge-1");
        let bridge = plan.start(&folder);
        payos.set_webhook_url(Some(bridge.hook_url()));
        let way = Way::open(broker.address());
        let mut plan = TillPlan::new(TERMINAL, &format!("mqtts://{}", way.address()), &payos);
        plan.mqtt = identity("0001017");
        let till = plan.start(&folder);
        till.wait_for_broker();
        // Webhooks alone are to bring the money: whoever asks payOS gets no usable answer.
        payos.plan(CallKind::Get, Fault::Html, Lasting::UntilReset);
        let next_order = u64::from(TERMINAL) * 1_000_000_000 + 1;
        let answered = Money::default();
        let day = till.get("/v1/report").json()["day"].as_str().expect("it has a day").to_owned();
        Self { till, way, bridge, broker, payos, next_order, answered, day, authority, folder }
    }

    /// Hears all that an operator may hear.
    pub(crate) fn operator(&self) -> Listener {
        let identity = self.authority.issue(&self.folder, "operator-1");
        Listener::connect_as(&self.broker, &self.authority, &identity, &["till/v1/+/up/#", "till/v1/unrouted/#"])
    }

    /// A customer pays a sale of this till, and the bridge answers the webhook with 200.
    #[track_caller]
    pub(crate) fn pay(&mut self, sale: &Value) {
        let amount = sale["amount"].as_u64().expect("a sale has an amount");
        let reference = self.payos.pay_silently(order_of(sale), amount).expect("payOS knows the order");
        let body = self.payos.webhook_body(&reference).expect("the transfer is known");
        self.take(vec![(body, amount)]);
    }

    /// Money comes that fits no sale of this till: the bridge answers so many webhooks with 200.
    #[track_caller]
    pub(crate) fn receive(&mut self, count: u64) {
        self.receive_with(count, "");
    }

    /// The same with webhooks that are nearly as large as they may be.
    #[track_caller]
    pub(crate) fn receive_large(&mut self, count: u64) {
        self.receive_with(count, &"x".repeat(LARGE));
    }

    #[track_caller]
    fn receive_with(&mut self, count: u64, padding: &str) {
        let first = self.next_order;
        self.next_order += count;
        let bodies = (first..self.next_order).map(|order| {
            let amount = 1_000 + order % 1_000_000;
            self.payos.add_foreign_order(order, amount);
            let reference = self.payos.pay_silently(order, amount).expect("payOS knows the order");
            let body = self.payos.webhook_body(&reference).expect("the transfer is known");
            (self.padded(&body, padding), amount)
        });
        self.take(bodies.collect());
    }

    /// A webhook with a longer name of the customer, signed again.
    fn padded(&self, body: &str, name: &str) -> String {
        let mut body: Value = serde_json::from_str(body).expect("a webhook is JSON");
        let data = body["data"].as_object_mut().expect("it has data");
        data.insert("counterAccountName".to_owned(), name.into());
        self.payos.sign_webhook(data)
    }

    /// Posts webhooks side by side; each is answered with 200.
    #[track_caller]
    fn take(&mut self, bodies: Vec<(String, u64)>) {
        let bridge = &self.bridge;
        thread::scope(|scope| {
            for part in bodies.chunks(bodies.len().div_ceil(8)) {
                scope.spawn(move || {
                    for (body, _) in part {
                        let answer = bridge.post(body);
                        assert_eq!(answer.status, 200, "{}", answer.text());
                    }
                });
            }
        });
        self.answered.count += bodies.len() as u64;
        self.answered.amount += bodies.iter().map(|(_, amount)| amount).sum::<u64>();
    }

    /// Waits until the broker has acknowledged everything that the bridge has: now it is the broker's to lose.
    #[track_caller]
    pub(crate) fn wait_until_the_broker_has_all(&self) {
        wait_for("the broker has everything", SOON * 2, || {
            let text = self.bridge.admin("/metrics").text();
            let line = text.lines().find_map(|line| line.strip_prefix("till_bridge_journal_undelivered "));
            if line == Some("0") { Ok(()) } else { Err(format!("undelivered: {line:?}")) }
        });
    }

    /// The broker has acknowledged everything, and said that it has thrown some of it away.
    #[track_caller]
    pub(crate) fn assert_queue_overflowed(&self) {
        self.wait_until_the_broker_has_all();
        let said = self.broker.printed();
        assert!(said.contains("Outgoing messages are being dropped for client 0001017"), "{said}");
    }

    /// Nothing that a provider was answered 200 for is missing, and nothing is there twice.
    #[track_caller]
    pub(crate) fn assert_all_money_arrives(&self) {
        wait_for("the till has all the money", SOON * 4, || {
            let counted = self.counted();
            if counted == self.answered { Ok(()) } else { Err(format!("{counted:?} of {:?}", self.answered)) }
        });
    }

    /// What the till has received since it was opened: payments of sales, and receipts.
    fn counted(&self) -> Money {
        let today = self.report("");
        // A test may begin in one day and end in the next.
        let before = (today["day"] != self.day.as_str()).then(|| self.report(&format!("?day={}", self.day)));
        let mut money = Money::default();
        for report in [today].iter().chain(&before) {
            for channel in report["received"].as_array().into_iter().flatten() {
                for pieces in [&channel["payments"], &channel["receipts"]] {
                    money.count += pieces["count"].as_u64().expect("a count");
                    money.amount += pieces["amount"].as_u64().expect("an amount");
                }
            }
        }
        money
    }

    #[track_caller]
    fn report(&self, day: &str) -> Value {
        let answer = self.till.get(&format!("/v1/report{day}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}
