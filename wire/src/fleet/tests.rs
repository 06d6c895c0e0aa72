//! Signed documents and claims: what is believed, and each way in which one is not.

mod commands;
mod desired;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

use super::*;
use crate::ids::{ChannelId, TerminalNumber};
use crate::time::UnixTime;

/// The key of RFC 8037, appendix A, without its public half, as OpenSSL writes it.
const RFC_SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const RFC_PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn signer() -> FleetSigner {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a new key");
    FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's own")
}

fn rfc_signer() -> FleetSigner {
    let seed = URL_SAFE_NO_PAD.decode(RFC_SEED).expect("base64url");
    let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    FleetSigner::from_pkcs8(&[head.as_slice(), &seed].concat()).expect("the key of the RFC")
}

fn claim(signer: &FleetSigner) -> Claim {
    Claim {
        jti: ClaimId::new([7; 16]),
        number: TerminalNumber::new(1017).expect("a number"),
        label: "Quầy 1".into(),
        iat: 1_795_000_000,
        exp: 1_795_086_400,
        enrol_url: "https://enrol.example:8472/enrol".into(),
        ca: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n".into(),
        broker: "mqtts://broker.example:8883".into(),
        channels: vec![ClaimChannel {
            id: ChannelId::new("payos").expect("an id"),
            base_url: "https://api-merchant.payos.vn".into(),
        }],
        trusted_keys: vec![signer.key()],
    }
}

/// Signs any header and claims, as a stranger's program may.
fn by_hand(signer: &FleetSigner, header: &Value, claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

#[test]
fn the_example_of_rfc_8037_is_made_and_believed() {
    let signer = rfc_signer();
    assert_eq!(signer.key().to_string(), RFC_PUBLIC);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#);
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode("Example of Ed25519 signing"));
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes())), signature);
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    assert!(signer.key().verifies(message.as_bytes(), &bytes));
}

#[test]
fn a_key_reads_back_from_its_forms_and_nothing_else_is_one() {
    let key = rfc_signer().key();
    assert_eq!(RFC_PUBLIC.parse(), Ok(key));
    assert_eq!(FleetKey::from_spki(&key.to_spki()), Ok(key));
    assert_eq!(key.kid(), "21fe31dfa154a261");
    for text in ["", "abc", &RFC_PUBLIC[1..], &format!("{RFC_PUBLIC}A"), &RFC_PUBLIC.replace('_', "/")] {
        assert_eq!(text.parse::<FleetKey>(), Err(FleetKeyError::Text), "{text}");
    }
    for der in [&key.as_bytes()[..], &key.to_spki()[..43], &[key.to_spki(), vec![0]].concat()] {
        assert_eq!(FleetKey::from_spki(der), Err(FleetKeyError::Public));
    }
    assert!(matches!(FleetSigner::from_pkcs8(&key.to_spki()), Err(FleetKeyError::Private)));
    assert_eq!(format!("{:?}", rfc_signer()), format!("FleetSigner({RFC_PUBLIC})"));
}

#[test]
fn a_claim_reads_back_and_knows_its_time() {
    let signer = signer();
    let claim = claim(&signer);
    let document = claim.sign(&signer).expect("a signed claim");
    assert_eq!(Claim::open(&document, &[rfc_signer().key(), signer.key()]).as_ref(), Ok(&claim));
    assert_eq!(Claim::open_by_itself(&format!(" {document}\n")).as_ref(), Ok(&claim));
    let alive = |secs| claim.must_be_alive(UnixTime::from_secs(secs));
    assert_eq!(alive(claim.iat), Ok(()));
    assert_eq!(alive(claim.iat - 300), Ok(()));
    assert_eq!(alive(claim.exp - 1), Ok(()));
    assert_eq!(alive(claim.exp), Err(ClaimError::Expired { at: UnixTime::from_secs(claim.exp) }));
    assert_eq!(alive(claim.iat - 301), Err(ClaimError::Early { at: UnixTime::from_secs(claim.iat) }));
}

#[test]
fn p12_a_document_that_was_changed_anywhere_is_not_believed() {
    let signer = signer();
    let document = claim(&signer).sign(&signer).expect("a signed claim");
    let keys = [signer.key()];
    for at in 0..document.len() {
        let mut bytes = document.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(Claim::open(&changed, &keys).is_err(), "byte {at}");
        assert!(Claim::open_by_itself(&changed).is_err(), "byte {at}");
        assert!(Claim::open(&document[..at], &keys).is_err(), "cut at {at}");
    }
}

#[test]
fn p12_a_key_that_is_not_trusted_signs_nothing() {
    let (ours, theirs) = (signer(), signer());
    let document = claim(&theirs).sign(&theirs).expect("a signed claim");
    let unknown = SignedError::UnknownKey { kid: theirs.key().kid() };
    assert_eq!(Claim::open(&document, &[ours.key()]), Err(unknown.into()));
    assert!(Claim::open(&document, &[]).expect_err("nobody is trusted").to_string().contains("not trusted"));
    // Signed by a stranger, with our key inside.
    let document = claim(&ours).sign(&theirs).expect("a signed claim");
    assert_eq!(Claim::open_by_itself(&document), Err(ClaimError::ForeignKey));
    // The name of our key over a stranger's signature.
    let header = json!({"alg": "EdDSA", "kid": ours.key().kid()});
    let forged = by_hand(&theirs, &header, &serde_json::to_string(&claim(&ours)).expect("JSON"));
    assert_eq!(Claim::open(&forged, &[ours.key()]), Err(SignedError::Signature.into()));
}

#[test]
fn p12_no_header_talks_a_reader_into_another_algorithm() {
    let signer = signer();
    let claims = serde_json::to_string(&claim(&signer)).expect("JSON");
    let kid = signer.key().kid();
    let open = |header: Value| Claim::open(&by_hand(&signer, &header, &claims), &[signer.key()]);
    assert!(open(json!({"alg": "EdDSA", "kid": kid, "typ": "JWT", "x": 1})).is_ok());
    for header in [
        json!({"alg": "none", "kid": kid}),
        json!({"alg": "HS256", "kid": kid}),
        json!({"alg": "eddsa", "kid": kid}),
        json!({"alg": "EdDSA", "kid": kid, "crit": ["exp"]}),
        json!({"alg": "EdDSA", "kid": kid, "crit": []}),
        json!({"alg": "EdDSA"}),
        json!({"alg": "EdDSA", "kid": 7}),
        json!([]),
    ] {
        assert_eq!(open(header.clone()), Err(SignedError::Header.into()), "{header}");
    }
}

#[test]
fn p11_a_claim_out_of_bounds_is_refused_though_it_is_signed() {
    let signer = signer();
    let refused = |change: fn(&mut Claim)| {
        let mut claim = claim(&signer);
        change(&mut claim);
        let by_us = claim.sign(&signer).expect_err("out of bounds");
        let header = json!({"alg": "EdDSA", "kid": signer.key().kid()});
        let document = by_hand(&signer, &header, &serde_json::to_string(&claim).expect("JSON"));
        assert_eq!(Claim::open(&document, &[signer.key()]), Err(by_us.clone()));
        by_us.to_string()
    };
    assert_eq!(refused(|claim| claim.label.clear()), "the claim's `label` must be 1 to 40 characters");
    assert!(refused(|claim| claim.label = "ầ".repeat(41)).contains("label"));
    assert!(refused(|claim| claim.label.push('\n')).contains("one line"));
    assert!(refused(|claim| claim.exp = claim.iat).contains("`exp`"));
    assert!(refused(|claim| claim.enrol_url.clear()).contains("enrol_url"));
    assert!(refused(|claim| claim.broker = "x".repeat(513)).contains("broker"));
    assert!(refused(|claim| claim.ca = "x".repeat(8193)).contains("`ca`"));
    assert!(refused(|claim| claim.channels = vec![claim.channels[0].clone(); 2]).contains("channels"));
    assert!(refused(|claim| claim.trusted_keys.clear()).contains("trusted_keys"));
    let mut long = claim(&signer);
    long.channels = (0..60)
        .map(|n| ClaimChannel { id: ChannelId::new(&format!("c{n}")).expect("an id"), base_url: "x".repeat(400) })
        .collect();
    assert!(matches!(long.sign(&signer), Err(ClaimError::Signed(SignedError::TooLong { limit: MAX_CLAIM, .. }))));
}

#[test]
fn p11_what_is_no_document_or_no_claim_is_refused_with_a_reason() {
    let signer = signer();
    let header = json!({"alg": "EdDSA", "kid": signer.key().kid()});
    let open = |document: &str| Claim::open(document, &[signer.key()]).expect_err("refused").to_string();
    for text in ["", ".", "..", "a.b", "a.b.c.d", "Quầy.1.x", "e30.e30.", &"x.".repeat(20_000)] {
        let said = open(text);
        assert!(said.contains("signed document"), "{}: {said}", &text[..text.len().min(20)]);
    }
    let whole = serde_json::to_value(claim(&signer)).expect("JSON");
    for field in ["jti", "number", "label", "exp", "enrol_url", "ca", "broker", "channels", "trusted_keys"] {
        let mut claims = whole.clone();
        claims.as_object_mut().expect("an object").remove(field);
        let said = open(&by_hand(&signer, &header, &claims.to_string()));
        assert!(said.contains(field), "{field}: {said}");
    }
    let twice = whole.to_string().replacen('{', r#"{"number":1,"#, 1);
    assert!(open(&by_hand(&signer, &header, &twice)).contains("number"));
    let number = whole.to_string().replace("1017", "0");
    assert!(open(&by_hand(&signer, &header, &number)).contains("terminal number"));
    for (from, to) in [("07070707070707070707070707070707", ""), ("07070707070707070707070707070707", "../x")] {
        let said = open(&by_hand(&signer, &header, &whole.to_string().replace(from, to)));
        assert!(said.contains("claim's id"), "{to}: {said}");
    }
    // Another program may name its claims otherwise, and need not say when it made one.
    let theirs = whole
        .to_string()
        .replace("07070707070707070707070707070707", "claim-1017_A")
        .replace("\"iat\":1795000000,", "");
    let theirs = Claim::open(&by_hand(&signer, &header, &theirs), &[signer.key()]).expect("a claim");
    assert_eq!((theirs.jti.to_string().as_str(), theirs.iat), ("claim-1017_A", 0));
    assert_eq!(theirs.must_be_alive(UnixTime::from_secs(1_795_000_000)), Ok(()));
    // What a later version adds is passed over.
    let more = whole.to_string().replacen('{', r#"{"aud":"enrol","#, 1);
    assert!(Claim::open(&by_hand(&signer, &header, &more), &[signer.key()]).is_ok());
}
