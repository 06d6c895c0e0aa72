//! Decides what a request is worth: whose certificate it may become, or why none. It must not know HTTP, files or
//! clocks.

use till_authority::{AuthorityError, Leaf, Request};
use till_wire::fleet::{Claim, ClaimError, EnrolmentRequest, FleetKey, SignedError};
use till_wire::{TerminalNumber, UnixTime};

use super::refusal::Refusal;

/// A request that may become a certificate, as far as can be told from what it says.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The terminal's number: from a claim that is believed, or a certificate.
    pub(crate) number: TerminalNumber,
    /// Whose key it is for.
    pub(crate) request: Request,
    pub(crate) grounds: Grounds,
}

/// By what right.
#[derive(Debug)]
pub(crate) enum Grounds {
    /// By a claim, which must not have been used with another key.
    Claim(Box<Claim>),
    /// By the certificate that was shown, which TLS must still believe.
    Certificate,
}

/// Judges a body. `shown` is the certificate that the connection came with.
pub(crate) fn judge(body: &[u8], shown: Option<&Leaf>, trusted: &[FleetKey], now: UnixTime) -> Result<Wish, Refusal> {
    let asked = EnrolmentRequest::parse(body).map_err(|error| Refusal::Malformed(error.to_string()))?;
    let (number, grounds) = match (&asked.claim, shown) {
        (Some(document), _) => {
            let claim = open(document, trusted, now)?;
            (claim.number, Grounds::Claim(Box::new(claim)))
        }
        (None, Some(leaf)) => {
            let number = leaf.common_name.as_deref().and_then(|name| name.parse().ok());
            (number.ok_or(Refusal::NotATerminal)?, Grounds::Certificate)
        }
        (None, None) => return Err(Refusal::NoCertificate),
    };
    let request = Request::read(asked.csr.as_bytes()).map_err(|error| match error {
        AuthorityError::Algorithm { .. } => Refusal::WrongKey,
        AuthorityError::TooLong { .. } | AuthorityError::Form { .. } | AuthorityError::Make { .. } => {
            Refusal::Malformed(one_line(&error.to_string()))
        }
    })?;
    if request.common_name().and_then(|name| name.parse().ok()) != Some(number) {
        return Err(Refusal::WrongName(number));
    }
    Ok(Wish { number, request, grounds })
}

fn open(document: &str, trusted: &[FleetKey], now: UnixTime) -> Result<Claim, Refusal> {
    let claim = Claim::open(document, trusted).map_err(refused)?;
    claim.must_be_alive(now).map_err(refused)?;
    Ok(claim)
}

fn refused(error: ClaimError) -> Refusal {
    let said = error.to_string();
    match error {
        ClaimError::Expired { at } => Refusal::ClaimExpired(at),
        ClaimError::Early { at } => Refusal::ClaimEarly(at),
        ClaimError::ForeignKey | ClaimError::Signed(SignedError::UnknownKey { .. } | SignedError::Signature) => {
            Refusal::ClaimNotBelieved(said)
        }
        ClaimError::Field { .. }
        | ClaimError::Signed(
            SignedError::TooLong { .. } | SignedError::Form { .. } | SignedError::Header | SignedError::Content { .. },
        ) => Refusal::NotAClaim(said),
    }
}

/// What a library says of outside bytes, at most 200 characters of it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
