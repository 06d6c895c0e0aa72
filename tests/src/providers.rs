//! A shop that sells over Finan or Smart Glocal: the usual one, with that provider's channel as its first. It must not know
//! what a test does with it.

use demo::{finan, glocal};
use serde_json::Value;

use crate::bridge::BridgePlan;
use crate::folder::Folder;
use crate::shop::Shop;
use crate::till::{TillPlan, id_of};
use crate::wait::{SOON, wait_for};

/// A shop that sells over Finan. Parts are stopped in the order of the fields.
#[derive(Debug)]
pub struct FinanShop {
    /// Everything but Finan.
    pub shop: Shop,
    /// Finan and the customers' bank.
    pub finan: finan::Sandbox,
    _secrets: Folder,
}

/// A shop that sells over Smart Glocal.
#[derive(Debug)]
pub struct GlocalShop {
    /// Everything but Smart Glocal.
    pub shop: Shop,
    /// Smart Glocal and the customers' wallets.
    pub glocal: glocal::Sandbox,
    _secrets: Folder,
}

impl FinanShop {
    /// Opens a shop with the contract's defaults, ready to sell.
    #[track_caller]
    pub fn open() -> Self {
        Self::open_with("", |_| {})
    }

    /// Opens a shop whose programs sign and verify with a real HMAC.
    #[track_caller]
    pub fn open_hmac() -> Self {
        Self::open_signing("signature = \"hmac_sha256\"", "signature = \"hmac_sha256\"", |_| {})
    }

    /// Opens a shop with more lines for the till's channel and another plan for the till.
    #[track_caller]
    pub fn open_with(channel: &str, change: impl FnOnce(&mut TillPlan)) -> Self {
        Self::open_signing(channel, "", change)
    }

    #[track_caller]
    fn open_signing(channel: &str, at_bridge: &str, change: impl FnOnce(&mut TillPlan)) -> Self {
        let finan = finan::Sandbox::start().unwrap_or_else(|error| panic!("the Finan sandbox does not start: {error}"));
        let secrets = Folder::make();
        let [at_till, at_bridge] = finan_channels(&finan, &secrets, channel, at_bridge);
        let till = |plan: &mut TillPlan| {
            plan.sells_over = "finan".to_owned();
            plan.channels = at_till;
            change(plan);
        };
        let bridge = |plan: &mut BridgePlan| plan.channels = at_bridge;
        let shop = Shop::open_with_both(till, bridge);
        finan.set_webhook_url(Some(shop.bridge.hook_url_of("finan")));
        Self { shop, finan, _secrets: secrets }
    }

    /// A customer pays so much for what a sale's code asks; the webhook is on its way.
    ///
    /// # Panics
    /// When Finan does not know the order.
    #[track_caller]
    pub fn pay(&self, sale: &Value, amount: u64) -> finan::PaymentId {
        let paid = self.finan.pay(order(sale), amount);
        paid.unwrap_or_else(|error| panic!("the customer cannot pay {sale}: {error}"))
    }

    /// A customer pays, and Finan sends no webhook.
    ///
    /// # Panics
    /// When Finan does not know the order.
    #[track_caller]
    pub fn pay_silently(&self, sale: &Value, amount: u64) -> finan::PaymentId {
        let paid = self.finan.pay_silently(order(sale), amount);
        paid.unwrap_or_else(|error| panic!("the customer cannot pay {sale}: {error}"))
    }

    /// One whole sale works.
    #[track_caller]
    pub fn assert_sells(&self, amount: u64) -> Value {
        let sale = self.shop.till.sell_and_show(amount);
        self.shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        self.pay(&sale, amount);
        let paid = self.shop.till.wait_state(id_of(&sale), "paid", SOON);
        self.shop.assert_code_is_gone(&paid);
        assert_eq!(paid["paid_amount"], amount, "{paid}");
        paid
    }
}

impl GlocalShop {
    /// Opens a shop with the contract's defaults, ready to sell; the payer's data are agreed with the provider.
    #[track_caller]
    pub fn open() -> Self {
        Self::open_with(PAYER, |_| {})
    }

    /// Opens a shop where an amount of one is a hundredth of a đồng, on both sides.
    #[track_caller]
    pub fn open_in_hundredths(channel: &str) -> Self {
        let shop = Self::open_counting("minor_units = 2", channel, |_| {});
        shop.glocal.change_habits(|habits| habits.minor_units = 100);
        shop
    }

    /// Opens a shop with more lines for the till's channel and another plan for the till.
    #[track_caller]
    pub fn open_with(channel: &str, change: impl FnOnce(&mut TillPlan)) -> Self {
        Self::open_counting("minor_units = 0", channel, change)
    }

    #[track_caller]
    fn open_counting(units: &str, channel: &str, change: impl FnOnce(&mut TillPlan)) -> Self {
        let glocal = glocal::Sandbox::start();
        let glocal = glocal.unwrap_or_else(|error| panic!("the Smart Glocal sandbox does not start: {error}"));
        let secrets = Folder::make();
        let [at_till, at_bridge] = glocal_channels(&glocal, &secrets, units, channel);
        let till = |plan: &mut TillPlan| {
            plan.sells_over = "glocal".to_owned();
            plan.channels = at_till;
            change(plan);
        };
        let bridge = |plan: &mut BridgePlan| plan.channels = at_bridge;
        let shop = Shop::open_with_both(till, bridge);
        glocal.set_webhook_url(Some(shop.bridge.hook_url_of("glocal")));
        Self { shop, glocal, _secrets: secrets }
    }

    /// The newest session of a sale's order, once there is one.
    ///
    /// # Panics
    /// When none comes.
    #[track_caller]
    pub fn session(&self, sale: &Value) -> glocal::Session {
        let order = order(sale);
        wait_for(&format!("there is a session of {order}"), SOON, || {
            self.glocal.session_of(order).ok_or_else(|| format!("{:?}", self.glocal.sessions()))
        })
    }

    /// The customer scans what the display shows and pays it; the webhook is on its way.
    ///
    /// # Panics
    /// When the code is none of Smart Glocal's, or its session takes no money.
    #[track_caller]
    pub fn pay(&self, sale: &Value) {
        let bill = self.glocal.scan(sale["qr"].as_str().unwrap_or_default());
        let bill = bill.unwrap_or_else(|error| panic!("the wallet cannot read the code of {sale}: {error}"));
        assert_eq!(bill.amount, sale["amount"], "the wallet shows another amount: {sale}");
        self.glocal.pay(bill.session).unwrap_or_else(|error| panic!("the wallet cannot pay {sale}: {error}"));
    }

    /// One whole sale works.
    #[track_caller]
    pub fn assert_sells(&self, amount: u64) -> Value {
        let sale = self.shop.till.sell_and_show(amount);
        self.shop.till.wait_for_code(sale["qr"].as_str().unwrap_or_default());
        self.pay(&sale);
        let paid = self.shop.till.wait_state(id_of(&sale), "paid", SOON);
        self.shop.assert_code_is_gone(&paid);
        assert_eq!(paid["paid_amount"], amount, "{paid}");
        paid
    }
}

/// A payer for every sale, as a provider may agree to.
pub const PAYER: &str =
    "payer = { full_name = \"Nguyen Van A\", document = \"012345678901\", email = \"a@shop.example\" }";

/// Finan's channel in the configurations of till and bridge, with more lines for each; its keys go into a folder.
pub fn finan_channels(finan: &finan::Sandbox, secrets: &Folder, at_till: &str, at_bridge: &str) -> [String; 2] {
    let (keys, base_url, fallback) = (finan.credentials(), finan.base_url(), crate::shop::TERMINAL);
    let id = secrets.write("client-id", format!("{}\n", keys.client_id));
    let secret = secrets.write("secret", format!("{}\n", keys.secret));
    let begin = "[[channel]]\nid = \"finan\"\nprovider = \"finan\"";
    let key = format!("secret = {{ file = {secret:?} }}");
    [
        format!("{begin}\nbase_url = \"{base_url}\"\nclient_id = {{ file = {id:?} }}\n{key}\n{at_till}\n"),
        format!("{begin}\n{key}\nfallback = {fallback}\n{at_bridge}\n"),
    ]
}

/// Smart Glocal's channel in the configurations of till and bridge, with more lines for the till; its keys go into a folder.
pub fn glocal_channels(glocal: &glocal::Sandbox, secrets: &Folder, units: &str, at_till: &str) -> [String; 2] {
    let (keys, base_url, fallback) = (glocal.credentials(), glocal.base_url(), crate::shop::TERMINAL);
    let private = secrets.write("private.pem", &keys.private_key);
    let public = secrets.write("webhooks.pem", &keys.webhook_public_key);
    let begin = "[[channel]]\nid = \"glocal\"\nprovider = \"smart-glocal\"";
    let (key, project) = (format!("webhook_public_key = {public:?}"), keys.project);
    [
        format!(
            "{begin}\nbase_url = \"{base_url}\"\nproject = \"{project}\"\nprivate_key = {{ file = {private:?} }}\n\
             {key}\n{units}\n{at_till}\n"
        ),
        format!("{begin}\n{key}\nfallback = {fallback}\n"),
    ]
}

/// The order reference of a sale.
///
/// # Panics
/// When it has none.
#[track_caller]
pub fn order(sale: &Value) -> &str {
    sale["order"].as_str().unwrap_or_else(|| panic!("a sale has an order: {sale}"))
}
