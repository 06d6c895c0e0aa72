//! What payOS's answers and webhooks amount to, once their signatures are right: that they are about what was asked, and
//! what may be done after a no. It must not send anything.

use super::{AnswerError, Created, Link, LinkStatus, Meaning, Webhook, read_created, read_link};
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{
    self, CodeText, Heard, KnownOrder, Made, Making, Payee, ProviderId, Refusal, RefusalCause, Reply, Report, Said,
    Standing, TransferRef, Trouble, Verdict,
};
use crate::text::noted;

/// Judges the answer to a request to make an order.
pub(super) fn created(reply: &Reply, making: &Making, key: &[u8]) -> Result<Made, Trouble> {
    let created = read(reply, |body| read_created(body, key))?;
    let Created { order, amount, provider_id, bin, account_number, account_name, code, .. } = created;
    if order != making.order {
        return Err(about("another order", making.order, order));
    }
    if amount != making.amount {
        return Err(about("another amount", making.amount, amount));
    }
    let payee = Payee { bin: filled(bin), account: filled(account_number), name: filled(account_name) };
    Ok(Made::Payable { provider_id: ProviderId(provider_id), code: Some(CodeText::VietQr(code)), payee })
}

/// Judges the answer to a question or a cancellation.
pub(super) fn link(reply: &Reply, known: &KnownOrder, key: &[u8]) -> Result<Report, Trouble> {
    let link = read(reply, |body| read_link(body, key))?;
    if link.order != known.order {
        return Err(about("another order", known.order, link.order));
    }
    if link.amount != known.amount {
        return Err(about("another amount", known.amount, link.amount));
    }
    if known.provider_id.as_ref().is_some_and(|known| known.0 != link.provider_id) {
        let reason = "payOS answered about another payment link than the one that it made".to_owned();
        return Err(Trouble::Invalid { reason });
    }
    Ok(report(link))
}

fn about(what: &str, asked: impl ToString, answered: impl ToString) -> Trouble {
    let (asked, answered) = (asked.to_string(), answered.to_string());
    Trouble::Invalid { reason: format!("payOS answered about {what} ({answered}) than the one asked for ({asked})") }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Reads a body, unless HTTP has said no already. A no may be explained by a code in the body, and never undone.
fn read<T>(reply: &Reply, read: impl FnOnce(&[u8]) -> Result<T, AnswerError>) -> Result<T, Trouble> {
    let body = read(&reply.body);
    match &reply.verdict {
        Verdict::Yes => body.map_err(|error| trouble(error, reply.after)),
        Verdict::Forbidden { reason } => match body {
            Err(ref refused @ AnswerError::Refused { ref code, .. }) => {
                Err(refusal(RefusalCause::Access, code, format!("{reason}: {refused}")))
            }
            Ok(_) | Err(AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed { .. }) => {
                Err(refusal(RefusalCause::Access, "", reason.clone()))
            }
        },
        Verdict::No { reason, .. } => match body {
            Err(refused @ AnswerError::Refused { .. }) => Err(trouble(refused, reply.after)),
            Ok(_) | Err(AnswerError::NotSigned | AnswerError::WrongSignature | AnswerError::Malformed { .. }) => {
                Err(refusal(RefusalCause::Unsaid, "", reason.clone()))
            }
        },
    }
}

fn refusal(cause: RefusalCause, code: &str, reason: String) -> Trouble {
    let code = Some(code.to_owned()).filter(|code| !code.is_empty());
    Trouble::Refused(Refusal { cause, code, reason })
}

fn trouble(error: AnswerError, after: Option<std::time::Duration>) -> Trouble {
    let reason = error.to_string();
    match error {
        AnswerError::Refused { meaning, code, .. } => match meaning {
            Meaning::Duplicate => Trouble::Duplicate { reason },
            Meaning::NotFound => Trouble::NotFound { reason },
            Meaning::TooManyRequests => Trouble::Later { reason, after },
            Meaning::Invalid
            | Meaning::RequestSignature
            | Meaning::ChannelClosed
            | Meaning::Unauthorised
            | Meaning::Other => refusal(meaning.cause(), &code, reason),
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
    let transfers = countable.map(|listed| provider::Transfer {
        reference: TransferRef(listed.reference),
        amount: listed.amount,
        transacted_at: listed.transacted_at,
    });
    Report {
        provider_id: ProviderId(link.provider_id),
        amount: link.amount,
        total: link.amount_paid,
        transfers: transfers.collect(),
        refunds: Vec::new(),
        standing: standing(&link.status),
        action: None,
    }
}

fn standing(status: &LinkStatus) -> Standing {
    match status {
        // Nobody documents what an unknown word means; while it may mean that money can come, it is asked again.
        LinkStatus::Pending | LinkStatus::Processing | LinkStatus::Underpaid | LinkStatus::Unknown(_) => Standing::Open,
        LinkStatus::Paid => Standing::Paid,
        LinkStatus::Cancelled => Standing::Cancelled,
        LinkStatus::Expired => Standing::Expired,
        LinkStatus::Failed => Standing::Failed,
    }
}

/// Returns what a proven webhook says.
pub(super) fn heard(webhook: Webhook) -> Heard {
    let is_payment =
        webhook.code == "00" && webhook.currency == "VND" && !webhook.reference.is_empty() && webhook.amount > 0;
    let said = if webhook.is_registration_ping() {
        Said::Sample
    } else if webhook.ambiguous.is_some() {
        Said::Hint
    } else if is_payment {
        Said::Transfer(provider::Transfer {
            reference: TransferRef(webhook.reference),
            amount: Amount::vnd(webhook.amount),
            transacted_at: webhook.transacted_at,
        })
    } else {
        Said::NoPayment
    };
    Heard {
        order: webhook.order,
        purpose: OrderRef::find_purpose(&webhook.description),
        provider_id: ProviderId(webhook.provider_id),
        said,
        note: noted(&webhook.description),
        signed_at: None,
    }
}
