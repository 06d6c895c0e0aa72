//! Properties of Finan's messages: what is signed verifies and nothing else does, what is asked for is recognised, and no
//! input makes a reader panic. It must not know more of the crate than its public API.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use till_wire::finan::{
    Finan, FinanAccount, FinanHooks, FinanMethod, FinanSignature, Signed, read_bank_accounts, read_created,
    read_master_accounts, read_requests,
};
use till_wire::provider::{
    Customer, Delivered, Key, KnownOrder, MakeStep, Making, Next, Provider, ProviderId, Question, Request, Said,
    Webhooks,
};
use till_wire::{Amount, OrderRef, TerminalNumber, UnixTime, json};

fn order() -> impl Strategy<Value = OrderRef> {
    let terminal = (1..=TerminalNumber::MAX).prop_filter_map("a terminal number", TerminalNumber::new);
    let sequence = 0..=OrderRef::MAX_SEQUENCE;
    (terminal, sequence).prop_filter_map("an order", |(n, sequence)| OrderRef::new(n, sequence))
}

fn kind() -> impl Strategy<Value = FinanSignature> {
    prop_oneof![Just(FinanSignature::Sha256Concat), Just(FinanSignature::HmacSha256)]
}

fn finan(signature: FinanSignature, reference_type: Option<String>) -> Finan {
    Finan::new(FinanAccount {
        client_id: Key::new(b"client"),
        secret: Key::new(b"secret"),
        signature,
        method: FinanMethod::BankTransfer,
        account_id: None,
        account_number: None,
        label: "Quầy 1".to_owned(),
        customer_name: "Khách lẻ".to_owned(),
        merchant: None,
        description: None,
        reference_type,
        success_redirect_url: None,
        failure_redirect_url: None,
    })
}

fn making(order: OrderRef, amount: u64, customer: Customer) -> Making {
    let expire = Duration::from_secs(300);
    Making { order, amount: Amount::vnd(amount), expire, customer, items: Vec::new(), step: MakeStep::Create }
}

fn header(request: &Request, name: &str) -> String {
    let found = request.headers.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn is_signed(request: &Request, kind: FinanSignature) -> bool {
    let timestamp = header(request, "x-timestamp");
    let method = request.method.as_str();
    let signed = Signed { method, path: &request.path, payload: &request.body, timestamp: &timestamp };
    kind.verifies(b"secret", &signed, &header(request, "x-signature"))
}

/// A webhook's headers, signed.
fn headers(kind: FinanSignature, path: &str, body: &[u8], timestamp: &str) -> BTreeMap<String, String> {
    let signed = Signed { method: "POST", path, payload: body, timestamp };
    let signature = kind.sign(b"secret", &signed);
    [("x-timestamp".to_owned(), timestamp.to_owned()), ("x-signature".to_owned(), signature)].into()
}

proptest! {
    #[test]
    fn p1_only_the_signature_of_exactly_this_verifies(
        kind in kind(), secret in proptest::collection::vec(any::<u8>(), 1..80), path in ".{0,40}",
        payload in proptest::collection::vec(any::<u8>(), 0..200), timestamp in "[0-9]{1,12}", other in ".{0,70}",
        at in 0..32_usize, bit in 0..8_u8,
    ) {
        let signed = Signed { method: "POST", path: &path, payload: &payload, timestamp: &timestamp };
        let signature = kind.sign(&secret, &signed);
        prop_assert!(kind.verifies(&secret, &signed, &signature));
        prop_assert!(!kind.verifies(&secret, &signed, &other));
        let byte = u8::from_str_radix(&signature[2 * at..2 * at + 2], 16).expect("hex digits") ^ (1 << bit);
        let mut changed = signature.clone();
        changed.replace_range(2 * at..2 * at + 2, &format!("{byte:02x}"));
        prop_assert!(!kind.verifies(&secret, &signed, &changed));
        let longer = [payload.as_slice(), b"_"].concat();
        let longer = Signed { payload: &longer, ..signed };
        prop_assert!(!kind.verifies(&secret, &longer, &signature));
    }

    #[test]
    fn every_request_is_signed_and_its_path_stands_in_an_address_as_it_is(
        kind in kind(), order in order(), amount in 1..=499_999_999_u64, name in proptest::option::of(".{0,40}"),
        id in proptest::option::of(".{0,40}"), of in proptest::option::of(".{0,20}"), secs in 0..4_000_000_000_i64,
    ) {
        let (finan, at) = (finan(kind, of), UnixTime::from_secs(secs));
        let customer = Customer { name: name.clone(), ..Customer::default() };
        let known = KnownOrder { order, provider_id: id.map(ProviderId), amount: Amount::vnd(amount) };
        let Ok(Next::Send(asked)) = finan.ask(&known, Question::Status, at) else {
            return Err(TestCaseError::fail("a question is sent"));
        };
        prop_assert!(is_signed(&asked, kind));
        prop_assert!(asked.path.starts_with("/api/v1/payments"));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?&=%".contains(c);
        // In a query dots are dots; in a path two of them lead elsewhere.
        let path = asked.path.split('?').next().unwrap_or_default();
        prop_assert!(asked.path.chars().all(plain) && !path.contains('.'), "{}", asked.path);
        let Ok(Next::Send(made)) = finan.make(&making(order, amount, customer), at) else {
            return Err(TestCaseError::fail("a create is sent"));
        };
        prop_assert!(is_signed(&made, kind));
        let text = std::str::from_utf8(&made.body).expect("JSON is UTF-8");
        let body = json::parse(text).expect("a body is JSON without equal keys");
        prop_assert_eq!(&body["reference_id"], &json!(order.to_string()));
        prop_assert_eq!(body["amount"].as_u64(), Some(amount));
        prop_assert_eq!(body["customer"]["name"].as_str(), Some(name.as_deref().unwrap_or("Khách lẻ")));
    }

    #[test]
    fn p4_whatever_a_signed_webhook_says_is_heard_as_it_stands_there(
        kind in kind(), order in order(), amount in 1..=9_007_199_254_740_991_u64, id in ".{1,40}", request in ".{0,40}",
        description in ".{0,300}", path in "/[a-z0-9/_-]{0,20}(\\?[a-z=&_]{0,20})?", secs in 0..999_999_999_999_i64,
    ) {
        let body = json!({
            "id": id, "reference_id": order.to_string(), "payment_request_id": format!("PR-{request}"),
            "amount": amount, "description": description,
        });
        let (body, time) = (body.to_string(), secs.to_string());
        let hooks = FinanHooks::new(vec![Key::new(b"secret")], kind, None);
        let headers = headers(kind, &path, body.as_bytes(), &time);
        let delivered = Delivered { method: "POST", path: &path, headers: &headers, body: body.as_bytes() };
        let heard = hooks.read(&delivered).expect("it is signed");
        prop_assert_eq!(heard.order, Some(order));
        prop_assert_eq!(heard.provider_id.0, request);
        prop_assert_eq!(heard.signed_at, Some(UnixTime::from_secs(secs)));
        let Said::Transfer(transfer) = heard.said else {
            return Err(TestCaseError::fail("it is a payment"));
        };
        prop_assert_eq!((transfer.reference.0, transfer.amount), (id, Amount::vnd(amount)));
        let note = heard.note.unwrap_or_default();
        prop_assert!(note.chars().count() <= 200 && !note.chars().any(char::is_control));
    }

    #[test]
    fn p9_no_bytes_make_a_reader_panic(
        kind in kind(), order in order(), bytes in proptest::collection::vec(any::<u8>(), 0..200), stated in ".{0,70}",
    ) {
        let hooks = FinanHooks::new(vec![Key::new(b"secret")], kind, None);
        let signed = headers(kind, "/hooks/finan", &bytes, "1795143845");
        let unsigned = [("x-timestamp".to_owned(), "1".to_owned()), ("x-signature".to_owned(), stated)].into();
        for (headers, is_signed) in [(&signed, true), (&unsigned, false)] {
            let delivered = Delivered { method: "POST", path: "/hooks/finan", headers, body: &bytes };
            let read = hooks.read(&delivered);
            prop_assert_eq!(read.is_err_and(|error| error.is_forgery()), !is_signed);
        }
        prop_assert!(read_created(&bytes).is_err() && read_requests(&bytes, order).is_err());
        prop_assert!(read_bank_accounts(&bytes).is_err() && read_master_accounts(&bytes).is_err());
    }

    #[test]
    fn p9_no_json_makes_a_reader_panic(order in order(), data in tree(), code in prop_oneof![Just(102_000), Just(102_001)]) {
        let body = json!({ "code": code, "data": data }).to_string();
        for message in [
            read_created(body.as_bytes()).err().map(|error| error.to_string()),
            read_requests(body.as_bytes(), order).err().map(|error| error.to_string()),
            read_bank_accounts(body.as_bytes()).err().map(|error| error.to_string()),
            read_master_accounts(body.as_bytes()).err().map(|error| error.to_string()),
        ].into_iter().flatten() {
            prop_assert!(message.chars().count() <= 500 && !message.chars().any(char::is_control), "{message:?}");
        }
    }
}

/// JSON with the names that Finan uses, and with values of every kind.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("000201")),
    ];
    let name = proptest::sample::select(vec![
        "payment_request_id",
        "payment_url",
        "bank_transfer_detail",
        "qr_code",
        "amount",
        "paid_amount",
        "status",
        "payments",
        "id",
        "account_number",
        "bank_name",
        "nobody_knows",
    ]);
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}
