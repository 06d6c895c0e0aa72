//! The keys of a Smart Glocal channel (contract §7). It must not know Smart Glocal's interface.

use std::path::PathBuf;

use till_settings::tls::{self, whole_chain};
use till_settings::{Content, HttpBase, Secret, Table, http_base, one_of, path, switch, text, whole};

use super::{given_name, page};

/// What Smart Glocal needs to know.
#[derive(Clone, Debug)]
pub struct SmartGlocal {
    /// Where its interface is.
    pub base_url: HttpBase,
    /// The names used in bodies.
    pub api: ApiNames,
    /// Sent as `X-PARTNER-PROJECT`.
    pub project: String,
    /// Signs requests: RSA, PEM.
    pub private_key: Secret,
    /// The file with the key that webhooks are verified with: RSA, PEM.
    pub webhook_public_key: PathBuf,
    /// What a number in a body means.
    pub minor_units: MinorUnits,
    /// How a session begins.
    pub flow: Flow,
    /// Sent as `X-PARTNER-SUBMERCHANT`.
    pub submerchant: Option<String>,
    /// Where a browser goes after paying.
    pub return_url: Option<String>,
    /// Whether answers without a signature are refused.
    pub require_signed_answers: bool,
    /// The payer for every sale, where the provider has agreed; else each sale must name its own.
    pub payer: Option<Payer>,
}

/// The names used in bodies (providers.md §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiNames {
    /// `acquiring_payments` and so on.
    V1,
    /// `payment_list` and so on.
    V2,
}

/// What an amount of đồng is in a body; the documentation leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinorUnits {
    /// đồng.
    Dong,
    /// đồng × 100.
    Hundredths,
}

/// How a session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It is created, then started.
    Create,
    /// Both at once, which is safe to repeat only with an idempotency key.
    Init {
        /// The header that the key goes into, as agreed with the provider.
        idempotency_header: String,
    },
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The name.
    pub full_name: String,
    /// The number of an identity document.
    pub document: String,
    /// The e-mail address.
    pub email: String,
}

impl SmartGlocal {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let base_url = table.required("base_url", http_base());
        let versions = [("v1", ApiNames::V1), ("v2", ApiNames::V2)];
        let api = table.or("api", ApiNames::V1, one_of(versions));
        let project = table.required("project", given_name());
        let private_key = take_private_key(table);
        let webhook_public_key = take_public_key(table);
        let units = whole(0..=2).then(MinorUnits::new).expecting("0 | 2");
        let minor_units = table.required("minor_units", units);
        let flow = take_flow(table);
        let submerchant = table.optional("submerchant", given_name());
        let return_url = table.optional("return_url", page());
        let require_signed_answers = table.or("require_signed_answers", false, switch());
        let payer = table.optional_table("payer");
        let payer = payer.as_ref().and_then(Payer::take);
        Some(Self {
            base_url: base_url?,
            api,
            project: project?,
            private_key: private_key?,
            webhook_public_key: webhook_public_key?,
            minor_units: minor_units?,
            flow: flow?,
            submerchant,
            return_url,
            require_signed_answers,
            payer,
        })
    }
}

fn take_private_key(table: &Table) -> Option<Secret> {
    let key = table.secret("private_key", Content::Any)?;
    if !key.is_absent() {
        if let Err(error) = tls::check_private_key(&key) {
            let expected = format!("an RSA key ({})", whole_chain(&error));
            table.fault("private_key", expected);
        }
    }
    Some(key)
}

fn take_public_key(table: &Table) -> Option<PathBuf> {
    let file = table.required("webhook_public_key", path())?;
    if let Err(error) = tls::check_public_key(&file) {
        let expected = format!("a PEM file with an RSA key ({})", whole_chain(&error));
        table.fault("webhook_public_key", expected);
    }
    Some(file)
}

fn take_flow(table: &Table) -> Option<Flow> {
    let starts_at_once = table.or("flow", false, one_of([("create", false), ("init", true)]));
    let idempotency_header = table.optional("idempotency_header", given_name());
    if !starts_at_once {
        return Some(Flow::Create);
    }
    if !table.has("idempotency_header") {
        table.fault("idempotency_header", "a header's name, because flow = \"init\"");
    }
    Some(Flow::Init { idempotency_header: idempotency_header? })
}

impl MinorUnits {
    fn new(places: u64) -> Option<Self> {
        match places {
            0 => Some(Self::Dong),
            2 => Some(Self::Hundredths),
            _ => None,
        }
    }
}

impl Payer {
    fn take(table: &Table) -> Option<Self> {
        let full_name = table.required("full_name", text(1..=100));
        let document = table.required("document", text(1..=50));
        let email = table.required("email", text(3..=100));
        Some(Self { full_name: full_name?, document: document?, email: email? })
    }
}
