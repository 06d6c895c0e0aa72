//! Who pays and what is bought, as they lie on disk.

use serde::{Deserialize, Serialize};

use crate::till::{Customer, Item};

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CustomerOnDisk {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
}

impl From<&Customer> for CustomerOnDisk {
    fn from(customer: &Customer) -> Self {
        let Customer { name, phone, email, address, document, tax_code, company } = customer.clone();
        Self { name, phone, email, address, document, tax_code, company }
    }
}

impl From<CustomerOnDisk> for Customer {
    fn from(disk: CustomerOnDisk) -> Self {
        let CustomerOnDisk { name, phone, email, address, document, tax_code, company } = disk;
        Self { name, phone, email, address, document, tax_code, company }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ItemOnDisk {
    name: String,
    quantity: u64,
    price: u64,
    unit: Option<String>,
    tax: Option<i8>,
}

impl From<&Item> for ItemOnDisk {
    fn from(item: &Item) -> Self {
        let Item { name, quantity, price, unit, tax } = item.clone();
        Self { name, quantity, price, unit, tax }
    }
}

impl From<ItemOnDisk> for Item {
    fn from(disk: ItemOnDisk) -> Self {
        let ItemOnDisk { name, quantity, price, unit, tax } = disk;
        Self { name, quantity, price, unit, tax }
    }
}
