//! The calls about receipts: money without a sale. It must not know where it comes from.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use till_wire::{ReceiptKey, SaleId};

use super::answers::{self, ReceiptsBody, no_receipt, respond};
use super::body::JsonBody;
use super::desk::Desk;
use super::fields::Fields;
use super::pin_gate::LONGEST_PIN;
use super::problem::{Problem, ProblemBody};
use super::query::Asked;
use super::sales::Named;

/// The longest text that is looked at for a sale's id, in characters.
const LONGEST_ID: usize = 64;

/// What `POST /v1/receipts/{key}/match` takes.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(utoipa::ToSchema)]
#[schema(as = Match)]
pub(super) struct MatchBody {
    /// The whole id of the sale that the money is for.
    sale: SaleId,
    /// The supervisor's PIN.
    #[schema(min_length = 1, max_length = 64)]
    pin: String,
}

/// Lists money without a sale, newest first.
#[utoipa::path(
    get, path = "/v1/receipts", tag = "receipts", operation_id = "list_receipts",
    params(
        ("matched" = Option<bool>, Query, description = "Only receipts that were matched to a sale, or only others"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "At most so many: 1 to 200, 50 when left out"),
    ),
    responses(
        (status = 200, description = "Receipts", body = ReceiptsBody),
        (status = 422, description = "`invalid`: names the query key", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(desk): State<Arc<Desk>>, asked: Asked) -> Result<Json<ReceiptsBody>, Problem> {
    let page = desk.port.receipts(asked.receipts()?).await?;
    Ok(answers::receipts(&page))
}

/// Counts the money for a sale, once, by the word of the supervisor.
#[utoipa::path(
    post, path = "/v1/receipts/{key}/match", tag = "receipts", operation_id = "match_receipt", request_body = MatchBody,
    params(("key" = ReceiptKey, Path, description = "The receipt's whole key")),
    responses(
        (status = 200, description = "The sale, to which the money belongs now", body = till_wire::Sale),
        (status = 403, description = "`wrong-pin`; `forbidden`: no supervisor's PIN is configured", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: there is no such receipt, or no such sale", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`already-matched`: the money counts for `sale`; `needs-double-proof`: the sale or the receipt reaches `sale.double_proof_over`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: names the field", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`too-many-pins`: five were wrong; `Retry-After` says how long", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn match_to_sale(
    State(desk): State<Arc<Desk>>,
    key: Named,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let key: ReceiptKey = key.read(no_receipt)?;
    let mut fields = Fields::of_body(body)?;
    let sale = fields.required_text("sale", LONGEST_ID)?;
    let typed = fields.required_text("pin", LONGEST_PIN)?;
    fields.finish()?;
    let sale: SaleId =
        sale.parse().map_err(|_| Problem::field("sale", "a sale's whole id, such as `0001017-029727122`"))?;
    desk.pins.check(typed).await?;
    respond(desk.port.match_receipt(key, sale).await?)
}
