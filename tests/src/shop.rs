//! A whole shop: broker, payOS, bridge, a till with its display, and somebody who listens. It must not know what a test
//! does with it.

use std::time::Duration;

use demo::payos::{Reference, Sandbox};
use serde_json::Value;

use crate::bridge::{Bridge, BridgePlan};
use crate::broker::Broker;
use crate::folder::Folder;
use crate::listener::Listener;
use crate::mosquitto::Mosquitto;
use crate::screen;
use crate::till::{Till, TillPlan, id_of, order_of};
use crate::wait::{SOON, wait_for};

/// The till's number.
pub const TERMINAL: u32 = 1017;

/// Everything that runs. Parts are stopped in the order of the fields, and the folder goes last.
#[derive(Debug)]
pub struct Shop<B = Mosquitto> {
    /// The till.
    pub till: Till,
    /// The bridge.
    pub bridge: Bridge,
    /// Hears everything that is said over MQTT.
    pub ear: Listener,
    /// The broker.
    pub broker: B,
    /// payOS and the customers' bank.
    pub payos: Sandbox,
    /// Where all files are.
    pub folder: Folder,
}

impl Shop {
    /// Opens a shop with the contract's defaults, ready to sell.
    pub fn open() -> Self {
        Self::open_with(|_| {})
    }

    /// Opens a shop with another plan for the till.
    #[track_caller]
    pub fn open_with(change: impl FnOnce(&mut TillPlan)) -> Self {
        Self::open_with_both(change, |_| {})
    }

    /// Opens a shop with other plans.
    ///
    /// # Panics
    /// When something does not start.
    #[track_caller]
    pub fn open_with_both(change: impl FnOnce(&mut TillPlan), change_bridge: impl FnOnce(&mut BridgePlan)) -> Self {
        Self::open_on_any(change, change_bridge)
    }
}

impl<B: Broker> Shop<B> {
    /// Opens a shop on any broker, with other plans.
    ///
    /// # Panics
    /// When something does not start.
    #[track_caller]
    pub fn open_on_any(change: impl FnOnce(&mut TillPlan), change_bridge: impl FnOnce(&mut BridgePlan)) -> Self {
        let folder = Folder::make();
        let payos = sandbox();
        let broker = B::begin(&folder);
        let ear = Listener::connect_to(broker.address());
        let mut plan = BridgePlan::at(&broker.url(), &payos.credentials().checksum_key);
        change_bridge(&mut plan);
        let bridge = plan.start(&folder);
        payos.set_webhook_url(Some(bridge.hook_url()));
        let mut plan = TillPlan::new(TERMINAL, &broker.url(), &payos);
        change(&mut plan);
        let till = plan.start(&folder);
        till.wait_for_broker();
        Self { till, bridge, ear, broker, payos, folder }
    }

    /// A customer pays for what the sale's code asks now; the webhook is on its way.
    ///
    /// # Panics
    /// When payOS does not know the order.
    #[track_caller]
    pub fn pay(&self, sale: &Value, amount: u64) -> Reference {
        let paid = self.payos.pay(order_of(sale), amount);
        paid.unwrap_or_else(|error| panic!("the customer cannot pay {sale}: {error}"))
    }

    /// A customer pays, and payOS sends no webhook.
    ///
    /// # Panics
    /// When payOS does not know the order.
    #[track_caller]
    pub fn pay_silently(&self, sale: &Value, amount: u64) -> Reference {
        let paid = self.payos.pay_silently(order_of(sale), amount);
        paid.unwrap_or_else(|error| panic!("the customer cannot pay {sale}: {error}"))
    }

    /// One whole sale works: the code is shown, the customer pays it, the till says paid, and the code is gone.
    #[track_caller]
    pub fn assert_sells(&self, amount: u64) -> Value {
        let sale = self.till.sell_and_show(amount);
        self.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        self.pay(&sale, amount);
        let paid = self.till.wait_state(id_of(&sale), "paid", SOON);
        self.assert_code_is_gone(&paid);
        assert_eq!(paid["paid_amount"], amount, "{paid}");
        paid
    }

    /// P6: a sale that is said to have ended has no code on the display any more. Only a display that needs more than a
    /// second for a picture, on a machine that does much else, may still be at it; the sale says so by `attention`.
    #[track_caller]
    pub fn assert_code_is_gone(&self, ended: &Value) {
        assert!(ended["finished_at"].is_string(), "{ended}");
        let display_was_late = ended["flags"].as_array().is_some_and(|flags| flags.contains(&"attention".into()));
        if display_was_late {
            wait_for("the late display takes the code away", SOON, || screen::no_code(&self.till.picture));
        } else {
            self.till.assert_no_code();
        }
    }

    /// Waits until payOS's webhook about a transfer was answered with this status.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    #[track_caller]
    pub fn wait_for_delivery(&self, reference: &Reference, status: Option<u16>, limit: Duration) {
        wait_for(&format!("the webhook of {reference} is answered {status:?}"), limit, || {
            let all = self.payos.deliveries();
            let own: Vec<_> = all.into_iter().filter(|d| d.reference == *reference).map(|d| d.status).collect();
            if own.contains(&status) { Ok(()) } else { Err(format!("answers so far: {own:?}")) }
        });
    }
}

/// A payOS sandbox of a test's own.
///
/// # Panics
/// When it does not start.
pub fn sandbox() -> Sandbox {
    Sandbox::start().unwrap_or_else(|error| panic!("the payOS sandbox does not start: {error}"))
}
