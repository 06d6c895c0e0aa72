//! A Finan sandbox over HTTP on a loopback port: it behaves as Finan is documented to (providers.md §2), and misbehaves on
//! demand. It must not use the till's own formats and signatures, because it is the independent check of them.

mod account;
mod answer;
mod book;
mod habits;
mod payment;
mod provider;
mod query;
mod refusal;
mod request;
mod signing;

use thiserror::Error;

use crate::sandbox::{self, made_up_hex, made_up_uuid};
use crate::vietqr::{self, ScanError};
use book::Book;
use request::CreateRequest;

pub use crate::clock::Moment;
pub use crate::sandbox::{Fault, Lasting, Message, StartError};
pub use account::{Account, Bank};
pub use habits::{Duplicates, Habits, IdForm, Refusals, Single, Typed, Unasked};
pub use payment::{Method, Origin, Payment, PaymentId, PaymentRequest, ReferenceId, RequestId, Status};
pub use provider::{CallKind, Credentials, Finan};
pub use signing::SignatureKind;

/// A running Finan. `base_url` ends with `/open`.
pub type Sandbox = sandbox::Sandbox<Finan>;
/// A call that it received; the order is named when the shop's reference is in the body or the query.
pub type Received = sandbox::Received<ReferenceId>;
/// One attempt to tell of a payment.
pub type Delivery = sandbox::Delivery<PaymentId>;
/// What happens at its doors.
pub type Note = sandbox::Note<ReferenceId, PaymentId>;

/// Why a customer could not pay.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PayError {
    /// The sandbox never made such a payment request.
    #[error("no payment request `{0}` is known here")]
    UnknownRequest(String),
    /// A payment has at least one đồng.
    #[error("a payment of nothing is none")]
    Nothing,
    /// Finan's page takes no money after the link's time.
    #[error("the page is closed: the link's 30 minutes are over")]
    Closed,
    /// The bank's app cannot read the code.
    #[error("the bank refuses the code")]
    Code(#[source] ScanError),
    /// The code is sound, but is for somebody else's account.
    #[error("the code belongs to no account here")]
    AccountOfCode,
    /// The address is not that of a page here.
    #[error("the address belongs to no payment request made here")]
    PageOfCode,
}

/// What a customer's phone reads from a code of this sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bill {
    /// A code or page of a payment request.
    Request {
        /// Which one.
        id: RequestId,
        /// In đồng, as the code says; none when the payer must type it.
        amount: Option<u64>,
    },
    /// A code of the account that no payment request is behind: the static one, or one that a till made by itself.
    Account {
        /// In đồng; none when the payer types it.
        amount: Option<u64>,
        /// The transfer's text; none when the payer types it.
        purpose: Option<String>,
    },
}

impl Sandbox {
    /// Starts a sandbox with an account at MB, that of the documentation's sample.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start() -> Result<Self, StartError> {
        Self::start_at(Bank::Mb)
    }

    /// Starts a sandbox whose merchant has an account at `bank`, and so the bank's rules.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_at(bank: Bank) -> Result<Self, StartError> {
        let credentials = Credentials { client_id: made_up_uuid(), secret: made_up_hex() };
        let account = Account::new(bank, "0933450210", "TRAN TU THIEN");
        Self::open(Finan { credentials }, Book::new(account))
    }

    /// What the shop's programs need to speak to this Finan.
    pub fn credentials(&self) -> Credentials {
        self.desk().provider.credentials.clone()
    }

    /// The account that collects where a create names none.
    pub fn account(&self) -> Account {
        self.desk().papers().book.first.clone()
    }

    /// Opens a further account at the same bank.
    pub fn add_account(&self, number: &str, name: &str) -> Account {
        let book = &mut self.desk().papers().book;
        let account = Account::new(book.bank(), number, name);
        book.add_account(account.clone());
        account
    }

    /// The code of the account for any amount, as the bank-account calls answer it.
    pub fn static_code(&self) -> String {
        vietqr::build(&self.account().details, None, "")
    }

    /// How it behaves from now on where the documentation is silent.
    pub fn set_habits(&self, habits: Habits) {
        self.desk().papers().book.habits = habits;
    }

    /// A customer pays: books a payment and sends the signed webhook in the background until it gets 200. `order` is
    /// Finan's id, with or without `PR-`, or the shop's reference (of several requests the newest). It may be paid in
    /// parts, and more than its amount.
    ///
    /// # Errors
    /// `UnknownRequest`, `Nothing` and `Closed`.
    pub fn pay(&self, order: &str, amount: u64) -> Result<PaymentId, PayError> {
        let id = self.pay_silently(order, amount)?;
        self.send_webhook_again(&id);
        Ok(id)
    }

    /// A customer pays, and no webhook is sent.
    ///
    /// # Errors
    /// `UnknownRequest`, `Nothing` and `Closed`.
    pub fn pay_silently(&self, order: &str, amount: u64) -> Result<PaymentId, PayError> {
        if amount == 0 {
            return Err(PayError::Nothing);
        }
        let unknown = || PayError::UnknownRequest(order.to_owned());
        let now = self.desk().now();
        let book = &mut self.desk().papers().book;
        let request = book.by_name(order).ok_or_else(unknown)?;
        if request.payment_url().is_some() && request.expires_at() <= now {
            return Err(PayError::Closed);
        }
        let id = request.id.clone();
        book.receive(&id, amount, now).ok_or_else(unknown)
    }

    /// A customer sends money to the account without any payment request, and types `text`. The webhook is sent as in
    /// `pay`.
    ///
    /// # Errors
    /// `Nothing`.
    pub fn pay_account(&self, text: &str, amount: u64) -> Result<PaymentId, PayError> {
        let id = self.pay_account_silently(text, amount)?;
        self.send_webhook_again(&id);
        Ok(id)
    }

    /// A customer sends money to the account without any payment request, and no webhook is sent.
    ///
    /// # Errors
    /// `Nothing`.
    pub fn pay_account_silently(&self, text: &str, amount: u64) -> Result<PaymentId, PayError> {
        if amount == 0 {
            return Err(PayError::Nothing);
        }
        let now = self.desk().now();
        Ok(self.desk().papers().book.receive_unasked(text, amount, now))
    }

    /// Reads a code as a customer's phone does: a page of Finan's, or a VietQR by the account and the text in it.
    ///
    /// # Errors
    /// `Code`, `AccountOfCode` and `PageOfCode`.
    pub fn read_code(&self, code: &str) -> Result<Bill, PayError> {
        let book = &self.desk().papers().book;
        if code.starts_with("https://") {
            let request = book.requests().iter().find(|request| request.payment_url().as_deref() == Some(code));
            let request = request.ok_or(PayError::PageOfCode)?;
            return Ok(Bill::Request { id: request.id.clone(), amount: Some(request.amount) });
        }
        let scanned = vietqr::scan(code).map_err(PayError::Code)?;
        if let Some(request) = book.by_scan(&scanned) {
            return Ok(Bill::Request { id: request.id.clone(), amount: scanned.amount });
        }
        book.account_by_scan(&scanned).ok_or(PayError::AccountOfCode)?;
        Ok(Bill::Account { amount: scanned.amount, purpose: scanned.purpose })
    }

    /// The webhook of a payment as it is sent to `url` now.
    pub fn webhook(&self, id: &PaymentId, url: &str) -> Option<Message> {
        <Finan as sandbox::Provider>::webhook(self.desk(), id, url)
    }

    /// A webhook to `url` with any body, properly signed now: for payments that no customer can make here.
    pub fn sign_webhook(&self, url: &str, body: &str) -> Message {
        self.sign_webhook_at(url, body, self.desk().now())
    }

    /// A webhook to `url` with any body, properly signed at any time.
    pub fn sign_webhook_at(&self, url: &str, body: &str, at: Moment) -> Message {
        let habits = self.desk().papers().book.habits;
        provider::signed_webhook(&self.desk().provider.credentials, habits, url, body.to_owned(), at.secs())
    }

    /// A payment by its id.
    pub fn payment(&self, id: &PaymentId) -> Option<Payment> {
        self.desk().papers().book.payment(id).map(|(payment, _)| payment.clone())
    }

    /// All payment requests, oldest first.
    pub fn payment_requests(&self) -> Vec<PaymentRequest> {
        self.desk().papers().book.requests().to_vec()
    }

    /// One payment request, named as in `pay`.
    pub fn payment_request(&self, order: &str) -> Option<PaymentRequest> {
        self.desk().papers().book.by_name(order).cloned()
    }

    /// Makes a payment request that some other program of the shop made before. Nothing happens when duplicates are
    /// refused and the reference is taken.
    pub fn add_foreign_order(&self, reference: &str, amount: u64) {
        let wanted = CreateRequest {
            amount,
            reference: ReferenceId::new(reference),
            reference_type: None,
            description: Some("web shop".to_owned()),
            method: Method::BankTransfer,
            account_id: None,
            merchant: None,
            customer: None,
        };
        let now = self.desk().now();
        // The only refusal is that of a taken reference.
        let _ = self.desk().papers().book.create(wanted, now);
    }
}

#[cfg(test)]
mod tests;
