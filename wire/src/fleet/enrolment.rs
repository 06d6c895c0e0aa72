//! What a terminal sends to `enrol_url` and what it gets (contract §5). It must not know who may have a certificate.

use serde::{Deserialize, Serialize};

use crate::json;
use crate::text::bounded;

/// The longest request in bytes.
pub const MAX_ENROLMENT: usize = 65_536;

/// A terminal's wish for a certificate: its first one with a claim, the next one without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The claim, a signed document. Whoever has none shows his certificate in TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The request for a certificate, in PEM form.
    pub csr: String,
}

/// The answer to a request that is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentAnswer {
    /// The terminal's certificate and its issuer's, in PEM form.
    pub certificate: String,
}

/// Why a body is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a request for a certificate, {{\"claim\",\"csr\"}} or {{\"csr\"}} in JSON: {reason}")]
pub struct EnrolmentError {
    reason: String,
}

impl EnrolmentRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is too long, not JSON, has a key twice or one that is not known, or a text is missing.
    pub fn parse(body: &[u8]) -> Result<Self, EnrolmentError> {
        let refused = |reason: &str| EnrolmentError { reason: bounded(reason, 200) };
        if body.len() > MAX_ENROLMENT {
            return Err(refused(&format!("{} bytes are more than {MAX_ENROLMENT}", body.len())));
        }
        let text = std::str::from_utf8(body).map_err(|error| refused(&error.to_string()))?;
        let value = json::parse(text).map_err(|error| refused(&error.to_string()))?;
        // Serde also takes an array for a struct.
        if !value.is_object() {
            return Err(refused("it is not an object"));
        }
        serde_json::from_value(value).map_err(|error| refused(&error.to_string()))
    }
}
