//! The body of `POST /v1/sales` and its idempotency key: what may stand in them, and what becomes of them. It must not
//! know whether another sale is in progress.

use std::time::Duration;

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use till_wire::{Amount, ChannelId, Currency};
use utoipa::ToSchema;

use super::basket::{Basket, CustomerBody, ItemBody};
use super::desk::{ApiRules, ChannelLimits};
use super::fields::Fields;
use super::problem::Problem;
use super::strict::Json;
use crate::till::{NewSale, RequestKey};

/// The longest `reference`, in characters.
const REFERENCE: usize = 100;
/// The longest `note`, in characters.
const NOTE: usize = 200;
/// The shortest that a code is shown, in seconds.
const SHORTEST: u64 = 15;
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
    /// How long the code is shown, in seconds; `sale.expire_s` when left out, and at most 1740 on a channel of Finan.
    #[schema(minimum = 15, maximum = 3600)]
    expire_s: Option<u64>,
    /// Who pays: what is known, and what the channel needs to know.
    customer: Option<CustomerBody>,
    /// What is bought; quantity times price must add up to the amount.
    #[schema(min_items = 1, max_items = 100)]
    items: Option<Vec<ItemBody>>,
}

/// Reads what is to be sold.
pub(super) fn read(body: Json, rules: &ApiRules) -> Result<NewSale, Problem> {
    let mut fields = Fields::of_body(body)?;
    let amount = fields.required_whole("amount", 1..=rules.max_amount.value())?;
    let amount = Amount::new(amount, read_currency(&mut fields)?);
    let (channel, limits) = read_channel(&mut fields, rules)?;
    let (reference, note) = (fields.text("reference", REFERENCE)?, fields.text("note", NOTE)?);
    let longest = limits.longest;
    let expire = fields.whole("expire_s", SHORTEST..=longest.as_secs())?;
    let expire = expire.map_or(rules.expire.min(longest), Duration::from_secs);
    let basket = Basket::take(&mut fields, amount)?;
    fields.finish()?;
    basket.check(channel, limits)?;
    let Basket { customer, items } = basket;
    Ok(NewSale { amount, channel: channel.clone(), reference, note, expire, customer, items })
}

fn read_currency(fields: &mut Fields) -> Result<Currency, Problem> {
    // A currency that is not a text at all is as wrong as an unknown one.
    match fields.text("currency", 3) {
        Ok(None) => Ok(Currency::Vnd),
        Ok(Some(code)) if code == Currency::Vnd.code() => Ok(Currency::Vnd),
        Ok(Some(_)) | Err(_) => Err(Problem::field("currency", "`VND`")),
    }
}

fn read_channel<'r>(fields: &mut Fields, rules: &'r ApiRules) -> Result<(&'r ChannelId, &'r ChannelLimits), Problem> {
    let named = match fields.text("channel", 32) {
        Ok(None) => Some(rules.channel.clone()),
        Ok(Some(named)) => ChannelId::new(&named),
        Err(_) => None,
    };
    named.and_then(|channel| rules.channels.get_key_value(&channel)).ok_or_else(|| {
        let known: Vec<&str> = rules.channels.keys().map(ChannelId::as_str).collect();
        Problem::field("channel", format_args!("one of {}", known.join(", ")))
    })
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
