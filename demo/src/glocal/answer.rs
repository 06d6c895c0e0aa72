//! The bodies that Smart Glocal sends: answers, and webhooks of payments and payouts (providers.md §3.3, §3.4 and the
//! examples beside it). It must not know HTTP or signatures.

use serde_json::{Map, Value, json};

use super::habits::{CurrencyCase, Habits, Names, Otherwise, Pages, Spelling};
use super::interaction::Interaction;
use super::payment::{Payment, Refund, Refunding};
use super::session::{Ending, Session, SessionId, Stage, Version};
use crate::clock::Moment;

/// The types of webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookKind {
    /// The shop should confirm or cancel.
    ReadyToConfirm,
    /// The customer should do something.
    ActionRequired,
    /// The payment has ended, well or badly.
    PaymentFinished,
    /// Money was given back.
    PaymentRefunded,
    /// A type that nobody has heard of.
    Other(String),
}

impl WebhookKind {
    /// The field `type`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ReadyToConfirm => "ready_to_confirm",
            Self::ActionRequired => "action_required",
            Self::PaymentFinished => "payment_finished",
            Self::PaymentRefunded => "payment_refunded",
            Self::Other(name) => name,
        }
    }
}

/// Which id a payment is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentId {
    /// The one of the answer to the start.
    OfTheStart,
    /// The one of everything later.
    Lasting,
}

/// How a session is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner<'a> {
    pub(crate) habits: &'a Habits,
    pub(crate) version: Version,
    pub(crate) id: PaymentId,
    pub(crate) says: &'a Otherwise,
}

/// A successful answer.
pub(crate) fn success(session: &Session, manner: Manner<'_>) -> String {
    json!({ "status": "ok", "session": whole(session, manner) }).to_string()
}

/// A successful answer with fields that nobody has heard of: clients must take them.
pub(crate) fn success_with_extra_field(session: &Session, manner: Manner<'_>) -> String {
    let mut session = whole(session, manner);
    session["ghi_chu_moi"] = json!({ "mới": ["một trường mới"] });
    json!({ "status": "ok", "session": session, "ghi_chu_moi": null }).to_string()
}

/// A webhook about a session.
pub(crate) fn webhook(kind: &WebhookKind, session: &Session, habits: &Habits) -> String {
    let version = match habits.names {
        Names::OfTheSession => session.version,
        Names::Always(version) => version,
    };
    let truth = Otherwise::default();
    let says = match kind {
        WebhookKind::ReadyToConfirm => &habits.ready_says,
        WebhookKind::PaymentFinished => &habits.finished_says,
        WebhookKind::ActionRequired | WebhookKind::PaymentRefunded | WebhookKind::Other(_) => &truth,
    };
    let manner = Manner { habits, version, id: PaymentId::Lasting, says };
    let mut body = json!({ "type": kind.as_str(), "session": whole(session, manner) });
    if habits.pages == Pages::Vietnam {
        body["status"] = "ok".into();
    }
    body.to_string()
}

/// A `ready_to_confirm` of a payout, as the reference shows it.
pub(crate) fn payout(id: &str, payout: &str, version: Version, now: Moment) -> String {
    let (list, details) = match version {
        Version::V1 => ("payments", "payment_method"),
        Version::V2 => ("payout_list", "payout_details"),
    };
    let at = now.in_session();
    let mut one = json!({
        "id": payout,
        "status": "pending",
        "created_at": at,
        "customer": { "reference": "user123", "contacts": [{ "email": "user@gmail.com" }] },
        "amount_details": { "amount": 10_000, "currency": "usd" },
        "metadata": "good",
    });
    one[details] = json!({ "type": "card", "card": { "last4": "4242", "brand": "visa" } });
    let mut session =
        json!({ "id": id, "status": "in_progress", "created_at": at, "updated_at": at, "next_action": "confirm" });
    session[list] = json!([one]);
    json!({ "type": "ready_to_confirm", "session": session }).to_string()
}

/// Which session a body of this sandbox is about.
pub(crate) fn session_of(body: &str) -> Option<SessionId> {
    let body: Value = serde_json::from_str(body).ok()?;
    SessionId::from_text(body["session"]["id"].as_str()?)
}

fn whole(session: &Session, manner: Manner<'_>) -> Value {
    let mut whole = json!({
        "id": session.id.to_string(),
        "status": status(session.stage, manner.habits.spelling),
        "created_at": session.created_at.in_session(),
        "updated_at": session.updated_at.in_session(),
    });
    let Some(payment) = &session.payment else {
        return whole;
    };
    let list = match manner.version {
        Version::V1 => "acquiring_payments",
        Version::V2 => "payment_list",
    };
    whole[list] = json!([one_payment(payment, session.stage, manner)]);
    match manner.habits.pages {
        Pages::Vietnam => {
            if let Some(actions) = actions(payment, session.stage) {
                whole["actions"] = actions;
            }
        }
        Pages::Reference => {
            if matches!(session.stage, Stage::Ready { .. }) {
                whole["next_action"] = "confirm".into();
            }
        }
    }
    whole
}

fn status(stage: Stage, spelling: Spelling) -> &'static str {
    match stage {
        Stage::Created => "created",
        Stage::Starting | Stage::Ready { .. } | Stage::Confirmed | Stage::Acting { .. } => "in_progress",
        Stage::Succeeded => "accepted",
        // What a session is called whose payment has failed is unconfirmed.
        Stage::Failed | Stage::Cancelled(_) => match spelling {
            Spelling::Double => "cancelled",
            Spelling::Single => "canceled",
        },
        Stage::Error => "error",
    }
}

/// `confirm` stays when it has been used: only a webhook's type says what it is (design §4).
fn actions(payment: &Payment, stage: Stage) -> Option<Value> {
    let mut actions = json!({ "confirm": payment.confirm_at?.in_session() });
    if let (Stage::Succeeded, Some(at)) = (stage, payment.finished_at) {
        actions["capture"] = at.in_session().into();
    }
    Some(actions)
}

fn one_payment(payment: &Payment, stage: Stage, manner: Manner<'_>) -> Value {
    let id = match manner.id {
        PaymentId::OfTheStart => &payment.id_in_start,
        PaymentId::Lasting => &payment.id,
    };
    let mut fields: Map<String, Value> = payment.said.clone();
    fields.insert("id".to_owned(), id.as_str().into());
    fields.insert("status".to_owned(), payment_status(stage, manner.habits.pages).into());
    fields.insert("created_at".to_owned(), payment.created_at.in_session().into());
    fields.insert("amount_details".to_owned(), amount(payment.amount, payment, manner));
    let mut one = Value::Object(fields);
    if let Some(reference) = &manner.says.reference {
        one["customer"]["reference"] = reference.as_str().into();
    }
    if let Some(at) = payment.finished_at {
        one["finished_at"] = at.in_session().into();
    }
    if let Some(error) = error(stage) {
        one["error"] = error;
    }
    if !payment.refunds.is_empty() {
        one["refunds"] = payment.refunds.iter().map(|refund| one_refund(refund, payment, manner)).collect();
    }
    let interaction = payment.interaction.as_ref().filter(|_| matches!(stage, Stage::Acting { .. }));
    if let Some(interaction) = interaction.and_then(Interaction::to_json) {
        one["customer_interaction"] = interaction;
    }
    one
}

/// The two sets of pages differ for a payment that waits for its confirmation.
fn payment_status(stage: Stage, pages: Pages) -> &'static str {
    match stage {
        Stage::Created | Stage::Starting => "in_progress",
        Stage::Ready { .. } | Stage::Confirmed => match pages {
            Pages::Vietnam => "in_progress",
            Pages::Reference => "pending",
        },
        Stage::Acting { .. } => "pending",
        Stage::Succeeded => "succeeded",
        Stage::Failed | Stage::Cancelled(_) | Stage::Error => "failed",
    }
}

/// The object is documented, its codes are not: these are made up.
fn error(stage: Stage) -> Option<Value> {
    let code = match stage {
        Stage::Failed => "declined",
        Stage::Error => "unexpected_error",
        Stage::Cancelled(Ending::Shop) => "cancelled",
        Stage::Cancelled(Ending::Time) => "timeout",
        Stage::Created
        | Stage::Starting
        | Stage::Ready { .. }
        | Stage::Confirmed
        | Stage::Acting { .. }
        | Stage::Succeeded => return None,
    };
    Some(json!({ "code": code, "description": "the payment was not made" }))
}

fn amount(amount: u64, payment: &Payment, manner: Manner<'_>) -> Value {
    let currency = match manner.habits.currency {
        CurrencyCase::AsSent => payment.currency.clone(),
        CurrencyCase::Upper => payment.currency.to_uppercase(),
        CurrencyCase::Lower => payment.currency.to_lowercase(),
    };
    let currency = manner.says.currency.clone().unwrap_or(currency);
    json!({ "amount": manner.says.amount.unwrap_or(amount), "currency": currency })
}

/// `is_chargeback` is there only for a chargeback, as the page on `payment_refunded` says.
fn one_refund(refund: &Refund, payment: &Payment, manner: Manner<'_>) -> Value {
    let truth = Otherwise::default();
    let mut one = json!({
        "id": refund.id,
        "status": "accepted",
        "created_at": refund.at.in_session(),
        "finished_at": refund.at.in_session(),
        "amount_details": amount(refund.amount, payment, Manner { says: &truth, ..manner }),
    });
    if refund.kind == Refunding::Chargeback {
        one["is_chargeback"] = true.into();
    }
    one
}

#[cfg(test)]
mod tests;
