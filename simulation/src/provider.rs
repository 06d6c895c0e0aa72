//! The orders of three providers: what each has, takes money for, cancels and says of them. The steps of Smart Glocal's
//! sessions are in `glocal.rs`. It must not know what the terminal makes of its answers.

use std::collections::BTreeMap;

use till_wire::emv::{Account, VietQr};
use till_wire::provider::Refund;
use till_wire::{Amount, OrderRef};
use tilld::till::{
    Action, CodeText, CreateAnswer, Made, Payee, ProviderId, Refusal, Report, ReportStanding, StatusAnswer, Transfer,
    TransferRef,
};

use crate::glocal::{Steps, Trick};
use crate::plan::Kind;

/// An order at a provider; at Smart Glocal, a session.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) kind: Kind,
    pub(crate) reference: OrderRef,
    pub(crate) id: ProviderId,
    pub(crate) amount: u64,
    pub(crate) standing: ReportStanding,
    /// Somebody else made it.
    pub(crate) foreign: bool,
    pub(crate) code: Option<CodeText>,
    pub(crate) expires: u64,
    pub(crate) steps: Steps,
}

/// Money that was really transferred.
#[derive(Clone, Debug)]
pub(crate) struct Real {
    pub(crate) kind: Kind,
    pub(crate) order: OrderRef,
    pub(crate) id: ProviderId,
    pub(crate) reference: TransferRef,
    pub(crate) amount: u64,
    /// When status answers begin to count it, and when they list it.
    pub(crate) counted_from: u64,
    pub(crate) listed_from: u64,
    /// It was paid for something that is no order of a sale of this terminal.
    pub(crate) strange: bool,
    /// No webhook tells of it, or none that says how much came.
    pub(crate) untold: bool,
    /// A replica of the bridge has taken its webhook.
    pub(crate) taken: bool,
    /// It was sent to the account, and the bank passes on the purpose of a code that was made here.
    pub(crate) purpose: bool,
}

/// Money that really went back.
#[derive(Clone, Debug)]
pub(crate) struct RealRefund {
    pub(crate) id: ProviderId,
    pub(crate) refund: Refund,
    /// A replica of the bridge has taken a webhook that tells of it.
    pub(crate) taken: bool,
}

/// What a terminal says to name an order.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) kind: Kind,
    pub(crate) order: OrderRef,
    pub(crate) id: Option<ProviderId>,
    pub(crate) amount: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Provider {
    pub(crate) orders: BTreeMap<ProviderId, Order>,
    /// Whose code a text is.
    pub(crate) codes: BTreeMap<String, ProviderId>,
    pub(crate) reals: Vec<Real>,
    pub(crate) refunds: Vec<RealRefund>,
    /// See [`crate::plan::Plan`].
    pub(crate) tells_ready: bool,
}

/// What is wrong with the code of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    NoCode,
    OtherAmount,
    /// It is an address where a bank's code was to be expected.
    Address,
}

/// How a provider answers a cancellation that comes too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Politeness {
    Refuses,
    Explains,
}

impl Provider {
    /// Makes an order that can be paid: payOS one for each reference, Finan as many as are asked for.
    pub(crate) fn create(&mut self, named: &Named, expires: u64, flaw: Flaw) -> CreateAnswer {
        let (kind, order, amount) = (named.kind, named.order, named.amount);
        if kind == Kind::PayOs && self.of_reference(kind, order).next().is_some() {
            return CreateAnswer::Duplicate;
        }
        let id = self.add(kind, order, amount, ReportStanding::Open, expires);
        let code = match flaw {
            Flaw::None => Some(CodeText::VietQr(self.vietqr(order, amount))),
            Flaw::NoCode => None,
            Flaw::OtherAmount => Some(CodeText::VietQr(self.vietqr(order, amount + 1))),
            Flaw::Address => Some(CodeText::Url(format!("https://pay.example/{}", id.0))),
        };
        if let Some(code) = &code {
            self.set_code(&id, code.clone());
        }
        CreateAnswer::Made(Made::Payable { provider_id: id, code, payee: Payee::default() })
    }

    pub(crate) fn add(
        &mut self,
        kind: Kind,
        reference: OrderRef,
        amount: u64,
        standing: ReportStanding,
        expires: u64,
    ) -> ProviderId {
        let id = ProviderId(format!("{kind:?}-{}", self.orders.len() + 1));
        let (foreign, code, steps) = (false, None, Steps::default());
        let order = Order { kind, reference, id: id.clone(), amount, standing, foreign, code, expires, steps };
        self.orders.insert(id.clone(), order);
        id
    }

    /// Somebody else makes an order under a number that this terminal may draw one day.
    pub(crate) fn squat(&mut self, kind: Kind, reference: OrderRef, amount: u64) -> ProviderId {
        if let Some(known) = self.of_reference(kind, reference).next() {
            return known.id.clone();
        }
        let id = self.add(kind, reference, amount, ReportStanding::Open, u64::MAX);
        if let Some(order) = self.orders.get_mut(&id) {
            order.foreign = true;
        }
        id
    }

    pub(crate) fn set_code(&mut self, id: &ProviderId, code: CodeText) {
        let (CodeText::VietQr(text) | CodeText::Url(text)) = &code;
        self.codes.insert(text.clone(), id.clone());
        if let Some(order) = self.orders.get_mut(id) {
            order.code = Some(code);
        }
    }

    /// The order that whoever scans this text would pay.
    pub(crate) fn behind(&self, text: &str) -> Option<&Order> {
        self.orders.get(self.codes.get(text)?)
    }

    pub(crate) fn of_reference(&self, kind: Kind, reference: OrderRef) -> impl Iterator<Item = &Order> {
        self.orders.values().filter(move |order| order.kind == kind && order.reference == reference)
    }

    /// The order that is meant, as it stands now: payOS goes by the reference, Smart Glocal by its own id, Finan by either.
    pub(crate) fn find(&mut self, named: &Named, now: u64) -> Option<&mut Order> {
        let by_id = named.id.as_ref().filter(|id| self.orders.contains_key(id)).cloned();
        let id = match named.kind {
            Kind::Glocal => by_id,
            Kind::PayOs | Kind::Finan => by_id.or_else(|| {
                let same = self.of_reference(named.kind, named.order).find(|order| order.amount == named.amount);
                same.or_else(|| self.of_reference(named.kind, named.order).next()).map(|order| order.id.clone())
            }),
        };
        let order = self.orders.get_mut(&id?)?;
        if order.standing.is_open() && order.expires <= now {
            order.steps.ended_by_itself = true;
            order.standing = match order.kind {
                Kind::PayOs | Kind::Finan => ReportStanding::Expired,
                Kind::Glocal => ReportStanding::Cancelled,
            };
        }
        Some(order)
    }

    pub(crate) fn status(&mut self, named: &Named, now: u64) -> StatusAnswer {
        let Some(known) = self.find(named, now) else { return StatusAnswer::NotFound };
        let known = known.clone();
        match known.steps.trick {
            // Its adapter does not take such an answer for one about this order.
            Trick::OtherCurrency | Trick::OtherReference if known.steps.was_ready => {
                StatusAnswer::Invalid { message: "about something else".to_owned() }
            }
            Trick::None
            | Trick::OtherAmount
            | Trick::OtherCurrency
            | Trick::OtherReference
            | Trick::Unsupported
            | Trick::Insecure
            | Trick::Silent => StatusAnswer::Known(self.report(&known, now)),
        }
    }

    pub(crate) fn report(&self, known: &Order, now: u64) -> Report {
        let counted = |real: &&Real| real.id == known.id && real.counted_from <= now;
        let total = self.reals.iter().filter(counted).map(|real| real.amount).sum();
        let listed = self.reals.iter().filter(counted).filter(|real| real.listed_from <= now);
        let refunds = self.refunds.iter().filter(|real| real.id == known.id);
        let is_kept_quiet = known.standing == ReportStanding::Ready && !self.tells_ready;
        let standing = if is_kept_quiet { ReportStanding::Preparing } else { known.standing };
        let acts = known.kind == Kind::Glocal && known.standing == ReportStanding::Open;
        Report {
            provider_id: known.id.clone(),
            amount: Amount::vnd(known.amount),
            total: Amount::vnd(total),
            transfers: listed.map(Real::transfer).collect(),
            refunds: refunds.map(|real| real.refund.clone()).collect(),
            standing,
            action: acts.then(|| known.action()),
        }
    }

    /// Cancels an open order; any other is refused or answered with its status, as `polite` says.
    pub(crate) fn cancel(&mut self, named: &Named, now: u64, polite: Politeness) -> StatusAnswer {
        let Some(known) = self.find(named, now) else { return StatusAnswer::NotFound };
        let open = known.standing.is_open();
        // Finan has no cancel: the order stays, and its adapter says what the terminal needs to hear (contract §3).
        let stays = known.kind == Kind::Finan;
        if !open && !stays && polite == Politeness::Refuses {
            return StatusAnswer::Refused(Refusal::unsaid("not open"));
        }
        if open && !stays {
            known.standing = ReportStanding::Cancelled;
        }
        let known = known.clone();
        let report = self.report(&known, now);
        let standing = if open { ReportStanding::Cancelled } else { report.standing };
        StatusAnswer::Known(Report { standing, action: None, ..report })
    }

    /// Takes money for an order, whatever has become of it; returns the transfer's place.
    pub(crate) fn pay(&mut self, id: &ProviderId, amount: u64, counted_from: u64, listed_from: u64) -> Option<usize> {
        let known = self.orders.get_mut(id)?;
        let nth = self.reals.iter().filter(|real| real.id == *id).count() + 1;
        // The same reference on different orders is different money.
        let reference = TransferRef(format!("T{nth}"));
        let (kind, order, strange, id) = (known.kind, known.reference, known.foreign, id.clone());
        let (untold, taken, purpose) = (false, false, false);
        let real =
            Real { kind, order, id, reference, amount, counted_from, listed_from, strange, untold, taken, purpose };
        self.reals.push(real);
        let total: u64 = self.reals.iter().filter(|real| real.id == known.id).map(|real| real.amount).sum();
        if known.standing == ReportStanding::Open && total >= known.amount {
            known.standing = ReportStanding::Paid;
        }
        Some(self.reals.len() - 1)
    }

    /// Money comes under an order's number, but for something else of the provider.
    pub(crate) fn pay_something_else(&mut self, kind: Kind, order: OrderRef, amount: u64) -> usize {
        let (id, reference) = (ProviderId(format!("X{}", self.reals.len())), TransferRef("T1".to_owned()));
        let never = u64::MAX;
        let (counted_from, listed_from, strange, untold, taken, purpose) = (never, never, true, false, false, false);
        let real =
            Real { kind, order, id, reference, amount, counted_from, listed_from, strange, untold, taken, purpose };
        self.reals.push(real);
        self.reals.len() - 1
    }

    /// Money comes into the account that the codes made here name.
    pub(crate) fn pay_account(&mut self, kind: Kind, order: OrderRef, amount: u64) -> usize {
        let (id, reference) = (ProviderId(format!("B{}", self.reals.len())), TransferRef("T1".to_owned()));
        let never = u64::MAX;
        let (counted_from, listed_from, strange, untold, taken, purpose) = (never, never, false, false, false, true);
        let real =
            Real { kind, order, id, reference, amount, counted_from, listed_from, strange, untold, taken, purpose };
        self.reals.push(real);
        self.reals.len() - 1
    }

    /// The code of an order: an account of its own for each, so that no two codes are the same.
    fn vietqr(&self, order: OrderRef, amount: u64) -> String {
        let number = format!("{}V{}", self.orders.len() % 100, order.payos_code());
        let account = Account { bin: "970422".to_owned(), number, name: None };
        VietQr::build(&account, Some(Amount::vnd(amount)), "").unwrap_or_default()
    }
}

impl Order {
    /// What the customer is to do, once the provider says so.
    pub(crate) fn action(&self) -> Action {
        match &self.code {
            Some(code) => Action::Scan(code.clone()),
            None => Action::Unsupported("a form that only a browser can send".to_owned()),
        }
    }
}

impl Real {
    pub(crate) fn transfer(&self) -> Transfer {
        Transfer { reference: self.reference.clone(), amount: Amount::vnd(self.amount), transacted_at: None }
    }
}
