//! Desired configurations: what is believed, each way in which one is not, and the name of what one says.

use serde_json::{Value, json};

use super::*;

fn desired(config: Value) -> Desired {
    Desired {
        aud: "0001017".parse().expect("an audience"),
        iat: 1_795_000_000,
        exp: None,
        version: 7,
        config: config.as_object().cloned().expect("an object"),
        broker: None,
    }
}

#[test]
fn p12_a_configuration_is_believed_as_it_was_signed_and_in_no_other_way() {
    let (ours, theirs) = (signer(), signer());
    let wanted = desired(json!({"terminal": {"label": "Quầy 2"}, "sale": {"expire_s": 120}}));
    let document = wanted.sign(&ours).expect("a signed document").into_bytes();
    assert_eq!(Desired::open(&document, &[theirs.key(), ours.key()]), Ok(wanted.clone()));
    assert_eq!(Desired::peek(&document), Ok(wanted));
    for at in 0..document.len() {
        let mut changed = document.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(Desired::open(&changed, &[ours.key()]).is_err(), "byte {at}");
        assert!(Desired::open(&document[..at], &[ours.key()]).is_err(), "cut at {at}");
    }
    let unknown = SignedError::UnknownKey { kid: ours.key().kid() };
    assert_eq!(Desired::open(&document, &[theirs.key()]), Err(unknown.into()));
}

/// One who may send commands, and no more than one document of his, cannot have it taken for the other kind.
#[test]
fn p12_a_command_is_no_configuration_and_a_configuration_no_command() {
    let signer = signer();
    let command =
        json!({"jti": "c-1", "aud": "0001017", "iat": 1, "exp": 2, "cmd": "identify", "version": 7, "config": {}});
    let header = json!({"alg": "EdDSA", "kid": signer.key().kid()});
    let document = by_hand(&signer, &header, &command.to_string());
    assert_eq!(Desired::open(document.as_bytes(), &[signer.key()]), Err(DesiredError::Command));
    // Other claims are somebody else's business.
    let more = json!({"jti": "d-1", "iss": "lan", "aud": "0001017", "iat": 1_795_000_000, "version": 7, "config": {}});
    let document = by_hand(&signer, &header, &more.to_string());
    assert_eq!(Desired::open(document.as_bytes(), &[signer.key()]), Ok(desired(json!({}))));
    let document = desired(json!({})).sign(&signer).expect("a signed document");
    assert!(Command::open(document.as_bytes(), &[signer.key()]).is_err());
}

#[test]
fn p11_what_is_out_of_bounds_is_refused_with_a_reason() {
    let signer = signer();
    for version in [0, MAX_VERSION + 1, u64::MAX] {
        let wanted = Desired { version, ..desired(json!({})) };
        assert_eq!(wanted.sign(&signer), Err(DesiredError::Version), "{version}");
    }
    let deep = (0..9).fold(json!(1), |inner, _| json!({"a": inner}));
    assert_eq!(desired(json!({"a": deep})).sign(&signer), Err(DesiredError::Deep));
    let long = desired(json!({"terminal": {"label": "x".repeat(MAX_DESIRED)}})).sign(&signer);
    assert!(matches!(long, Err(DesiredError::Signed(SignedError::TooLong { .. }))), "{long:?}");
    let flood = vec![b'.'; MAX_DESIRED + 1];
    let flood = Desired::open(&flood, &[signer.key()]);
    assert_eq!(flood, Err(SignedError::TooLong { length: MAX_DESIRED + 1, limit: MAX_DESIRED }.into()));
}

#[test]
fn what_a_configuration_says_has_one_name_whatever_the_order_of_its_keys() {
    let one = desired(json!({"sale": {"expire_s": 120, "channel": "payos"}, "display": {"theme": "dark"}}));
    let two = Desired {
        version: 8,
        iat: 5,
        ..desired(json!({"display": {"theme": "dark"}, "sale": {"channel": "payos", "expire_s": 120}}))
    };
    assert_eq!(one.hash(), two.hash());
    // printf '{"display":{"theme":"dark"},"sale":{"channel":"payos","expire_s":120}}' | sha256sum
    assert_eq!(one.hash(), KNOWN_HASH);
    assert_ne!(one.hash(), desired(json!({"display": {"theme": "light"}})).hash());
    assert_ne!(one.hash(), Desired { broker: Some("another".to_owned()), ..one.clone() }.hash());
}

const KNOWN_HASH: &str = "c2d24534736b6507567e9d38bfb62ecc4c6d50aebab6e4c03ea2e1ffada01a46";

#[test]
fn another_broker_needs_the_second_key() {
    let (fleet, second) = (signer(), signer());
    let broker = DesiredBroker {
        aud: "0001017".parse().expect("an audience"),
        version: 7,
        url: "mqtts://other.example:8883".to_owned(),
        ca: None,
    };
    let document = broker.sign(&second).expect("a signed document");
    assert_eq!(DesiredBroker::open(&document, &[second.key()]), Ok(broker));
    assert!(DesiredBroker::open(&document, &[fleet.key()]).is_err());
}

#[test]
fn what_is_reported_leaves_out_what_is_not_known() {
    let nothing = Reported { version: None, hash: None, at: None, fault: None };
    assert_eq!(serde_json::to_string(&nothing).expect("JSON"), "{}");
    let fault = ReportedFault { version: Some(8), reasons: vec!["sale.expire_s: 15 to 3600".to_owned()] };
    let at = Some(UnixTime::from_secs(1_795_000_000));
    let refused = Reported { version: Some(7), hash: Some("ab".to_owned()), at, fault: Some(fault) };
    let json = serde_json::to_string(&refused).expect("JSON");
    let expected = r#"{"version":7,"hash":"ab","at":"2026-11-18T11:06:40Z","fault":{"version":8,"reasons":["sale.expire_s: 15 to 3600"]}}"#;
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<Reported>(&json).ok(), Some(refused));
}
