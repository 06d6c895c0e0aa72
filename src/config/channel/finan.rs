//! The keys of a Finan channel (contract §7). It must not know Finan's interface.

use till_settings::{Content, HttpBase, Kind, Secret, Table, http_base, one_of, parsed, text};
use till_wire::finan::{FinanMethod, FinanSignature, Merchant};
use till_wire::{Account, Description};

use super::{given_name, page};
use crate::config::account;

/// What Finan needs to know.
#[derive(Clone, Debug)]
pub struct Finan {
    /// Where its interface is.
    pub base_url: HttpBase,
    /// Sent as `x-client-id`.
    pub client_id: Secret,
    /// Goes into every signature; never sent.
    pub secret: Secret,
    /// Webhooks are believed under it as well, while secrets are changed.
    pub secret_next: Option<Secret>,
    /// How signatures are made.
    pub signature: FinanSignature,
    /// How customers pay.
    pub payment_method: FinanMethod,
    /// Which of the merchant's bank accounts gets the money, where Finan must be told.
    pub account_id: Option<String>,
    /// What a sale without items is called: the terminal's label.
    pub label: String,
    /// The customer, when a sale names none.
    pub customer_name: String,
    /// The merchant, as customers are shown it.
    pub merchant: Option<Merchant>,
    /// What the payer reads in the transfer.
    pub description: Option<Description>,
    /// What Finan files its references under.
    pub reference_type: Option<String>,
    /// Where a browser goes after paying.
    pub success_redirect_url: Option<String>,
    /// Where a browser goes after failing.
    pub failure_redirect_url: Option<String>,
    /// The account that its codes must name.
    pub account: Option<Account>,
}

/// Finan refuses longer descriptions (providers.md §2.3).
const LONGEST: usize = 30;

impl Finan {
    pub(super) fn take(table: &Table, label: &str) -> Option<Self> {
        let base_url = HttpBase::new("https://api.finan.one/open");
        let base_url = table.or_made("base_url", base_url, http_base());
        let client_id = table.secret("client_id", Content::Token);
        let secret = table.secret("secret", Content::Token);
        let secret_next = table.optional_secret("secret_next", Content::Token);
        let signatures = [("sha256_concat", FinanSignature::Sha256Concat), ("hmac_sha256", FinanSignature::HmacSha256)];
        let signature = table.or("signature", FinanSignature::default(), one_of(signatures));
        let methods = [
            ("bank_transfer", FinanMethod::BankTransfer),
            ("card", FinanMethod::Card),
            ("ewallet_momo", FinanMethod::EwalletMomo),
        ];
        let payment_method = table.or("payment_method", FinanMethod::default(), one_of(methods));
        let account_id = table.optional("account_id", account_id());
        let customer_name = table.or("customer_name", "Khách lẻ", text(1..=100));
        let merchant = table.optional_table("merchant");
        let merchant = merchant.as_ref().and_then(take_merchant);
        let description = take_description(table, label);
        let reference_type = table.optional("reference_type", given_name());
        let success_redirect_url = table.optional("success_redirect_url", page());
        let failure_redirect_url = table.optional("failure_redirect_url", page());
        let account = table.optional_table("account");
        let account = account.as_ref().and_then(account::take);
        Some(Self {
            base_url: base_url?,
            client_id: client_id?,
            secret: secret?,
            secret_next,
            signature,
            payment_method,
            account_id,
            label: label.to_owned(),
            customer_name,
            merchant,
            description: description?,
            reference_type,
            success_redirect_url,
            failure_redirect_url,
            account,
        })
    }
}

/// Takes what the payer reads, where it is set; its own fault otherwise.
fn take_description(table: &Table, label: &str) -> Option<Option<Description>> {
    let Some(template) = table.optional("description", text(1..=200)) else {
        return Some(None);
    };
    let description = Description::new(&template, label, LONGEST);
    if let Err(error) = &description {
        table.fault("description", error.to_string());
    }
    description.ok().map(Some)
}

fn take_merchant(table: &Table) -> Option<Merchant> {
    let name = table.required("name", text(1..=100));
    let phone = table.optional("phone", text(1..=30));
    let address = table.optional("address", text(1..=200));
    let email = table.optional("email", text(3..=100));
    Some(Merchant { name: name?, phone, address, email })
}

/// The id of a bank account, which stands in an address.
fn account_id() -> Kind<String> {
    parsed("1 to 128 of letters, digits, - and _", |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        ((1..=128).contains(&text.len()) && plain).then(|| text.to_owned())
    })
}
