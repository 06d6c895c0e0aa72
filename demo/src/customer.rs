//! The customer at any of the three providers: reads a code, pays, gets money back. It must not know the till.

use thiserror::Error;

use crate::providers::{ProviderName, Providers};
use crate::vietqr::{self, ScanError};
use crate::{finan, glocal, payos};

/// What a customer's phone reads from a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What is paid.
    pub order: Order,
    /// In đồng; none when the payer types it.
    pub amount: Option<u64>,
}

/// What is behind a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A payment link of payOS.
    Payos(payos::OrderCode),
    /// A payment request of Finan.
    Finan(finan::RequestId),
    /// An account at Finan, with the text that a transfer carries.
    Account(String),
    /// A session of Smart Glocal.
    SmartGlocal(glocal::SessionId),
}

/// A payment, by its provider's own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// A bank transfer.
    Payos(payos::Reference),
    /// A payment.
    Finan(finan::PaymentId),
    /// The one payment of a session.
    SmartGlocal(glocal::SessionId),
}

/// Why a customer could not pay.
#[derive(Debug, Error)]
pub enum PayError {
    /// No bank and no wallet can read the code.
    #[error("no bank can read the code")]
    Code(#[source] ScanError),
    /// The code is sound, and belongs to nothing here.
    #[error("the code belongs to no order made here")]
    Nobody,
    /// A code says how much, and not everything can be paid in parts.
    #[error("this cannot be paid in that way")]
    Way,
    /// payOS refuses.
    #[error("payOS does not take it")]
    Payos(#[source] payos::PayError),
    /// Finan refuses.
    #[error("Finan does not take it")]
    Finan(#[source] finan::PayError),
    /// Smart Glocal refuses.
    #[error("Smart Glocal does not take it")]
    SmartGlocal(#[source] glocal::SessionError),
}

impl Order {
    /// Who collects the money.
    pub fn provider(&self) -> ProviderName {
        match self {
            Self::Payos(_) => ProviderName::Payos,
            Self::Finan(_) | Self::Account(_) => ProviderName::Finan,
            Self::SmartGlocal(_) => ProviderName::SmartGlocal,
        }
    }
}

impl Providers {
    /// Reads a code as the customer's phone does: a wallet opens an address, a bank's app reads a VietQR.
    ///
    /// # Errors
    /// `Code` and `Nobody`.
    pub fn read_code(&self, code: &str) -> Result<Bill, PayError> {
        if code.starts_with("https://") {
            let bill = self.glocal.scan(code).map_err(|_| PayError::Nobody)?;
            return Ok(Bill { order: Order::SmartGlocal(bill.session), amount: Some(bill.amount) });
        }
        vietqr::scan(code).map_err(PayError::Code)?;
        if let Ok(bill) = self.payos.read_code(code) {
            return Ok(Bill { order: Order::Payos(bill.order), amount: Some(bill.amount) });
        }
        match self.finan.read_code(code).map_err(|_| PayError::Nobody)? {
            finan::Bill::Request { id, amount } => Ok(Bill { order: Order::Finan(id), amount }),
            finan::Bill::Account { amount, purpose } => {
                Ok(Bill { order: Order::Account(purpose.unwrap_or_default()), amount })
            }
        }
    }

    /// Pays that much; the provider's webhook is on its way.
    ///
    /// # Errors
    /// When the provider does not take it; `Way` for another amount than a wallet's page has.
    pub fn pay(&self, bill: &Bill, amount: u64) -> Result<Paid, PayError> {
        match &bill.order {
            Order::Payos(order) => self.payos.pay(*order, amount).map(Paid::Payos).map_err(PayError::Payos),
            Order::Finan(id) => self.finan.pay(id.as_str(), amount).map(Paid::Finan).map_err(PayError::Finan),
            Order::Account(text) => self.finan.pay_account(text, amount).map(Paid::Finan).map_err(PayError::Finan),
            Order::SmartGlocal(_) if bill.amount != Some(amount) => Err(PayError::Way),
            Order::SmartGlocal(session) => {
                self.glocal.pay(*session).map_err(PayError::SmartGlocal)?;
                Ok(Paid::SmartGlocal(*session))
            }
        }
    }

    /// The customer's wallet tells that it cannot pay.
    ///
    /// # Errors
    /// `Way` when there is no wallet's page, or when Smart Glocal does not take it.
    pub fn fail(&self, bill: &Bill) -> Result<(), PayError> {
        let session = session_of(bill)?;
        self.glocal.fail(session, glocal::Failure::Final).map_err(PayError::SmartGlocal)
    }

    /// The shop gives everything back, in its console at the provider.
    ///
    /// # Errors
    /// `Way` when the provider cannot, or when Smart Glocal does not.
    pub fn refund(&self, bill: &Bill) -> Result<u64, PayError> {
        let session = session_of(bill)?;
        let amount = bill.amount.ok_or(PayError::Way)?;
        let units = amount.saturating_mul(self.glocal.habits().minor_units);
        self.glocal.refund(session, units, glocal::Refunding::Refund).map_err(PayError::SmartGlocal)?;
        Ok(amount)
    }

    /// What has been paid for it so far, in đồng.
    pub fn paid(&self, order: &Order) -> u64 {
        match order {
            Order::Payos(code) => self.payos.order(*code).map_or(0, |order| order.amount_paid()),
            Order::Finan(id) => self.finan.payment_request(id.as_str()).map_or(0, |request| request.paid_amount()),
            Order::Account(_) => 0,
            Order::SmartGlocal(id) => {
                let session = self.glocal.session(*id);
                let paid = session.filter(|session| session.stage == glocal::Stage::Succeeded);
                let units = self.glocal.habits().minor_units;
                paid.and_then(|session| session.payment?.amount.checked_div(units)).unwrap_or(0)
            }
        }
    }

    /// The shop's own name for an order, as the till writes it; none for what no order is behind.
    pub fn reference(&self, order: &Order) -> Option<String> {
        match order {
            // payOS takes numbers alone: all digits of the name in a row.
            Order::Payos(code) => {
                let digits = format!("{:0>16}", code.to_string());
                digits.split_at_checked(7).map(|(terminal, sequence)| format!("{terminal}-{sequence}"))
            }
            Order::Finan(id) => self.finan.payment_request(id.as_str()).map(|made| made.reference.to_string()),
            Order::Account(_) => None,
            Order::SmartGlocal(id) => self.glocal.session(*id)?.payment.map(|payment| payment.reference),
        }
    }

    /// The payment's own name, as a till that heard of it tells it.
    pub fn name(&self, paid: &Paid) -> String {
        match paid {
            Paid::Payos(reference) => reference.to_string(),
            Paid::Finan(id) => id.to_string(),
            Paid::SmartGlocal(id) => {
                let payment = self.glocal.session(*id).and_then(|session| session.payment);
                payment.map(|payment| payment.id).unwrap_or_default()
            }
        }
    }
}

fn session_of(bill: &Bill) -> Result<glocal::SessionId, PayError> {
    match bill.order {
        Order::SmartGlocal(session) => Ok(session),
        Order::Payos(_) | Order::Finan(_) | Order::Account(_) => Err(PayError::Way),
    }
}

#[cfg(test)]
mod tests;
