//! Every example body in Finan's documentation, as it stands there (provider-docs/finan-payment-gateway.txt), with the
//! Vietnamese words of which the copy at hand has lost the letters, and with fields that nobody knows.

use super::*;
use crate::provider::{CodeText, Made, Payee, Question, Report, Said, Standing};

const CREATE: &str = r#"{
"merchant": {
"name": "Finan pte",
"phone": "02833223243",
"address": "195/10A, Dien Bien Phu, P15, Binh Thanh",
"email": "merchant@finan.one"
},
"items": [
{
"name": "So Ban Hang Pro 3 Nam",
"price": 3000000,
"quantity": 2,
"amount": 6000000
}
],
"customer": {
"name": "Nguyen Van A",
"phone": "0933450210",
"address": "15, Le Duan, q3, Quan 1",
"email": "nguyena@gmail.com"
},
"payment_method": "bank_transfer",
"account_id": "54957437-0cb5-4992-ad0e-76d26ba4ddc3",
"amount": 6000000,
"description": "thanh toan don hang",
"reference_id": "54fgi4537-0cb5-4992-ad0e-76d26ba4ddc3",
"reference_type": "invoice",
"success_redirect_url": "https://your-site.com/success",
"failure_redirect_url": "https://your-site.com/failure"
}"#;

const CREATED: &str = r#"{
"message": { "content": "Tạo thành công" },
"code": 102001,
"request_id": "d0a463bc089ea27859e2ebb5d33857c3",
"data": {
"payment_request_id": "3fde043e-c3d6-40e8-9031-6eadfa02d2a2",
"payment_request_code": "PRJXH9KU",
"payment_url": "",
"bank_transfer_detail": {
"qr_code": "00020101021238570010A000000727...",
"bank_name": "MB",
"account_name": "TRAN TU THIEN",
"account_number": "0933450210",
"remark": "TTVD7ZZS"
}
}
}"#;

const LISTED: &str = r#"{
"message": { "content": "Thực thi API thành công" },
"code": 102000,
"request_id": "abc123...",
"data": [
{
"payment_request_id": "PR-550e8400-e29b-41d4-a716-446655440000",
"paid_amount": 6000000,
"status": "paid",
"payment_method": "bank_transfer",
"amount": 6000000,
"description": "thanh toan don hang",
"reference_type": "invoice",
"reference_id": "INV-001",
"payments": [
{
"id": "PAY-001",
"amount": 6000000,
"method": "bank_transfer",
"created_at": "2024-01-20T14:30:00Z"
}
],
"merchant": {
"name": "Finan pte",
"email": "merchant@finan.one"
},
"customer": {
"name": "Nguyen Van A",
"email": "nguyena@gmail.com"
}
}
]
}"#;

const WEBHOOK: &str = r#"{
"id": "PAY-001",
"reference_id": "DH970422",
"payment_method": "bank_transfer",
"payment_request_id": "PR-550e8400-e29b-41d4-a716-446655440000",
"amount": 6000000,
"created_at": "2024-01-20T14:30:00Z"
}"#;

const REQUEST: &str = "550e8400-e29b-41d4-a716-446655440000";

/// 2024-01-20T14:30:00Z.
const PAID_AT: UnixTime = UnixTime::from_secs(1_705_761_000);

fn parsed(text: &str) -> Value {
    crate::json::parse(text).expect("an example is JSON")
}

/// The same with a field that nobody knows in every object.
fn with_more(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.into_iter().map(|(name, value)| (name, with_more(value)));
            known.chain([("nobody_knows".to_owned(), json!([{"x": 1.5}, null, "đ"]))]).collect()
        }
        Value::Array(values) => values.into_iter().map(with_more).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[test]
fn a_create_has_every_field_of_the_documentation_s_example() {
    let invoice = FinanAccount {
        account_id: Some("54957437-0cb5-4992-ad0e-76d26ba4ddc3".to_owned()),
        merchant: Some(Merchant {
            name: "Finan pte".to_owned(),
            phone: Some("02833223243".to_owned()),
            address: Some("195/10A, Dien Bien Phu, P15, Binh Thanh".to_owned()),
            email: Some("merchant@finan.one".to_owned()),
        }),
        description: Some(Description::new("thanh toan don hang", "", 30).expect("a description")),
        reference_type: Some("invoice".to_owned()),
        success_redirect_url: Some("https://your-site.com/success".to_owned()),
        failure_redirect_url: Some("https://your-site.com/failure".to_owned()),
        ..account()
    };
    let sale = Making {
        amount: Amount::vnd(6_000_000),
        customer: Customer {
            name: Some("Nguyen Van A".to_owned()),
            phone: Some("0933450210".to_owned()),
            address: Some("15, Le Duan, q3, Quan 1".to_owned()),
            email: Some("nguyena@gmail.com".to_owned()),
            ..Customer::default()
        },
        items: vec![Item {
            name: "So Ban Hang Pro 3 Nam".to_owned(),
            quantity: 2,
            price: 3_000_000,
            unit: None,
            tax: None,
        }],
        ..making()
    };
    let request = sent(Finan::new(invoice).make(&sale, NOW));
    let mut example = parsed(CREATE);
    example["reference_id"] = json!(ORDER);
    // Not only the same values: the same text, without any space.
    assert_eq!(String::from_utf8(request.body).ok(), Some(example.to_string()));
}

#[test]
fn the_documentation_s_answer_to_a_create_is_read() {
    for answer in [parsed(CREATED), with_more(parsed(CREATED))] {
        let payee = Payee { bin: None, account: Some("0933450210".to_owned()), name: Some("TRAN TU THIEN".to_owned()) };
        let code = Some(CodeText::VietQr("00020101021238570010A000000727...".to_owned()));
        let made = Made::Payable { provider_id: ProviderId(ID.to_owned()), code, payee };
        let request = sent(finan().make(&making(), NOW));
        assert_eq!(finan().made(&making(), &request, &yes(&answer), NOW), Ok(Next::Done(made)));
    }
}

#[test]
fn the_documentation_s_list_is_read() {
    let transfer = Transfer { id: "PAY-001".to_owned(), amount: Amount::vnd(6_000_000), created_at: Some(PAID_AT) };
    let request = PaymentRequest {
        provider_id: REQUEST.to_owned(),
        amount: Amount::vnd(6_000_000),
        paid_amount: Amount::vnd(6_000_000),
        status: PaymentStatus::Paid,
        transfers: vec![transfer],
    };
    // Its reference is no order of a terminal's.
    let text = LISTED.replace("INV-001", ORDER);
    for answer in [parsed(&text), with_more(parsed(&text))] {
        let body = answer.to_string();
        let expected = Requests { ours: vec![request.clone()], others: 0 };
        assert_eq!(read_requests(body.as_bytes(), order()), Ok(expected));
    }
    let expected = Requests { ours: Vec::new(), others: 1 };
    assert_eq!(read_requests(LISTED.as_bytes(), order()), Ok(expected));
}

#[test]
fn p3_the_documentation_s_list_and_webhook_are_the_same_money() {
    let known = KnownOrder { amount: Amount::vnd(6_000_000), ..known(Some(REQUEST)) };
    let asked = sent(finan().ask(&known, Question::Status, NOW));
    let answer = yes(&parsed(&LISTED.replace("INV-001", ORDER)));
    let told = finan().told(&known, Question::Status, &asked, &answer, NOW);
    let Ok(Next::Done(Report { provider_id, transfers, standing: Standing::Paid, .. })) = told else {
        unreachable!("the order is paid: {told:?}");
    };
    let heard = webhooks::read(WEBHOOK).expect("it is signed");
    assert_eq!(heard.provider_id, provider_id);
    assert_eq!(vec![heard.said], transfers.into_iter().map(Said::Transfer).collect::<Vec<_>>());
}

#[test]
fn the_documentation_s_webhook_is_read() {
    for body in [parsed(WEBHOOK), with_more(parsed(WEBHOOK))] {
        let delivered = body.to_string();
        let webhook = Webhook {
            id: "PAY-001".to_owned(),
            provider_id: REQUEST.to_owned(),
            reference: "DH970422".to_owned(),
            order: None,
            purpose: None,
            amount: 6_000_000,
            created_at: Some(PAID_AT),
            note: Some("DH970422".to_owned()),
            signed_at: NOW,
        };
        assert_eq!(webhooks::taken(&delivered), Ok(webhook));
    }
}
