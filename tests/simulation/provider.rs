//! A model of payOS: orders that live once, codes, transfers that may come whenever they like, answers, cancellations.
//! It must not know what the terminal makes of its answers.

use std::collections::BTreeMap;

use till_wire::emv::{Account, VietQr};
use till_wire::{Amount, OrderRef};
use tilld::till::{CreateAnswer, Payee, ProviderId, Report, ReportStanding, StatusAnswer, Transfer, TransferRef};

/// An order at the provider.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: ProviderId,
    pub(crate) amount: u64,
    pub(crate) standing: ReportStanding,
    /// Somebody else made it.
    pub(crate) foreign: bool,
    pub(crate) code: Option<String>,
    pub(crate) expires: u64,
}

/// Money that was really transferred.
#[derive(Clone, Debug)]
pub(crate) struct Real {
    pub(crate) order: OrderRef,
    pub(crate) id: ProviderId,
    pub(crate) reference: TransferRef,
    pub(crate) amount: u64,
    /// When status answers begin to count it, and when they list it.
    pub(crate) counted_from: u64,
    pub(crate) listed_from: u64,
    /// It was paid for something that is no order of a sale of this terminal.
    pub(crate) strange: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Provider {
    pub(crate) orders: BTreeMap<OrderRef, Order>,
    pub(crate) reals: Vec<Real>,
}

/// What is wrong with the code of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    NoCode,
    OtherAmount,
}

impl Provider {
    /// Makes an order, once.
    pub(crate) fn create(&mut self, order: OrderRef, amount: u64, expires: u64, flaw: Flaw) -> CreateAnswer {
        if self.orders.contains_key(&order) {
            return CreateAnswer::Duplicate;
        }
        let code = match flaw {
            Flaw::None => Some(code(order, amount)),
            Flaw::NoCode => None,
            Flaw::OtherAmount => Some(code(order, amount + 1)),
        };
        let id = ProviderId(format!("L{}", order.payos_code()));
        let made = Order {
            id: id.clone(),
            amount,
            standing: ReportStanding::Open,
            foreign: false,
            code: code.clone(),
            expires,
        };
        self.orders.insert(order, made);
        CreateAnswer::Created { provider_id: id, code, payee: Payee::default() }
    }

    /// Somebody else makes an order under a number that this terminal may draw one day.
    pub(crate) fn squat(&mut self, order: OrderRef, amount: u64) {
        let id = ProviderId(format!("F{}", order.payos_code()));
        let standing = ReportStanding::Open;
        let squatter = Order { id, amount, standing, foreign: true, code: None, expires: u64::MAX };
        self.orders.entry(order).or_insert(squatter);
    }

    pub(crate) fn status(&mut self, order: OrderRef, now: u64) -> StatusAnswer {
        let Some(known) = self.orders.get_mut(&order) else {
            return StatusAnswer::NotFound;
        };
        if known.standing == ReportStanding::Open && known.expires <= now {
            known.standing = ReportStanding::Expired;
        }
        let known = known.clone();
        let counted = |real: &&Real| real.id == known.id && real.counted_from <= now;
        let total = self.reals.iter().filter(counted).map(|real| real.amount).sum();
        let listed = self.reals.iter().filter(counted).filter(|real| real.listed_from <= now);
        StatusAnswer::Known(Report {
            provider_id: known.id.clone(),
            amount: Amount::vnd(known.amount),
            total: Amount::vnd(total),
            transfers: listed.map(Real::transfer).collect(),
            standing: known.standing,
        })
    }

    /// Cancels an open order; any other is refused or answered with its status, as `polite` says.
    pub(crate) fn cancel(&mut self, order: OrderRef, now: u64, polite: Politeness) -> StatusAnswer {
        let answer = self.status(order, now);
        match (self.orders.get_mut(&order), polite) {
            (Some(known), _) if known.standing == ReportStanding::Open => {
                known.standing = ReportStanding::Cancelled;
                self.status(order, now)
            }
            (Some(_), Politeness::Refuses) => StatusAnswer::Refused { message: "not open".to_owned() },
            (Some(_) | None, _) => answer,
        }
    }

    /// Takes money for an order. The code can be paid whatever has become of the order; returns the transfer's place.
    pub(crate) fn pay(&mut self, order: OrderRef, amount: u64, counted_from: u64, listed_from: u64) -> Option<usize> {
        let known = self.orders.get_mut(&order)?;
        let nth = self.reals.iter().filter(|real| real.id == known.id).count() + 1;
        // The same reference on different orders is different money.
        let reference = TransferRef(format!("T{nth}"));
        let (id, strange) = (known.id.clone(), known.foreign);
        self.reals.push(Real { order, id: id.clone(), reference, amount, counted_from, listed_from, strange });
        let total: u64 = self.reals.iter().filter(|real| real.id == id).map(|real| real.amount).sum();
        if known.standing == ReportStanding::Open && total >= known.amount {
            known.standing = ReportStanding::Paid;
        }
        Some(self.reals.len() - 1)
    }

    /// Money comes under an order's number, but for something else of the provider.
    pub(crate) fn pay_something_else(&mut self, order: OrderRef, amount: u64) -> usize {
        let (id, reference) = (ProviderId(format!("X{}", self.reals.len())), TransferRef("T1".to_owned()));
        let never = u64::MAX;
        self.reals.push(Real { order, id, reference, amount, counted_from: never, listed_from: never, strange: true });
        self.reals.len() - 1
    }
}

/// How a provider answers a cancellation that comes too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Politeness {
    Refuses,
    Explains,
}

impl Real {
    pub(crate) fn transfer(&self) -> Transfer {
        Transfer { reference: self.reference.clone(), amount: Amount::vnd(self.amount), transacted_at: None }
    }
}

/// The code of an order: an account of its own for each, so that no two codes are the same.
fn code(order: OrderRef, amount: u64) -> String {
    let account = Account { bin: "970422".to_owned(), number: format!("V{}", order.payos_code()), name: None };
    VietQr::build(&account, Some(Amount::vnd(amount)), "").expect("a good account and amount")
}
