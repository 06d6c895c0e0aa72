//! Known answers of Finan's signatures, in both readings of its documentation. It must not know more of the crate than its
//! public API.

use serde_json::Value;
use till_wire::finan::{FinanSignature, Signed};
use till_wire::json;

const SIGNATURES: &str = include_str!("../../tests/vectors/finan_signature.json");

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector.get(field).and_then(Value::as_str).expect(field)
}

#[test]
fn every_published_text_has_its_signature_in_both_readings() {
    let Ok(Value::Array(vectors)) = json::parse(SIGNATURES) else {
        unreachable!("the file of vectors is a list");
    };
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        let secret = text(vector, "secret").as_bytes();
        let signed = Signed {
            method: text(vector, "method"),
            path: text(vector, "path"),
            payload: text(vector, "body").as_bytes(),
            timestamp: text(vector, "timestamp"),
        };
        let digests = [
            (FinanSignature::Sha256Concat, text(vector, "sha256_hex")),
            (FinanSignature::HmacSha256, text(vector, "alt_hmac_sha256_hex")),
        ];
        for (kind, digest) in digests {
            assert_eq!(kind.sign(secret, &signed), digest, "{}", text(vector, "id"));
            assert!(kind.verifies(secret, &signed, digest));
        }
        let [(plain, plain_digest), (hmac, hmac_digest)] = digests;
        assert!(!plain.verifies(secret, &signed, hmac_digest) && !hmac.verifies(secret, &signed, plain_digest));
        // The published text itself is what is hashed.
        let Signed { method, path, payload, timestamp } = signed;
        let payload = std::str::from_utf8(payload).expect("a body is text");
        let joined = format!("{}_{method}_{path}_{payload}_{timestamp}", text(vector, "secret"));
        assert_eq!(joined, text(vector, "string_to_sign"));
    }
}
