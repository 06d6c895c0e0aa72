//! Smart Glocal's webhooks (providers.md §3.4). The signature is proven over the raw bytes before anything is looked at,
//! and only `type` says what a webhook is: `actions` and `next_action` stand in later ones too. It must not know sales.

use serde_json::{Map, Value};

use super::answer::SIGNATURE;
use super::fields::{maybe_object, maybe_text};
use super::judge::{refunds, transfer};
use super::keys::VerifyingKey;
use super::session::{Payment, PaymentState, Session};
use super::units::MinorUnits;
use crate::fields::text;
use crate::ids::OrderRef;
use crate::json;
use crate::provider::{Action, Delivered, Heard, ProviderId, Said, WebhookError};
use crate::text::bounded;

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    ReadyToConfirm,
    ActionRequired,
    PaymentFinished,
    PaymentRefunded,
}

impl Kind {
    /// Nothing for one that concerns no till, such as `ready_to_capture`, or that this program does not know.
    fn of(word: &str) -> Option<Self> {
        match word {
            "ready_to_confirm" => Some(Self::ReadyToConfirm),
            "action_required" => Some(Self::ActionRequired),
            "payment_finished" => Some(Self::PaymentFinished),
            "payment_refunded" => Some(Self::PaymentRefunded),
            _ => None,
        }
    }
}

/// Returns what a webhook says, if it is signed under one of the keys.
pub(super) fn read(webhook: &Delivered<'_>, keys: &[VerifyingKey], units: MinorUnits) -> Result<Heard, WebhookError> {
    let signature = webhook.headers.get(SIGNATURE).filter(|signature| !signature.is_empty());
    let signature = signature.ok_or(WebhookError::NotSigned)?;
    if !keys.iter().any(|key| key.verifies(webhook.body, signature)) {
        return Err(WebhookError::WrongSignature);
    }
    let body = std::str::from_utf8(webhook.body).map_err(|_| WebhookError::NotUtf8)?;
    let body = json::parse(body).map_err(|source| WebhookError::NotJson { source })?;
    let body = body.as_object().ok_or(WebhookError::WrongType { field: "the body", expected: "an object" })?;
    let Some(kind) = Kind::of(&text(body, "type")?) else {
        return Ok(heard(None, session_id(body), Said::Nothing));
    };
    let session = Session::of(body)?;
    let said = said(kind, &session, units);
    Ok(heard(order(&session), session.id, said))
}

fn heard(order: Option<OrderRef>, session: String, said: Said) -> Heard {
    Heard { order, purpose: None, provider_id: ProviderId(session), said, note: None, signed_at: None }
}

/// Returns the id of a session whose shape need not be known.
fn session_id(body: &Map<String, Value>) -> String {
    let id = maybe_object(body, "session").and_then(|session| maybe_text(session, "id"));
    bounded(id.unwrap_or_default(), 128)
}

/// Returns the order that every payment names, if a terminal can have drawn it.
fn order(session: &Session) -> Option<OrderRef> {
    let mut references = session.payments.iter().map(|payment| payment.reference.as_deref());
    let first = references.next()??;
    references.all(|other| other == Some(first)).then(|| first.parse().ok())?
}

fn said(kind: Kind, session: &Session, units: MinorUnits) -> Said {
    if session.payments.is_empty() {
        return if session.has_payouts { Said::Nothing } else { Said::Hint };
    }
    match kind {
        Kind::ReadyToConfirm => ready(session, units),
        Kind::ActionRequired => required(session, units),
        Kind::PaymentFinished => finished(session, units),
        Kind::PaymentRefunded => {
            Some(refunds(session, units)).filter(|made| !made.is_empty()).map_or(Said::Hint, Said::Refunds)
        }
    }
}

/// The newest open payment that says what the customer is to do. What is to be scanned for a sum that is no amount of ours
/// is not believed here: the session itself tells more.
fn required(session: &Session, units: MinorUnits) -> Said {
    let open = session.payments.iter().filter(|payment| payment.state == PaymentState::Open);
    let asked = open.filter_map(|payment| Some((payment.action.clone()?, payment.sum.as_ref()))).next_back();
    match asked {
        None => Said::Hint,
        Some((Action::Scan(_), Some(sum))) if units.amount(sum).is_none() => Said::Hint,
        Some((action, sum)) => Said::Action(sum.and_then(|sum| units.amount(sum)), action),
    }
}

/// One payment waits for its confirmation. When more do, no one amount would be what is confirmed.
fn ready(session: &Session, units: MinorUnits) -> Said {
    let open: Vec<_> = session.payments.iter().filter(|payment| payment.state == PaymentState::Open).collect();
    match open.as_slice() {
        [] => Said::Hint,
        [payment] => Said::Ready(payment.sum.as_ref().and_then(|sum| units.amount(sum))),
        [_, _, ..] => Said::Ready(None),
    }
}

/// One payment has brought money. What else the end of a payment may mean only the session itself tells.
fn finished(session: &Session, units: MinorUnits) -> Said {
    let succeeded = |payment: &&Payment| payment.state == PaymentState::Succeeded;
    let succeeded: Vec<_> = session.payments.iter().filter(succeeded).collect();
    match succeeded.as_slice() {
        [payment] => transfer(payment, units).map_or(Said::NoPayment, Said::Transfer),
        [] | [_, _, ..] => Said::Hint,
    }
}
