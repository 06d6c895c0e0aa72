//! Smart Glocal's sessions: created, started, ready, confirmed, acted upon, paid, given back, each told by a webhook that
//! may come late, twice, out of order or never. It must not know what the terminal makes of them.

use till_wire::provider::Refund;
use till_wire::{Amount, OrderRef};
use tilld::till::{
    CodeText, ConfirmAnswer, CreateAnswer, Made, Notice, ProviderId, Refusal, ReportStanding, Said, TransferRef,
};

use crate::bridge::Hook;
use crate::happening::Happening;
use crate::plan::{Flow, HOUR, Kind, MINUTE, SECOND};
use crate::provider::{Named, RealRefund};
use crate::without::Sort;
use crate::world::World;

/// How far a session has come, beside its standing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steps {
    pub(crate) trick: Trick,
    /// It needs no confirmation.
    pub(crate) automatic: bool,
    /// It has waited for a confirmation.
    pub(crate) was_ready: bool,
    /// How many confirmations it has heard.
    pub(crate) confirms: u32,
    pub(crate) ended_by_itself: bool,
}

/// What is unusual about a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trick {
    #[default]
    None,
    /// It wants another amount confirmed than the one it was made for.
    OtherAmount,
    OtherCurrency,
    /// It says that it is for another order.
    OtherReference,
    /// It wants something that no code can bring about.
    Unsupported,
    /// It wants an address opened that anybody on the way can change.
    Insecure,
    /// Nothing more comes of it.
    Silent,
}

impl Trick {
    /// Whether what is to be confirmed is not what was asked for.
    pub(crate) fn disagrees(self) -> bool {
        match self {
            Self::OtherAmount | Self::OtherCurrency | Self::OtherReference => true,
            Self::None | Self::Unsupported | Self::Insecure | Self::Silent => false,
        }
    }
}

/// What happens next to a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    Ready,
    Act,
    Refund,
}

impl World {
    /// `session/create`, or `session/init/payment`, which finds by its idempotency key what it has made before.
    pub(crate) fn open_session(&mut self, named: &Named, expires: u64) -> CreateAnswer {
        let tally = &mut self.facts.tally.kinds;
        let (kind, order) = (Kind::Glocal, named.order);
        let same = self.provider.of_reference(kind, order).find(|session| !session.foreign);
        match (self.plan.flow, same.map(|session| session.id.clone())) {
            (Flow::Init, Some(provider_id)) => {
                tally.repeated += 1;
                return CreateAnswer::Made(Made::Started { provider_id });
            }
            (Flow::Steps, Some(_)) => tally.repeated += 1,
            (Flow::Init | Flow::Steps, None) => {}
        }
        let provider_id = self.provider.add(kind, order, named.amount, ReportStanding::Unstarted, expires);
        let (trick, automatic) = (self.draw_trick(), self.rng.u32(0..5) == 0);
        // What nobody is asked to confirm is what was asked for.
        let automatic = automatic && !trick.disagrees();
        if let Some(session) = self.provider.orders.get_mut(&provider_id) {
            session.steps = Steps { trick, automatic, ..Steps::default() };
        }
        match self.plan.flow {
            Flow::Steps => CreateAnswer::Made(Made::Opened { provider_id }),
            Flow::Init => {
                self.take_up(&provider_id);
                CreateAnswer::Made(Made::Started { provider_id })
            }
        }
    }

    fn draw_trick(&mut self) -> Trick {
        match self.rng.u32(0..40) {
            0 | 1 => Trick::OtherAmount,
            2 => Trick::OtherCurrency,
            3 => Trick::OtherReference,
            4 => Trick::Unsupported,
            5 => Trick::Insecure,
            6 => Trick::Silent,
            _ => Trick::None,
        }
    }

    /// `session/start/payment`: once.
    pub(crate) fn start_session(&mut self, named: &Named) -> CreateAnswer {
        let message = "no such session".to_owned();
        let Some(session) = self.provider.find(named, self.t) else {
            return CreateAnswer::Refused(Refusal::unsaid(message));
        };
        let provider_id = session.id.clone();
        if session.standing == ReportStanding::Unstarted {
            self.take_up(&provider_id);
            return CreateAnswer::Made(Made::Started { provider_id });
        }
        if self.rng.bool() { CreateAnswer::Duplicate } else { CreateAnswer::Refused(Refusal::unsaid(message)) }
    }

    fn take_up(&mut self, id: &ProviderId) {
        let Some(session) = self.provider.orders.get_mut(id) else { return };
        session.standing = ReportStanding::Preparing;
        let (automatic, trick) = (session.steps.automatic, session.steps.trick);
        self.facts.tally.kinds.started += 1;
        let next = if automatic { Next::Act } else { Next::Ready };
        let slow = match self.rng.u32(0..6) {
            0 => 30 * SECOND,
            // Its webhook may be there before the answer.
            1 | 2 => 300,
            _ => 2 * SECOND,
        };
        if trick != Trick::Silent {
            self.later(0..slow, Happening::Session { id: id.clone(), next });
        }
    }

    /// `session/confirm`: heeded once, by a session that waits for it.
    pub(crate) fn confirm_session(&mut self, named: &Named) -> ConfirmAnswer {
        let Some(session) = self.provider.find(named, self.t) else { return ConfirmAnswer::Unknown };
        session.steps.confirms += 1;
        if session.standing != ReportStanding::Ready || session.steps.confirms > 1 {
            return ConfirmAnswer::Unknown;
        }
        session.standing = ReportStanding::Preparing;
        let session = session.clone();
        self.facts.tally.kinds.confirmed += 1;
        self.later(0..4 * SECOND, Happening::Session { id: session.id.clone(), next: Next::Act });
        ConfirmAnswer::Heard(self.provider.report(&session, self.t))
    }

    /// The session takes its next step by itself, and a webhook says so.
    pub(crate) fn session_goes_on(&mut self, id: &ProviderId, next: Next) {
        let Some(session) = self.provider.orders.get_mut(id) else { return };
        match (next, session.standing) {
            (Next::Ready, ReportStanding::Preparing) => {
                session.standing = ReportStanding::Ready;
                session.steps.was_ready = true;
                if session.steps.trick == Trick::OtherAmount {
                    session.amount += 1;
                }
                let (order, amount) = (session.reference, Amount::vnd(session.amount));
                let (order, amount) = match session.steps.trick {
                    Trick::OtherCurrency => (Some(order), None),
                    Trick::OtherReference => (None, Some(amount)),
                    Trick::None | Trick::OtherAmount | Trick::Unsupported | Trick::Insecure | Trick::Silent => {
                        (Some(order), Some(amount))
                    }
                };
                self.facts.tally.kinds.disagreeing += u64::from(session.steps.trick.disagrees());
                self.tell_step(notice(order, id, Said::Ready(amount)));
            }
            (Next::Act, ReportStanding::Preparing) => {
                let scheme = if session.steps.trick == Trick::Insecure { "http" } else { "https" };
                let unsupported = session.steps.trick == Trick::Unsupported;
                session.standing = ReportStanding::Open;
                let (order, amount, automatic) = (session.reference, session.amount, session.steps.automatic);
                if automatic && self.rng.u32(0..3) == 0 {
                    // It says so all the same, too late.
                    session.steps.was_ready = true;
                    self.tell_step(notice(Some(order), id, Said::Ready(Some(Amount::vnd(amount)))));
                }
                if !unsupported {
                    self.provider.set_code(id, CodeText::Url(format!("{scheme}://pay.example/{}", id.0)));
                }
                let action = self
                    .provider
                    .orders
                    .get(id)
                    .map(|session| Said::Action(Some(Amount::vnd(session.amount)), session.action()));
                self.tell_step(notice(Some(order), id, action.unwrap_or(Said::Nothing)));
            }
            (Next::Refund, ReportStanding::Paid) => self.give_back(id),
            (Next::Ready | Next::Act | Next::Refund, _) => {}
        }
    }

    /// A customer pays what is behind the address. Money that is on its way when a session ends comes all the same.
    pub(crate) fn pay_session(&mut self, named: &Named) {
        let Some(session) = self.provider.find(named, self.t) else { return };
        let (id, order, amount) = (session.id.clone(), session.reference, session.amount);
        let (open, cancelled) =
            (session.standing == ReportStanding::Open, session.standing == ReportStanding::Cancelled);
        if open && self.rng.u32(0..15) == 0 {
            if let Some(session) = self.provider.orders.get_mut(&id) {
                session.standing = ReportStanding::Failed;
            }
            return self.tell_step(notice(Some(order), &id, Said::Hint));
        }
        if !open && (!cancelled || self.rng.u32(0..3) > 0) {
            return;
        }
        self.take_money(&id, amount);
        for _ in 0..self.rng.u32(0..3) {
            self.later(SECOND..5 * HOUR, Happening::Session { id: id.clone(), next: Next::Refund });
        }
    }

    fn give_back(&mut self, id: &ProviderId) {
        let Some(session) = self.provider.orders.get(id) else { return };
        let order = session.reference;
        let known = self.provider.refunds.iter().filter(|real| real.id == *id);
        let nth = known.clone().count() + 1;
        let rest = session.amount - known.map(|real| real.refund.amount.value()).sum::<u64>();
        if rest == 0 {
            return;
        }
        let amount = if self.rng.bool() { rest } else { self.rng.u64(1..=rest) };
        let refund =
            Refund { reference: TransferRef(format!("rf_{nth}")), amount: Amount::vnd(amount), refunded_at: None };
        let untold = self.rng.u32(0..10) == 0;
        self.provider.refunds.push(RealRefund { id: id.clone(), refund, taken: false });
        let all = self.provider.refunds.iter().filter(|real| real.id == *id).map(|real| real.refund.clone());
        let said = Said::Refunds(all.collect());
        if !untold {
            self.facts.tally.kinds.given_back += 1;
            self.send_copies(&notice(Some(order), id, said));
        }
    }

    /// A step's webhook: mostly soon, at times late, twice or never.
    fn tell_step(&mut self, notice: Notice) {
        if self.rng.u32(0..12) > 0 {
            self.send_copies(&notice);
        }
    }

    fn send_copies(&mut self, notice: &Notice) {
        let copies = if self.rng.u32(0..5) == 0 && self.lets(Sort::Doubles) { self.rng.u32(2..4) } else { 1 };
        for _ in 0..copies {
            let late = match self.rng.u32(0..24) {
                0 => 2 * HOUR,
                1..5 => 30 * SECOND,
                5..11 => 50,
                _ => SECOND,
            };
            self.later(0..late, call(notice.clone()));
        }
    }

    /// Somebody else's session waits for its confirmation under this very order and amount.
    pub(crate) fn pretend_ready(&mut self, order: OrderRef, amount: u64) {
        let id = ProviderId(format!("XS{}", self.provider.orders.len()));
        let said = Said::Ready(Some(Amount::vnd(amount)));
        self.facts.tally.kinds.strange += 1;
        self.later(0..300, call(notice(Some(order), &id, said)));
    }

    /// Others have sessions of their own, and payouts; some use this terminal's order numbers.
    pub(crate) fn stir_sessions(&mut self, order: OrderRef, amount: u64) {
        let id = ProviderId(format!("XS{}", self.provider.orders.len()));
        let order = match self.rng.u32(0..3) {
            0 => None,
            1 => OrderRef::new(order.terminal(), order.sequence().saturating_sub(self.rng.u32(1..900))),
            _ => Some(order),
        };
        let said = match self.rng.u32(0..4) {
            0 => Said::Nothing,
            1 => {
                let address = CodeText::Url(format!("https://pay.example/{}", id.0));
                Said::Action(Some(Amount::vnd(amount)), tilld::till::Action::Scan(address))
            }
            _ => Said::Ready(Some(Amount::vnd(amount))),
        };
        self.facts.tally.kinds.strange += 1;
        self.later(0..2 * MINUTE, call(notice(order, &id, said.clone())));
        self.later(0..SECOND, call(notice(order, &id, said)));
    }
}

fn notice(order: Option<OrderRef>, id: &ProviderId, said: Said) -> Notice {
    Notice { channel: Kind::Glocal.channel(), order, purpose: None, provider_id: id.clone(), said, note: None }
}

fn call(notice: Notice) -> Happening {
    Happening::Call { hook: Hook::Notice(Box::new(notice)), tries: 0 }
}
