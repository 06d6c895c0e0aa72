//! The keys of a Finan channel (contract §7). It must not know Finan's interface.

use till_settings::{Content, HttpBase, Secret, Table, http_base, one_of, text};
use till_wire::Account;

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
    /// How signatures are made.
    pub signature: FinanSignature,
    /// How customers pay.
    pub payment_method: PaymentMethod,
    /// Which of the merchant's bank accounts gets the money, where Finan must be told.
    pub account_id: Option<String>,
    /// The customer, when a sale names none.
    pub customer_name: String,
    /// The merchant, as customers are shown it.
    pub merchant: Option<Merchant>,
    /// What the payer reads: at most 30 characters.
    pub description: Option<String>,
    /// What Finan files its references under.
    pub reference_type: Option<String>,
    /// Where a browser goes after paying.
    pub success_redirect_url: Option<String>,
    /// Where a browser goes after failing.
    pub failure_redirect_url: Option<String>,
    /// The account that its codes must name.
    pub account: Option<Account>,
}

/// The two readings of Finan's documentation (providers.md §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinanSignature {
    /// SHA-256 over a text that begins with the secret.
    Sha256Concat,
    /// HMAC-SHA-256 with the secret as its key.
    HmacSha256,
}

/// How customers pay at Finan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentMethod {
    /// By transfer, with a VietQR.
    BankTransfer,
    /// By card.
    Card,
    /// With MoMo.
    EwalletMomo,
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

impl Finan {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let base_url = HttpBase::new("https://api.finan.one/open");
        let base_url = table.optional("base_url", http_base()).or(base_url);
        let client_id = table.secret("client_id", Content::Token);
        let secret = table.secret("secret", Content::Token);
        let signatures = [("sha256_concat", FinanSignature::Sha256Concat), ("hmac_sha256", FinanSignature::HmacSha256)];
        let signature = FinanSignature::Sha256Concat;
        let signature = table.or("signature", signature, one_of(signatures));
        let methods = [
            ("bank_transfer", PaymentMethod::BankTransfer),
            ("card", PaymentMethod::Card),
            ("ewallet_momo", PaymentMethod::EwalletMomo),
        ];
        let payment_method = PaymentMethod::BankTransfer;
        let payment_method = table.or("payment_method", payment_method, one_of(methods));
        let account_id = table.optional("account_id", given_name());
        let customer_name = table.or("customer_name", "Khách lẻ", text(1..=100));
        let merchant = table.optional_table("merchant");
        let merchant = merchant.as_ref().and_then(Merchant::take);
        let description = table.optional("description", text(1..=30));
        let reference_type = table.optional("reference_type", given_name());
        let success_redirect_url = table.optional("success_redirect_url", page());
        let failure_redirect_url = table.optional("failure_redirect_url", page());
        let account = table.optional_table("account");
        let account = account.as_ref().and_then(account::take);
        Some(Self {
            base_url: base_url?,
            client_id: client_id?,
            secret: secret?,
            signature,
            payment_method,
            account_id,
            customer_name,
            merchant,
            description,
            reference_type,
            success_redirect_url,
            failure_redirect_url,
            account,
        })
    }
}

impl Merchant {
    fn take(table: &Table) -> Option<Self> {
        let name = table.required("name", text(1..=100));
        let phone = table.optional("phone", text(1..=30));
        let address = table.optional("address", text(1..=200));
        let email = table.optional("email", text(3..=100));
        Some(Self { name: name?, phone, address, email })
    }
}
