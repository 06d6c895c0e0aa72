//! The providers against a server of the tests that answers, lies, breaks off and keeps silent.

mod classes;
mod clocks;
mod finan;
mod finan_webhooks;
mod glocal;
mod orders;
mod server;
mod webhooks;

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use till_settings::{Document, Environment, Mode};
use till_wire::payos::{canonical, sign};
use till_wire::provider::RefusalCause;
use till_wire::{Amount, ChannelId, OrderRef, SaleId, UnixTime};

use super::*;
use crate::config::Settings;
use crate::till::{Customer, KnownOrder, MakeStep, Making, ProviderId, Tick};

const KEY: &str = "test_checksum_key";
const LINK: &str = "124c33293c43417ab7879e14c8d9eb18";
/// 2026-11-20T03:04:05Z, by the till's wall clock.
const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

/// Makes the providers out of a configuration file, with more lines for its one channel, which is payOS's.
fn providers(base: &str, more: &str) -> Result<Providers, ProviderError> {
    let keys = r#"
        api_key = { env = "API" }
        checksum_key = { env = "KEY" }
        return_url = "https://shop.example/ok"
        cancel_url = "https://shop.example/cancel"
    "#;
    providers_of("payos", base, &format!("{keys}\n{more}"), || Now { tick: Tick(5_000_000), wall: NOW })
}

/// Makes the providers out of a configuration file with one channel, which has its provider's name for its id.
fn providers_of(provider: &str, base: &str, keys: &str, clock: fn() -> Now) -> Result<Providers, ProviderError> {
    let text = format!(
        r#"
            [terminal]
            number = 1017
            label = "Quầy 1"
            [store]
            path = "/nowhere"
            [mqtt]
            url = "mqtt://127.0.0.1:1"
            [display]
            driver = "none"
            [sale]
            channel = "{provider}"
            [[channel]]
            id = "{provider}"
            provider = "{provider}"
            base_url = "{base}"
            client_id = {{ env = "CLIENT" }}
            {keys}
        "#
    );
    let secrets = [("CLIENT", "the-client-id"), ("API", "the-api-key"), ("KEY", KEY)];
    let secrets = secrets.map(|(name, value)| (name, OsStr::new(value)));
    let document = Document::parse(Path::new("tilld.toml"), &text, Mode::Run).expect("the text is TOML");
    let document = document.in_environment(Environment::new(secrets));
    let (settings, _) = Settings::from_document(document).expect("the settings are complete");
    Providers::new(&settings.channels, clock)
}

fn channel() -> ChannelId {
    ChannelId::new("payos").expect("a channel id")
}

fn order() -> OrderRef {
    "0001017-029727122".parse().expect("an order")
}

fn wanted() -> CreateOrder {
    CreateOrder {
        sale: SaleId::new(order()),
        channel: channel(),
        making: Making {
            order: order(),
            amount: Amount::vnd(50_000),
            expire: Duration::from_secs(300),
            customer: Customer::default(),
            items: Vec::new(),
            step: MakeStep::Create,
        },
    }
}

fn known() -> OrderAt {
    OrderAt {
        sale: SaleId::new(order()),
        channel: channel(),
        known: KnownOrder {
            order: order(),
            provider_id: Some(ProviderId(LINK.to_owned())),
            amount: Amount::vnd(50_000),
        },
    }
}

/// What payOS answers to a request to make the order.
fn created() -> Value {
    json!({
        "bin": "970422",
        "accountNumber": "113366668888",
        "accountName": "QUY VAC XIN PHONG CHONG COVID",
        "amount": 50_000,
        "description": "CSXYZ 029727122",
        "orderCode": order().payos_code(),
        "currency": "VND",
        "paymentLinkId": LINK,
        "status": "PENDING",
        "checkoutUrl": "https://pay.payos.vn/web/124c",
        "qrCode": "000201",
    })
}

/// What payOS answers to a question for the order.
fn link() -> Value {
    json!({
        "id": LINK,
        "orderCode": order().payos_code(),
        "amount": 50_000,
        "amountPaid": 0,
        "amountRemaining": 50_000,
        "status": "PENDING",
        "createdAt": "2026-11-20T10:04:05+07:00",
        "transactions": [],
        "cancellationReason": null,
        "canceledAt": null,
    })
}

/// A body whose data is signed as payOS signs it.
fn signed(data: &Value) -> String {
    let fields = data.as_object().expect("signed data is an object");
    let text = canonical(fields).expect("the data has a signed form");
    let signature = sign(KEY.as_bytes(), &text);
    json!({"code": "00", "desc": "success", "data": data, "signature": signature}).to_string()
}

/// Signed data with one field changed.
fn with(data: &Value, field: &str, value: impl Into<Value>) -> String {
    let mut data = data.clone();
    data[field] = value.into();
    signed(&data)
}

fn refusal(code: &str) -> String {
    json!({"code": code, "desc": "Lý\u{7} do", "data": null, "signature": null}).to_string()
}
