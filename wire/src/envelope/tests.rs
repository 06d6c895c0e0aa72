//! The envelope's JSON, its bounds and what is refused.

use super::*;

fn envelope(body: &str) -> Envelope {
    Envelope::new(
        ChannelId::new("payos").expect("a channel id"),
        "payos".to_owned(),
        UnixTime::from_ms(1_795_143_845_678),
        "POST".to_owned(),
        "/hooks/payos?a=1".to_owned(),
        BTreeMap::from([("x-signature".to_owned(), "ab".to_owned())]),
        body.to_owned(),
    )
}

#[test]
fn the_json_is_that_of_the_contract() {
    let json = envelope("{\"a\": \"đ\\n\"}\n").to_bytes().expect("small");
    // printf 'payos\n{"a": "đ\\n"}\n' | sha256sum | cut -c1-32
    let want = r#"{"v":1,"id":"5f092002c41c351e306df3e34db4f25c","channel":"payos","provider":"payos","received_at":"2026-11-20T03:04:05Z","method":"POST","path":"/hooks/payos?a=1","headers":{"x-signature":"ab"},"body":"{\"a\": \"đ\\n\"}\n"}"#;
    let read = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).ok();
    assert_eq!(read(&json), read(want.as_bytes()));
    assert_eq!(Envelope::parse(&json), Ok(envelope("{\"a\": \"đ\\n\"}\n")));
}

#[test]
fn unknown_fields_are_tolerated_and_the_version_is_not() {
    let json = String::from_utf8(envelope("x").to_bytes().expect("small")).expect("UTF-8");
    let with = |from: &str, to: &str| Envelope::parse(json.replace(from, to).as_bytes());
    assert_eq!(with("\"v\":1", "\"v\":1,\"later\":[{}]"), Ok(envelope("x")));
    assert_eq!(with("\"v\":1", "\"v\":2"), Err(EnvelopeError::Version { found: 2 }));
    for (from, to) in [
        ("\"v\":1", "\"w\":1"),
        ("\"v\":1", "\"v\":\"1\""),
        ("\"v\":1", "\"v\":1,\"v\":1"),
        ("{\"x-signature\"", "{\"x-signature\":\"cd\",\"x-signature\""),
        ("\"body\"", "\"bod\""),
        ("\"payos\"", "\"PAYOS\""),
        ("\"POST\"", "7"),
        ("2026-11-20", "2026-11-40"),
        ("}", ""),
    ] {
        assert!(matches!(with(from, to), Err(EnvelopeError::Malformed { .. })), "{to}");
    }
}

#[test]
fn p9_no_message_is_larger_than_64_kib() {
    let empty = envelope("").to_bytes().expect("small").len();
    let largest = envelope(&"a".repeat(MAX_MESSAGE - empty));
    let bytes = largest.to_bytes().expect("exactly 64 KiB");
    assert_eq!(bytes.len(), MAX_MESSAGE);
    assert_eq!(Envelope::parse(&bytes), Ok(largest));

    let over = envelope(&"a".repeat(MAX_MESSAGE - empty + 1)).to_bytes();
    assert_eq!(over, Err(TooLarge { bytes: 65_537 }));
    let source = TooLarge { bytes: 65_537 };
    assert_eq!(Envelope::parse(&[b' '; 65_537]), Err(EnvelopeError::Size { source }));
}
