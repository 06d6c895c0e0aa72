//! Why a terminal gets no certificate, in words for whoever stands before it (RFC 9457). It must not know how that was
//! found out.

use axum::body::Body;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::json;
use till_wire::{TerminalNumber, UnixTime};

/// The refusals there are. Their names are part of the interface: docs/enrolment-server.md.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownPath,
    WrongMethod,
    NotJson,
    TooLarge,
    TooSlow,
    /// The body is no request, for this reason.
    Malformed(String),
    /// The claim's text is none, for this reason.
    NotAClaim(String),
    /// It is signed by a stranger, or changed: this is said of it.
    ClaimNotBelieved(String),
    ClaimExpired(UnixTime),
    ClaimEarly(UnixTime),
    ClaimUsed,
    WrongKey,
    /// The request is for another name than this terminal's.
    WrongName(TerminalNumber),
    NoCertificate,
    CertificateNotBelieved,
    CertificateExpired,
    CertificateRevoked,
    NotATerminal,
    TooManyRefusals,
    TooManyCertificates,
    StoreFault,
    StoreFull,
    IssuerExpired,
    ClockNotSet,
    SigningFault,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The caller's: whoever makes many is told to wait.
    Callers,
    /// This server's.
    Ours,
}

/// When a caller may come again, in seconds.
const RETRY_REFUSED: u16 = 1;
const RETRY_CERTIFICATE: u16 = 3600;
const RETRY_OURS: u16 = 5;

impl Refusal {
    /// Returns the stable name, which follows `urn:till-enrol:problem:`, and the status.
    fn kind(&self) -> (&'static str, StatusCode) {
        match self {
            Self::UnknownPath => ("no-such-path", StatusCode::NOT_FOUND),
            Self::WrongMethod => ("wrong-method", StatusCode::METHOD_NOT_ALLOWED),
            Self::NotJson => ("not-json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT),
            Self::Malformed(_) => ("malformed", StatusCode::BAD_REQUEST),
            Self::NotAClaim(_) => ("not-a-claim", StatusCode::BAD_REQUEST),
            Self::ClaimNotBelieved(_) => ("claim-not-believed", StatusCode::UNAUTHORIZED),
            Self::ClaimExpired(_) => ("claim-expired", StatusCode::FORBIDDEN),
            Self::ClaimEarly(_) => ("claim-early", StatusCode::FORBIDDEN),
            Self::ClaimUsed => ("claim-used", StatusCode::CONFLICT),
            Self::WrongKey => ("wrong-key", StatusCode::UNPROCESSABLE_ENTITY),
            Self::WrongName(_) => ("wrong-name", StatusCode::UNPROCESSABLE_ENTITY),
            Self::NoCertificate => ("no-certificate", StatusCode::UNAUTHORIZED),
            Self::CertificateNotBelieved => ("certificate-not-believed", StatusCode::UNAUTHORIZED),
            Self::CertificateExpired => ("certificate-expired", StatusCode::FORBIDDEN),
            Self::CertificateRevoked => ("certificate-revoked", StatusCode::FORBIDDEN),
            Self::NotATerminal => ("not-a-terminal", StatusCode::FORBIDDEN),
            Self::TooManyRefusals => ("too-many-refusals", StatusCode::TOO_MANY_REQUESTS),
            Self::TooManyCertificates => ("too-many-certificates", StatusCode::TOO_MANY_REQUESTS),
            Self::StoreFault => ("store-fault", StatusCode::SERVICE_UNAVAILABLE),
            Self::StoreFull => ("store-full", StatusCode::SERVICE_UNAVAILABLE),
            Self::IssuerExpired => ("issuer-expired", StatusCode::SERVICE_UNAVAILABLE),
            Self::ClockNotSet => ("clock-not-set", StatusCode::SERVICE_UNAVAILABLE),
            Self::SigningFault => ("signing-fault", StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// Returns the stable name.
    pub(crate) fn name(&self) -> &'static str {
        self.kind().0
    }

    /// Says whose fault it is.
    pub(crate) fn fault(&self) -> Fault {
        if self.kind().1.is_server_error() { Fault::Ours } else { Fault::Callers }
    }

    /// Says it to an installer.
    fn detail(&self) -> String {
        let sentence = match self {
            Self::UnknownPath => "there is nothing here: certificates are asked for at /enrol",
            Self::WrongMethod => "certificates are asked for with POST",
            Self::NotJson => "the request must be JSON (content-type: application/json), and not compressed",
            Self::TooLarge => "the request is larger than 64 KiB",
            Self::TooSlow => "the request did not come whole in time: try again",
            Self::Malformed(reason) | Self::NotAClaim(reason) | Self::ClaimNotBelieved(reason) => reason,
            Self::ClaimExpired(at) => {
                return format!("the claim expired at {at}: ask for a new one (till fleet claim)");
            }
            Self::ClaimEarly(at) => {
                return format!("the claim was made at {at}, which is still to come: a clock is wrong");
            }
            Self::ClaimUsed => {
                "another terminal has used this claim: ask for a new one (till fleet claim), and ask who used this one"
            }
            Self::WrongKey => "the terminal's key must be an ECDSA key on the curve P-256",
            Self::WrongName(number) => {
                return format!("the request must be for the name {number}, the terminal's number in seven digits");
            }
            Self::NoCertificate => {
                "a request without a claim must come over TLS with the terminal's certificate: enrol with a claim"
            }
            Self::CertificateNotBelieved => "the terminal's certificate is not one of this fleet: enrol with a claim",
            Self::CertificateExpired => "the terminal's certificate has expired: enrol with a new claim",
            Self::CertificateRevoked => "the terminal's certificate has been revoked: enrol with a new claim",
            Self::NotATerminal => "the certificate shown is not a terminal's: only terminals renew theirs here",
            Self::TooManyRefusals => "too many requests from this address were refused: wait a little",
            Self::TooManyCertificates => "this terminal has got too many certificates lately: wait an hour",
            Self::StoreFault => "the server cannot write down what it does: try again, nothing is lost",
            Self::StoreFull => "the server has no room for more certificates: its operator must act",
            Self::IssuerExpired => "the certificate of the server's issuer has expired: its operator must act",
            Self::ClockNotSet => "the clock of the server is not set: its operator must act",
            Self::SigningFault => "the server cannot sign a certificate: its operator must act",
        };
        sentence.to_owned()
    }

    fn title(&self) -> &'static str {
        match self.fault() {
            Fault::Callers => "the certificate is refused",
            Fault::Ours => "no certificate can be made now",
        }
    }

    pub(crate) fn response(&self) -> Response<Body> {
        let (name, status) = self.kind();
        let body = json!({
            "type": format!("urn:till-enrol:problem:{name}"),
            "title": self.title(),
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self, Self::WrongMethod) {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What is left of such a body is not worth reading.
        if matches!(self, Self::TooLarge | Self::TooSlow | Self::NotJson | Self::WrongMethod | Self::UnknownPath) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn retry_after(&self) -> Option<u16> {
        match self.fault() {
            Fault::Ours => Some(RETRY_OURS),
            Fault::Callers if *self == Self::TooManyCertificates => Some(RETRY_CERTIFICATE),
            Fault::Callers => (*self == Self::TooManyRefusals).then_some(RETRY_REFUSED),
        }
    }
}
