//! Fifty tills and two bridges on the cluster, with webhooks flowing: most tills are plain clients that note what comes,
//! a few are the real program. It must not know when a node dies.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use demo::payos::Sandbox;
use serde_json::Value;
use tests::bridge::{Bridge, BridgePlan};
use tests::front::Front;
use tests::plain_client::Peer;
use tests::shop::sandbox;
use tests::till::{Till, TillPlan, id_of, order_of};
use tests::wait::wait_for;

use super::Place;

/// The real tills are the first of them.
pub(super) const TILLS: u32 = 50;
const REAL: u32 = 3;
const FIRST: u32 = 2001;
/// The plain till that is away when a node dies.
const AWAY: u32 = FIRST + REAL;

/// How long anything may take while a node is dead, on a machine that is busy with other tests.
pub(super) const LONG: Duration = Duration::from_secs(90);

/// The names of everybody, as the fleet's list has them.
pub(super) fn everybody() -> Vec<String> {
    let tills = (FIRST..FIRST + TILLS).map(|number| format!("{number:07}"));
    tills.chain(["bridge-1".to_owned(), "bridge-2".to_owned()]).collect()
}

/// Everything that runs beside the cluster.
pub(super) struct Fleet {
    real: Vec<Till>,
    /// What each plain till was before it was away, and is.
    simulated: BTreeMap<u32, Vec<Peer>>,
    bridges: Vec<Bridge>,
    payos: Sandbox,
    /// Real programs know one address; behind it is the node that takes them.
    _front: Front,
    posted: Vec<Posted>,
    sequence: u64,
}

/// A webhook that a bridge has answered with 200.
struct Posted {
    till: u32,
    body: String,
    began: Instant,
}

/// What came of all the webhooks.
pub(super) struct Outcome {
    /// How many were answered 200, to plain clients.
    pub(super) taken: usize,
    /// How many deliveries there were beyond the first of each.
    pub(super) repeated: usize,
    /// From the beginning of the post to the first delivery.
    pub(super) longest: Duration,
    pub(super) median: Duration,
}

impl Fleet {
    /// Connects everybody.
    pub(super) fn open(place: &Place) -> Self {
        let nodes = place.cluster.addresses();
        let front = Front::open(nodes.clone());
        let (payos, url) = (sandbox(), format!("mqtts://{}", front.address()));
        let identity = |name: &str| place.authority.issue(&place.folder, name).settings(&place.authority);
        let bridges = ["bridge-1", "bridge-2"].map(|name| {
            let mut plan = BridgePlan::at(&url, &payos.credentials().checksum_key);
            plan.name = name.to_owned();
            plan.mqtt = identity(name);
            plan.start(&place.folder)
        });
        let real = (FIRST..FIRST + REAL).map(|number| {
            let mut plan = TillPlan::new(number, &url, &payos);
            plan.mqtt = identity(&format!("{number:07}"));
            plan.start(&place.folder)
        });
        let real: Vec<_> = real.collect();
        let simulated = (FIRST + REAL..FIRST + TILLS).map(|number| {
            let (name, filter) = (format!("{number:07}"), format!("till/v1/{number:07}/down/#"));
            let mut nodes = nodes.clone();
            nodes.rotate_left(number as usize % 3);
            (number, vec![place.client(&name, 0, &[&filter]).nodes(&nodes).begin()])
        });
        let simulated = simulated.collect();
        let (bridges, posted) = (bridges.into_iter().collect(), Vec::new());
        let fleet = Self { real, simulated, bridges, payos, _front: front, posted, sequence: 0 };
        fleet.wait_until_all_are_up();
        fleet
    }

    pub(super) fn wait_until_all_are_up(&self) {
        wait_for("every till is subscribed", LONG, || {
            let newest = self.simulated.values().filter_map(|till| till.last());
            let down: Vec<_> = newest.filter(|till| till.granted() != [true]).collect();
            if down.is_empty() { Ok(()) } else { Err(format!("{down:?}")) }
        });
        self.bridges.iter().for_each(Bridge::wait_for_broker);
        self.real.iter().for_each(Till::wait_for_broker);
    }

    /// For so long, money comes for one plain till after the other over both bridges in turn, and the real tills sell.
    pub(super) fn sell_for(&mut self, time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time {
            let open: Vec<_> = self.real.iter().map(|till| till.sell_and_show(50_000)).collect();
            for (index, sale) in open.iter().enumerate() {
                let bridge = self.bridges.get(index % self.bridges.len());
                self.payos.set_webhook_url(bridge.map(Bridge::hook_url));
                self.payos.pay(order_of(sale), 50_000).expect("the order is known");
            }
            for _ in 0..self.simulated.len() {
                self.post_one();
            }
            for (till, sale) in self.real.iter().zip(&open) {
                // By webhook, or, when that takes too long, by asking.
                till.wait_state(id_of(sale), "paid", LONG);
            }
        }
    }

    /// The line of one plain till is cut, and money comes for it.
    pub(super) fn lose_one(&mut self) {
        if let Some(till) = self.simulated.get_mut(&AWAY) {
            till.iter_mut().for_each(Peer::cut);
        }
        for _ in 0..3 {
            self.post_for(AWAY);
        }
    }

    /// It is back, at any node that lives.
    pub(super) fn find_it_again(&mut self, place: &Place) {
        let (name, filter) = (format!("{AWAY:07}"), format!("till/v1/{AWAY:07}/down/#"));
        let back = place.client(&name, 0, &[&filter]).nodes(&place.cluster.addresses()).begin();
        self.simulated.entry(AWAY).or_default().push(back);
    }

    fn post_one(&mut self) {
        let turn = u32::try_from(self.sequence).expect("a test posts fewer");
        self.post_for(FIRST + REAL + turn % (TILLS - REAL));
    }

    fn post_for(&mut self, till: u32) {
        self.sequence += 1;
        let turn = usize::try_from(self.sequence).expect("a test posts fewer");
        let order = u64::from(till) * 1_000_000_000 + self.sequence;
        self.payos.add_foreign_order(order, 20_000);
        let reference = self.payos.pay_silently(order, 20_000).expect("the order is known");
        let body = self.payos.webhook_body(&reference).expect("the transfer is known");
        let bridge = self.bridges.get(turn % self.bridges.len()).expect("two bridges");
        let began = Instant::now();
        let answer = bridge.post(&body);
        assert_eq!(answer.status, 200, "a bridge takes webhooks whatever the brokers do: {}", answer.text());
        self.posted.push(Posted { till, body, began });
    }

    /// Waits until everything that was answered 200 has arrived at its till, and looks at how.
    pub(super) fn settle(&self) -> Outcome {
        wait_for("every webhook that was answered 200 is at its till", LONG, || {
            let arrived = self.arrivals();
            let missing: Vec<_> =
                self.posted.iter().filter(|p| !arrived.contains_key(&(p.till, p.body.clone()))).collect();
            let example = missing.first().map(|posted| (posted.till, posted.began.elapsed()));
            if missing.is_empty() { Ok(()) } else { Err(format!("{} are missing, one: {example:?}", missing.len())) }
        });
        self.assert_real_tills_counted_once();
        let arrived = self.arrivals();
        let wait = |posted: &Posted| {
            let (at, _) = arrived.get(&(posted.till, posted.body.clone()))?;
            Some(at.saturating_duration_since(posted.began))
        };
        let mut waits: Vec<_> = self.posted.iter().filter_map(wait).collect();
        waits.sort_unstable();
        let repeated = arrived.values().map(|(_, count)| count - 1).sum();
        Outcome {
            taken: self.posted.len(),
            repeated,
            longest: waits.last().copied().unwrap_or_default(),
            median: waits.get(waits.len() / 2).copied().unwrap_or_default(),
        }
    }

    /// When each webhook came first and how often it came, by till and body. One envelope has one id, and no till has
    /// heard what was for another.
    fn arrivals(&self) -> BTreeMap<(u32, String), (Instant, usize)> {
        let mut arrived: BTreeMap<(u32, String), (Instant, usize)> = BTreeMap::new();
        let mut ids: BTreeSet<(String, String)> = BTreeSet::new();
        for (&till, peers) in &self.simulated {
            for (at, message) in peers.iter().flat_map(Peer::timed) {
                let envelope: Value = message.json();
                let [id, body] = ["id", "body"].map(|key| envelope[key].as_str().unwrap_or_default().to_owned());
                assert_eq!(message.topic, format!("till/v1/{till:07}/down/webhook"));
                ids.insert((id, body.clone()));
                arrived.entry((till, body)).or_insert((at, 0)).1 += 1;
            }
        }
        let distinct: BTreeSet<_> = ids.iter().map(|(id, _)| id).collect();
        assert_eq!(
            (distinct.len(), ids.len()),
            (arrived.len(), arrived.len()),
            "an id for each body, and a body for each id"
        );
        arrived
    }

    /// P3: each sale of the real tills has its money once, and there is no money without a sale.
    fn assert_real_tills_counted_once(&self) {
        for till in &self.real {
            for sale in till.sales() {
                assert_eq!((&sale["state"], &sale["paid_amount"]), (&"paid".into(), &50_000.into()), "{sale}");
            }
            assert_eq!(till.receipts(), Vec::<Value>::new());
        }
    }

    /// Every connection of a plain till but its first found the session that the cluster keeps for it.
    pub(super) fn assert_sessions_were_kept(&self) {
        for (number, till) in &self.simulated {
            let sessions: Vec<_> = till.iter().flat_map(Peer::sessions).collect();
            assert!(sessions.iter().skip(1).all(|&kept| kept), "{number}: {sessions:?}, {till:?}");
        }
    }
}
