//! What a session amounts to: that it is the one that was asked about, with our reference and amount, and where it stands.
//! It must not know whether the answer that it came in is to be believed.

use super::session::{Payment, PaymentState, RefundMade, Session, SessionState};
use super::units::MinorUnits;
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{
    KnownOrder, Made, Making, ProviderId, Refund, RefusalCause, Report, Standing, Transfer, TransferRef, Trouble,
};

/// Judges the answer to a request that started an order's payment; `session` is the one that was to be started.
pub(super) fn started(
    session: Session,
    wanted: Option<&ProviderId>,
    making: &Making,
    units: MinorUnits,
) -> Result<Made, Trouble> {
    if let Some(wanted) = wanted {
        same_session(&session, wanted)?;
    }
    for payment in &session.payments {
        ours(payment, making.order, making.amount, units)?;
    }
    let refused = session.payments.iter().find(|payment| payment.state == PaymentState::Failed);
    match refused {
        Some(payment) if session.state == SessionState::Cancelled => {
            let why = payment.error.as_ref().map_or("without a reason", |error| &error.words);
            let reason = format!("Smart Glocal did not take the payment up ({why})");
            let error = payment.error.clone().unwrap_or_default();
            Err(Trouble::Refused(error.refusal(RefusalCause::Unsaid, reason)))
        }
        Some(_) | None => Ok(Made::Started { provider_id: ProviderId(session.id) }),
    }
}

/// Judges the answer to a question, or to a confirmation.
pub(super) fn report(session: &Session, known: &KnownOrder, units: MinorUnits) -> Result<Report, Trouble> {
    if let Some(provider_id) = &known.provider_id {
        same_session(session, provider_id)?;
    }
    for payment in &session.payments {
        ours(payment, known.order, known.amount, units)?;
    }
    let standing = standing(session);
    let open = session.payments.iter().filter(|payment| payment.state == PaymentState::Open);
    let action = open.filter_map(|payment| payment.action.clone()).next_back();
    let action = action.filter(|_| standing == Standing::Open);
    told(session, known, standing, units).map(|report| Report { action, ..report })
}

/// Judges the answer to a cancellation: yes is enough, even if the session is shown as it was before. Whose data it has
/// is only looked at when it was paid, since it may be cancelled for having other data than ours.
pub(super) fn cancelled(session: &Session, known: &KnownOrder, units: MinorUnits) -> Result<Report, Trouble> {
    if let Some(provider_id) = &known.provider_id {
        same_session(session, provider_id)?;
    }
    let paid = session.payments.iter().filter(|payment| payment.state == PaymentState::Succeeded);
    let mut standing = Standing::Cancelled;
    for payment in paid {
        ours(payment, known.order, known.amount, units)?;
        standing = Standing::Paid;
    }
    told(session, known, standing, units)
}

fn same_session(session: &Session, wanted: &ProviderId) -> Result<(), Trouble> {
    if session.id == wanted.0 {
        return Ok(());
    }
    let reason = format!("Smart Glocal answered about another session (`{}`) than `{}`", session.id, wanted.0);
    Err(Trouble::Invalid { reason })
}

fn ours(payment: &Payment, order: OrderRef, amount: Amount, units: MinorUnits) -> Result<(), Trouble> {
    let about = |what: &str| Err(Trouble::Invalid { reason: format!("Smart Glocal answered about {what}") });
    if payment.reference.as_deref() != Some(order.to_string().as_str()) {
        return about("the order of another reference");
    }
    if payment.sum.as_ref().and_then(|sum| units.amount(sum)) != Some(amount) {
        return about("another amount, or another currency, than was asked for");
    }
    Ok(())
}

fn standing(session: &Session) -> Standing {
    let any = |state| session.payments.iter().any(|payment| payment.state == state);
    let final_word = session.state == SessionState::Cancelled;
    if any(PaymentState::Succeeded) {
        return Standing::Paid;
    }
    if final_word {
        return if any(PaymentState::Failed) { Standing::Failed } else { Standing::Cancelled };
    }
    if !any(PaymentState::Open) {
        return match session.state {
            SessionState::Created | SessionState::InProgress if session.payments.is_empty() => Standing::Unstarted,
            // A failed payment, and `error`, are not final before the session is. Starting anew might charge twice.
            SessionState::Created
            | SessionState::InProgress
            | SessionState::Accepted
            | SessionState::Cancelled
            | SessionState::Error
            | SessionState::Unknown => Standing::Preparing,
        };
    }
    let open = |payment: &&Payment| payment.state == PaymentState::Open;
    match session.payments.iter().filter(open).any(|payment| payment.action.is_some()) {
        _ if session.wants_confirmation => Standing::Ready,
        true => Standing::Open,
        false => Standing::Preparing,
    }
}

fn told(session: &Session, known: &KnownOrder, standing: Standing, units: MinorUnits) -> Result<Report, Trouble> {
    let invalid = |reason: &str| Trouble::Invalid { reason: reason.to_owned() };
    let mut total = Amount::new(0, known.amount.currency());
    let mut transfers = Vec::new();
    for payment in session.payments.iter().filter(|payment| payment.state == PaymentState::Succeeded) {
        let transfer =
            transfer(payment, units).ok_or_else(|| invalid("Smart Glocal tells of a payment without an id"))?;
        let sum = total.checked_add(transfer.amount);
        total = sum.ok_or_else(|| invalid("Smart Glocal tells of more money than there is"))?;
        transfers.push(transfer);
    }
    Ok(Report {
        provider_id: ProviderId(session.id.clone()),
        amount: known.amount,
        total,
        transfers,
        refunds: refunds(session, units),
        standing,
        action: None,
    })
}

/// Returns the transfer that a succeeded payment is, when it has an id and an amount of ours.
pub(super) fn transfer(payment: &Payment, units: MinorUnits) -> Option<Transfer> {
    let amount = units.amount(payment.sum.as_ref()?).filter(|amount| !amount.is_zero())?;
    let reference = TransferRef(payment.id.clone()?);
    Some(Transfer { reference, amount, transacted_at: payment.finished_at })
}

/// Returns the refunds that have been made in our currency.
pub(super) fn refunds(session: &Session, units: MinorUnits) -> Vec<Refund> {
    let made = session.payments.iter().flat_map(|payment| &payment.refunds);
    made.filter_map(|refund| of_refund(refund, units)).collect()
}

fn of_refund(refund: &RefundMade, units: MinorUnits) -> Option<Refund> {
    let amount = units.amount(&refund.sum).filter(|amount| !amount.is_zero())?;
    Some(Refund { reference: TransferRef(refund.id.clone()), amount, refunded_at: refund.at })
}
