//! `customer` and `items` of a sale: who pays, and what is bought. It must not know what a provider does with them.

use till_wire::{Amount, ChannelId};
use utoipa::ToSchema;

use super::desk::ChannelLimits;
use super::fields::Fields;
use super::problem::Problem;
use crate::till::{Customer, Item};

/// The longest text about a customer or an item, in characters.
const TEXT: usize = 200;
/// The most items.
const ITEMS: usize = 100;
/// The most of one item.
const QUANTITY: u64 = 1_000_000;
/// The rates of tax that a provider knows, in per cent; -1 and -2 are "not taxed" and "not declared" (providers.md §1.2).
const TAXES: [i8; 5] = [-2, -1, 0, 5, 10];
/// The most bytes of all texts about customer and items together: a sale's record has 64 KiB, and these may take twice
/// their length in it.
const TEXTS: usize = 16 * 1024;

/// Who pays.
#[expect(dead_code, reason = "describes the body for openapi.json")]
#[derive(ToSchema)]
#[schema(as = Customer)]
pub(super) struct CustomerBody {
    /// The person's name.
    #[schema(max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 200)]
    phone: Option<String>,
    #[schema(max_length = 200)]
    email: Option<String>,
    #[schema(max_length = 200)]
    address: Option<String>,
    /// The number of an identity document.
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

/// Who pays, and what is bought.
#[derive(Debug, Default)]
pub(super) struct Basket {
    pub(super) customer: Customer,
    pub(super) items: Vec<Item>,
}

impl Basket {
    /// Takes `customer` and `items` out of the body of a sale of this amount.
    pub(super) fn take(fields: &mut Fields, amount: Amount) -> Result<Self, Problem> {
        let customer = fields.object("customer")?.map(read_customer).transpose()?.unwrap_or_default();
        let items = fields.objects("items", ITEMS)?.map(|items| read_items(items, amount)).transpose()?;
        let basket = Self { customer, items: items.unwrap_or_default() };
        if basket.length() > TEXTS {
            // The texts about a customer are far shorter than that, so it is the items'.
            let expected = format!("shorter: all texts about customer and items have at most {TEXTS} bytes together");
            return Err(Problem::field("items", expected));
        }
        Ok(basket)
    }

    /// Refuses a customer of whom the channel needs to know more; all of it is named, the first as the field.
    pub(super) fn check(&self, channel: &ChannelId, limits: &ChannelLimits) -> Result<(), Problem> {
        let texts = self.texts_of_customer();
        let known = |key: &&&str| texts.iter().any(|(name, text)| name == *key && text.is_some());
        let missing = limits.customer_needs.iter().filter(|key| !known(key));
        let missing: Vec<String> = missing.map(|key| format!("customer.{key}")).collect();
        match missing.first() {
            None => Ok(()),
            Some(first) => {
                let all = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                Err(Problem::field(first.clone(), format_args!("given: channel `{channel}` needs {all} as well")))
            }
        }
    }

    fn texts_of_customer(&self) -> [(&'static str, Option<&str>); 7] {
        let Customer { name, phone, email, address, document, tax_code, company } = &self.customer;
        [
            ("name", name.as_deref()),
            ("phone", phone.as_deref()),
            ("email", email.as_deref()),
            ("address", address.as_deref()),
            ("document", document.as_deref()),
            ("tax_code", tax_code.as_deref()),
            ("company", company.as_deref()),
        ]
    }

    /// The bytes of all texts together.
    fn length(&self) -> usize {
        let customer = self.texts_of_customer().into_iter().filter_map(|(_, text)| text);
        let items = self.items.iter().flat_map(|item| std::iter::once(item.name.as_str()).chain(item.unit.as_deref()));
        customer.chain(items).map(str::len).sum()
    }
}

/// Takes a text; a blank one is as good as none.
fn filled(fields: &mut Fields, key: &str) -> Result<Option<String>, Problem> {
    Ok(fields.text(key, TEXT)?.filter(|text| !text.trim().is_empty()))
}

fn read_customer(mut fields: Fields) -> Result<Customer, Problem> {
    let customer = Customer {
        name: filled(&mut fields, "name")?,
        phone: filled(&mut fields, "phone")?,
        email: filled(&mut fields, "email")?,
        address: filled(&mut fields, "address")?,
        document: filled(&mut fields, "document")?,
        tax_code: filled(&mut fields, "tax_code")?,
        company: filled(&mut fields, "company")?,
    };
    fields.finish()?;
    Ok(customer)
}

fn read_items(items: Vec<Fields>, amount: Amount) -> Result<Vec<Item>, Problem> {
    let items = items.into_iter().map(read_item).collect::<Result<Vec<Item>, Problem>>()?;
    let mut lines = items.iter().map(|item| item.quantity.checked_mul(item.price));
    let sum = lines.try_fold(0u64, |sum, line| sum.checked_add(line?));
    if sum == Some(amount.value()) {
        return Ok(items);
    }
    let expected = format!("items whose quantity times price adds up to the amount, {}", amount.value());
    Err(Problem::field("items", expected))
}

fn read_item(mut fields: Fields) -> Result<Item, Problem> {
    let item = Item {
        name: fields.required_text("name", TEXT)?,
        quantity: fields.required_whole("quantity", 1..=QUANTITY)?,
        price: fields.required_whole("price", 0..=Amount::MAX_VND)?,
        unit: filled(&mut fields, "unit")?,
        tax: fields.one_of("tax", &TAXES)?,
    };
    fields.finish()?;
    Ok(item)
}
