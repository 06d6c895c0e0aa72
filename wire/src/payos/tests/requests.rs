//! Requests as they are sent. They know the tests' own signing key and nothing of HTTP.

use super::*;

#[test]
fn a_create_request_has_the_documented_fields_and_its_signature() {
    let mut request = CreateRequest {
        order: order(),
        amount: Amount::vnd(50_000),
        description: "029727122",
        return_url: "https://shop.example/ok?a=1&b=2",
        cancel_url: "https://shop.example/cancel",
        expired_at: None,
    };
    // printf 'amount=50000&cancelUrl=https://shop.example/cancel&description=029727122&orderCode=1017029727122&returnUrl=https://shop.example/ok?a=1&b=2' | openssl dgst -sha256 -hmac test_checksum_key
    let mut want = json!({
        "orderCode": 1_017_029_727_122_u64, "amount": 50_000, "description": "029727122",
        "returnUrl": "https://shop.example/ok?a=1&b=2", "cancelUrl": "https://shop.example/cancel",
        "signature": "2ac29915684b50237568cd91b23503dd8f1f6e49212210fd67494611e4005352",
    });
    assert_eq!(String::from_utf8(request.body(KEY)), Ok(want.to_string()));

    request.expired_at = Some(UnixTime::from_ms(1_795_143_845_999));
    want["expiredAt"] = json!(1_795_143_845);
    assert_eq!(String::from_utf8(request.body(KEY)), Ok(want.to_string()));

    request.expired_at = Some(UnixTime::from_secs(1 << 40));
    want["expiredAt"] = json!(i32::MAX);
    assert_eq!(String::from_utf8(request.body(KEY)), Ok(want.to_string()));
}

#[test]
fn a_cancel_request_is_one_reason() {
    assert_eq!(
        String::from_utf8(cancel_body("khách \"đổi ý\"")),
        Ok(r#"{"cancellationReason":"khách \"đổi ý\""}"#.to_owned())
    );
}
