//! `GET /v1/sales/{id}/journal`: how a sale came to be what it is. It must not know how a journal is kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use till_wire::sale::Via;
use till_wire::{EnvelopeId, Flag, OrderRef, SaleId, SaleState, UnixTime};
use utoipa::ToSchema;

use super::answers::no_sale;
use super::desk::Desk;
use super::problem::{Problem, ProblemBody};
use super::sales::Named;
use crate::till::{Cause, CauseKind, JournalEntry, JournalPage, Proof, Reported};

/// How a sale came to be what it is. Amounts are in minor units.
#[derive(Serialize, ToSchema)]
#[schema(as = Journal)]
pub(super) struct JournalBody {
    /// The sale.
    sale: SaleId,
    /// The entries, oldest first: at most 200, the first and the newest. None of a sale that an older version made.
    entries: Vec<EntryBody>,
    /// How many entries between the first and the others were dropped.
    dropped: u64,
}

/// A change of a sale; or, with the revision of the entry before, money that was reported and not counted.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntry)]
struct EntryBody {
    /// The revision since then.
    revision: u64,
    /// When, by the terminal's clock.
    at: UnixTime,
    /// The state since then.
    state: SaleState,
    /// The flags since then.
    flags: Vec<Flag>,
    /// What had been paid since then.
    paid_amount: u64,
    /// What brought it about.
    cause: CauseBody,
    /// The money that was counted by it, and what proved it.
    counted: Vec<ProofBody>,
}

/// What brought a change about.
#[derive(Serialize, ToSchema)]
#[schema(as = Cause)]
struct CauseBody {
    /// `cashier`, `supervisor`, `provider`, `display`, `operator` or `terminal`.
    who: &'static str,
    /// `sale_call`, `cancel_call`, `acknowledge_call`, `supervisor`, `keypad`, `order_answer`, `status_answer`,
    /// `cancel_answer`, `confirm_answer`, `webhook`, `display`, `deadline`, `restart`, `command` or `terminal`.
    kind: &'static str,
    /// What was said, in one word, such as `paid` in an answer or `transfer` in a webhook.
    #[schema(required)]
    said: Option<String>,
    /// Why that was no usable answer, or none came, in one sentence.
    #[schema(required)]
    why: Option<String>,
    /// The order that it was said of.
    #[schema(required)]
    order: Option<OrderRef>,
    /// Of a webhook: what the bridge calls its envelope in its log.
    #[schema(required)]
    envelope: Option<EnvelopeId>,
    /// The transfer that a webhook reported, counted or not.
    #[schema(required)]
    transfer: Option<ReportedBody>,
}

/// A transfer that was reported.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportedTransfer)]
struct ReportedBody {
    /// The provider's id of the order.
    provider_id: String,
    /// The provider's name of the transfer.
    provider_ref: String,
    /// How much.
    amount: u64,
}

/// Money that was counted.
#[derive(Serialize, ToSchema)]
#[schema(as = Proof)]
struct ProofBody {
    /// The provider's id of the order.
    provider_id: String,
    /// The provider's name of the transfer.
    provider_ref: String,
    /// How much.
    amount: u64,
    /// What proved it: a webhook, the provider's own answer, or a supervisor's match of a proven receipt.
    via: Via,
}

/// Tells how a sale came to be what it is: each change, what brought it about, and what proved its money.
#[utoipa::path(
    get, path = "/v1/sales/{id}/journal", tag = "sales", operation_id = "journal",
    params(("id" = SaleId, Path, description = "The sale's whole id")),
    responses(
        (status = 200, description = "The journal", body = JournalBody),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn journal(State(desk): State<Arc<Desk>>, id: Named) -> Result<Json<JournalBody>, Problem> {
    let sale: SaleId = id.read(no_sale)?;
    let JournalPage { entries, dropped } = desk.port.journal(sale).await?.ok_or_else(no_sale)?;
    Ok(Json(JournalBody { sale, entries: entries.into_iter().map(EntryBody::from).collect(), dropped }))
}

impl From<JournalEntry> for EntryBody {
    fn from(entry: JournalEntry) -> Self {
        Self {
            revision: entry.revision,
            at: entry.at,
            state: entry.state,
            flags: entry.flags,
            paid_amount: entry.paid_amount,
            cause: entry.cause.into(),
            counted: entry.counted.into_iter().map(ProofBody::from).collect(),
        }
    }
}

impl From<Cause> for CauseBody {
    fn from(cause: Cause) -> Self {
        let Cause { kind, said, why, order, envelope, transfer } = cause;
        let transfer = transfer.map(ReportedBody::from);
        Self { who: kind.who(), kind: word(kind), said, why, order, envelope, transfer }
    }
}

impl From<Reported> for ReportedBody {
    fn from(reported: Reported) -> Self {
        let Reported { provider_id, provider_ref, amount } = reported;
        Self { provider_id, provider_ref, amount }
    }
}

impl From<Proof> for ProofBody {
    fn from(proof: Proof) -> Self {
        let Proof { money: Reported { provider_id, provider_ref, amount }, via } = proof;
        Self { provider_id, provider_ref, amount, via }
    }
}

/// Names are part of the interface.
fn word(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::SaleCall => "sale_call",
        CauseKind::CancelCall => "cancel_call",
        CauseKind::AcknowledgeCall => "acknowledge_call",
        CauseKind::Supervisor => "supervisor",
        CauseKind::Keypad => "keypad",
        CauseKind::OrderAnswer => "order_answer",
        CauseKind::StatusAnswer => "status_answer",
        CauseKind::CancelAnswer => "cancel_answer",
        CauseKind::ConfirmAnswer => "confirm_answer",
        CauseKind::Webhook => "webhook",
        CauseKind::Display => "display",
        CauseKind::Deadline => "deadline",
        CauseKind::Restart => "restart",
        CauseKind::Command => "command",
        CauseKind::Terminal => "terminal",
    }
}
