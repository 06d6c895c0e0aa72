//! Finan's answers to a till's own requests. They are not signed: TLS is all that stands behind them (providers.md §2.3).
//! It must not know what is done about an answer.

use serde_json::{Map, Value};

use super::bare;
use crate::fields::{self, FieldError};
use crate::ids::OrderRef;
use crate::json;
use crate::money::Amount;
use crate::text::{bounded, shown};
use crate::time::UnixTime;

/// Why an answer is not the success that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Finan said no. What its codes mean is not published.
    #[error("Finan refused with code {code}: `{words}`")]
    Refused {
        /// Finan's code.
        code: u64,
        /// Finan's own words, cut to 200 characters.
        words: String,
    },
    /// It is no JSON, or not the JSON that it should be.
    #[error("cannot read Finan's answer: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
}

impl From<FieldError> for AnswerError {
    fn from(error: FieldError) -> Self {
        malformed(error.to_string())
    }
}

pub(super) fn malformed(reason: impl Into<String>) -> AnswerError {
    AnswerError::Malformed { reason: reason.into() }
}

/// The code of an answer to a create that was carried out.
const MADE: u64 = 102_001;

/// The code of any other answer of success.
pub(super) const DONE: u64 = 102_000;

/// The answer to a request to create a payment request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The `payment_request_id` without `PR-`.
    pub provider_id: String,
    /// The shop's reference, where Finan repeats it.
    pub reference: Option<String>,
    /// Finan's page for this payment; empty for a transfer.
    pub payment_url: String,
    /// The text of the VietQR; empty for a card or a wallet. Not yet checked.
    pub qr_code: String,
    /// The bank of the account that takes the money, as Finan calls it; empty when Finan does not say.
    pub bank_name: String,
    /// The account that takes the money; may be a virtual one with letters.
    pub account_number: String,
    /// The account's holder.
    pub account_name: String,
}

/// How a payment request stands at Finan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// No money yet.
    Unpaid,
    /// Some of the money is there.
    PartialPaid,
    /// All the money is there.
    Paid,
    /// More than the money is there.
    ExtraPaid,
    /// A word that this program does not know, cut to forty characters.
    Unknown(String),
}

impl PaymentStatus {
    /// Returns the status that Finan names so.
    pub fn of(word: &str) -> Self {
        match word {
            "unpaid" => Self::Unpaid,
            "partial_paid" => Self::PartialPaid,
            "paid" => Self::Paid,
            "extra_paid" => Self::ExtraPaid,
            other => Self::Unknown(shown(other)),
        }
    }
}

/// One payment request in an answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The `payment_request_id` without `PR-`.
    pub provider_id: String,
    /// What the customer shall pay.
    pub amount: Amount,
    /// What arrived in total.
    pub paid_amount: Amount,
    /// How it stands.
    pub status: PaymentStatus,
    /// The payments that Finan lists; they may be fewer than what arrived.
    pub transfers: Vec<Transfer>,
}

/// One payment that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id; empty when Finan does not say.
    pub id: String,
    /// How much arrived.
    pub amount: Amount,
    /// When, by Finan's word.
    pub created_at: Option<UnixTime>,
}

/// The answer to a question for payment requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// Those with the reference that was asked for.
    pub ours: Vec<PaymentRequest>,
    /// How many there are of other references.
    pub others: usize,
}

/// Reads the answer to a request to create a payment request.
///
/// # Errors
/// See [`AnswerError`]: a refusal, or something else than the answer.
pub fn read_created(body: &[u8]) -> Result<Created, AnswerError> {
    let Some(Value::Object(data)) = data(body, MADE)? else {
        return Err(malformed("the field `data` is not an object"));
    };
    let nothing = Map::new();
    let detail = match data.get("bank_transfer_detail") {
        None | Some(Value::Null) => &nothing,
        Some(Value::Object(detail)) => detail,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(malformed("the field `bank_transfer_detail` is not an object"));
        }
    };
    Ok(Created {
        provider_id: id(&data)?,
        reference: fields::optional(&data, "reference_id")?.filter(|text| !text.is_empty()),
        payment_url: optional(&data, "payment_url")?,
        qr_code: optional(detail, "qr_code")?,
        bank_name: optional(detail, "bank_name")?,
        account_number: optional(detail, "account_number")?,
        account_name: optional(detail, "account_name")?,
    })
}

/// Reads the answer to a question for one payment request, or for all of a reference. Of payment requests with another
/// reference nothing is looked at.
///
/// # Errors
/// See [`AnswerError`]: a refusal, or something else than the answer.
pub fn read_requests(body: &[u8], order: OrderRef) -> Result<Requests, AnswerError> {
    let order = order.to_string();
    let listed = listed(data(body, DONE)?)?;
    let all = listed.len();
    let is_ours = |request: &&Map<String, Value>| request.get("reference_id").and_then(Value::as_str) == Some(&order);
    let ours = listed.iter().filter(is_ours).map(request).collect::<Result<Vec<_>, _>>()?;
    Ok(Requests { others: all - ours.len(), ours })
}

fn request(request: &Map<String, Value>) -> Result<PaymentRequest, AnswerError> {
    Ok(PaymentRequest {
        provider_id: id(request)?,
        amount: Amount::vnd(fields::whole(request, "amount")?),
        paid_amount: Amount::vnd(fields::whole(request, "paid_amount")?),
        status: PaymentStatus::of(&fields::text(request, "status")?),
        transfers: transfers(request)?,
    })
}

fn transfers(request: &Map<String, Value>) -> Result<Vec<Transfer>, AnswerError> {
    match request.get("payments") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(listed)) => listed.iter().map(transfer).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(malformed("the field `payments` is not an array"))
        }
    }
}

fn transfer(listed: &Value) -> Result<Transfer, AnswerError> {
    let Value::Object(listed) = listed else {
        return Err(malformed("the field `payments` lists something else than objects"));
    };
    Ok(Transfer {
        id: optional(listed, "id")?,
        amount: Amount::vnd(fields::whole(listed, "amount")?),
        created_at: optional(listed, "created_at")?.parse().ok(),
    })
}

/// Returns the `data` of an answer with the code of success that it should have; nothing when there is none.
pub(super) fn data(body: &[u8], success: u64) -> Result<Option<Value>, AnswerError> {
    let mut answer = object(body)?;
    let code = fields::whole(&answer, "code")?;
    if code != success {
        return Err(AnswerError::Refused { code, words: words(&answer) });
    }
    Ok(answer.remove("data").filter(|data| !data.is_null()))
}

/// Returns what `data` lists: many objects, one, or none at all.
pub(super) fn listed(data: Option<Value>) -> Result<Vec<Map<String, Value>>, AnswerError> {
    let each = |value| match value {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(malformed("the field `data` lists something else than objects"))
        }
    };
    match data {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values.into_iter().map(each).collect(),
        Some(one) => Ok(vec![each(one)?]),
    }
}

/// Returns the code of an answer that HTTP has called a failure already, and code and words in one, as far as there are any.
pub(super) fn explanation(body: &[u8]) -> (Option<u64>, Option<String>) {
    let Ok(answer) = object(body) else { return (None, None) };
    let words = Some(words(&answer)).filter(|words| !words.is_empty());
    let code = fields::whole(&answer, "code").ok();
    let explained = match (code, words) {
        (Some(code), Some(words)) => Some(format!("code {code}: `{words}`")),
        (Some(code), None) => Some(format!("code {code}")),
        (None, Some(words)) => Some(format!("`{words}`")),
        (None, None) => None,
    };
    (code, explained)
}

fn object(body: &[u8]) -> Result<Map<String, Value>, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed("it is not UTF-8"))?;
    match json::parse(text).map_err(|error| malformed(error.to_string()))? {
        Value::Object(answer) => Ok(answer),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(malformed("it is not a JSON object"))
        }
    }
}

/// Returns what Finan says to people, cut to 200 characters.
fn words(answer: &Map<String, Value>) -> String {
    let message = answer.get("message");
    let content = message.and_then(|message| message.get("content")).or(message);
    bounded(content.and_then(Value::as_str).unwrap_or_default(), 200)
}

/// Returns a text that may be missing or null, and is then empty.
pub(super) fn optional(data: &Map<String, Value>, field: &'static str) -> Result<String, FieldError> {
    fields::optional(data, field).map(Option::unwrap_or_default)
}

fn id(data: &Map<String, Value>) -> Result<String, AnswerError> {
    let id = fields::filled(data, "payment_request_id")?;
    Some(bare(&id).to_owned())
        .filter(|id| !id.is_empty())
        .ok_or_else(|| malformed("the field `payment_request_id` has nothing after `PR-`"))
}
