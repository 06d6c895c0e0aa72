//! `POST /v1/keypad`: the keys of the cashier's keypad by their names. It must not know what they do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use utoipa::ToSchema;

use super::answers::{KeypadBody, respond};
use super::body::JsonBody;
use super::desk::Desk;
use super::fields::Fields;
use super::problem::{Problem, ProblemBody};
use crate::till::{Key, MAX_KEYS};

/// What `POST /v1/keypad` takes.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = Keys)]
pub(super) struct KeysBody {
    /// Keys in order.
    #[schema(min_items = 1, max_items = 32, example = json!(["5", "0", "000", "enter"]))]
    keys: Vec<KeyName>,
}

/// The name of a key.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = Key)]
pub(super) enum KeyName {
    #[schema(rename = "0")]
    Zero,
    #[schema(rename = "1")]
    One,
    #[schema(rename = "2")]
    Two,
    #[schema(rename = "3")]
    Three,
    #[schema(rename = "4")]
    Four,
    #[schema(rename = "5")]
    Five,
    #[schema(rename = "6")]
    Six,
    #[schema(rename = "7")]
    Seven,
    #[schema(rename = "8")]
    Eight,
    #[schema(rename = "9")]
    Nine,
    #[schema(rename = "00")]
    DoubleZero,
    #[schema(rename = "000")]
    TripleZero,
    #[schema(rename = "back")]
    Back,
    #[schema(rename = "escape")]
    Escape,
    #[schema(rename = "enter")]
    Enter,
    #[schema(rename = "plus")]
    Plus,
    #[schema(rename = "times")]
    Times,
    /// Shows the last sale's result again, for `sale.result_s` seconds; nothing while something goes on.
    #[schema(rename = "last")]
    Last,
    /// Shows what the day comes to, as long; nothing while something goes on.
    #[schema(rename = "report")]
    Report,
    #[schema(rename = "repeat")]
    Repeat,
}

/// Presses keys of the cashier's keypad, in order, up to the first that is refused. The answer comes once what they did
/// is stored durably. `repeat` has the last announcement said again, at any time and without touching anything else.
#[utoipa::path(
    post, path = "/v1/keypad", tag = "sales", request_body = KeysBody,
    responses(
        (status = 200, description = "The keys were taken", body = KeypadBody),
        (status = 409, description = "`busy`: a sale is requesting or showing, and only `escape` and `repeat` mean something then; keys before the refused one were taken", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid` names the field; no key was taken", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "`store-fault`, `clock-not-set`, `numbers-used-up`, `queue-full`, `disabled`, `unavailable`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn press(State(desk): State<Arc<Desk>>, JsonBody(body): JsonBody) -> Result<Response, Problem> {
    let mut fields = Fields::of_body(body)?;
    let names = fields.texts("keys", MAX_KEYS)?;
    let keys = names.iter().enumerate().map(|(at, name)| named(name).ok_or_else(|| unknown(at)));
    let keys = keys.collect::<Result<Vec<Key>, Problem>>()?;
    fields.finish()?;
    respond(desk.port.press(keys).await?)
}

fn named(name: &str) -> Option<Key> {
    match name {
        "00" => Some(Key::DoubleZero),
        "000" => Some(Key::TripleZero),
        "back" => Some(Key::Back),
        "escape" => Some(Key::Escape),
        "enter" => Some(Key::Enter),
        "plus" => Some(Key::Plus),
        "times" => Some(Key::Times),
        "last" => Some(Key::Last),
        "report" => Some(Key::Report),
        "repeat" => Some(Key::Repeat),
        digit => match digit.as_bytes() {
            [digit @ b'0'..=b'9'] => Some(Key::Digit(digit - b'0')),
            _ => None,
        },
    }
}

fn unknown(at: usize) -> Problem {
    let expected = "`0` to `9`, `00`, `000`, `back`, `escape`, `enter`, `plus`, `times`, `last`, `report` or `repeat`";
    Problem::field(format!("keys[{at}]"), expected)
}
