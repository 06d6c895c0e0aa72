//! One payment link at the sandbox: its states and the money that reached it. It must not know HTTP or signatures.
//!
//! Where payOS's behaviour is unconfirmed (providers.md §1.8, §1.10) the choice made here is said at the place.

use std::fmt;

use crate::clock::Moment;

/// The number that a shop gave its order (`orderCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderCode(u64);

impl OrderCode {
    /// The number itself.
    pub fn value(self) -> u64 {
        self.0
    }
}

impl From<u64> for OrderCode {
    fn from(code: u64) -> Self {
        Self(code)
    }
}

impl fmt::Display for OrderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A transfer's number at the bank (`reference`), e.g. `FT26324000000001`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The reference's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A link's state as payOS names it. `PROCESSING` and `FAILED` do not happen by themselves here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for money.
    Pending,
    /// Got some money, less than its amount.
    Underpaid,
    /// Got its amount or more.
    Paid,
    /// Cancelled by the shop.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// payOS is still working on it; only by `Sandbox::set_status`.
    Processing,
    /// payOS gave up; only by `Sandbox::set_status`.
    Failed,
}

impl Status {
    /// payOS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Underpaid => "UNDERPAID",
            Self::Paid => "PAID",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Processing => "PROCESSING",
            Self::Failed => "FAILED",
        }
    }
}

/// Money that arrived for a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The bank's number of the transfer.
    pub reference: Reference,
    /// In đồng.
    pub amount: u64,
    /// When it arrived, by the sandbox's clock.
    pub at: Moment,
}

/// A payment link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The shop's number.
    pub code: OrderCode,
    /// payOS's own id, 32 hex digits (`paymentLinkId`).
    pub link_id: String,
    /// In đồng.
    pub amount: u64,
    /// The description that the shop sent.
    pub description: String,
    /// The text that a transfer carries: payOS puts its own reference before the description (providers.md §1.10).
    pub bank_description: String,
    /// The state at the time of asking.
    pub status: Status,
    /// When it was made, by the sandbox's clock.
    pub created_at: Moment,
    /// When it ends by itself.
    pub expires_at: Option<Moment>,
    /// When it was cancelled.
    pub cancelled_at: Option<Moment>,
    /// Why it was cancelled, in the shop's words.
    pub cancellation_reason: Option<String>,
    /// All money that arrived, oldest first.
    pub transfers: Vec<Transfer>,
}

/// Whether a cancel changed a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// It is cancelled now, or was before.
    Yes,
    /// It has ended otherwise and stays as it is.
    Refused,
}

impl Order {
    /// The sum of all transfers, in đồng.
    pub fn amount_paid(&self) -> u64 {
        self.transfers.iter().fold(0, |sum, t| sum.saturating_add(t.amount))
    }

    /// What is still to be paid; 0 when more than the amount arrived (unconfirmed).
    pub fn amount_remaining(&self) -> u64 {
        self.amount.saturating_sub(self.amount_paid())
    }

    /// Ends a link whose time is over. A half-paid link expires too (unconfirmed).
    pub(crate) fn grow_older(&mut self, now: Moment) {
        let open = match self.status {
            Status::Pending | Status::Underpaid | Status::Processing => true,
            Status::Paid | Status::Cancelled | Status::Expired | Status::Failed => false,
        };
        if open && self.expires_at.is_some_and(|end| end <= now) {
            self.status = Status::Expired;
        }
    }

    /// Adds money. A link that has ended keeps its state (unconfirmed): its VietQR can still be scanned, so the money arrives.
    pub(crate) fn receive(&mut self, transfer: Transfer) {
        self.transfers.push(transfer);
        self.status = match self.status {
            Status::Pending | Status::Underpaid | Status::Processing if self.amount_remaining() == 0 => Status::Paid,
            Status::Pending | Status::Underpaid | Status::Processing => Status::Underpaid,
            Status::Paid | Status::Cancelled | Status::Expired | Status::Failed => self.status,
        };
    }

    /// Cancels. A cancelled link is cancelled again without complaint; one that is paid, expired or failed refuses and
    /// keeps its state (unconfirmed).
    pub(crate) fn cancel(&mut self, reason: Option<String>, now: Moment) -> Cancelled {
        match self.status {
            Status::Pending | Status::Underpaid | Status::Processing => {
                self.status = Status::Cancelled;
                self.cancelled_at = Some(now);
                self.cancellation_reason = reason;
                Cancelled::Yes
            }
            Status::Cancelled => Cancelled::Yes,
            Status::Paid | Status::Expired | Status::Failed => Cancelled::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cancelled, Order, OrderCode, Reference, Status, Transfer};
    use crate::clock::Moment;

    enum Step {
        Pay(u64),
        Cancel(Cancelled),
        Wait(i64),
    }

    #[track_caller]
    fn check(script: &[Step], want: Status) {
        let mut now = 0;
        let mut order = Order {
            code: OrderCode(1),
            link_id: String::new(),
            amount: 10,
            description: String::new(),
            bank_description: String::new(),
            status: Status::Pending,
            created_at: Moment::from_secs(0),
            expires_at: Some(Moment::from_secs(100)),
            cancelled_at: None,
            cancellation_reason: None,
            transfers: Vec::new(),
        };
        for step in script {
            match step {
                Step::Pay(amount) => order.receive(Transfer {
                    reference: Reference::new("FT1".into()),
                    amount: *amount,
                    at: Moment::from_secs(now),
                }),
                Step::Cancel(want) => assert_eq!(order.cancel(None, Moment::from_secs(now)), *want),
                Step::Wait(secs) => now += secs,
            }
            order.grow_older(Moment::from_secs(now));
        }
        assert_eq!(order.status, want);
    }

    #[test]
    fn money_moves_a_link_to_underpaid_and_paid() {
        check(&[], Status::Pending);
        check(&[Step::Pay(9)], Status::Underpaid);
        check(&[Step::Pay(9), Step::Pay(1)], Status::Paid);
        check(&[Step::Pay(11)], Status::Paid);
    }

    #[test]
    fn a_link_that_has_ended_stays_as_it_is() {
        check(&[Step::Cancel(Cancelled::Yes), Step::Pay(10), Step::Cancel(Cancelled::Yes)], Status::Cancelled);
        check(&[Step::Pay(10), Step::Cancel(Cancelled::Refused), Step::Wait(100)], Status::Paid);
        check(&[Step::Wait(100), Step::Pay(10), Step::Cancel(Cancelled::Refused)], Status::Expired);
    }

    #[test]
    fn time_ends_an_open_link_at_its_end_and_not_before() {
        check(&[Step::Wait(99)], Status::Pending);
        check(&[Step::Wait(100)], Status::Expired);
        check(&[Step::Pay(1), Step::Wait(100)], Status::Expired);
    }
}
