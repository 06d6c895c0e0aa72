//! Checks Finan's documented signatures against this sandbox's own signing.

use serde_json::Value;

use super::{SignatureKind, Signed, is_compact, path_of, sign};

/// The texts to sign are Finan's documentation's; their digests were computed apart from this code.
const SIGNATURES: &str = include_str!("../../../../tests/vectors/finan_signature.json");

#[test]
fn every_documented_signature_is_reproduced_in_both_readings() {
    let file: Value = serde_json::from_str(SIGNATURES).expect("the vectors are JSON");
    let vectors = file.as_array().expect("the vectors are a list");
    assert!(vectors.len() >= 3, "the file has lost vectors");
    for vector in vectors {
        let field = |name: &str| vector[name].as_str().unwrap_or_else(|| unreachable!("no `{name}` in {vector}"));
        let signed =
            Signed { method: field("method"), path: field("path"), body: field("body"), timestamp: field("timestamp") };
        let made = |kind| sign(kind, field("secret"), signed);
        assert_eq!(made(SignatureKind::Sha256Concat), field("sha256_hex"), "{vector}");
        assert_eq!(made(SignatureKind::HmacSha256), field("alt_hmac_sha256_hex"), "{vector}");
        assert!(is_compact(field("body")), "{vector}");
    }
}

#[test]
fn white_space_counts_only_outside_of_strings() {
    for compact in [r#"{"a":"b c","d\" \\":" "}"#, "[]", ""] {
        assert!(is_compact(compact), "{compact}");
    }
    for loose in [r#"{"a": 1}"#, "[1]\n", r#"{"a":"b\\" }"#] {
        assert!(!is_compact(loose), "{loose}");
    }
}

#[test]
fn a_webhooks_path_is_that_of_its_address_with_the_query() {
    assert_eq!(path_of("http://127.0.0.1:80/hooks/finan?x=1"), "/hooks/finan?x=1");
    assert_eq!(path_of("http://127.0.0.1:80"), "/");
}
