//! Payment requests at the sandbox and the money that reached them: names, states. It must not know HTTP or signatures.

use std::fmt;

use serde_json::{Map, Value};

use super::account::Account;
use crate::clock::Moment;

/// A link lives so long, in seconds.
const LIFE_S: i64 = 30 * 60;

/// The text by which a shop names what is to be paid (`reference_id`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceId(String);

/// Finan's own id of a payment request, bare: a UUID without `PR-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(String);

/// Finan's id of a payment (`PAY-…`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId(String);

macro_rules! text {
    ($name:ident) => {
        impl $name {
            pub(crate) fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text!(ReferenceId);
text!(RequestId);
text!(PaymentId);

/// How a customer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a VietQR code.
    BankTransfer,
    /// On Finan's page.
    Card,
    /// On Finan's page.
    EwalletMomo,
}

impl Method {
    /// Finan's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BankTransfer => "bank_transfer",
            Self::Card => "card",
            Self::EwalletMomo => "ewallet_momo",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::BankTransfer, Self::Card, Self::EwalletMomo].into_iter().find(|method| method.as_str() == word)
    }
}

/// A payment request's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No money came.
    Unpaid,
    /// Less than the amount came.
    PartialPaid,
    /// The amount came.
    Paid,
    /// More than the amount came.
    ExtraPaid,
}

impl Status {
    /// Finan's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::PartialPaid => "partial_paid",
            Self::Paid => "paid",
            Self::ExtraPaid => "extra_paid",
        }
    }
}

/// Money that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Finan's id.
    pub id: PaymentId,
    /// In đồng.
    pub amount: u64,
    /// How it was paid.
    pub method: Method,
    /// When it arrived, by the sandbox's clock.
    pub at: Moment,
    /// Who had asked for it.
    pub origin: Origin,
}

/// Who had asked for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A payment request.
    Request(RequestId),
    /// Nobody: the payer sent it to the account, with this text.
    Nobody(String),
}

/// A payment request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Finan's id.
    pub id: RequestId,
    /// Finan's short code, e.g. `PRJXH9KU`.
    pub code: String,
    /// The shop's name for it.
    pub reference: ReferenceId,
    /// E.g. `invoice`.
    pub reference_type: Option<String>,
    /// In đồng.
    pub amount: u64,
    /// The shop's note.
    pub description: Option<String>,
    /// How it is to be paid.
    pub method: Method,
    /// Where its money goes.
    pub account: Account,
    /// The text that a transfer carries, e.g. `TTVD7ZZS`.
    pub remark: String,
    /// When it was made, by the sandbox's clock.
    pub created_at: Moment,
    /// All money that arrived, oldest first.
    pub payments: Vec<Payment>,
    pub(super) merchant: Option<Map<String, Value>>,
    pub(super) customer: Option<Map<String, Value>>,
}

impl PaymentRequest {
    /// The sum of all payments, in đồng.
    pub fn paid_amount(&self) -> u64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.amount))
    }

    /// The state, which is a matter of sums alone: no word for a link whose time is over is documented.
    pub fn status(&self) -> Status {
        match self.paid_amount() {
            0 => Status::Unpaid,
            paid if paid < self.amount => Status::PartialPaid,
            paid if paid == self.amount => Status::Paid,
            _ => Status::ExtraPaid,
        }
    }

    /// When the link's time is over. A code that was scanned can still bring money then (unconfirmed).
    pub fn expires_at(&self) -> Moment {
        Moment::from_secs(self.created_at.secs().saturating_add(LIFE_S))
    }

    /// Finan's page for the customer, for the methods that have one.
    pub fn payment_url(&self) -> Option<String> {
        match self.method {
            Method::BankTransfer => None,
            Method::Card | Method::EwalletMomo => Some(format!("https://pay.finan.example/{}", self.code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, Origin, Payment, PaymentId, PaymentRequest, ReferenceId, RequestId, Status};
    use crate::clock::Moment;
    use crate::finan::account::{Account, Bank};

    fn request() -> PaymentRequest {
        PaymentRequest {
            id: RequestId::new("1"),
            code: "PR1".into(),
            reference: ReferenceId::new("R"),
            reference_type: None,
            amount: 100,
            description: None,
            method: Method::BankTransfer,
            account: Account::new(Bank::Mb, "1", "A"),
            remark: "TT1".into(),
            created_at: Moment::from_secs(1000),
            payments: Vec::new(),
            merchant: None,
            customer: None,
        }
    }

    #[test]
    fn money_moves_a_request_from_unpaid_to_extra_paid() {
        let mut request = request();
        let mut seen = vec![request.status()];
        for amount in [40, 60, 1] {
            let origin = Origin::Request(request.id.clone());
            let id = PaymentId::new("P");
            let at = request.created_at;
            request.payments.push(Payment { id, amount, method: request.method, at, origin });
            seen.push(request.status());
        }
        assert_eq!(seen, [Status::Unpaid, Status::PartialPaid, Status::Paid, Status::ExtraPaid]);
        assert_eq!(request.paid_amount(), 101);
    }

    #[test]
    fn a_link_lives_half_an_hour() {
        assert_eq!(request().expires_at(), Moment::from_secs(2800));
    }

    #[test]
    fn a_page_is_for_cards_and_wallets_only() {
        let url = |method| PaymentRequest { method, ..request() }.payment_url();
        assert_eq!(url(Method::BankTransfer), None);
        assert!(url(Method::Card).is_some_and(|url| url.starts_with("https://") && url.ends_with("/PR1")));
        assert_eq!(Method::of("ewallet_momo"), Some(Method::EwalletMomo));
        assert_eq!(Method::of("cash"), None);
    }
}
