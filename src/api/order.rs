//! The body of `POST /v1/sales` and its idempotency key: what may stand in them, and what becomes of them. It must not
//! know whether another sale is in progress.

use std::time::Duration;

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use till_wire::{Amount, ChannelId, Currency};
use utoipa::ToSchema;

use super::desk::ApiRules;
use super::fields::Fields;
use super::problem::Problem;
use super::strict::Json;
use crate::till::{Customer, NewSale, RequestKey};

/// The longest `reference`, in characters.
const REFERENCE: usize = 100;
/// The longest `note`, in characters.
const NOTE: usize = 200;
/// The longest text about a customer or an item, in characters.
const TEXT: usize = 200;
/// The most items.
const ITEMS: usize = 100;
/// The most of one item.
const QUANTITY: u64 = 1_000_000;
/// The rates of tax that a provider knows, in per cent; -1 and -2 are "not taxed" and "not declared" (providers.md §1.2).
const TAXES: [i64; 5] = [-2, -1, 0, 5, 10];
/// The longest idempotency key, in characters.
const KEY: usize = 200;

/// What `POST /v1/sales` takes. It is read field by field, so that a refusal can name the field.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = NewSale)]
pub(super) struct SaleBody {
    /// What is wanted, in minor units (đồng): a whole number from 1 to `sale.max_amount`.
    #[schema(minimum = 1, maximum = 499_999_999, example = 50_000)]
    amount: u64,
    /// The currency; `VND` when left out.
    currency: Option<Currency>,
    /// The cash register's own order number.
    #[schema(max_length = 100)]
    reference: Option<String>,
    /// The cashier's note.
    #[schema(max_length = 200)]
    note: Option<String>,
    /// The channel; `sale.channel` when left out.
    channel: Option<ChannelId>,
    /// How long the code is shown, in seconds; `sale.expire_s` when left out.
    #[schema(minimum = 15, maximum = 3600)]
    expire_s: Option<u64>,
    /// Who pays, where the channel needs to know.
    customer: Option<CustomerBody>,
    /// What is bought; quantity times price must add up to the amount.
    #[schema(min_items = 1, max_items = 100)]
    items: Option<Vec<ItemBody>>,
}

/// Who pays.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = Customer)]
pub(super) struct CustomerBody {
    #[schema(max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 200)]
    phone: Option<String>,
    #[schema(max_length = 200)]
    email: Option<String>,
    #[schema(max_length = 200)]
    address: Option<String>,
    #[schema(max_length = 200)]
    document: Option<String>,
    #[schema(max_length = 200)]
    tax_code: Option<String>,
    #[schema(max_length = 200)]
    company: Option<String>,
}

/// One line of what is bought.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = Item)]
pub(super) struct ItemBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// A whole number from 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u64,
    /// The price of one, in minor units.
    #[schema(maximum = 499_999_999)]
    price: u64,
    #[schema(max_length = 200)]
    unit: Option<String>,
    /// The rate of tax in per cent: -2, -1, 0, 5 or 10.
    #[schema(minimum = -2, maximum = 10)]
    tax: Option<i64>,
}

/// Reads what is to be sold.
pub(super) fn read(body: Json, rules: &ApiRules) -> Result<NewSale, Problem> {
    let mut fields = Fields::of_body(body)?;
    let amount = fields.required_whole("amount", 1..=rules.max_amount.value())?;
    let currency = read_currency(&mut fields)?;
    let sale = NewSale {
        amount: Amount::new(amount, currency),
        channel: read_channel(&mut fields, rules)?,
        reference: fields.text("reference", REFERENCE)?,
        note: fields.text("note", NOTE)?,
        expire: fields.whole("expire_s", 15..=3600)?.map_or(rules.expire, Duration::from_secs),
        customer: Customer::default(),
        items: Vec::new(),
    };
    if let Some(customer) = fields.object("customer")? {
        check_customer(customer)?;
    }
    if let Some(items) = fields.objects("items", ITEMS)? {
        check_items(items, sale.amount)?;
    }
    fields.finish()?;
    Ok(sale)
}

fn read_currency(fields: &mut Fields) -> Result<Currency, Problem> {
    // A currency that is not a text at all is as wrong as an unknown one.
    match fields.text("currency", 3) {
        Ok(None) => Ok(Currency::Vnd),
        Ok(Some(code)) if code == Currency::Vnd.code() => Ok(Currency::Vnd),
        Ok(Some(_)) | Err(_) => Err(Problem::field("currency", "`VND`")),
    }
}

fn read_channel(fields: &mut Fields, rules: &ApiRules) -> Result<ChannelId, Problem> {
    let named = match fields.text("channel", 32) {
        Ok(None) => return Ok(rules.channel.clone()),
        Ok(Some(named)) => ChannelId::new(&named),
        Err(_) => None,
    };
    named.filter(|channel| rules.channels.contains(channel)).ok_or_else(|| {
        let known: Vec<&str> = rules.channels.iter().map(ChannelId::as_str).collect();
        Problem::field("channel", format_args!("one of {}", known.join(", ")))
    })
}

fn check_customer(mut customer: Fields) -> Result<(), Problem> {
    for key in ["name", "phone", "email", "address", "document", "tax_code", "company"] {
        customer.text(key, TEXT)?;
    }
    customer.finish()
}

fn check_items(items: Vec<Fields>, amount: Amount) -> Result<(), Problem> {
    let mut sum = Some(0u64);
    for mut item in items {
        item.required_text("name", TEXT)?;
        let quantity = item.required_whole("quantity", 1..=QUANTITY)?;
        let price = item.required_whole("price", 0..=Amount::MAX_VND)?;
        item.text("unit", TEXT)?;
        item.one_of("tax", &TAXES)?;
        item.finish()?;
        let line = quantity.checked_mul(price);
        sum = sum.and_then(|sum| line.and_then(|line| sum.checked_add(line)));
    }
    if sum == Some(amount.value()) {
        return Ok(());
    }
    let expected = format!("items whose quantity times price adds up to the amount, {}", amount.value());
    Err(Problem::field("items", expected))
}

/// Reads the idempotency key, with the fingerprint of the request that it comes with.
pub(super) fn read_key(headers: &HeaderMap, body: &Json) -> Result<Option<RequestKey>, Problem> {
    const NAME: &str = "Idempotency-Key";
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let is_key = |key: &&str| (1..=KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    match (value.to_str().ok().filter(is_key), values.next()) {
        (Some(key), None) => Ok(Some(RequestKey {
            key: key.to_owned(),
            fingerprint: Sha256::digest(body.canonical().to_string()).into(),
        })),
        (Some(_) | None, Some(_)) | (None, None) => {
            Err(Problem::field(NAME, format_args!("given once, as 1 to {KEY} visible ASCII characters")))
        }
    }
}
