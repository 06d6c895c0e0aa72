//! One payment session at the sandbox: its stages, from creation to its end. It must not know HTTP or signatures.
//!
//! Where Smart Glocal's behaviour is unconfirmed (providers.md §3) the choice made here is said at the place.

use std::fmt;

use serde_json::{Map, Value, json};

use super::payment::{Order, Payment, Refund, Refunding};
use super::refusal::Refusal;
use crate::clock::Moment;

/// How long the shop has for `session/confirm`.
const CONFIRM_LIMIT_S: i64 = 240 * 60;
/// How long the customer has for what is required of him.
const ACTION_LIMIT_S: i64 = 60 * 60;

/// A session's number; as text `ps_5666`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

impl SessionId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// Reads `ps_5666`.
    pub fn from_text(text: &str) -> Option<Self> {
        let number = text.strip_prefix("ps_")?.parse().ok().map(Self)?;
        (number.to_string() == text).then_some(number)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ps_{}", self.0)
    }
}

/// Which names of fields are spoken: those of `/api/v1` or of `/api/v2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `acquiring_payments`, and for payouts `payments` and `payment_method`.
    V1,
    /// `payment_list`, and for payouts `payout_list` and `payout_details`.
    V2,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Made, without a payment.
    Created,
    /// It has a payment, and Smart Glocal is not ready yet.
    Starting,
    /// Waits for `session/confirm`.
    Ready {
        /// Then it is cancelled.
        until: Moment,
    },
    /// Confirmed, and what the customer has to do is not known yet.
    Confirmed,
    /// Waits for the customer.
    Acting {
        /// Then it is cancelled.
        until: Moment,
    },
    /// The customer has paid.
    Succeeded,
    /// The customer could not pay.
    Failed,
    /// Ended before the customer paid.
    Cancelled(Ending),
    /// The session's status is `error`, which is not final: it can still be paid or fail.
    Error,
}

/// Who ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The shop, with `session/cancel`.
    Shop,
    /// Smart Glocal, after the time for a confirmation or for the customer.
    Time,
}

/// A payment session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// The version of the call that made it.
    pub version: Version,
    /// How far it is at the time of asking.
    pub stage: Stage,
    /// When it was made, by the sandbox's clock.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Its one payment, from the start on.
    pub payment: Option<Payment>,
    /// How many `session/confirm` named it, those that were refused included.
    pub confirm_calls: u32,
    /// How many `session/cancel` named it, those that were refused included.
    pub cancel_calls: u32,
    /// The header `X-PARTNER-SUBMERCHANT` of the call that made it.
    pub submerchant: Option<String>,
    /// What `session/create` already said about the payment.
    pub(crate) announced: Map<String, Value>,
}

impl Session {
    pub(crate) fn new(id: SessionId, version: Version, submerchant: Option<String>, now: Moment) -> Self {
        Self {
            id,
            version,
            stage: Stage::Created,
            created_at: now,
            updated_at: now,
            payment: None,
            confirm_calls: 0,
            cancel_calls: 0,
            submerchant,
            announced: Map::new(),
        }
    }

    /// Cancels what has waited too long.
    pub(crate) fn grow_older(&mut self, now: Moment) {
        match self.stage {
            Stage::Ready { until } | Stage::Acting { until } if until <= now => {
                self.end(Stage::Cancelled(Ending::Time), until);
            }
            Stage::Created
            | Stage::Starting
            | Stage::Ready { .. }
            | Stage::Confirmed
            | Stage::Acting { .. }
            | Stage::Succeeded
            | Stage::Failed
            | Stage::Cancelled(_)
            | Stage::Error => {}
        }
    }

    /// `session/start/payment`. A session has one payment (unconfirmed).
    pub(crate) fn start(&mut self, order: Order, ids: [String; 2], now: Moment) -> Result<(), Refusal> {
        if self.stage != Stage::Created {
            return Err(Refusal::already_started());
        }
        self.payment = Some(Payment::new(order, ids, now));
        self.go(Stage::Starting, now);
        Ok(())
    }

    /// Smart Glocal is ready; false when that makes no sense now.
    pub(crate) fn make_ready(&mut self, now: Moment) -> bool {
        let Some(payment) = self.payment.as_mut().filter(|_| self.stage == Stage::Starting) else {
            return false;
        };
        payment.confirm_at = Some(now);
        self.go(Stage::Ready { until: now.plus_s(CONFIRM_LIMIT_S) }, now);
        true
    }

    /// `session/confirm`.
    pub(crate) fn confirm(&mut self, now: Moment) -> Result<(), Refusal> {
        self.confirm_calls = self.confirm_calls.saturating_add(1);
        match self.stage {
            Stage::Ready { .. } => {
                self.skip_confirmation(now);
                Ok(())
            }
            Stage::Created | Stage::Starting => Err(Refusal::not_ready()),
            Stage::Confirmed | Stage::Acting { .. } | Stage::Succeeded | Stage::Failed | Stage::Error => {
                Err(Refusal::already_confirmed())
            }
            Stage::Cancelled(_) => Err(Refusal::has_ended()),
        }
    }

    /// Confirmed, by the shop or because sessions are confirmed automatically.
    pub(crate) fn skip_confirmation(&mut self, now: Moment) {
        if let Some(payment) = &mut self.payment {
            payment.confirm_at = Some(now);
        }
        self.go(Stage::Confirmed, now);
    }

    /// It is known what the customer has to do; false when that makes no sense now.
    pub(crate) fn require_action(&mut self, now: Moment) -> bool {
        let possible = self.stage == Stage::Confirmed;
        if possible {
            self.go(Stage::Acting { until: now.plus_s(ACTION_LIMIT_S) }, now);
        }
        possible
    }

    /// `session/cancel`. What is cancelled is cancelled again without complaint; what has been paid or has failed is
    /// refused (both unconfirmed).
    pub(crate) fn cancel(&mut self, now: Moment) -> Result<(), Refusal> {
        match self.stage {
            Stage::Created
            | Stage::Starting
            | Stage::Ready { .. }
            | Stage::Confirmed
            | Stage::Acting { .. }
            | Stage::Error => {
                self.end(Stage::Cancelled(Ending::Shop), now);
                Ok(())
            }
            Stage::Cancelled(_) => Ok(()),
            Stage::Succeeded | Stage::Failed => Err(Refusal::has_ended()),
        }
    }

    /// The customer pays; false when he cannot. A session in `error` can still be paid.
    pub(crate) fn pay(&mut self, now: Moment) -> bool {
        let possible = matches!(self.stage, Stage::Acting { .. } | Stage::Error);
        if possible {
            self.end(Stage::Succeeded, now);
        }
        possible
    }

    /// The customer's money arrives although the session has ended; false when there is nothing to pay (unconfirmed: it
    /// is not known that this cannot happen).
    pub(crate) fn pay_late(&mut self, now: Moment) -> bool {
        let possible = self.payment.is_some() && self.stage != Stage::Succeeded;
        if possible {
            self.end(Stage::Succeeded, now);
        }
        possible
    }

    /// The payment fails, finally or with the session in `error`; false when it has ended before.
    pub(crate) fn fail(&mut self, failure: Failure, now: Moment) -> bool {
        let possible = match self.stage {
            Stage::Starting | Stage::Ready { .. } | Stage::Confirmed | Stage::Acting { .. } | Stage::Error => true,
            Stage::Created | Stage::Succeeded | Stage::Failed | Stage::Cancelled(_) => false,
        };
        if possible {
            let stage = match failure {
                Failure::Final => Stage::Failed,
                Failure::Uncertain => Stage::Error,
            };
            self.end(stage, now);
        }
        possible
    }

    /// Gives money back; false when there is not that much to give.
    pub(crate) fn refund(&mut self, id: String, amount: u64, kind: Refunding, now: Moment) -> bool {
        let Some(payment) = self.payment.as_mut().filter(|_| self.stage == Stage::Succeeded) else {
            return false;
        };
        if amount == 0 || amount > payment.amount.saturating_sub(payment.refunded()) {
            return false;
        }
        payment.refunds.push(Refund { id, amount, kind, at: now });
        self.updated_at = now;
        true
    }

    /// Somebody else's session for the same money: what a mixed-up answer would be about.
    pub(crate) fn stranger(&self) -> Self {
        let mut stranger = self.clone();
        stranger.id = SessionId(self.id.0.saturating_add(100));
        if let Some(payment) = &mut stranger.payment {
            for id in [&mut payment.id, &mut payment.id_in_start] {
                id.push('9');
            }
            payment.reference = "user123".to_owned();
            payment.said.insert("customer".to_owned(), json!({ "reference": "user123" }));
        }
        stranger
    }

    fn go(&mut self, stage: Stage, now: Moment) {
        self.stage = stage;
        self.updated_at = now;
    }

    fn end(&mut self, stage: Stage, now: Moment) {
        if let Some(payment) = &mut self.payment {
            payment.finished_at = Some(now);
        }
        self.go(stage, now);
    }
}

/// How a payment fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The session ends.
    Final,
    /// The session's status is `error`: Smart Glocal does not know yet (providers.md §3.3).
    Uncertain,
}

#[cfg(test)]
mod tests;
