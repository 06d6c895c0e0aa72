//! The lines that a cash register and the till exchange, as docs/hardware.md has them. It must not know who sends them.

use till_wire::Amount;
use till_wire::sale::{Sale, SaleState};

use crate::port::Unavailable;
use crate::till::{self, Answer};

/// The longest `reference`, in characters (contract §4).
const REFERENCE: usize = 100;
/// How our own lines begin; a device that sends back what it hears must not be answered for ever.
const OURS: [&str; 6] = ["SALE", "PAID", "CANCELLED", "EXPIRED", "FAILED", "ERROR"];

/// What a register wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A sale.
    Sell(Amount, Option<String>),
    /// Its sale gone.
    Cancel,
    /// To hear again of its sale.
    Status,
}

/// Why a line is not obeyed: one of the API's names, and words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// Returns the line that says so.
    pub(super) fn line(&self) -> String {
        format!("ERROR {} {}", self.code, self.text)
    }
}

/// Reads a line without its end; nothing when it wants no answer: it is blank, or one of ours that came back.
pub(super) fn read(line: &[u8], most: Amount) -> Result<Option<Wish>, Refusal> {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    let Some(text) = std::str::from_utf8(line).ok().filter(|_| line.iter().all(printable)) else {
        return Err(Refusal::new("malformed", "a line has printable ASCII characters alone"));
    };
    let text = text.trim();
    let (word, rest) = text.split_once([' ', '\t']).map_or((text, ""), |(word, rest)| (word, rest.trim()));
    match (word, rest) {
        ("", _) => Ok(None),
        ("CANCEL", "") => Ok(Some(Wish::Cancel)),
        ("STATUS", "") => Ok(Some(Wish::Status)),
        (ours, _) if OURS.contains(&ours) => Ok(None),
        (amount, reference) if amount.bytes().all(|byte| byte.is_ascii_digit()) => {
            let amount = amount.parse().ok().map(Amount::vnd).filter(|amount| !amount.is_zero() && *amount <= most);
            let amount = amount.ok_or_else(|| {
                Refusal::new("invalid", format!("the amount is a whole number from 1 to {}", most.value()))
            })?;
            if reference.len() > REFERENCE {
                return Err(Refusal::new("invalid", format!("the reference has at most {REFERENCE} characters")));
            }
            Ok(Some(Wish::Sell(amount, (!reference.is_empty()).then(|| reference.to_owned()))))
        }
        (_, _) => Err(Refusal::new("malformed", "a line is AMOUNT, AMOUNT REFERENCE, CANCEL or STATUS")),
    }
}

/// Tells how a sale stands.
pub(super) fn news(sale: &Sale) -> String {
    let state = sale.state.as_str().to_ascii_uppercase();
    match sale.state {
        SaleState::Requesting | SaleState::Showing | SaleState::Cancelling | SaleState::Unconfirmed => {
            format!("SALE {} {state}", sale.id)
        }
        SaleState::Paid | SaleState::Cancelled | SaleState::Expired | SaleState::Failed => {
            let why = sale.failure.as_ref().map(|failure| format!(" {}", failure.code)).unwrap_or_default();
            format!("{state} {} {}{why}", sale.id, sale.paid_amount)
        }
    }
}

/// Returns the sale that was made or is being cancelled, or says why it was not.
pub(super) fn done(answer: Answer) -> Result<Box<till::Sale>, Refusal> {
    Err(match answer {
        Answer::Created(sale) | Answer::Repeated(sale) | Answer::Cancelling(sale) => return Ok(sale),
        Answer::Busy(sale) => Refusal::new("busy", format!("{sale} is in progress")),
        Answer::ClockNotSet => Refusal::new("clock-not-set", "the terminal waits for the time"),
        Answer::NumbersUsedUp => Refusal::new("numbers-used-up", "the terminal needs another number"),
        Answer::QueueFull => Refusal::new("queue-full", "connect the terminal"),
        Answer::Disabled => Refusal::new("disabled", "the operator has shut the terminal"),
        Answer::AlreadyEnded(sale) => Refusal::new("already-ended", format!("{} has ended", sale.id)),
        Answer::NotFound => Refusal::new("not-found", "there is no such sale"),
        // These answer other questions.
        Answer::KeyMismatch
        | Answer::NotEnded(_)
        | Answer::Acknowledged(_)
        | Answer::Confirmed(_)
        | Answer::Matched(_)
        | Answer::NoReceipt
        | Answer::AlreadyMatched(_)
        | Answer::NeedsDoubleProof
        | Answer::Replaying(_)
        | Answer::Keyed { .. } => Refusal::new("unavailable", "the terminal gave another answer"),
    })
}

/// Says why there is no answer.
pub(super) fn unavailable(why: Unavailable) -> Refusal {
    match why {
        Unavailable::StoreFault => Refusal::new("store-fault", "nothing was changed"),
        Unavailable::Gone => Refusal::new("unavailable", "the terminal is stopping"),
        Unavailable::Late => Refusal::new("unavailable", "no answer in time; ask STATUS before selling anew"),
    }
}
