//! What a till sends to Finan: paths and the body of a create (providers.md §2.3). It must not know of addresses, headers
//! or retries.

use serde_json::{Map, Value, json};

use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{Customer, Item};

/// How customers pay at Finan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinanMethod {
    /// By transfer, with a VietQR.
    #[default]
    BankTransfer,
    /// By card, on Finan's page.
    Card,
    /// With MoMo, on Finan's page.
    EwalletMomo,
}

impl FinanMethod {
    /// Returns Finan's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BankTransfer => "bank_transfer",
            Self::Card => "card",
            Self::EwalletMomo => "ewallet_momo",
        }
    }
}

/// The merchant, as customers are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// The shop's name.
    pub name: String,
    /// Its telephone number.
    pub phone: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
}

/// A request to create a payment request. Nobody knows what Finan does with a reference that comes twice, so it is never
/// sent again unless the list has shown that the first one was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest<'a> {
    /// The order reference that Finan hears as `reference_id`.
    pub order: OrderRef,
    /// What the customer shall pay.
    pub amount: Amount,
    /// How customers pay.
    pub method: FinanMethod,
    /// Which of the merchant's bank accounts gets the money.
    pub account_id: Option<&'a str>,
    /// What is bought; when empty, one item with this label.
    pub items: &'a [Item],
    /// What the whole sale is called.
    pub label: &'a str,
    /// Who buys.
    pub customer: &'a Customer,
    /// The customer's name when nobody has said one.
    pub customer_name: &'a str,
    /// The merchant, as customers are shown it.
    pub merchant: Option<&'a Merchant>,
    /// What the payer reads, at most 30 characters.
    pub description: Option<&'a str>,
    /// What Finan files the reference under.
    pub reference_type: Option<&'a str>,
    /// Where a browser goes after paying.
    pub success_redirect_url: Option<&'a str>,
    /// Where a browser goes after failing.
    pub failure_redirect_url: Option<&'a str>,
}

impl CreateRequest<'_> {
    /// Returns the JSON without any space, as it is signed.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Map::new();
        let merchant = self.merchant.map(merchant);
        put(&mut body, "merchant", merchant);
        body.insert("items".to_owned(), self.items());
        body.insert("customer".to_owned(), self.customer());
        body.insert("payment_method".to_owned(), self.method.as_str().into());
        put(&mut body, "account_id", self.account_id);
        body.insert("amount".to_owned(), self.amount.value().into());
        put(&mut body, "description", self.description);
        body.insert("reference_id".to_owned(), self.order.to_string().into());
        put(&mut body, "reference_type", self.reference_type);
        put(&mut body, "success_redirect_url", self.success_redirect_url);
        put(&mut body, "failure_redirect_url", self.failure_redirect_url);
        Value::Object(body).to_string().into_bytes()
    }

    fn items(&self) -> Value {
        if self.items.is_empty() {
            let amount = self.amount.value();
            return json!([{ "name": self.label, "price": amount, "quantity": 1, "amount": amount }]);
        }
        self.items.iter().map(item).collect()
    }

    /// Returns the customer's fields that Finan knows; its documentation demands a name.
    fn customer(&self) -> Value {
        let Customer { name, phone, email, address, document: _, tax_code: _, company: _ } = self.customer;
        let mut customer = Map::new();
        customer.insert("name".to_owned(), name.as_deref().unwrap_or(self.customer_name).into());
        put(&mut customer, "phone", phone.as_deref());
        put(&mut customer, "address", address.as_deref());
        put(&mut customer, "email", email.as_deref());
        Value::Object(customer)
    }
}

fn item(item: &Item) -> Value {
    let amount = item.price.saturating_mul(item.quantity);
    json!({ "name": item.name, "price": item.price, "quantity": item.quantity, "amount": amount })
}

fn merchant(merchant: &Merchant) -> Value {
    let Merchant { name, phone, address, email } = merchant;
    let mut fields = Map::new();
    fields.insert("name".to_owned(), name.as_str().into());
    put(&mut fields, "phone", phone.as_deref());
    put(&mut fields, "address", address.as_deref());
    put(&mut fields, "email", email.as_deref());
    Value::Object(fields)
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Where payment requests are made and listed.
pub(super) const PAYMENTS: &str = "/api/v1/payments";

/// Where the bank accounts that collect are listed.
pub(super) const BANK_ACCOUNTS: &str = "/api/v1/bank-accounts";

/// Where the accounts above those are listed, with their banks.
pub(super) const MASTER_ACCOUNTS: &str = "/api/v1/master-bank-accounts";

/// Returns the path of all payment requests of an order.
pub(super) fn list_path(order: OrderRef, reference_type: Option<&str>) -> String {
    let path = format!("{PAYMENTS}?reference_id={order}");
    match reference_type {
        Some(kind) => format!("{path}&reference_type={}", escaped(kind)),
        None => path,
    }
}

/// Returns the path of one thing in a list, unless its id, which comes from outside, could become another path or be
/// rewritten on its way: then the signature would be of something else.
pub(super) fn one_path(list: &str, id: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=128).contains(&id.len()) && id.bytes().all(plain);
    fits.then(|| format!("{list}/{id}"))
}

/// Returns a text so that it can stand in a query string, and is not rewritten by anybody.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
