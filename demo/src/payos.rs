//! A payOS sandbox over HTTP on a loopback port: it behaves as payOS is known to (providers.md §1), and misbehaves on
//! demand. It must not use the till's own formats and signatures, because it is the independent check of them.

mod answer;
mod book;
mod desk;
mod faults;
mod json;
mod line;
mod order;
mod request;
mod server;
mod signing;
mod webhook;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{broadcast, oneshot};

use crate::vietqr::{self, BankAccount, ScanError};
use desk::Desk;
use json::Json;
use request::CreateRequest;

pub use crate::clock::Moment;
pub use desk::{Credentials, Delivery, Note};
pub use faults::{CallKind, Fault, Lasting, Received};
pub use order::{Order, OrderCode, Reference, Status, Transfer};

/// A running sandbox. Copies of the handle control the same one; it stops when the last copy is dropped.
///
/// It has a thread of its own, so every method may be called from blocking and from asynchronous code.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Running>);

#[derive(Debug)]
struct Running {
    address: SocketAddr,
    desk: Arc<Desk>,
    /// Where webhooks are sent from.
    tasks: Handle,
    /// Dropping it ends the server's thread.
    _stop: oneshot::Sender<()>,
}

/// Why the sandbox did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No loopback port could be had.
    #[error("cannot listen on a loopback port")]
    Listen(#[source] io::Error),
    /// The system refused a thread or what it needs.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] io::Error),
}

/// Why a customer could not pay.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PayError {
    /// The sandbox never made such an order.
    #[error("no order `{0}` is known here")]
    UnknownOrder(OrderCode),
    /// A transfer has at least one đồng.
    #[error("a transfer of nothing is none")]
    Nothing,
    /// The bank's app cannot read the code.
    #[error("the bank refuses the code")]
    Code(#[source] ScanError),
    /// The code is sound, but is for another account or has another transfer text.
    #[error("the code belongs to no order made here")]
    OrderOfCode,
    /// The code carries no amount.
    #[error("the code carries no amount")]
    AmountOfCode,
}

/// What a customer's app reads from a code of this sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The order behind the code.
    pub order: OrderCode,
    /// In đồng, as the code says.
    pub amount: u64,
}

impl Sandbox {
    /// Starts a sandbox with the account of the documentation's sample (bank 970422, account 113366668888).
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start() -> Result<Self, StartError> {
        let account = BankAccount {
            bin: "970422".to_owned(),
            number: "113366668888".to_owned(),
            name: "QUAN CA PHE DEMO".to_owned(),
        };
        Self::start_with(account)
    }

    /// Starts a sandbox whose channel collects into `account`.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_with(account: BankAccount) -> Result<Self, StartError> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(StartError::Listen)?;
        listener.set_nonblocking(true).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let tasks = runtime.handle().clone();
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener).map_err(StartError::Listen)?
        };
        let desk = Arc::new(Desk::new(made_up_credentials(), account));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = desk.clone();
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = server::serve(listener, served) => {}
                    _ = stopped => {}
                }
            });
        };
        thread::Builder::new().name("payos-sandbox".to_owned()).spawn(work).map_err(StartError::Thread)?;
        Ok(Self(Arc::new(Running { address, desk, tasks, _stop: stop })))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// What the shop's programs need to speak to this channel.
    pub fn credentials(&self) -> Credentials {
        self.0.desk.credentials.clone()
    }

    /// The account that the channel collects into.
    pub fn account(&self) -> BankAccount {
        self.0.desk.account.clone()
    }

    /// Where webhooks go from now on (`http://` only), without a ping. `None` keeps them back until there is a place.
    pub fn set_webhook_url(&self, url: Option<String>) {
        self.0.desk.papers().webhook_url = url;
    }

    /// Every later webhook is delivered so many times, side by side.
    pub fn set_webhook_copies(&self, copies: u32) {
        self.0.desk.papers().webhook_copies = copies;
    }

    /// 25 characters, or 9 as for an account that is not linked through payOS.
    pub fn set_description_limit(&self, characters: usize) {
        self.0.desk.papers().description_limit = characters;
    }

    /// Puts the sandbox's clock ahead of the machine's (or behind, below 0): the header `Date`, all times and expiry.
    pub fn set_clock_offset_s(&self, seconds: i64) {
        self.0.desk.set_offset_s(seconds);
    }

    /// A customer pays: books a transfer and sends the signed webhook in the background until it gets 2xx.
    ///
    /// # Errors
    /// `UnknownOrder` and `Nothing`.
    pub fn pay(&self, order: impl Into<OrderCode>, amount: u64) -> Result<Reference, PayError> {
        let reference = self.pay_silently(order, amount)?;
        self.send_webhook_again(&reference);
        Ok(reference)
    }

    /// A customer pays, and no webhook is sent.
    ///
    /// # Errors
    /// `UnknownOrder` and `Nothing`.
    pub fn pay_silently(&self, order: impl Into<OrderCode>, amount: u64) -> Result<Reference, PayError> {
        let order = order.into();
        if amount == 0 {
            return Err(PayError::Nothing);
        }
        let now = self.0.desk.now();
        self.0.desk.papers().book.receive(order, amount, now).ok_or(PayError::UnknownOrder(order))
    }

    /// Reads a code as a customer's bank app does, and finds the order by the account and the transfer text in it.
    ///
    /// # Errors
    /// `Code`, `OrderOfCode` and `AmountOfCode`.
    pub fn read_code(&self, code: &str) -> Result<Bill, PayError> {
        let scanned = vietqr::scan(code).map_err(PayError::Code)?;
        let order = self.0.desk.papers().book.by_scan(&scanned, &self.0.desk.account).ok_or(PayError::OrderOfCode)?;
        let amount = scanned.amount.ok_or(PayError::AmountOfCode)?;
        Ok(Bill { order, amount })
    }

    /// Sends the webhook of a transfer (again). Nothing happens for a reference that is not known here.
    pub fn send_webhook_again(&self, reference: &Reference) {
        let Some(body) = self.webhook_body(reference) else {
            return;
        };
        let copies = self.0.desk.papers().webhook_copies;
        for _ in 0..copies {
            let delivery = webhook::deliver(self.0.desk.clone(), reference.clone(), body.clone());
            self.0.tasks.spawn(delivery);
        }
    }

    /// The signed body of a transfer's webhook, as it is sent.
    pub fn webhook_body(&self, reference: &Reference) -> Option<String> {
        let papers = self.0.desk.papers();
        let (order, transfer) = papers.book.by_reference(reference)?;
        let data = answer::transfer(order, transfer, &self.0.desk.account);
        Some(answer::webhook(data, &self.0.desk.credentials.checksum_key))
    }

    /// The signed body of the registration ping.
    pub fn ping_body(&self) -> String {
        answer::webhook(answer::ping(), &self.0.desk.credentials.checksum_key)
    }

    /// A webhook body around any `data`, properly signed: for payments that no customer can make here.
    pub fn sign_webhook(&self, data: &Map<String, Value>) -> String {
        let fields = match Json::from(&Value::Object(data.clone())) {
            Json::Object(fields) => fields,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => json::Fields::new(),
        };
        answer::webhook(fields, &self.0.desk.credentials.checksum_key)
    }

    /// All calls so far, oldest first (the newest 20 000).
    pub fn requests(&self) -> Vec<Received> {
        self.0.desk.papers().received()
    }

    /// The time that the sandbox has spent on calls: from each one's arrival until its answer was ready.
    pub fn busy(&self) -> Duration {
        self.0.desk.papers().busy
    }

    /// All attempts to deliver webhooks, oldest first (the newest 20 000). The registration's ping is not among them.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.desk.papers().deliveries()
    }

    /// Hears every call and every delivery from now on; one that is 256 notes behind misses the oldest.
    pub fn listen(&self) -> broadcast::Receiver<Note> {
        self.0.desk.papers().listen()
    }

    /// A transfer by its number at the bank.
    pub fn transfer(&self, reference: &Reference) -> Option<Transfer> {
        self.0.desk.papers().book.by_reference(reference).map(|(_, transfer)| transfer.clone())
    }

    /// All orders as they are now, by their numbers.
    pub fn orders(&self) -> Vec<Order> {
        let now = self.0.desk.now();
        self.0.desk.papers().book.all(now)
    }

    /// One order as it is now.
    pub fn order(&self, code: impl Into<OrderCode>) -> Option<Order> {
        let now = self.0.desk.now();
        self.0.desk.papers().book.by_code(code.into(), now).cloned()
    }

    /// Puts an order into a state that it does not reach by itself, such as `PROCESSING` or `FAILED`.
    ///
    /// # Errors
    /// `UnknownOrder`.
    pub fn set_status(&self, code: impl Into<OrderCode>, status: Status) -> Result<(), PayError> {
        let code = code.into();
        let now = self.0.desk.now();
        let mut papers = self.0.desk.papers();
        let order = papers.book.by_code(code, now).ok_or(PayError::UnknownOrder(code))?;
        order.status = status;
        Ok(())
    }

    /// Makes an order that some other program of the shop made before: a create with its number is refused with 231.
    /// Nothing happens when the number is taken.
    pub fn add_foreign_order(&self, code: impl Into<OrderCode>, amount: u64) {
        let request =
            CreateRequest { order: code.into(), amount, description: "web shop".to_owned(), expires_at: None };
        let now = self.0.desk.now();
        // The only refusal is that of a taken number.
        let _ = self.0.desk.papers().book.create(request, now);
    }

    /// Plans a fault for calls of a kind. Faults of a kind come one after the other, in the order of planning.
    pub fn plan(&self, kind: CallKind, fault: Fault, lasting: Lasting) {
        self.0.desk.papers().faults.plan(kind, fault, lasting);
    }

    /// Ends all faults, planned and present.
    pub fn reset_faults(&self) {
        self.0.desk.papers().faults.reset();
    }
}

/// Random, so that nothing of one run is valid in another.
fn made_up_credentials() -> Credentials {
    Credentials {
        client_id: format!("{:032x}", fastrand::u128(..)),
        api_key: format!("{:032x}", fastrand::u128(..)),
        checksum_key: format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..)),
    }
}

#[cfg(test)]
mod tests;
