//! payOS's answers to a till's own requests. An answer of success counts only with its signature (providers.md §1.4).
//! It must not know which request it answers: the caller compares order, amount and id.

use serde_json::{Map, Value};

use super::{Meaning, canonical, verifies};
use crate::fields::{self, FieldError};
use crate::ids::OrderRef;
use crate::json;
use crate::money::Amount;
use crate::text::{bounded, shown};
use crate::time::UnixTime;

/// Why an answer is not the success that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// payOS said no. Such answers carry no signature (providers.md §1.4).
    #[error("{meaning} (code `{code}`: `{desc}`)")]
    Refused {
        /// payOS's code.
        code: String,
        /// payOS's own words, cut to 200 characters.
        desc: String,
        /// What the code means.
        meaning: Meaning,
    },
    /// It says success without a signature.
    #[error("payOS's answer has no signature")]
    NotSigned,
    /// Its signature is not that of its data under this key.
    #[error("payOS's answer has a wrong signature")]
    WrongSignature,
    /// It is no JSON, or not the JSON that it should be.
    #[error("cannot read payOS's answer: {reason}")]
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

fn malformed(reason: impl Into<String>) -> AnswerError {
    AnswerError::Malformed { reason: reason.into() }
}

/// How a payment link stands at payOS (providers.md §1.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkStatus {
    /// No money yet.
    Pending,
    /// Money is on its way.
    Processing,
    /// All the money is there.
    Paid,
    /// Some of the money is there.
    Underpaid,
    /// The link was cancelled.
    Cancelled,
    /// The link ran out of time.
    Expired,
    /// The link failed.
    Failed,
    /// A word that this program does not know, cut to forty characters.
    Unknown(String),
}

impl LinkStatus {
    /// Returns the status that payOS names so.
    pub fn of(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "PROCESSING" => Self::Processing,
            "PAID" => Self::Paid,
            "UNDERPAID" => Self::Underpaid,
            "CANCELLED" => Self::Cancelled,
            "EXPIRED" => Self::Expired,
            "FAILED" => Self::Failed,
            other => Self::Unknown(shown(other)),
        }
    }

    /// Returns payOS's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Processing => "PROCESSING",
            Self::Paid => "PAID",
            Self::Underpaid => "UNDERPAID",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
            Self::Unknown(word) => word,
        }
    }
}

/// The answer to a request to create a payment link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The order that it is for.
    pub order: OrderRef,
    /// payOS's `paymentLinkId`.
    pub provider_id: String,
    /// What the customer shall pay.
    pub amount: Amount,
    /// The bank of the account that takes the money.
    pub bin: String,
    /// The account that takes the money; may be a virtual one with letters.
    pub account_number: String,
    /// The account's holder; empty when payOS does not say.
    pub account_name: String,
    /// What the customer's bank will show; payOS puts a reference of its own before what was sent (providers.md §1.10).
    pub description: String,
    /// How the link stands.
    pub status: LinkStatus,
    /// The text of the VietQR (`qrCode`), never empty; not yet checked.
    pub code: String,
    /// payOS's own page for this payment; empty when payOS does not say.
    pub checkout_url: String,
}

/// The answer to a question for a payment link, or to a request to cancel it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// payOS's `paymentLinkId`.
    pub provider_id: String,
    /// The order that it is for.
    pub order: OrderRef,
    /// What the customer shall pay.
    pub amount: Amount,
    /// What arrived in total.
    pub amount_paid: Amount,
    /// How the link stands.
    pub status: LinkStatus,
    /// When the link was made.
    pub created_at: Option<UnixTime>,
    /// The transfers that payOS lists; they may be fewer than what arrived.
    pub transfers: Vec<Transfer>,
}

/// One bank transfer that arrived for a payment link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The bank's reference; empty when payOS does not say.
    pub reference: String,
    /// How much arrived.
    pub amount: Amount,
    /// When the bank says it was made.
    pub transacted_at: Option<UnixTime>,
}

/// Reads the answer to a request to create a payment link.
///
/// # Errors
/// See [`AnswerError`]: a refusal, no or a wrong signature, or something else than the answer.
pub fn read_created(body: &[u8], key: &[u8]) -> Result<Created, AnswerError> {
    let data = &verified_data(body, key)?;
    let currency = fields::optional(data, "currency")?;
    if currency.as_deref().is_some_and(|code| code != "VND") {
        return Err(malformed("the field `currency` is not `VND`"));
    }
    Ok(Created {
        order: order(data)?,
        provider_id: fields::filled(data, "paymentLinkId")?,
        amount: Amount::vnd(fields::whole(data, "amount")?),
        bin: fields::text(data, "bin")?,
        account_number: fields::text(data, "accountNumber")?,
        account_name: fields::optional(data, "accountName")?.unwrap_or_default(),
        description: fields::optional(data, "description")?.unwrap_or_default(),
        status: LinkStatus::of(&fields::text(data, "status")?),
        code: fields::filled(data, "qrCode")?,
        checkout_url: fields::optional(data, "checkoutUrl")?.unwrap_or_default(),
    })
}

/// Reads the answer to a question for a payment link, or to a request to cancel it.
///
/// # Errors
/// See [`AnswerError`]: a refusal, no or a wrong signature, or something else than the answer.
pub fn read_link(body: &[u8], key: &[u8]) -> Result<Link, AnswerError> {
    let data = &verified_data(body, key)?;
    Ok(Link {
        provider_id: fields::filled(data, "id")?,
        order: order(data)?,
        amount: Amount::vnd(fields::whole(data, "amount")?),
        amount_paid: Amount::vnd(fields::whole(data, "amountPaid")?),
        status: LinkStatus::of(&fields::text(data, "status")?),
        created_at: moment(data, "createdAt")?,
        transfers: transfers(data)?,
    })
}

/// Returns the `data` of an answer of success whose signature is right.
fn verified_data(body: &[u8], key: &[u8]) -> Result<Map<String, Value>, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed("it is not UTF-8"))?;
    let answer = json::parse(text).map_err(|error| malformed(error.to_string()))?;
    let Value::Object(mut answer) = answer else {
        return Err(malformed("it is not a JSON object"));
    };
    let code = fields::text(&answer, "code")?;
    if code != "00" {
        let desc = fields::optional(&answer, "desc").ok().flatten();
        return Err(AnswerError::Refused {
            meaning: Meaning::of(&code),
            code: shown(&code),
            desc: bounded(&desc.unwrap_or_default(), 200),
        });
    }
    let Some(Value::String(signature)) = answer.remove("signature") else {
        return Err(AnswerError::NotSigned);
    };
    let Some(Value::Object(data)) = answer.remove("data") else {
        return Err(malformed("the field `data` is not an object"));
    };
    let signed = canonical(&data).map_err(|error| malformed(error.to_string()))?;
    if !verifies(key, &signed, &signature) {
        return Err(AnswerError::WrongSignature);
    }
    Ok(data)
}

fn order(data: &Map<String, Value>) -> Result<OrderRef, AnswerError> {
    let code = fields::whole(data, "orderCode")?;
    OrderRef::from_payos_code(code).ok_or_else(|| malformed(format!("the order code `{code}` names no terminal")))
}

/// Returns a time that may be missing or in a form that nobody documented: no time decides about money.
fn moment(data: &Map<String, Value>, field: &'static str) -> Result<Option<UnixTime>, FieldError> {
    let text = fields::optional(data, field)?;
    Ok(text.and_then(|text| UnixTime::parse_payos(&text)))
}

/// Returns the transfers: an array, or nothing at all. The documentation's sample shows `{}`, but an object here has no
/// agreed signed form, so such an answer never comes this far.
fn transfers(data: &Map<String, Value>) -> Result<Vec<Transfer>, AnswerError> {
    match data.get("transactions") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(listed)) => listed.iter().map(transfer).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(malformed("the field `transactions` is not an array"))
        }
    }
}

fn transfer(listed: &Value) -> Result<Transfer, AnswerError> {
    let Value::Object(listed) = listed else {
        return Err(malformed("the field `transactions` lists something else than objects"));
    };
    Ok(Transfer {
        reference: fields::optional(listed, "reference")?.unwrap_or_default(),
        amount: Amount::vnd(fields::whole(listed, "amount")?),
        transacted_at: moment(listed, "transactionDateTime")?,
    })
}
