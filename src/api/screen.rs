//! `GET /screen`: a page that shows the display live and has its keypad, and a form in which a person types the token.
//! It must not know what is on the display.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::desk::{Desk, ScreenRules};
use super::problem::{Kind, Problem, ProblemBody};
use crate::config::Locale;

const PAGE: &str = include_str!("screen/page.html");
const SCRIPT: &str = include_str!("screen/page.js");
const FORM: &str = include_str!("screen/form.html");
const FORM_SCRIPT: &str = include_str!("screen/form.js");
const STYLE: &str = include_str!("screen/page.css");

/// Both pages of this terminal, ready to be sent. Neither holds a secret.
pub(super) struct Pages {
    page: String,
    form: String,
    policy: HeaderValue,
}

impl Pages {
    pub(super) fn new(rules: &ScreenRules) -> Self {
        Self {
            page: filled(PAGE, SCRIPT, rules),
            form: filled(FORM, FORM_SCRIPT, rules),
            policy: policy().parse().unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }

    /// Refuses by a form instead of a problem: a person looks at it.
    pub(super) fn ask_token(&self, problem: Problem) -> Response {
        let mut response = problem.into_response();
        let page = self.send(self.form.clone());
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(page.headers().clone());
        *response.body_mut() = page.into_body();
        response
    }

    fn send(&self, text: String) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        (headers, text).into_response()
    }
}

/// What a browser may do on either page: run and apply what stands in them, byte for byte, show pictures that it fetched
/// from here, and nothing else. The form is replaced by the page, so the page lives under the form's policy.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let (script, form, style) = (hash(SCRIPT), hash(FORM_SCRIPT), hash(STYLE));
    format!(
        "default-src 'none'; script-src {script} {form}; style-src {style}; img-src blob:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn filled(page: &str, script: &str, rules: &ScreenRules) -> String {
    let language = match rules.locale {
        Locale::Vietnamese => "vi",
        Locale::English => "en",
    };
    // The label comes last: what stands in it is not looked at again.
    page.replace("{language}", language)
        .replace("{style}", STYLE)
        .replace("{script}", script)
        .replace("{label}", &escaped(&rules.label))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Shows the display live, with its keypad (`api.screen`). Where a token is needed, a browser without it gets a form.
#[utoipa::path(
    get, path = "/screen", tag = "terminal", operation_id = "screen_page",
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "`not-found`: `api.screen` is not set", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn page(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    match &desk.pages {
        Some(pages) => Ok((StatusCode::OK, pages.send(pages.page.clone())).into_response()),
        None => Err(Problem::new(Kind::NotFound, "this terminal has no page of its display (`api.screen = true`)")),
    }
}
