//! Requests for certificates, and the claims in them: what is read can be written and reads the same, and no claim is
//! believed that the one key there is has not signed.

use std::sync::OnceLock;

use till_wire::fleet::{Claim, EnrolmentRequest, FleetKey, MAX_CLAIM, MAX_ENROLMENT};

use super::{check_error, with_one_byte_changed};

/// The public key of RFC 8037, appendix A.2. Whoever finds a claim with its signature has signed it himself.
const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

pub(super) fn trusted() -> &'static [FleetKey] {
    static KEYS: OnceLock<[FleetKey; 1]> = OnceLock::new();
    KEYS.get_or_init(|| [KEY.parse().expect("the key of the RFC")])
}

/// Reads the input as a request, and as a claim.
pub fn enrolment(data: &[u8]) {
    match EnrolmentRequest::parse(data) {
        Ok(request) => {
            assert!(data.len() <= MAX_ENROLMENT);
            let written = serde_json::to_vec(&request).expect("a request can be written");
            if written.len() <= MAX_ENROLMENT {
                assert_eq!(EnrolmentRequest::parse(&written), Ok(request.clone()));
            }
            if let Some(claim) = &request.claim {
                check_claim(claim);
            }
        }
        Err(error) => check_error(&error, data, &[]),
    }
    if let Ok(text) = std::str::from_utf8(data) {
        check_claim(text);
    }
}

fn check_claim(document: &str) {
    let parts = document.trim().split('.').count();
    match Claim::open_by_itself(document) {
        Ok(claim) => {
            assert!(document.trim().len() <= MAX_CLAIM && parts == 3);
            // It believes itself; whether anybody else does is a matter of keys.
            assert_eq!(Claim::open(document, &claim.trusted_keys).as_ref(), Ok(&claim));
            assert!(claim.exp > claim.iat);
            let changed = with_one_byte_changed(document.trim()).filter(|changed| changed.trim() != document.trim());
            let is_believed = changed.is_some_and(|changed| Claim::open_by_itself(&changed).is_ok());
            assert!(!is_believed, "a claim is believed though a byte was changed");
        }
        Err(error) => check_error(&error, document.as_bytes(), &[]),
    }
    assert_eq!(Claim::open(document, &[]).ok(), None);
    let is_believed = Claim::open(document, trusted()).is_ok();
    assert!(!is_believed || parts == 3);
}
