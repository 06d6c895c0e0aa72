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
        customer: &Customer::default(),
        items: &[],
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
fn buyer_items_and_invoice_go_along_unsigned_when_the_caller_gives_them() {
    let text = |text: &str| Some(text.to_owned());
    let customer = Customer {
        name: text("Nguyễn Văn A"),
        phone: text("0933450210"),
        email: text("a@shop.example"),
        address: text("15 Lê Duẩn"),
        document: text("never sent"),
        tax_code: text("0312345678"),
        company: text("Công ty A"),
    };
    let line = |name: &str, quantity, price, unit, tax| Item { name: name.to_owned(), quantity, price, unit, tax };
    let mut items = vec![line("Cà phê", 2, 20_000, text("ly"), Some(10)), line("Bánh", 1, 10_000, None, Some(10))];
    let body = |items: &[Item]| {
        let request = CreateRequest {
            order: order(),
            amount: Amount::vnd(50_000),
            description: "029727122",
            return_url: "https://shop.example/ok?a=1&b=2",
            cancel_url: "https://shop.example/cancel",
            expired_at: None,
            customer: &customer,
            items,
        };
        serde_json::from_slice::<Value>(&request.body(KEY)).expect("a request is JSON")
    };
    let json = body(&items);
    assert_eq!(json["signature"], "2ac29915684b50237568cd91b23503dd8f1f6e49212210fd67494611e4005352");
    for (field, want) in [
        ("buyerName", "Nguyễn Văn A"),
        ("buyerCompanyName", "Công ty A"),
        ("buyerTaxCode", "0312345678"),
        ("buyerAddress", "15 Lê Duẩn"),
        ("buyerEmail", "a@shop.example"),
        ("buyerPhone", "0933450210"),
    ] {
        assert_eq!(json[field], want, "{field}");
    }
    let want = json!([
        {"name": "Cà phê", "quantity": 2, "price": 20_000, "unit": "ly", "taxPercentage": 10},
        {"name": "Bánh", "quantity": 1, "price": 10_000, "taxPercentage": 10},
    ]);
    assert_eq!(json["items"], want);
    assert_eq!(json["invoice"], json!({"buyerNotGetInvoice": false, "taxPercentage": 10}));
    assert!(!json.to_string().contains("never sent"), "{json}");

    items[1].tax = Some(5);
    assert_eq!(body(&items)["invoice"], json!({"buyerNotGetInvoice": false}), "two rates are no rate of the order");
}

#[test]
fn a_cancel_request_is_one_reason() {
    assert_eq!(
        String::from_utf8(cancel_body("khách \"đổi ý\"")),
        Ok(r#"{"cancellationReason":"khách \"đổi ý\""}"#.to_owned())
    );
}
