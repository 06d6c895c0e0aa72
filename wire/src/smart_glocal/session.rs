//! A payment session as answers and webhooks show it, under the names of v1 and v2 alike (providers.md §3.3). It must not
//! know what follows from one.

use serde_json::{Map, Value};

use super::fields::{maybe_object, maybe_text, maybe_whole, objects, present};
use super::interaction;
use super::units::Sum;
use crate::fields::{FieldError, text};
use crate::provider::{Action, Refusal, RefusalCause};
use crate::text::{bounded, shown};
use crate::time::UnixTime;

/// The longest id that is kept.
const LONGEST_ID: usize = 128;

/// A session, as far as it concerns a till.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) state: SessionState,
    /// Whether `next_action` asks for a confirmation.
    pub(super) wants_confirmation: bool,
    /// The payments, by customers.
    pub(super) payments: Vec<Payment>,
    /// Whether there are payouts, to others, which no till makes.
    pub(super) has_payouts: bool,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionState {
    Created,
    InProgress,
    Accepted,
    Cancelled,
    /// Not final.
    Error,
    /// A word that this program does not know.
    Unknown,
}

/// One payment of a session. What is nothing is missing or not what it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Payment {
    pub(super) id: Option<String>,
    pub(super) state: PaymentState,
    pub(super) reference: Option<String>,
    pub(super) sum: Option<Sum>,
    pub(super) finished_at: Option<UnixTime>,
    pub(super) action: Option<Action>,
    pub(super) refunds: Vec<RefundMade>,
    /// Why it failed.
    pub(super) error: Option<Complaint>,
}

/// An error as Smart Glocal tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) code: Option<String>,
    /// Code and description, cut to a line.
    pub(super) words: String,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaymentState {
    /// `in_progress` or `pending`, which the two sets of pages use alike; or a word that this program does not know.
    Open,
    Succeeded,
    Failed,
}

/// Money that went back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RefundMade {
    pub(super) id: String,
    pub(super) sum: Sum,
    pub(super) at: Option<UnixTime>,
}

impl Session {
    /// Reads the field `session` of a body.
    pub(super) fn of(body: &Map<String, Value>) -> Result<Self, FieldError> {
        let value = present(body, "session").ok_or(FieldError::Missing { field: "session" })?;
        let session = value.as_object();
        let session = session.ok_or(FieldError::WrongType { field: "session", expected: "an object" })?;
        let wrong = FieldError::WrongType { field: "session.id", expected: "1 to 128 visible ASCII characters" };
        let mut payments = Vec::new();
        for list in ["acquiring_payments", "payment_list"] {
            for payment in objects(session, list)? {
                payments.push(Payment::of(payment)?);
            }
        }
        let payouts = [objects(session, "payments")?, objects(session, "payout_list")?].concat();
        Ok(Self {
            id: id(&text(session, "id")?).ok_or(wrong)?,
            state: SessionState::of(&text(session, "status")?),
            wants_confirmation: maybe_text(session, "next_action") == Some("confirm"),
            payments,
            has_payouts: payouts.iter().any(|one| maybe_text(one, "id").is_some_and(|id| id.starts_with("po_"))),
        })
    }
}

impl SessionState {
    fn of(word: &str) -> Self {
        match word {
            "created" => Self::Created,
            "in_progress" => Self::InProgress,
            "accepted" => Self::Accepted,
            // The pages on objects and on webhooks spell it differently.
            "cancelled" | "canceled" => Self::Cancelled,
            "error" => Self::Error,
            _ => Self::Unknown,
        }
    }
}

impl Payment {
    fn of(payment: &Map<String, Value>) -> Result<Self, FieldError> {
        let customer = maybe_object(payment, "customer");
        Ok(Self {
            id: maybe_text(payment, "id").and_then(id),
            state: PaymentState::of(&text(payment, "status")?),
            reference: customer.and_then(|customer| maybe_text(customer, "reference")).map(str::to_owned),
            sum: sum(payment),
            finished_at: moment(payment, "finished_at"),
            action: present(payment, "customer_interaction").map(interaction::read),
            refunds: objects(payment, "refunds")?.into_iter().filter_map(RefundMade::of).collect(),
            error: maybe_object(payment, "error").map(Complaint::of),
        })
    }
}

impl PaymentState {
    fn of(word: &str) -> Self {
        match word {
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            // "in_progress", "pending", and whatever else may still become one of the two.
            _ => Self::Open,
        }
    }
}

impl RefundMade {
    /// Reads a refund, unless it has not been made, or nobody can say how much it was.
    fn of(refund: &Map<String, Value>) -> Option<Self> {
        if !matches!(maybe_text(refund, "status")?, "accepted" | "succeeded") {
            return None;
        }
        let at = moment(refund, "finished_at").or_else(|| moment(refund, "created_at"));
        Some(Self { id: id(maybe_text(refund, "id")?)?, sum: sum(refund)?, at })
    }
}

impl Complaint {
    pub(super) fn of(error: &Map<String, Value>) -> Self {
        let code = match error.get("code") {
            Some(Value::String(code)) => shown(code),
            Some(Value::Number(code)) => shown(&code.to_string()),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => String::new(),
        };
        let description = maybe_text(error, "description").unwrap_or_default();
        let words = format!("code `{code}`: `{}`", bounded(description, 200));
        Self { code: Some(code).filter(|code| !code.is_empty()), words }
    }

    /// Returns the no that this explains; no list of codes is published, so none tells more than `cause`.
    pub(super) fn refusal(self, cause: RefusalCause, reason: String) -> Refusal {
        Refusal { cause, code: self.code, reason }
    }
}

fn id(text: &str) -> Option<String> {
    let fits = (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

fn sum(fields: &Map<String, Value>) -> Option<Sum> {
    let details = maybe_object(fields, "amount_details")?;
    Some(Sum { units: maybe_whole(details, "amount")?, currency: maybe_text(details, "currency")?.to_owned() })
}

/// Returns a time that may be missing or in a form that nobody documented: no time decides about money.
fn moment(fields: &Map<String, Value>, field: &str) -> Option<UnixTime> {
    maybe_text(fields, field).and_then(|text| text.parse().ok())
}
