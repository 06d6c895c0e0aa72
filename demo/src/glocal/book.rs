//! All sessions of the sandbox's one project, and which webhooks follow from a change. It must not know HTTP or faults.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answer::WebhookKind;
use super::habits::{Cancelling, Confirmation, Habits, Pace};
use super::interaction::Interaction;
use super::payment::Order;
use super::refusal::Refusal;
use super::request;
use super::session::{Session, SessionId, Stage, Version};
use crate::clock::Moment;

/// The sessions by their numbers, which grow.
#[derive(Debug)]
pub(crate) struct Book {
    sessions: BTreeMap<SessionId, Session>,
    /// What `session/init/payment` made for which idempotency key and body.
    made_once: BTreeMap<String, (Vec<u8>, SessionId)>,
    last_number: u64,
}

/// Who calls, beside the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) version: Version,
    pub(crate) submerchant: Option<String>,
    /// The value of the idempotency header, when there is such a header.
    pub(crate) once: Option<String>,
}

impl Default for Book {
    fn default() -> Self {
        Self { sessions: BTreeMap::new(), made_once: BTreeMap::new(), last_number: fastrand::u64(5000..500_000_000) }
    }
}

impl Book {
    /// `session/create`.
    pub(crate) fn create(&mut self, announced: Map<String, Value>, caller: Caller, now: Moment) -> &mut Session {
        let id = SessionId::new(self.number());
        let session = Session::new(id, caller.version, caller.submerchant, now);
        let session = self.sessions.entry(id).or_insert(session);
        session.announced = announced;
        session
    }

    /// `session/start/payment`: what it says comes before what was said at the creation.
    pub(crate) fn start(
        &mut self,
        id: SessionId,
        said: Map<String, Value>,
        habits: &Habits,
        now: Moment,
    ) -> Result<&Session, Refusal> {
        let ids = [self.number(), self.number()].map(|number| format!("pm_{number}"));
        let session = self.session(id, now).ok_or_else(Refusal::unknown_session)?;
        let mut all = session.announced.clone();
        all.extend(said);
        session.start(request::read_order(all, habits.minor_units)?, ids, now)?;
        Ok(session)
    }

    /// `session/init/payment`: the same key with the same body makes no second session, with another body it is refused
    /// (unconfirmed).
    pub(crate) fn init(
        &mut self,
        body: &[u8],
        caller: Caller,
        habits: &Habits,
        now: Moment,
    ) -> Result<(SessionId, Made), Refusal> {
        if let Some((first, id)) = caller.once.as_ref().and_then(|key| self.made_once.get(key)) {
            return if first == body { Ok((*id, Made::Before)) } else { Err(Refusal::key_reused()) };
        }
        let said = request::read_create(body)?;
        let order = request::read_order(said, habits.minor_units)?;
        let ids = [self.number(), self.number()].map(|number| format!("pm_{number}"));
        let once = caller.once.clone();
        let session = self.create(Map::new(), caller, now);
        session.start(order, ids, now)?;
        let id = session.id;
        if let Some(key) = once {
            self.made_once.insert(key, (body.to_vec(), id));
        }
        Ok((id, Made::Now))
    }

    /// `session/confirm`.
    pub(crate) fn confirm(&mut self, id: SessionId, now: Moment) -> Result<(), Refusal> {
        self.session(id, now).ok_or_else(Refusal::unknown_session)?.confirm(now)
    }

    /// `session/cancel`: the session as it was before.
    pub(crate) fn cancel(&mut self, id: SessionId, habits: &Habits, now: Moment) -> Result<Session, Refusal> {
        let session = self.session(id, now).ok_or_else(Refusal::unknown_session)?;
        session.cancel_calls = session.cancel_calls.saturating_add(1);
        let confirmed = match session.stage {
            Stage::Confirmed | Stage::Acting { .. } | Stage::Error => true,
            Stage::Created
            | Stage::Starting
            | Stage::Ready { .. }
            | Stage::Succeeded
            | Stage::Failed
            | Stage::Cancelled(_) => false,
        };
        if confirmed && habits.cancelling == Cancelling::UntilConfirmed {
            return Err(Refusal::too_late_to_cancel());
        }
        let before = session.clone();
        session.cancel(now)?;
        Ok(before)
    }

    /// Makes the steps that are not held back, and says which webhooks tell of them.
    pub(crate) fn go_on(&mut self, id: SessionId, habits: &Habits, now: Moment) -> Vec<WebhookKind> {
        let Some(session) = self.session(id, now) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        if session.stage == Stage::Starting && habits.ready == Pace::AtOnce {
            told.extend(make_ready(session, habits, now));
        }
        if session.stage == Stage::Confirmed && habits.action == Pace::AtOnce {
            told.extend(require_action(session, habits, now));
        }
        told
    }

    /// Makes the step of readiness although it is held back, and what follows from it; `None` when it makes no sense.
    pub(crate) fn release_ready(&mut self, id: SessionId, habits: &Habits, now: Moment) -> Option<Vec<WebhookKind>> {
        let session = self.session(id, now).filter(|session| session.stage == Stage::Starting)?;
        let mut told = Vec::from_iter(make_ready(session, habits, now));
        told.extend(self.go_on(id, habits, now));
        Some(told)
    }

    /// Makes the step of the customer's action although it is held back; `None` when it makes no sense.
    pub(crate) fn release_action(&mut self, id: SessionId, habits: &Habits, now: Moment) -> Option<Vec<WebhookKind>> {
        let session = self.session(id, now)?;
        require_action(session, habits, now).map(|kind| vec![kind])
    }

    /// One session as it is now.
    pub(crate) fn session(&mut self, id: SessionId, now: Moment) -> Option<&mut Session> {
        let session = self.sessions.get_mut(&id)?;
        session.grow_older(now);
        Some(session)
    }

    /// The newest session with a payment for an order of the shop.
    pub(crate) fn by_reference(&mut self, reference: &str, now: Moment) -> Option<&mut Session> {
        let has = |session: &Session| session.payment.as_ref().is_some_and(|payment| payment.reference == reference);
        let id = self.sessions.values().rev().find(|session| has(session)).map(|session| session.id)?;
        self.session(id, now)
    }

    /// The session to which an address leads.
    pub(crate) fn by_address(&self, address: &str) -> Option<&Session> {
        self.sessions.values().find(|session| {
            let interaction = session.payment.as_ref().and_then(|payment| payment.interaction.as_ref());
            interaction.is_some_and(|interaction| interaction.is_at(address))
        })
    }

    /// Copies of all sessions in the order of their making.
    pub(crate) fn all(&mut self, now: Moment) -> Vec<Session> {
        self.sessions.values_mut().for_each(|session| session.grow_older(now));
        self.sessions.values().cloned().collect()
    }

    /// A paid session of somebody else's shop, which is not in this book.
    pub(crate) fn stranger(&mut self, now: Moment) -> Session {
        let [id, first, second] = [self.number(), self.number(), self.number()];
        let mut session = Session::new(SessionId::new(id), Version::V1, None, now);
        let mut said = Map::new();
        said.insert("customer".to_owned(), json!({ "reference": "user123" }));
        let order = Order { reference: "user123".to_owned(), amount: 50_000, currency: "VND".to_owned(), said };
        // A session that was just made has no payment yet.
        let _ = session.start(order, [first, second].map(|number| format!("pm_{number}")), now);
        session.pay_late(now);
        session
    }

    /// A number that nothing else here has.
    pub(crate) fn number(&mut self) -> u64 {
        self.last_number = self.last_number.saturating_add(fastrand::u64(1..100));
        self.last_number
    }
}

/// Whether `session/init/payment` made its session now or when the same call came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Now,
    Before,
}

/// A session that confirms itself is never told to be ready.
fn make_ready(session: &mut Session, habits: &Habits, now: Moment) -> Option<WebhookKind> {
    match habits.confirmation {
        Confirmation::ByTheShop => session.make_ready(now).then_some(WebhookKind::ReadyToConfirm),
        Confirmation::Automatic => {
            session.skip_confirmation(now);
            None
        }
    }
}

fn require_action(session: &mut Session, habits: &Habits, now: Moment) -> Option<WebhookKind> {
    if !session.require_action(now) {
        return None;
    }
    if let Some(payment) = &mut session.payment {
        payment.interaction = Some(Interaction::new(habits.required));
    }
    Some(WebhookKind::ActionRequired)
}
