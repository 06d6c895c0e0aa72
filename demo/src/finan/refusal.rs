//! What Finan says when it does not do what a call asks for. No code of an error is documented (providers.md §2.3): the
//! codes here are plausible ones. It must not know why a call is refused.

use super::habits::Refusals;
use crate::sandbox::{Fields, Json, Reply, made_up_hex};

/// A call that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    code: u64,
    content: String,
}

impl Refusal {
    fn new(status: u16, number: u64, content: impl Into<String>) -> Self {
        Self { status, code: u64::from(status) * 1000 + number, content: content.into() }
    }

    /// A field is missing or wrong.
    pub(crate) fn invalid(content: impl Into<String>) -> Self {
        Self::new(400, 1, content)
    }

    /// The caller is not known, late, or did not sign what came.
    pub(crate) fn unauthorised(content: &str) -> Self {
        Self::new(401, 1, content)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, 1, "Không tìm thấy dữ liệu")
    }

    pub(crate) fn duplicate() -> Self {
        Self::new(409, 1, "reference_id đã tồn tại")
    }

    /// An HTTP error without a cause of its own.
    pub(crate) fn http(status: u16) -> Self {
        Self::new(status, 1, "Đã có lỗi xảy ra")
    }

    pub(crate) fn reply(&self, habit: Refusals) -> Reply {
        let status = match habit {
            Refusals::Ok if self.status != 401 => 200,
            Refusals::Ok | Refusals::Telling => self.status,
        };
        Reply::json(status, envelope(&self.content, Json::from(self.code)).to_text())
    }

    /// A refusal with somebody else's code, and HTTP 200.
    pub(crate) fn with_code(code: &str) -> Reply {
        let code = code.parse::<u64>().map_or_else(|_| Json::from(code), Json::from);
        Reply::json(200, envelope("Đã có lỗi xảy ra", code).to_text())
    }
}

/// What every answer has.
pub(crate) fn envelope(content: &str, code: Json) -> Fields {
    Fields::new()
        .with("message", Fields::new().with("content", content))
        .with("code", code)
        .with("request_id", made_up_hex())
}
