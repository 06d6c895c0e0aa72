//! A sale's and a receipt's JSON, compared with the contract's own.

use serde_json::Value;

use super::*;

fn example() -> Sale {
    let order = "0001017-029727122".parse().expect("an order");
    let at = |secs: i64| UnixTime::from_secs(1_795_143_845 + secs);
    Sale {
        id: SaleId::new(order),
        revision: 7,
        state: SaleState::Paid,
        amount: 50_000,
        currency: Currency::Vnd,
        paid_amount: 50_000,
        refunded_amount: 0,
        flags: vec![],
        channel: ChannelId::new("payos").expect("a channel"),
        attempt: 1,
        order,
        provider_id: Some("124c33".to_owned()),
        reference: Some("ORDER-77".to_owned()),
        note: None,
        qr: Some("000201".to_owned()),
        qr_kind: Some(QrKind::Vietqr),
        waiting_for: None,
        created_at: at(0),
        expires_at: Some(at(301)),
        finished_at: Some(at(20)),
        failure: None,
        payments: vec![Payment {
            provider_ref: "TF230204212323".to_owned(),
            provider_id: "124c33".to_owned(),
            amount: 50_000,
            transacted_at: Some(at(18)),
            received_at: at(20),
            via: Via::Webhook,
        }],
        refunds: vec![],
    }
}

const EXAMPLE: &str = r#"{"id":"0001017-029727122","revision":7,"state":"paid","amount":50000,"currency":"VND","paid_amount":50000,"refunded_amount":0,
 "flags":[],"channel":"payos","attempt":1,"order":"0001017-029727122","provider_id":"124c33","reference":"ORDER-77","note":null,
 "qr":"000201","qr_kind":"vietqr","waiting_for":null,
 "created_at":"2026-11-20T03:04:05Z","expires_at":"2026-11-20T03:09:06Z","finished_at":"2026-11-20T03:04:25Z",
 "failure":null,
 "payments":[{"provider_ref":"TF230204212323","provider_id":"124c33","amount":50000,"transacted_at":"2026-11-20T03:04:23Z","received_at":"2026-11-20T03:04:25Z","via":"webhook"}],
 "refunds":[]}"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the example is JSON")
}

#[test]
fn a_sale_is_the_contract_s_json() {
    assert_eq!(serde_json::to_value(example()).ok(), Some(json(EXAMPLE)));
    assert_eq!(serde_json::from_str(EXAMPLE).ok(), Some(example()));
}

#[test]
fn a_receipt_is_the_contract_s_json() {
    let channel = ChannelId::new("payos").expect("a channel");
    let receipt = Receipt {
        key: ReceiptKey::of(&channel, "124c33", "TF1"),
        revision: 1,
        channel,
        provider_id: "124c33".to_owned(),
        provider_ref: "TF1".to_owned(),
        amount: 50_000,
        currency: Currency::Vnd,
        transacted_at: None,
        received_at: UnixTime::from_secs(1_795_143_845),
        note: None,
        flags: vec![Flag::Attention],
        sale: None,
    };
    let want = format!(
        r#"{{"key":"{}","revision":1,"channel":"payos","provider_id":"124c33","provider_ref":"TF1","amount":50000,"currency":"VND",
        "transacted_at":null,"received_at":"2026-11-20T03:04:05Z","note":null,"flags":["attention"],"sale":null}}"#,
        receipt.key
    );
    assert_eq!(serde_json::to_value(&receipt).ok(), Some(json(&want)));
    assert_eq!(serde_json::from_str(&want).ok(), Some(receipt));
}

#[test]
fn a_field_of_a_later_version_is_tolerated() {
    let text = EXAMPLE.replacen('{', "{\"later\":{\"a\":[1]},", 1);
    assert_eq!(serde_json::from_str(&text).ok(), Some(example()));
}

#[test]
fn every_word_is_the_same_in_json_and_in_text() {
    fn check<T>(all: &[T], as_str: fn(T) -> &'static str, of: fn(&str) -> Option<T>)
    where
        T: Copy + PartialEq + std::fmt::Debug + Serialize,
    {
        for value in all {
            let word = as_str(*value);
            assert_eq!(serde_json::to_value(value).ok(), Some(Value::from(word)));
            assert_eq!(of(word), Some(*value));
            assert_eq!(of(&word.to_uppercase()), None);
        }
    }
    check(SaleState::ALL, SaleState::as_str, SaleState::of);
    check(Flag::ALL, Flag::as_str, Flag::of);
    check(QrKind::ALL, QrKind::as_str, QrKind::of);
    check(WaitingFor::ALL, WaitingFor::as_str, WaitingFor::of);
    check(Via::ALL, Via::as_str, Via::of);
    check(FailureCode::ALL, FailureCode::as_str, FailureCode::of);
    let states: Vec<_> = SaleState::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(states.join(" "), "requesting showing unconfirmed cancelling paid cancelled expired failed");
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_knows_every_type_of_a_sale() {
    use utoipa::{PartialSchema, ToSchema};

    let mut schemas = Vec::new();
    Sale::schemas(&mut schemas);
    let mut names: Vec<_> = schemas.into_iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let want = "ChannelId Currency Failure FailureCode Flag OrderRef Payment QrKind Refund SaleId SaleState UnixTime \
                Via WaitingFor";
    assert_eq!(names.join(" "), want);
    let id = serde_json::to_value(SaleId::schema()).expect("a schema is JSON");
    assert_eq!((&id["type"], &id["pattern"]), (&Value::from("string"), &Value::from("^[0-9]{7}-[0-9]{9}$")));
    let flag = serde_json::to_value(Flag::schema()).expect("a schema is JSON");
    let words: Vec<_> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
    assert_eq!(flag["enum"], Value::from(words), "the schema has the words that stand in JSON");
}
