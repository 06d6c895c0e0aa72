//! One counter: a cashier who sells and customers who pay, while something strikes the till and it is started again. It must not judge
//! what it sees.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use demo::payos::Sandbox;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::http;
use crate::till::{Till, TillPlan};

/// The longest time between a start and the next strike: about what two sales take.
const LONGEST_LIFE_MS: u64 = 700;

/// The longest life of a till that is struck while it starts.
const LONGEST_START_MS: u64 = 150;

/// A counter before its day.
#[derive(Debug)]
pub struct Counter {
    plan: TillPlan,
    strikes: u64,
    random: Rng,
}

/// What the outside has been told by a till.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Ids answered with 201 or 200, with their amounts.
    pub promised: BTreeMap<String, u64>,
    /// The newest revision of each sale that anybody saw.
    pub sales: BTreeMap<String, Value>,
}

/// What has been told so far, while more is being told.
#[derive(Clone, Debug, Default)]
pub struct Telling(Arc<Mutex<Seen>>);

impl Telling {
    /// What has been told until now.
    pub fn so_far(&self) -> Seen {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What the outside knows after the day.
#[derive(Debug)]
pub struct Book {
    /// The till, running.
    pub till: Till,
    /// What it said.
    pub seen: Seen,
    /// How often it was struck.
    pub strikes: u64,
}

impl Counter {
    /// A counter whose till is struck so many times.
    pub fn new(plan: TillPlan, strikes: u64, random: Rng) -> Self {
        Self { plan, strikes, random }
    }

    /// Sells, pays, cancels, and lets `strike` end the till at random moments; afterwards the till runs.
    ///
    /// # Panics
    /// When the till answers what it must not.
    pub fn work(
        mut self,
        folder: &Folder,
        payos: &Sandbox,
        mut strike: impl FnMut(&mut Till, &Telling, &mut Rng),
    ) -> Book {
        let mut till = self.plan.start(folder);
        let telling = Telling::default();
        let mut strikes = 0;
        while strikes < self.strikes {
            let life = Duration::from_millis(self.random.u64(0..LONGEST_LIFE_MS));
            let mut random = self.random.fork();
            // The cashier and the customers do not know when the till dies.
            let (api, number) = (till.api(), till.number);
            let day = thread::spawn({
                let (payos, telling) = (payos.clone(), telling.clone());
                move || Day { api, number, round: strikes, payos, telling }.go_on(&mut random)
            });
            thread::sleep(life);
            strike(&mut till, &telling, &mut self.random);
            strikes += 1;
            day.join().unwrap_or_else(|_| panic!("the cashier of till {number} gave up"));
            while strikes < self.strikes && self.random.u8(0..4) == 0 {
                till.launch();
                thread::sleep(Duration::from_millis(self.random.u64(0..LONGEST_START_MS)));
                strike(&mut till, &telling, &mut self.random);
                strikes += 1;
            }
            till.start_again();
        }
        Book { till, seen: telling.so_far(), strikes }
    }
}

/// What happens at a counter between two strikes.
struct Day {
    api: std::net::SocketAddr,
    number: u32,
    round: u64,
    payos: Sandbox,
    telling: Telling,
}

impl Day {
    /// Goes on until the till is dead.
    fn go_on(&self, random: &mut Rng) {
        for turn in 0..1000 {
            let alive = match random.u8(0..10) {
                0..=4 => self.sell(turn, random),
                5..=8 => self.look_and_pay(random),
                _ => self.cancel(),
            };
            if !alive {
                break;
            }
        }
    }

    /// Makes a sale, sometimes with a key and twice.
    fn sell(&self, turn: u32, random: &mut Rng) -> bool {
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
                self.telling.note(|seen| {
                    let known = seen.promised.insert(id.clone(), amount);
                    assert!(known.is_none() || answer.status == 200, "sale {id} was made twice: {known:?}");
                });
                first = Some(id);
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
        let (order, amount) = (crate::till::order_of(sale), sale["amount"].as_u64().unwrap_or(1));
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
        let sales = answer.json()["sales"].as_array().cloned()?;
        self.telling.note(|seen| {
            seen.sales.extend(sales.iter().map(|sale| (crate::till::id_of(sale).to_owned(), sale.clone())));
        });
        Some(sales)
    }
}
