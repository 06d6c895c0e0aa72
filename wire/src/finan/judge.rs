//! What Finan's answers and webhooks amount to: that they are about what was asked, and what may be done after a no. It must
//! not send anything.

use super::answer::explanation;
use super::{AnswerError, PaymentRequest, PaymentStatus, Requests, Webhook, read_created, read_requests};
use crate::money::Amount;
use crate::provider::{
    CodeText, Heard, KnownOrder, Made, Making, Payee, ProviderId, Question, Refusal, RefusalCause, Reply, Report, Said,
    Standing, Transfer, TransferRef, Trouble, Verdict,
};

/// Judges the answer to a request to make an order.
pub(super) fn created(reply: &Reply, making: &Making) -> Result<Made, Trouble> {
    let created = read(reply, read_created)?;
    let order = making.order.to_string();
    if let Some(other) = created.reference.filter(|reference| *reference != order) {
        let other = crate::text::shown(&other);
        return Err(about(&format!("another order (`{other}`) than the one asked for ({order})")));
    }
    let code = match (filled(created.qr_code), filled(created.payment_url)) {
        (Some(text), _) => Some(CodeText::VietQr(text)),
        (None, Some(address)) => Some(CodeText::Url(address)),
        (None, None) => None,
    };
    // `bank_name` is the bank's short name (`MB`), but nothing keeps Finan from writing its number there.
    let is_bin = |name: &String| name.len() == 6 && name.bytes().all(|byte| byte.is_ascii_digit());
    let payee = Payee {
        bin: Some(created.bank_name).filter(is_bin),
        account: filled(created.account_number),
        name: filled(created.account_name),
    };
    Ok(Made::Payable { provider_id: ProviderId(created.provider_id), code, payee })
}

/// Judges the answer to a question, whether for one payment request or for all of the order's.
pub(super) fn requests(reply: &Reply, known: &KnownOrder, question: Question) -> Result<Report, Trouble> {
    let Requests { ours, others } = read(reply, |body| read_requests(body, known.order))?;
    if ours.is_empty() && others == 0 {
        return Err(Trouble::NotFound { reason: format!("Finan has no payment request of the order {}", known.order) });
    }
    if ours.is_empty() {
        return Err(about(&format!("other orders than the one asked for ({})", known.order)));
    }
    let request = chosen(ours, known).ok_or_else(|| about("another payment request than the one that it made"))?;
    if request.amount != known.amount {
        let (asked, answered) = (known.amount, request.amount);
        return Err(about(&format!("another amount ({answered}) than the one asked for ({asked})")));
    }
    Ok(report(request, question))
}

/// Returns the payment request that the order is: the one whose id is known, or, while none is, one with money.
fn chosen(ours: Vec<PaymentRequest>, known: &KnownOrder) -> Option<PaymentRequest> {
    let paid = |request: &&PaymentRequest| !request.paid_amount.is_zero();
    let place = match &known.provider_id {
        Some(id) => ours.iter().position(|request| request.provider_id == super::bare(&id.0)),
        None => Some(ours.iter().position(|request| paid(&request)).unwrap_or(0)),
    };
    ours.into_iter().nth(place?)
}

fn about(what: &str) -> Trouble {
    Trouble::Invalid { reason: format!("Finan answered about {what}") }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Reads a body, unless HTTP has said no already. The body's words explain a no, and never undo it. Finan's codes are not
/// published, so of all reasons only HTTP's own are known: 404 and 409.
pub(super) fn read<T>(reply: &Reply, read: impl FnOnce(&[u8]) -> Result<T, AnswerError>) -> Result<T, Trouble> {
    let (code, words) = explanation(&reply.body);
    let explained = |reason: &str| match &words {
        Some(words) => format!("{reason}: {words}"),
        None => reason.to_owned(),
    };
    let refused = |cause, code: Option<u64>, reason| {
        Trouble::Refused(Refusal { cause, code: code.map(|code| code.to_string()), reason })
    };
    match &reply.verdict {
        Verdict::Yes => read(&reply.body).map_err(|error| {
            let reason = error.to_string();
            match error {
                AnswerError::Refused { code, .. } => refused(RefusalCause::Unsaid, Some(code), reason),
                AnswerError::Malformed { .. } => Trouble::Invalid { reason },
            }
        }),
        Verdict::No { status: 404, reason } => Err(Trouble::NotFound { reason: explained(reason) }),
        Verdict::No { status: 409, reason } => Err(Trouble::Duplicate { reason: explained(reason) }),
        Verdict::Forbidden { reason } => Err(refused(RefusalCause::Access, code, explained(reason))),
        Verdict::No { reason, .. } => Err(refused(RefusalCause::Unsaid, code, explained(reason))),
    }
}

fn report(request: PaymentRequest, question: Question) -> Report {
    // A payment without an id cannot be counted once. Its money is in the total, of which the till counts what the
    // listed payments leave over.
    let countable = request.transfers.into_iter().filter(|listed| !listed.id.is_empty() && !listed.amount.is_zero());
    let transfers = countable.map(|listed| Transfer {
        reference: TransferRef(listed.id),
        amount: listed.amount,
        transacted_at: listed.created_at,
    });
    Report {
        provider_id: ProviderId(request.provider_id),
        amount: request.amount,
        total: request.paid_amount,
        transfers: transfers.collect(),
        refunds: Vec::new(),
        standing: standing(&request.status, question),
        action: None,
    }
}

fn standing(status: &PaymentStatus, question: Question) -> Standing {
    let open = match question {
        Question::Status | Question::Confirm => Standing::Open,
        // Finan cannot cancel. That it is not paid is all there is to learn (contract §3); the till watches for late money.
        Question::Cancel(_) => Standing::Cancelled,
    };
    match status {
        // Nobody documents what an unknown word means; while it may mean that money can come, it is asked again.
        PaymentStatus::Unpaid | PaymentStatus::PartialPaid | PaymentStatus::Unknown(_) => open,
        PaymentStatus::Paid | PaymentStatus::ExtraPaid => Standing::Paid,
    }
}

/// Returns what a proven webhook says.
pub(super) fn heard(webhook: Webhook) -> Heard {
    let said = if webhook.id.is_empty() || webhook.amount == 0 {
        Said::NoPayment
    } else {
        Said::Transfer(Transfer {
            reference: TransferRef(webhook.id),
            amount: Amount::vnd(webhook.amount),
            transacted_at: webhook.created_at,
        })
    };
    Heard {
        order: webhook.order,
        purpose: webhook.purpose,
        provider_id: ProviderId(webhook.provider_id),
        said,
        note: webhook.note,
        signed_at: Some(webhook.signed_at),
    }
}
