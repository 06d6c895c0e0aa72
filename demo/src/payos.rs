//! A payOS sandbox over HTTP on a loopback port: it behaves as payOS is known to (providers.md §1), and misbehaves on
//! demand. It must not use the till's own formats and signatures, because it is the independent check of them.

mod answer;
mod book;
mod order;
mod provider;
mod request;
mod signing;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::sandbox::{self, Fields, Json, made_up_hex};
use crate::vietqr::{self, BankAccount, ScanError};
use book::Book;
use provider::Shelf;
use request::CreateRequest;

pub use crate::clock::Moment;
pub use crate::sandbox::{Fault, Lasting, StartError};
pub use order::{Order, OrderCode, Reference, Status, Transfer};
pub use provider::{CallKind, Credentials, Payos};

/// A running payOS.
pub type Sandbox = sandbox::Sandbox<Payos>;
/// A call that it received; the order is named when its number is in the path or the body.
pub type Received = sandbox::Received<OrderCode>;
/// One attempt to tell of a transfer.
pub type Delivery = sandbox::Delivery<Reference>;
/// What happens at its doors.
pub type Note = sandbox::Note<OrderCode, Reference>;

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
        let shelf = Shelf { book: Book::default(), description_limit: 25 };
        Self::open(Payos { credentials: made_up_credentials(), account }, shelf)
    }

    /// What the shop's programs need to speak to this channel.
    pub fn credentials(&self) -> Credentials {
        self.desk().provider.credentials.clone()
    }

    /// The account that the channel collects into.
    pub fn account(&self) -> BankAccount {
        self.desk().provider.account.clone()
    }

    /// 25 characters, or 9 as for an account that is not linked through payOS.
    pub fn set_description_limit(&self, characters: usize) {
        self.desk().papers().book.description_limit = characters;
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
        let now = self.desk().now();
        self.desk().papers().book.book.receive(order, amount, now).ok_or(PayError::UnknownOrder(order))
    }

    /// Reads a code as a customer's bank app does, and finds the order by the account and the transfer text in it.
    ///
    /// # Errors
    /// `Code`, `OrderOfCode` and `AmountOfCode`.
    pub fn read_code(&self, code: &str) -> Result<Bill, PayError> {
        let scanned = vietqr::scan(code).map_err(PayError::Code)?;
        let order = self
            .desk()
            .papers()
            .book
            .book
            .by_scan(&scanned, &self.desk().provider.account)
            .ok_or(PayError::OrderOfCode)?;
        let amount = scanned.amount.ok_or(PayError::AmountOfCode)?;
        Ok(Bill { order, amount })
    }

    /// The signed body of a transfer's webhook, as it is sent.
    pub fn webhook_body(&self, reference: &Reference) -> Option<String> {
        let papers = self.desk().papers();
        let (order, transfer) = papers.book.book.by_reference(reference)?;
        let data = answer::transfer(order, transfer, &self.desk().provider.account);
        Some(answer::webhook(data, &self.desk().provider.credentials.checksum_key))
    }

    /// The signed body of the registration ping.
    pub fn ping_body(&self) -> String {
        answer::webhook(answer::ping(), &self.desk().provider.credentials.checksum_key)
    }

    /// A webhook body around any `data`, properly signed: for payments that no customer can make here.
    pub fn sign_webhook(&self, data: &Map<String, Value>) -> String {
        let fields = match Json::from(&Value::Object(data.clone())) {
            Json::Object(fields) => fields,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => Fields::new(),
        };
        answer::webhook(fields, &self.desk().provider.credentials.checksum_key)
    }

    /// A transfer by its number at the bank.
    pub fn transfer(&self, reference: &Reference) -> Option<Transfer> {
        self.desk().papers().book.book.by_reference(reference).map(|(_, transfer)| transfer.clone())
    }

    /// All orders as they are now, by their numbers.
    pub fn orders(&self) -> Vec<Order> {
        let now = self.desk().now();
        self.desk().papers().book.book.all(now)
    }

    /// One order as it is now.
    pub fn order(&self, code: impl Into<OrderCode>) -> Option<Order> {
        let now = self.desk().now();
        self.desk().papers().book.book.by_code(code.into(), now).cloned()
    }

    /// Puts an order into a state that it does not reach by itself, such as `PROCESSING` or `FAILED`.
    ///
    /// # Errors
    /// `UnknownOrder`.
    pub fn set_status(&self, code: impl Into<OrderCode>, status: Status) -> Result<(), PayError> {
        let code = code.into();
        let now = self.desk().now();
        let mut papers = self.desk().papers();
        let order = papers.book.book.by_code(code, now).ok_or(PayError::UnknownOrder(code))?;
        order.status = status;
        Ok(())
    }

    /// Makes an order that some other program of the shop made before: a create with its number is refused with 231.
    /// Nothing happens when the number is taken.
    pub fn add_foreign_order(&self, code: impl Into<OrderCode>, amount: u64) {
        let request =
            CreateRequest { order: code.into(), amount, description: "web shop".to_owned(), expires_at: None };
        let now = self.desk().now();
        // The only refusal is that of a taken number.
        let _ = self.desk().papers().book.book.create(request, now);
    }
}

fn made_up_credentials() -> Credentials {
    Credentials { client_id: made_up_hex(), api_key: made_up_hex(), checksum_key: made_up_hex() + &made_up_hex() }
}

#[cfg(test)]
mod tests;
