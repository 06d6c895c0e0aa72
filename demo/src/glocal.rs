//! A Smart Glocal sandbox over HTTP on a loopback port: it behaves as Smart Glocal is known to (providers.md §3), and
//! misbehaves on demand. It must not use the till's own formats and signatures, because it is the independent check of
//! them.

mod answer;
mod book;
mod habits;
mod interaction;
mod keys;
mod letters;
mod payment;
mod provider;
mod refusal;
mod request;
mod session;
mod signing;

use thiserror::Error;

use crate::sandbox::{self, Message, made_up_hex};
use book::Book;
use letters::Letters;
use provider::Shelf;
use signing::{Lens, Pen};

pub use crate::clock::Moment;
pub use crate::sandbox::{Fault, Lasting, StartError};
pub use answer::WebhookKind;
pub use habits::{
    CancelAnswer, Cancellations, Cancelling, Confirmation, CurrencyCase, Habits, Names, Otherwise, Pace, Pages,
    Signature, Spelling, Webhooks,
};
pub use interaction::{Action, Interaction};
pub use letters::Webhook;
pub use payment::{Payment, Refund, Refunding};
pub use provider::{CallKind, Credentials, SmartGlocal, Subject};
pub use session::{Ending, Failure, Session, SessionId, Stage, Version};

/// A running Smart Glocal.
pub type Sandbox = sandbox::Sandbox<SmartGlocal>;
/// A call that it received.
pub type Received = sandbox::Received<Subject>;
/// One attempt to deliver a webhook.
pub type Delivery = sandbox::Delivery<Webhook>;
/// What happens at its doors.
pub type Note = sandbox::Note<Subject, Webhook>;

/// Why something cannot be done with a session.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SessionError {
    /// The sandbox never made such a session.
    #[error("no session `{0}` is known here")]
    Unknown(SessionId),
    /// It is too early or too late for it.
    #[error("session `{session}` cannot do that when it is {stage:?}")]
    Stage {
        /// The session.
        session: SessionId,
        /// How far it is.
        stage: Stage,
    },
    /// More than was paid, or nothing, cannot be given back.
    #[error("{0} cannot be given back")]
    Amount(u64),
    /// The phone opens a page that has nothing to do with this sandbox.
    #[error("`{0}` leads to no session made here")]
    Address(String),
}

/// What a customer's phone shows after scanning the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The session behind the address.
    pub session: SessionId,
    /// In đồng.
    pub amount: u64,
}

impl Sandbox {
    /// Starts a sandbox with the example keys of `demo/keys/` and a project of its own.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start() -> Result<Self, StartError> {
        let sound = "the example key is sound";
        let smart_glocal = SmartGlocal {
            credentials: Credentials {
                project: format!("project_{}", made_up_hex()),
                private_key: keys::MERCHANT.to_owned(),
                webhook_public_key: keys::SMART_GLOCAL_PUBLIC.to_owned(),
            },
            shop: Lens::new(keys::MERCHANT_PUBLIC).expect(sound),
            own: Pen::new(keys::SMART_GLOCAL).expect(sound),
            other: Pen::new(keys::MERCHANT).expect(sound),
        };
        let shelf = Shelf { book: Book::default(), habits: Habits::default(), letters: Letters::default() };
        Self::open(smart_glocal, shelf)
    }

    /// What the shop's programs need to speak to this project.
    pub fn credentials(&self) -> Credentials {
        self.desk().provider.credentials.clone()
    }

    /// How it behaves now.
    pub fn habits(&self) -> Habits {
        self.desk().papers().book.habits.clone()
    }

    /// Changes how it behaves from now on.
    pub fn change_habits(&self, change: impl FnOnce(&mut Habits)) {
        change(&mut self.desk().papers().book.habits);
    }

    /// All sessions as they are now, in the order of their making.
    pub fn sessions(&self) -> Vec<Session> {
        let now = self.desk().now();
        self.desk().papers().book.book.all(now)
    }

    /// One session as it is now.
    pub fn session(&self, id: SessionId) -> Option<Session> {
        let now = self.desk().now();
        self.desk().papers().book.book.session(id, now).cloned()
    }

    /// The newest session with a payment for an order of the shop (`customer.reference`), as it is now.
    pub fn session_of(&self, reference: &str) -> Option<Session> {
        let now = self.desk().now();
        self.desk().papers().book.book.by_reference(reference, now).cloned()
    }

    /// Reads a code as a customer's phone does: the code is the address of the page where he pays.
    ///
    /// # Errors
    /// `Address`.
    pub fn scan(&self, address: &str) -> Result<Bill, SessionError> {
        let papers = self.desk().papers();
        let session = papers.book.book.by_address(address);
        let found = session.and_then(|session| Some((session.id, session.payment.as_ref()?.amount)));
        let (session, units) = found.ok_or_else(|| SessionError::Address(address.to_owned()))?;
        Ok(Bill { session, amount: units.checked_div(papers.book.habits.minor_units).unwrap_or(units) })
    }

    /// The customer pays.
    ///
    /// # Errors
    /// `Unknown` and `Stage`: nothing is required of him, or the session has ended.
    pub fn pay(&self, id: SessionId) -> Result<(), SessionError> {
        self.change(id, Session::pay)?;
        self.tell(&WebhookKind::PaymentFinished, id);
        Ok(())
    }

    /// The customer's money arrives at a session that has ended.
    ///
    /// # Errors
    /// `Unknown` and `Stage`: there is no payment, or it has succeeded.
    pub fn pay_late(&self, id: SessionId) -> Result<(), SessionError> {
        self.change(id, Session::pay_late)?;
        self.tell(&WebhookKind::PaymentFinished, id);
        Ok(())
    }

    /// The payment fails.
    ///
    /// # Errors
    /// `Unknown` and `Stage`.
    pub fn fail(&self, id: SessionId, failure: Failure) -> Result<(), SessionError> {
        self.change(id, |session, now| session.fail(failure, now))?;
        self.tell(&WebhookKind::PaymentFinished, id);
        Ok(())
    }

    /// Money is given back, in the unit of the payment.
    ///
    /// # Errors
    /// `Unknown`, `Stage` and `Amount`.
    pub fn refund(&self, id: SessionId, amount: u64, kind: Refunding) -> Result<(), SessionError> {
        let stage = self.session(id).ok_or(SessionError::Unknown(id))?.stage;
        if stage != Stage::Succeeded {
            return Err(SessionError::Stage { session: id, stage });
        }
        let refund = format!("rf_{}", self.desk().papers().book.book.number());
        let given = self.change(id, |session, now| session.refund(refund, amount, kind, now));
        given.map_err(|_| SessionError::Amount(amount))?;
        self.tell(&WebhookKind::PaymentRefunded, id);
        Ok(())
    }

    /// Makes the step that `Habits::ready` holds back: the session waits for its confirmation.
    ///
    /// # Errors
    /// `Unknown` and `Stage`.
    pub fn release_ready(&self, id: SessionId) -> Result<(), SessionError> {
        self.release(id, Book::release_ready)
    }

    /// Makes the step that `Habits::action` holds back: it is known what the customer has to do.
    ///
    /// # Errors
    /// `Unknown` and `Stage`.
    pub fn release_action(&self, id: SessionId) -> Result<(), SessionError> {
        self.release(id, Book::release_action)
    }

    /// Sends a webhook of any type about a session as it is now (also when webhooks are off).
    ///
    /// # Errors
    /// `Unknown`.
    pub fn send_webhook(&self, kind: &WebhookKind, id: SessionId) -> Result<Webhook, SessionError> {
        let body = self.webhook_body(kind, id).ok_or(SessionError::Unknown(id))?;
        Ok(self.send(Some(kind.clone()), Some(id), body))
    }

    /// Sends a webhook about a session that was never made here, with a reference that is not the shop's.
    pub fn send_webhook_of_stranger(&self, kind: &WebhookKind) -> Webhook {
        let (id, body) = self.stranger_body(kind);
        self.send(Some(kind.clone()), Some(id), body)
    }

    /// Sends the `ready_to_confirm` of a payout, for a session that was made here or for one that was not.
    pub fn send_payout(&self, version: Version, id: Option<SessionId>) -> Webhook {
        let now = self.desk().now();
        let (id, payout) = {
            let book = &mut self.desk().papers().book.book;
            (id.unwrap_or_else(|| SessionId::new(book.number())), format!("po_{}", book.number()))
        };
        let body = answer::payout(&id.to_string(), &payout, version, now);
        self.send(Some(WebhookKind::ReadyToConfirm), Some(id), body)
    }

    /// Sends any body as a webhook, signed as `Habits::webhook_signature` says.
    pub fn send_body(&self, body: &str) -> Webhook {
        self.send(None, answer::session_of(body), body.to_owned())
    }

    /// All webhooks that were written, oldest first (the newest 20 000); a delivery's `reference` is one of them.
    pub fn webhooks(&self) -> Vec<Webhook> {
        self.desk().papers().book.letters.all()
    }

    /// A webhook as every attempt sends it, for tests that bring it to the shop another way.
    pub fn message(&self, webhook: &Webhook) -> Option<Message> {
        let papers = self.desk().papers();
        let body = papers.book.letters.body(webhook)?.to_owned();
        Some(self.desk().provider.message(body, papers.book.habits.webhook_signature))
    }

    /// The body of a webhook of any type about a session as it is now.
    pub fn webhook_body(&self, kind: &WebhookKind, id: SessionId) -> Option<String> {
        let now = self.desk().now();
        let Shelf { book, habits, .. } = &mut self.desk().papers().book;
        book.session(id, now).map(|session| answer::webhook(kind, session, habits))
    }

    /// Any body as a webhook with Smart Glocal's right signature.
    pub fn sign(&self, body: &str) -> Message {
        self.desk().provider.message(body.to_owned(), Signature::Right)
    }

    fn stranger_body(&self, kind: &WebhookKind) -> (SessionId, String) {
        let now = self.desk().now();
        let Shelf { book, habits, .. } = &mut self.desk().papers().book;
        let session = book.stranger(now);
        (session.id, answer::webhook(kind, &session, habits))
    }

    fn send(&self, kind: Option<WebhookKind>, id: Option<SessionId>, body: String) -> Webhook {
        let webhook = self.desk().papers().book.letters.write(kind, id, body);
        self.send_webhook_again(&webhook);
        webhook
    }

    fn tell(&self, kind: &WebhookKind, id: SessionId) {
        let now = self.desk().now();
        let webhook = self.desk().papers().book.write(kind, id, now);
        if let Some(webhook) = webhook {
            self.send_webhook_again(&webhook);
        }
    }

    fn change(&self, id: SessionId, change: impl FnOnce(&mut Session, Moment) -> bool) -> Result<(), SessionError> {
        let now = self.desk().now();
        let mut papers = self.desk().papers();
        let session = papers.book.book.session(id, now).ok_or(SessionError::Unknown(id))?;
        let stage = session.stage;
        if change(session, now) { Ok(()) } else { Err(SessionError::Stage { session: id, stage }) }
    }

    fn release(&self, id: SessionId, step: Release) -> Result<(), SessionError> {
        let now = self.desk().now();
        let follows = {
            let Shelf { book, habits, .. } = &mut self.desk().papers().book;
            let stage = book.session(id, now).ok_or(SessionError::Unknown(id))?.stage;
            step(book, id, habits, now).ok_or(SessionError::Stage { session: id, stage })?
        };
        follows.iter().for_each(|kind| self.tell(kind, id));
        Ok(())
    }
}

type Release = fn(&mut Book, SessionId, &Habits, Moment) -> Option<Vec<WebhookKind>>;

#[cfg(test)]
pub(crate) mod tests;
