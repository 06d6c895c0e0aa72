//! `GET /v1/queue`: what is owed to others, oldest first. It must not know how it is paid off.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use till_wire::{CommandId, OrderRef, ReceiptKey, SaleId, UnixTime};
use utoipa::ToSchema;

use super::desk::Desk;
use super::problem::Problem;
use crate::till::{Due, MAX_OWED, MAX_OWED_BYTES, Outstanding, Queue};

/// So many are told; `count` tells of all.
const TOLD: usize = 1_000;

/// What is owed to others.
#[derive(Serialize, ToSchema)]
#[schema(as = Queue)]
pub(super) struct QueueBody {
    /// How much there is.
    count: u64,
    /// How many bytes its messages to the broker have together.
    bytes: u64,
    /// From so many messages on no new sale is made; money is kept.
    max_count: u64,
    /// Nor from about so many bytes on: the largest message of a sale must fit in.
    max_bytes: u64,
    /// Whether there is more than is told.
    more: bool,
    /// What is owed, oldest first; at most 1000.
    entries: Vec<EntryBody>,
}

/// What is owed to somebody.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = QueueEntry)]
pub(super) struct EntryBody {
    /// `sale`, `receipt` and `command`: a revision that is to be published; `replay`: the bridges are to be asked again;
    /// `cancellation` and `confirmation`: a word to a provider about an order.
    kind: &'static str,
    /// `broker`, or the channel whose provider it is for.
    destination: String,
    /// The sale that it is about.
    #[schema(required)]
    sale: Option<SaleId>,
    /// The receipt that it is about.
    #[schema(required)]
    receipt: Option<ReceiptKey>,
    /// The command whose status it is; left out of everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandId>,
    /// The order that it is about.
    #[schema(required)]
    order: Option<OrderRef>,
    /// The revision that is to be published.
    #[schema(required)]
    revision: Option<u64>,
    /// The time since which the bridges are asked.
    #[schema(required)]
    since: Option<UnixTime>,
    /// For how long it has been owed, in seconds; of a confirmation, for how long there has been the sale. `null` when an
    /// older version noted it.
    #[schema(required)]
    age_s: Option<u64>,
    /// How often it has been sent, where that is counted.
    #[schema(required)]
    tries: Option<u32>,
}

/// Lists what is owed to others, oldest first.
#[utoipa::path(
    get, path = "/v1/queue", tag = "terminal", operation_id = "queue",
    responses((status = 200, description = "What is owed", body = QueueBody))
)]
pub(super) async fn queue(State(desk): State<Arc<Desk>>) -> Result<Json<QueueBody>, Problem> {
    let Queue { count, bytes, oldest } = desk.port.queue(TOLD).await?;
    Ok(Json(QueueBody {
        count: u64::try_from(count).unwrap_or(u64::MAX),
        bytes,
        max_count: u64::try_from(MAX_OWED).unwrap_or(u64::MAX),
        max_bytes: MAX_OWED_BYTES,
        more: count > oldest.len(),
        entries: oldest.into_iter().map(EntryBody::from).collect(),
    }))
}

impl From<Outstanding> for EntryBody {
    fn from(owed: Outstanding) -> Self {
        let to_broker = |kind| Self { kind, destination: "broker".to_owned(), ..Self::default() };
        let body = match owed.what {
            Due::Sale { sale, revision } => Self { sale: Some(sale), revision: Some(revision), ..to_broker("sale") },
            Due::Receipt { receipt, revision } => {
                Self { receipt: Some(receipt), revision: Some(revision), ..to_broker("receipt") }
            }
            Due::Command { command, revision } => {
                Self { command: Some(command), revision: Some(revision), ..to_broker("command") }
            }
            Due::Replay { since } => Self { since: Some(since), ..to_broker("replay") },
            Due::Cancellation { channel, sale, order, tries } => Self {
                kind: "cancellation",
                destination: channel.to_string(),
                sale: Some(sale),
                order: Some(order),
                tries: Some(tries),
                ..Self::default()
            },
            Due::Confirmation { channel, sale, order } => Self {
                kind: "confirmation",
                destination: channel.to_string(),
                sale: Some(sale),
                order: Some(order),
                ..Self::default()
            },
        };
        Self { age_s: owed.age.map(|age| age.as_secs()), ..body }
    }
}
