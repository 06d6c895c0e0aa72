//! How the driver's answers become HTTP answers. It must not know how they came about.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use till_wire::{Amount, SaleId, UnixTime, sale as wire};
use utoipa::ToSchema;

use super::problem::{Kind, Problem};
use crate::till::{self, Answer, ReceiptsPage, Sale, SalesPage, Typed};

/// A page of sales.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesPage)]
pub(super) struct SalesBody {
    /// The sales, newest first.
    sales: Vec<wire::Sale>,
    /// The `cursor` of the next page; `null` on the last.
    #[schema(required)]
    next: Option<SaleId>,
}

/// Money without a sale.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptsPage)]
pub(super) struct ReceiptsBody {
    /// The receipts, newest first.
    receipts: Vec<wire::Receipt>,
}

/// What the bridges were asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Replay)]
pub(super) struct ReplayBody {
    /// The bridges are asked for everything that they have for this terminal since then.
    since: UnixTime,
}

/// What the keypad has come to.
#[derive(Serialize, ToSchema)]
#[schema(as = Keypad)]
pub(super) struct KeypadBody {
    /// What is typed; `null` when nothing is.
    #[schema(required)]
    entry: Option<EntryBody>,
    /// The sale that holds the display; `null` when none does.
    #[schema(required)]
    sale: Option<wire::Sale>,
}

/// An amount that is being typed.
#[derive(Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct EntryBody {
    /// All that is typed.
    #[schema(example = "25.000 × 3 + 8.000")]
    text: String,
    /// What it comes to, in minor units; `null` when that has more than twelve digits, or nothing is typed yet for
    /// `reference`.
    #[schema(required)]
    amount: Option<u64>,
    /// What is wrong with it: `too_large`, `too_long` (only `back` and `escape` are taken), `unfinished`,
    /// `needs_customer` (it can be sold from a cash register only), `clock_not_set`, `numbers_used_up`, `queue_full`,
    /// `disabled` (by the fleet's operator); `null` when nothing is.
    #[schema(required)]
    problem: Option<&'static str>,
    /// The order number that a scanner read for it; `null` when none did.
    #[schema(required)]
    reference: Option<String>,
}

/// Returns the answer to a call that changed something, or was to.
pub(super) fn respond(answer: Answer) -> Result<Response, Problem> {
    match answer {
        Answer::Created(sale) => Ok(created(&sale)),
        Answer::Repeated(sale) | Answer::Acknowledged(sale) | Answer::Confirmed(sale) | Answer::Matched(sale) => {
            Ok(one(StatusCode::OK, &sale))
        }
        Answer::Cancelling(sale) => Ok(one(StatusCode::ACCEPTED, &sale)),
        Answer::Replaying(since) => Ok((StatusCode::ACCEPTED, Json(ReplayBody { since })).into_response()),
        Answer::Keyed { entry, sale } => Ok(Json(keypad(entry, sale.as_deref())).into_response()),
        Answer::KeyMismatch => Err(Problem::new(
            Kind::IdempotencyMismatch,
            "this idempotency key made a sale from another body within the last 24 hours",
        )),
        Answer::Busy(sale) => {
            Err(Problem::new(Kind::Busy, format!("sale {sale} is in progress; wait for its end or cancel it"))
                .about(sale))
        }
        Answer::ClockNotSet => {
            Err(Problem::new(Kind::ClockNotSet, "a new store draws its first number from the clock, which is not set"))
        }
        Answer::NumbersUsedUp => Err(Problem::new(Kind::NumbersUsedUp, "give the terminal another number")),
        Answer::QueueFull => Err(Problem::new(
            Kind::QueueFull,
            "10000 changes or 16 MiB of them wait for the broker, as much as is kept; connect the terminal, `links.broker` of `/v1/status` says what is wrong",
        )),
        Answer::Disabled => {
            Err(Problem::new(Kind::Disabled, "the fleet's operator has shut this terminal; sales that are open go on"))
        }
        Answer::AlreadyEnded(sale) => {
            Err(Problem::new(Kind::AlreadyEnded, format!("sale {} has ended: {}", sale.id, sale.seen_state()))
                .about(sale.id))
        }
        Answer::NotEnded(sale) => {
            Err(Problem::new(Kind::NotEnded, format!("sale {} has not ended: {}", sale.id, sale.seen_state()))
                .about(sale.id))
        }
        Answer::NotFound => Err(no_sale()),
        Answer::NoReceipt => Err(no_receipt()),
        Answer::AlreadyMatched(sale) => {
            Err(Problem::new(Kind::AlreadyMatched, format!("this money counts for sale {sale}")).about(sale))
        }
        Answer::NeedsDoubleProof => Err(Problem::new(
            Kind::NeedsDoubleProof,
            "the sale or the receipt reaches `sale.double_proof_over`, and only a webhook stands behind this money",
        )),
    }
}

/// Returns the refusal of an id that belongs to no sale.
pub(super) fn no_sale() -> Problem {
    Problem::new(Kind::NotFound, "there is no sale with this id; an id is written `0001017-029727122`")
}

/// Returns the refusal of a key that belongs to no receipt.
pub(super) fn no_receipt() -> Problem {
    Problem::new(Kind::NotFound, "there is no receipt with this key; a key has 32 hexadecimal digits")
}

/// Returns a sale.
pub(super) fn one(status: StatusCode, sale: &Sale) -> Response {
    (status, Json(wire::Sale::from(sale))).into_response()
}

fn keypad(entry: Option<Typed>, sale: Option<&Sale>) -> KeypadBody {
    let entry = entry.map(|typed| EntryBody {
        text: typed.text,
        amount: typed.sum.map(Amount::value),
        problem: typed.problem.map(till::Problem::as_str),
        reference: typed.reference,
    });
    KeypadBody { entry, sale: sale.map(wire::Sale::from) }
}

fn created(sale: &Sale) -> Response {
    let mut response = one(StatusCode::CREATED, sale);
    if let Ok(place) = HeaderValue::from_str(&format!("/v1/sales/{}", sale.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

pub(super) fn sales(page: &SalesPage) -> Json<SalesBody> {
    Json(SalesBody { sales: page.sales.iter().map(wire::Sale::from).collect(), next: page.next })
}

pub(super) fn receipts(page: &ReceiptsPage) -> Json<ReceiptsBody> {
    Json(ReceiptsBody { receipts: page.receipts.iter().map(wire::Receipt::from).collect() })
}
