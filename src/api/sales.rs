//! The calls about sales. It must not know what makes a sale go on.

use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use till_wire::{SaleId, UnixTime};

use super::answers::{self, SalesBody, no_sale, respond};
use super::body::{JsonBody, OptionalBody};
use super::desk::Desk;
use super::fields::Fields;
use super::order::{self, SaleBody};
use super::pin_gate::LONGEST_PIN;
use super::problem::{Problem, ProblemBody};
use super::query::Asked;
use crate::till::Pin;

/// What `POST /v1/sales/{id}/acknowledge` takes.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(utoipa::ToSchema)]
#[schema(as = Acknowledgement)]
pub(super) struct AcknowledgeBody {
    /// The supervisor's PIN, which also clears `attention`.
    #[schema(max_length = 64)]
    pin: Option<String>,
}

/// What `POST /v1/sales/{id}/confirm` takes.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(utoipa::ToSchema)]
#[schema(as = Confirmation)]
pub(super) struct ConfirmBody {
    /// The supervisor's PIN.
    #[schema(min_length = 1, max_length = 64)]
    pin: String,
}

/// Starts a sale. The answer comes once it is stored durably.
#[utoipa::path(
    post, path = "/v1/sales", tag = "sales", request_body = SaleBody,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, description = "1 to 200 visible ASCII characters, remembered for 24 hours: the same key with the same body answers with the same sale")),
    responses(
        (status = 201, description = "The sale was made", body = till_wire::Sale, headers(("Location" = String, description = "The path of the sale"))),
        (status = 200, description = "The same key and body made this sale before", body = till_wire::Sale),
        (status = 409, description = "`busy`: another sale is requesting or showing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid` names the field; `idempotency-mismatch`: the key came with another body", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`store-fault`, `clock-not-set`, `numbers-used-up`, `queue-full`, `disabled`, `unavailable`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sell(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let key = order::read_key(&headers, &body)?;
    let request = order::read(body, &desk.rules)?;
    respond(desk.port.sell(request, key).await?)
}

/// Lists sales, newest first.
#[utoipa::path(
    get, path = "/v1/sales", tag = "sales", operation_id = "list_sales",
    params(
        ("state" = Option<till_wire::SaleState>, Query, description = "Only sales in this state"),
        ("since" = Option<UnixTime>, Query, description = "Only sales made at or after this time (RFC 3339)"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "At most so many: 1 to 200, 50 when left out"),
        ("cursor" = Option<SaleId>, Query, description = "What `next` of the page before said"),
    ),
    responses(
        (status = 200, description = "A page of sales", body = SalesBody),
        (status = 422, description = "`invalid`: names the query key", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(desk): State<Arc<Desk>>, asked: Asked) -> Result<Json<SalesBody>, Problem> {
    let page = desk.port.sales(asked.sales()?).await?;
    Ok(answers::sales(&page))
}

/// Shows one sale.
#[utoipa::path(
    get, path = "/v1/sales/{id}", tag = "sales", operation_id = "show_sale",
    params(("id" = SaleId, Path, description = "The sale's whole id")),
    responses(
        (status = 200, description = "The sale", body = till_wire::Sale),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(State(desk): State<Arc<Desk>>, id: Named) -> Result<Response, Problem> {
    let sale = desk.port.sale(id.read(no_sale)?).await?.ok_or_else(no_sale)?;
    Ok(answers::one(StatusCode::OK, &sale))
}

/// Cancels a sale.
#[utoipa::path(
    post, path = "/v1/sales/{id}/cancel", tag = "sales", operation_id = "cancel_sale",
    params(("id" = SaleId, Path, description = "The sale's whole id")),
    responses(
        (status = 202, description = "The sale is cancelled, or will be; a second cancel changes nothing", body = till_wire::Sale),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`already-ended`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(
    State(desk): State<Arc<Desk>>,
    id: Named,
    OptionalBody(fields): OptionalBody,
) -> Result<Response, Problem> {
    fields.finish()?;
    respond(desk.port.cancel(id.read(no_sale)?).await?)
}

/// Clears a result from the display; with the supervisor's PIN also `attention`.
#[utoipa::path(
    post, path = "/v1/sales/{id}/acknowledge", tag = "sales", operation_id = "acknowledge_sale", request_body = Option<AcknowledgeBody>,
    params(("id" = SaleId, Path, description = "The sale's whole id")),
    responses(
        (status = 200, description = "The sale", body = till_wire::Sale),
        (status = 403, description = "`wrong-pin`; `forbidden`: no supervisor's PIN is configured", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`not-ended`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: names the field", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`too-many-pins`: five were wrong; `Retry-After` says how long", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn acknowledge(
    State(desk): State<Arc<Desk>>,
    id: Named,
    OptionalBody(mut fields): OptionalBody,
) -> Result<Response, Problem> {
    let id = id.read(no_sale)?;
    let typed = fields.text("pin", LONGEST_PIN)?;
    fields.finish()?;
    let pin = match typed {
        None => Pin::Absent,
        Some(typed) => {
            desk.pins.check(typed).await?;
            Pin::Right
        }
    };
    respond(desk.port.acknowledge(id, pin).await?)
}

/// Settles a sale by the word of the supervisor, who has seen its money at the bank.
#[utoipa::path(
    post, path = "/v1/sales/{id}/confirm", tag = "sales", operation_id = "confirm_sale", request_body = ConfirmBody,
    params(("id" = SaleId, Path, description = "The sale's whole id")),
    responses(
        (status = 200, description = "The sale: `paid`, with the flag `manual` until proven money reaches its amount", body = till_wire::Sale),
        (status = 403, description = "`wrong-pin`; `forbidden`: no supervisor's PIN is configured", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`already-ended`: it is paid; `not-ended`: it has no code yet, or the provider is about to answer", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`: names the field", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`too-many-pins`: five were wrong; `Retry-After` says how long", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm(
    State(desk): State<Arc<Desk>>,
    id: Named,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let id = id.read(no_sale)?;
    let mut fields = Fields::of_body(body)?;
    let typed = fields.required_text("pin", LONGEST_PIN)?;
    fields.finish()?;
    desk.pins.check(typed).await?;
    respond(desk.port.confirm(id).await?)
}

/// What stands in the place of a name in the path of a call.
pub(super) struct Named(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Path::from_request_parts(parts, state).await.ok().map(|Path(text)| text)))
    }
}

impl Named {
    /// Returns the name. What is none, and be it no text, names nothing.
    pub(super) fn read<T: FromStr>(&self, nothing: fn() -> Problem) -> Result<T, Problem> {
        self.0.as_deref().and_then(|text| T::from_str(text).ok()).ok_or_else(nothing)
    }
}
