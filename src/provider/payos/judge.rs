//! What payOS's answers and webhooks amount to: signatures and codes are checked by `till-wire`, and here that they are
//! about what was asked. It must not send anything.

use till_wire::payos::{AnswerError, Created, Link, LinkStatus, Meaning, Webhook, read_created, read_link};
use till_wire::{Amount, ChannelId};

use crate::provider::trouble::{Said, Trouble, Verdict};
use crate::till::{
    self, CreateAnswer, CreateOrder, Notice, OrderAt, Payee, ProviderId, Report, ReportStanding, StatusAnswer,
    TransferRef,
};

/// The longest note that is kept of a webhook, in characters.
const LONGEST_NOTE: usize = 200;

/// Judges the answer to a request to make an order.
pub(super) fn created(said: Said, order: &CreateOrder, key: &[u8]) -> Result<CreateAnswer, Trouble> {
    let created = read(said, |body| read_created(body, key))?;
    let Created { order: reference, amount, provider_id, bin, account_number, account_name, code, .. } = created;
    if reference != order.order {
        return Err(about("another order", order.order, reference));
    }
    if amount != order.amount {
        return Err(about("another amount", order.amount, amount));
    }
    let payee = Payee { bin: filled(bin), account: filled(account_number), name: filled(account_name) };
    Ok(CreateAnswer::Created { provider_id: ProviderId(provider_id), code: Some(code), payee })
}

/// Judges the answer to a question or a cancellation.
pub(super) fn link(said: Said, order: &OrderAt, key: &[u8]) -> Result<StatusAnswer, Trouble> {
    let link = read(said, |body| read_link(body, key))?;
    if link.order != order.order {
        return Err(about("another order", order.order, link.order));
    }
    if link.amount != order.amount {
        return Err(about("another amount", order.amount, link.amount));
    }
    if order.provider_id.as_ref().is_some_and(|known| known.0 != link.provider_id) {
        let reason = "payOS answered about another payment link than the one that it made".to_owned();
        return Err(Trouble::Invalid { reason });
    }
    Ok(StatusAnswer::Known(report(link)))
}

fn about(what: &str, asked: impl ToString, answered: impl ToString) -> Trouble {
    let (asked, answered) = (asked.to_string(), answered.to_string());
    Trouble::Invalid { reason: format!("payOS answered about {what} ({answered}) than the one asked for ({asked})") }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Reads a body, unless HTTP has said no already. A no may be explained by a code in the body, and never undone.
fn read<T>(said: Said, read: impl FnOnce(&[u8]) -> Result<T, AnswerError>) -> Result<T, Trouble> {
    let body = read(&said.body);
    match said.verdict {
        Verdict::Yes => body.map_err(|error| trouble(error, said.after)),
        Verdict::Forbidden { reason } => match body {
            Err(refused @ AnswerError::Refused { .. }) => {
                Err(Trouble::Refused { reason: format!("{reason}: {refused}") })
            }
            Ok(_) | Err(AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed { .. }) => {
                Err(Trouble::Refused { reason })
            }
        },
        Verdict::No { reason } => match body {
            Err(refused @ AnswerError::Refused { .. }) => Err(trouble(refused, said.after)),
            Ok(_) | Err(AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed { .. }) => {
                Err(Trouble::Refused { reason })
            }
        },
    }
}

fn trouble(error: AnswerError, after: Option<std::time::Duration>) -> Trouble {
    let reason = error.to_string();
    match error {
        AnswerError::Refused { meaning, .. } => match meaning {
            Meaning::Duplicate => Trouble::Duplicate { reason },
            Meaning::NotFound => Trouble::NotFound { reason },
            Meaning::TooManyRequests => Trouble::Later { reason, after },
            Meaning::Invalid
            | Meaning::RequestSignature
            | Meaning::ChannelClosed
            | Meaning::Unauthorised
            | Meaning::Other => Trouble::Refused { reason },
        },
        AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed { .. } => {
            Trouble::Invalid { reason }
        }
    }
}

fn report(link: Link) -> Report {
    // A transfer without a reference cannot be counted once. Its money is in the total, of which the till counts what
    // the listed transfers leave over.
    let countable =
        link.transfers.into_iter().filter(|listed| !listed.reference.is_empty() && listed.amount.value() > 0);
    let transfers = countable.map(|listed| till::Transfer {
        reference: TransferRef(listed.reference),
        amount: listed.amount,
        transacted_at: listed.transacted_at,
    });
    Report {
        provider_id: ProviderId(link.provider_id),
        amount: link.amount,
        total: link.amount_paid,
        transfers: transfers.collect(),
        standing: standing(&link.status),
    }
}

fn standing(status: &LinkStatus) -> ReportStanding {
    match status {
        // Nobody documents what an unknown word means; while it may mean that money can come, it is asked again.
        LinkStatus::Pending | LinkStatus::Processing | LinkStatus::Underpaid | LinkStatus::Unknown(_) => {
            ReportStanding::Open
        }
        LinkStatus::Paid => ReportStanding::Paid,
        LinkStatus::Cancelled => ReportStanding::Cancelled,
        LinkStatus::Expired => ReportStanding::Expired,
        LinkStatus::Failed => ReportStanding::Failed,
    }
}

/// Returns what a proven webhook says.
pub(super) fn notice(channel: &ChannelId, webhook: Webhook) -> Notice {
    let is_payment =
        webhook.code == "00" && webhook.currency == "VND" && !webhook.reference.is_empty() && webhook.amount > 0;
    let said = if is_payment {
        till::Said::Transfer(till::Transfer {
            reference: TransferRef(webhook.reference),
            amount: Amount::vnd(webhook.amount),
            transacted_at: webhook.transacted_at,
        })
    } else {
        till::Said::NoPayment
    };
    Notice {
        channel: channel.clone(),
        order: webhook.order,
        provider_id: ProviderId(webhook.provider_id),
        said,
        note: note(&webhook.description),
    }
}

/// Returns what the payer's bank passed on, on one line of bounded length.
fn note(description: &str) -> Option<String> {
    let line = description.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(LONGEST_NOTE).collect();
    filled(line.trim().to_owned())
}
