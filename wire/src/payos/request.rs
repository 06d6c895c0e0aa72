//! The bodies that a till sends to payOS (providers.md §1.2).
//! It must not know of addresses, headers or retries.

use serde_json::{Map, Value, json};

use super::create_signature;
use crate::ids::OrderRef;
use crate::money::Amount;
use crate::provider::{Customer, Item};
use crate::time::UnixTime;

/// A request to create a payment link. Its JSON may be sent again only as the same order: payOS answers 231.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest<'a> {
    /// The order reference that payOS hears as `orderCode`.
    pub order: OrderRef,
    /// What the customer shall pay.
    pub amount: Amount,
    /// At most 25 characters, or 9 when the bank account is not linked through payOS (providers.md §1.10).
    pub description: &'a str,
    /// Where payOS's own page sends the customer afterwards.
    pub return_url: &'a str,
    /// Where payOS's own page sends a customer who gives up.
    pub cancel_url: &'a str,
    /// When payOS shall stop taking money for it; whole seconds that fit 32 bits, so never later than 2038.
    pub expired_at: Option<UnixTime>,
    /// Who buys, for the electronic invoice.
    pub customer: &'a Customer,
    /// What is bought; may be empty.
    pub items: &'a [Item],
}

impl CreateRequest<'_> {
    /// Returns the JSON, signed with the channel's checksum key. Neither buyer nor items nor expiry are signed.
    pub fn body(&self, key: &[u8]) -> Vec<u8> {
        let (order_code, amount) = (self.order.payos_code(), self.amount.value());
        let signature = create_signature(key, amount, self.cancel_url, self.description, order_code, self.return_url);
        let mut body = Map::new();
        body.insert("orderCode".to_owned(), order_code.into());
        body.insert("amount".to_owned(), amount.into());
        body.insert("description".to_owned(), self.description.into());
        body.insert("returnUrl".to_owned(), self.return_url.into());
        body.insert("cancelUrl".to_owned(), self.cancel_url.into());
        body.insert("signature".to_owned(), signature.into());
        for (name, text) in buyer(self.customer) {
            body.insert(name.to_owned(), text.into());
        }
        if !self.items.is_empty() {
            body.insert("items".to_owned(), self.items.iter().map(item).collect());
        }
        if let Some(invoice) = self.invoice() {
            body.insert("invoice".to_owned(), invoice);
        }
        if let Some(at) = self.expired_at {
            let secs = at.secs().clamp(0, i64::from(i32::MAX));
            body.insert("expiredAt".to_owned(), secs.into());
        }
        Value::Object(body).to_string().into_bytes()
    }

    /// Returns what the electronic invoice needs beyond buyer and items: the one rate of tax of the whole order, when the
    /// caller gave it with every item, and that a buyer who named a tax code wants the invoice.
    fn invoice(&self) -> Option<Value> {
        let mut invoice = Map::new();
        if self.customer.tax_code.is_some() {
            invoice.insert("buyerNotGetInvoice".to_owned(), false.into());
        }
        let tax = self.items.first().and_then(|item| item.tax);
        if let Some(tax) = tax.filter(|tax| self.items.iter().all(|item| item.tax == Some(*tax))) {
            invoice.insert("taxPercentage".to_owned(), tax.into());
        }
        (!invoice.is_empty()).then_some(Value::Object(invoice))
    }
}

/// Returns the buyer's fields that the caller gave.
fn buyer(customer: &Customer) -> impl Iterator<Item = (&'static str, &str)> {
    let named = [
        ("buyerName", &customer.name),
        ("buyerCompanyName", &customer.company),
        ("buyerTaxCode", &customer.tax_code),
        ("buyerAddress", &customer.address),
        ("buyerEmail", &customer.email),
        ("buyerPhone", &customer.phone),
    ];
    named.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)))
}

fn item(item: &Item) -> Value {
    let mut json = json!({ "name": item.name, "quantity": item.quantity, "price": item.price });
    if let Some(fields) = json.as_object_mut() {
        if let Some(unit) = &item.unit {
            fields.insert("unit".to_owned(), unit.as_str().into());
        }
        if let Some(tax) = item.tax {
            fields.insert("taxPercentage".to_owned(), tax.into());
        }
    }
    json
}

/// Returns the JSON of a request to cancel a payment link.
pub fn cancel_body(reason: &str) -> Vec<u8> {
    json!({ "cancellationReason": reason }).to_string().into_bytes()
}
