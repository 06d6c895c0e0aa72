//! One counter: a cashier who sells and customers who pay, while the till is killed and started again. It must not judge
//! what it sees.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use demo::payos::Sandbox;
use fastrand::Rng;
use serde_json::{Value, json};
use tests::folder::Folder;
use tests::http;
use tests::till::{Till, TillPlan};

/// The longest time between a start and the kill: about what two sales take.
const LONGEST_LIFE_MS: u64 = 700;

/// The longest life of a till that is killed while it starts.
const LONGEST_START_MS: u64 = 150;

/// A counter before its day.
pub(crate) struct Counter {
    plan: TillPlan,
    kills: u64,
    random: Rng,
}

/// What the outside knows after the day: what it was promised and what it did.
pub(crate) struct Book {
    /// The till, running.
    pub(crate) till: Till,
    /// Ids answered with 201 or 200, with their amounts.
    pub(crate) promised: BTreeMap<String, u64>,
    /// How often it was killed.
    pub(crate) kills: u64,
}

impl Counter {
    pub(crate) fn new(plan: TillPlan, kills: u64, random: Rng) -> Self {
        Self { plan, kills, random }
    }

    /// Sells, pays, cancels and kills; afterwards the till runs.
    pub(crate) fn work(mut self, folder: &Folder, payos: &Sandbox) -> Book {
        let mut till = self.plan.start(folder);
        let mut promised = BTreeMap::new();
        let mut kills = 0;
        while kills < self.kills {
            let life = Duration::from_millis(self.random.u64(0..LONGEST_LIFE_MS));
            let mut random = self.random.fork();
            // The cashier and the customers do not know when the till dies.
            let (api, number) = (till.api(), till.number);
            let day = thread::spawn({
                let payos = payos.clone();
                move || Day { api, number, round: kills, payos }.go_on(&mut random)
            });
            thread::sleep(life);
            till.kill();
            kills += 1;
            let made = day.join().unwrap_or_else(|_| panic!("the cashier of till {number} gave up"));
            promised.extend(made);
            while kills < self.kills && self.random.u8(0..4) == 0 {
                till.launch();
                thread::sleep(Duration::from_millis(self.random.u64(0..LONGEST_START_MS)));
                till.kill();
                kills += 1;
            }
            till.start_again();
        }
        Book { till, promised, kills }
    }
}

/// What happens at a counter between two kills.
struct Day {
    api: std::net::SocketAddr,
    number: u32,
    round: u64,
    payos: Sandbox,
}

impl Day {
    /// Goes on until the till is dead. Returns the sales that were promised.
    fn go_on(&self, random: &mut Rng) -> BTreeMap<String, u64> {
        let mut promised = BTreeMap::new();
        for turn in 0..1000 {
            let alive = match random.u8(0..10) {
                0..=4 => self.sell(turn, random, &mut promised),
                5..=8 => self.look_and_pay(random),
                _ => self.cancel(),
            };
            if !alive {
                break;
            }
        }
        promised
    }

    /// Makes a sale, sometimes with a key and twice.
    fn sell(&self, turn: u32, random: &mut Rng, promised: &mut BTreeMap<String, u64>) -> bool {
        let amount = random.u64(1..=500) * 1000;
        let key = format!("K-{}-{}-{turn}", self.number, self.round);
        let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key.as_str())];
        let body = json!({ "amount": amount }).to_string();
        let mut first = None;
        for _ in 0..random.u8(1..=2) {
            let Ok(answer) = http::send(self.api, "POST", "/v1/sales", &headers, body.as_bytes()) else { return false };
            if answer.status == 201 || answer.status == 200 {
                let id = answer.json()["id"].as_str().unwrap_or_default().to_owned();
                assert!(first.as_ref().is_none_or(|first| *first == id), "one key made {first:?} and {id}");
                first = Some(id.clone());
                promised.insert(id, amount);
            } else {
                assert_eq!(answer.problem(), (409, "busy".to_owned()), "{}", answer.text());
            }
        }
        true
    }

    /// A customer sees the code of the newest sale and pays it: fully, in part, too much, or twice.
    fn look_and_pay(&self, random: &mut Rng) -> bool {
        let Some(sales) = self.newest() else { return false };
        let payable = sales.iter().find(|sale| sale["provider_id"].is_string());
        let Some(sale) = payable else { return true };
        if sale["state"] == "paid" && random.u8(0..10) > 0 {
            return true;
        }
        let (order, amount) = (tests::till::order_of(sale), sale["amount"].as_u64().unwrap_or(1));
        let sums = match random.u8(0..8) {
            0 => vec![amount / 2 + 1],
            1 => vec![amount, amount],
            2 => vec![amount + 1000],
            3 => vec![amount / 2 + 1, amount / 2 + 1],
            _ => vec![amount],
        };
        for sum in sums {
            // The order was seen at the till, so payOS has it.
            self.payos.pay(order, sum).unwrap_or_else(|error| panic!("payOS does not know {sale}: {error}"));
        }
        true
    }

    fn cancel(&self) -> bool {
        let Some(sales) = self.newest() else { return false };
        let open = sales.iter().find(|sale| sale["finished_at"].is_null());
        let Some(id) = open.and_then(|sale| sale["id"].as_str()) else { return true };
        http::post_json(self.api, &format!("/v1/sales/{id}/cancel"), "").is_ok()
    }

    fn newest(&self) -> Option<Vec<Value>> {
        let answer = http::get(self.api, "/v1/sales?limit=3").ok()?;
        answer.json()["sales"].as_array().cloned()
    }
}
