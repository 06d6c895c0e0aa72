//! All payment requests and accounts of the sandbox's one merchant, and the money on them. It must not know HTTP or
//! faults.

use super::account::{Account, Bank};
use super::habits::{Duplicates, Habits};
use super::payment::{Method, Origin, Payment, PaymentId, PaymentRequest, ReferenceId, RequestId};
use super::refusal::Refusal;
use super::request::CreateRequest;
use crate::clock::Moment;
use crate::sandbox::{made_up_mark, made_up_uuid};
use crate::vietqr::{Scanned, fold};

/// What changes at Finan.
#[derive(Debug)]
pub struct Book {
    pub(super) habits: Habits,
    /// The first one collects where a create names none.
    pub(super) first: Account,
    others: Vec<Account>,
    /// In the order of making.
    requests: Vec<PaymentRequest>,
    /// Money that nobody had asked for.
    unasked: Vec<Payment>,
}

impl Book {
    pub(crate) fn new(first: Account) -> Self {
        Self { habits: Habits::default(), first, others: Vec::new(), requests: Vec::new(), unasked: Vec::new() }
    }

    /// The bank whose rules go for the merchant.
    pub(crate) fn bank(&self) -> Bank {
        self.first.bank
    }

    pub(crate) fn add_account(&mut self, account: Account) {
        self.others.push(account);
    }

    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Account> {
        [&self.first].into_iter().chain(&self.others)
    }

    pub(crate) fn requests(&self) -> &[PaymentRequest] {
        &self.requests
    }

    pub(crate) fn create(&mut self, wanted: CreateRequest, now: Moment) -> Result<PaymentRequest, Refusal> {
        let used = self.requests.iter().any(|request| request.reference == wanted.reference);
        if used && self.habits.duplicates == Duplicates::Refused {
            return Err(Refusal::duplicate());
        }
        let account = match &wanted.account_id {
            Some(id) => self.accounts().find(|account| account.id == *id),
            None => Some(&self.first),
        };
        let account = account.ok_or_else(|| Refusal::invalid("account_id is not known"))?;
        let request = new_request(wanted, account.clone(), now);
        self.requests.push(request.clone());
        Ok(request)
    }

    /// Finds a payment request by Finan's id, with or without `PR-`.
    pub(crate) fn by_id(&self, id: &str) -> Option<&PaymentRequest> {
        let id = id.strip_prefix("PR-").unwrap_or(id);
        self.requests.iter().rev().find(|request| request.id.as_str() == id)
    }

    /// Finds a payment request by Finan's id or by the shop's reference: then the newest one.
    pub(crate) fn by_name(&self, name: &str) -> Option<&PaymentRequest> {
        self.by_id(name).or_else(|| self.requests.iter().rev().find(|request| request.reference.as_str() == name))
    }

    /// The payment request whose account and remark a code carries.
    pub(crate) fn by_scan(&self, scanned: &Scanned) -> Option<&PaymentRequest> {
        let purpose = scanned.purpose.as_deref()?;
        let fits =
            |request: &&PaymentRequest| is_account_of(&request.account, scanned) && fold(&request.remark) == purpose;
        self.requests.iter().rev().find(fits)
    }

    /// The account that a code pays to.
    pub(crate) fn account_by_scan(&self, scanned: &Scanned) -> Option<&Account> {
        self.accounts().find(|account| is_account_of(account, scanned))
    }

    /// Books money for a payment request; none when there is no such request.
    pub(crate) fn receive(&mut self, id: &RequestId, amount: u64, now: Moment) -> Option<PaymentId> {
        let request = self.requests.iter_mut().find(|request| request.id == *id)?;
        let payment = new_payment(amount, request.method, now, Origin::Request(id.clone()));
        request.payments.push(payment.clone());
        Some(payment.id)
    }

    /// Books money that nobody had asked for.
    pub(crate) fn receive_unasked(&mut self, typed: &str, amount: u64, now: Moment) -> PaymentId {
        let payment = new_payment(amount, Method::BankTransfer, now, Origin::Nobody(typed.to_owned()));
        self.unasked.push(payment.clone());
        payment.id
    }

    /// A payment and the payment request behind it, if any.
    pub(crate) fn payment(&self, id: &PaymentId) -> Option<(&Payment, Option<&PaymentRequest>)> {
        let asked = self.requests.iter().flat_map(|request| request.payments.iter().map(move |p| (p, Some(request))));
        asked.chain(self.unasked.iter().map(|payment| (payment, None))).find(|(payment, _)| payment.id == *id)
    }
}

fn is_account_of(account: &Account, scanned: &Scanned) -> bool {
    account.details.bin == scanned.bin && account.details.number == scanned.account
}

fn new_payment(amount: u64, method: Method, at: Moment, origin: Origin) -> Payment {
    Payment { id: PaymentId::new(format!("PAY-{}", made_up_uuid())), amount, method, at, origin }
}

fn new_request(wanted: CreateRequest, account: Account, now: Moment) -> PaymentRequest {
    PaymentRequest {
        id: RequestId::new(made_up_uuid()),
        code: format!("PR{}", made_up_mark(6)),
        reference: wanted.reference,
        reference_type: wanted.reference_type,
        amount: wanted.amount,
        description: wanted.description,
        method: wanted.method,
        account,
        remark: format!("TT{}", made_up_mark(6)),
        created_at: now,
        payments: Vec::new(),
        merchant: wanted.merchant,
        customer: wanted.customer,
    }
}

/// Somebody else's payment request for the same money: what a mixed-up answer would be about.
pub(crate) fn stranger_of(request: &PaymentRequest) -> PaymentRequest {
    PaymentRequest {
        id: RequestId::new(made_up_uuid()),
        code: format!("PR{}", made_up_mark(6)),
        reference: ReferenceId::new(format!("{}-x", request.reference)),
        remark: format!("TT{}", made_up_mark(6)),
        ..request.clone()
    }
}
