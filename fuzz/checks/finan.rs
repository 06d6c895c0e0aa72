//! Finan's messages. Webhooks are signed here, since nobody guesses a signature; answers are not signed at all, so that
//! all there is to check is that they are about what was asked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use till_wire::finan::{Finan, FinanAccount, FinanMethod, FinanSignature, Signed};
use till_wire::provider::{Delivered, Key, KnownOrder, Next, Provider, ProviderId, Reply, Said, Verdict, WebhookError};
use till_wire::{Amount, OrderRef, UnixTime, json};

use super::provider::{Requests, check_replies, check_webhook};
use super::{check_error, with_one_byte_changed};

const SECRET: &[u8] = b"s3r3c_k3y of nobody";
const OTHER_SECRET: &[u8] = b"another secret";
const PATH: &str = "/hooks/finan?shop=1";
const TIMESTAMP: &str = "1795143845";
const AT: UnixTime = UnixTime::from_secs(1_795_143_845);

fn account(secret: &[u8]) -> Finan {
    Finan::new(FinanAccount {
        client_id: Key::new(b"client id"),
        secret: Key::new(secret),
        signature: FinanSignature::Sha256Concat,
        method: FinanMethod::BankTransfer,
        account_id: None,
        account_number: Some("0933450210".to_owned()),
        label: "counter 1".to_owned(),
        customer_name: "a customer".to_owned(),
        merchant: None,
        description: None,
        reference_type: None,
        success_redirect_url: None,
        failure_redirect_url: None,
    })
}

static FINAN: LazyLock<Finan> = LazyLock::new(|| account(SECRET));
static OTHER: LazyLock<Finan> = LazyLock::new(|| account(OTHER_SECRET));

/// What `read` says of a webhook with the signature of `signed`.
fn heard(finan: &Finan, signed: &[u8], body: &[u8], path: &str, timestamp: &str) -> Result<Said, WebhookError> {
    let text = Signed { method: "POST", path: PATH, payload: signed, timestamp: TIMESTAMP };
    let signature = FinanSignature::Sha256Concat.sign(SECRET, &text);
    let pairs = [("x-signature", signature.as_str()), ("x-timestamp", timestamp), ("x-client-id", "client id")];
    let headers: BTreeMap<String, String> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let delivered = Delivered { method: "POST", path, headers: &headers, body };
    check_webhook(finan, &delivered, &[SECRET])
}

/// Reads the input as the body of a signed webhook.
pub fn finan_webhook(data: &[u8]) {
    let said = heard(&FINAN, data, data, PATH, TIMESTAMP);
    let body = std::str::from_utf8(data).ok().and_then(|text| json::parse(text).ok());
    let field = |name: &str| body.as_ref().and_then(|body| body.get(name));
    let text = |name: &str| field(name).and_then(Value::as_str).unwrap_or_default();
    if let Ok(Said::Transfer(transfer)) = &said {
        assert_eq!(Some(transfer.amount.value()), field("amount").and_then(Value::as_u64));
        assert_eq!(transfer.reference.0, text("id"));
    }
    if let Err(error) = &said {
        assert!(!error.is_forgery(), "{error}");
    }
    assert_eq!(heard(&OTHER, data, data, PATH, TIMESTAMP), Err(WebhookError::WrongSignature));
    assert_eq!(heard(&FINAN, data, data, "/hooks/other", TIMESTAMP), Err(WebhookError::WrongSignature));
    assert_eq!(heard(&FINAN, data, data, PATH, "1795143846"), Err(WebhookError::WrongSignature));
    // The text that is signed does not keep its parts apart; what is read of it must.
    if let Some(changed) = std::str::from_utf8(data).ok().and_then(with_one_byte_changed) {
        assert_eq!(heard(&FINAN, data, changed.as_bytes(), PATH, TIMESTAMP), Err(WebhookError::WrongSignature));
    }
    let begins_as_json = data.starts_with(b"{");
    for at in
        data.iter().enumerate().filter(|_| begins_as_json).filter(|(_, byte)| **byte == b'_').map(|(at, _)| at).take(4)
    {
        let (path, body) = data.split_at(at);
        let Ok(more) = std::str::from_utf8(path) else { continue };
        let path = format!("{PATH}_{more}");
        assert_eq!(heard(&FINAN, data, &body[1..], &path, TIMESTAMP), Err(WebhookError::WrongSignature), "{path}");
    }
}

/// Judges the input as the answer to every request about an order, and about the order that it names itself.
pub fn finan_payment(data: &[u8]) {
    let order: OrderRef = "0001017-029727122".parse().expect("an order");
    let body = std::str::from_utf8(data).ok().and_then(|text| json::parse(text).ok());
    let data_field = body.as_ref().and_then(|body| body.get("data"));
    let first = data_field.and_then(|data| data.get(0)).or(data_field);
    let amount = first.and_then(|first| first.get("amount")).and_then(Value::as_u64).filter(|amount| *amount < 1 << 53);
    let id = first.and_then(|first| first.get("payment_request_id")).and_then(Value::as_str);
    let amount = Amount::vnd(amount.unwrap_or(50_000));
    for provider_id in [None, id.map(|id| ProviderId(id.to_owned()))] {
        let known = KnownOrder { order, provider_id, amount };
        check_replies(&*FINAN, &known, &Requests::about(&known, &*FINAN), &BTreeMap::new(), data, &[SECRET]);
    }
}

/// Judges the input as the answer to the questions for a code that takes any amount.
pub fn finan_bank_account(data: &[u8]) {
    let Ok(Next::Send(request)) = FINAN.ask_open_code(AT) else { unreachable!("there is a question to be sent") };
    let reply = Reply { verdict: Verdict::Yes, headers: BTreeMap::new(), body: data.to_vec(), after: None };
    let code = match FINAN.open_code_told(&request, &reply, AT) {
        Ok(Next::Done(code)) => code,
        Ok(Next::Send(next)) => match FINAN.open_code_told(&next, &reply, AT) {
            Ok(Next::Done(code)) => code,
            Ok(Next::Send(_)) => unreachable!("two questions are all there are"),
            Err(trouble) => return check_error(&trouble.reason(), data, &[SECRET]),
        },
        Err(trouble) => return check_error(&trouble.reason(), data, &[SECRET]),
    };
    assert!(!code.text.is_empty(), "{code:?}");
    assert!(!code.text.starts_with("http:") && !code.text.starts_with("https:"), "{code:?}");
}
