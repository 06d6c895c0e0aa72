//! The keys of a Smart Glocal channel (contract §7). It must not know Smart Glocal's interface.

use std::path::Path;

use till_settings::{
    Content, HttpBase, Kind, Table, http_base, one_of, parsed, path, read_bounded, switch, text, whole,
};
use till_wire::smart_glocal::{ApiNames, Flow, MinorUnits, Payer, SigningKey, VerifyingKey};

use super::{given_name, page};

/// The largest file with a public key that is read, in bytes.
const LARGEST: u64 = 65_536;

/// What Smart Glocal needs to know.
#[derive(Clone, Debug)]
pub struct SmartGlocal {
    /// Where its interface is.
    pub base_url: HttpBase,
    /// The names used in bodies.
    pub api: ApiNames,
    /// Sent as `X-PARTNER-PROJECT`.
    pub project: String,
    /// Signs requests; none only where `--check` cannot read the credential.
    pub private_key: Option<SigningKey>,
    /// Webhooks are verified with it.
    pub webhook_key: VerifyingKey,
    /// The same, while Smart Glocal changes its key.
    pub webhook_key_next: Option<VerifyingKey>,
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

impl SmartGlocal {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let base_url = table.required("base_url", http_base());
        let versions = [("v1", ApiNames::V1), ("v2", ApiNames::V2)];
        let api = table.or("api", ApiNames::V1, one_of(versions));
        let project = table.required("project", given_name());
        let private_key = take_private_key(table);
        let (current, next) = ("webhook_public_key", "webhook_public_key_next");
        let webhook_key = table.required(current, path()).and_then(|file| take_webhook_key(table, current, &file));
        let webhook_key_next = match table.optional(next, path()) {
            Some(file) => take_webhook_key(table, next, &file).map(Some),
            None => Some(None),
        };
        let units = whole(0..=2).then(minor_units).expecting(UNITS);
        let minor_units = table.required("minor_units", units);
        let flow = take_flow(table);
        let submerchant = table.optional("submerchant", given_name());
        let return_url = table.optional("return_url", page());
        let require_signed_answers = table.or("require_signed_answers", false, switch());
        let payer = table.optional_table("payer");
        let payer = payer.as_ref().and_then(take_payer);
        Some(Self {
            base_url: base_url?,
            api,
            project: project?,
            private_key: private_key?,
            webhook_key: webhook_key?,
            webhook_key_next: webhook_key_next?,
            minor_units: minor_units?,
            flow: flow?,
            submerchant,
            return_url,
            require_signed_answers,
            payer,
        })
    }
}

/// Takes the key that signs: nothing where that is a fault, and no key where `--check` need not read it.
fn take_private_key(table: &Table) -> Option<Option<SigningKey>> {
    let key = table.secret("private_key", Content::Any)?;
    if key.is_absent() {
        return Some(None);
    }
    match SigningKey::from_pem(key.expose()) {
        Ok(key) => Some(Some(key)),
        Err(error) => {
            table.fault("private_key", format!("an RSA key in PEM form ({error})"));
            None
        }
    }
}

fn take_webhook_key(table: &Table, key: &'static str, file: &Path) -> Option<VerifyingKey> {
    let read = read_bounded(file, LARGEST).map_err(|error| format!("cannot read `{}`: {error}", file.display()));
    let read = read.and_then(|pem| VerifyingKey::from_pem(&pem).map_err(|error| error.to_string()));
    match read {
        Ok(read) => Some(read),
        Err(why) => {
            table.fault(key, format!("a PEM file with a public RSA key ({why})"));
            None
        }
    }
}

fn take_flow(table: &Table) -> Option<Flow> {
    let starts_at_once = table.or("flow", false, one_of([("create", false), ("init", true)]));
    let idempotency_header = table.optional("idempotency_header", header_name());
    if !starts_at_once {
        return Some(Flow::Create);
    }
    if !table.has("idempotency_header") {
        table.fault("idempotency_header", "a header's name, because flow = \"init\"");
    }
    Some(Flow::Init { idempotency_header: idempotency_header? })
}

/// What is said of the unit where it is not told, or wrong: nobody can guess it.
const UNITS: &str = "0 (đồng) or 2 (đồng × 100): Smart Glocal's documentation does not say whether 100000 means \
                     100 000 đồng or 1 000, so ask your account manager";

fn minor_units(places: u64) -> Option<MinorUnits> {
    match places {
        0 => Some(MinorUnits::Dong),
        2 => Some(MinorUnits::Hundredths),
        _ => None,
    }
}

/// The name of a header that is none of those that are sent anyway.
fn header_name() -> Kind<String> {
    const TAKEN: [&str; 8] = [
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "x-partner-project",
        "x-partner-sign",
        "x-partner-submerchant",
    ];
    parsed("the name of an HTTP header of its own: 1 to 64 letters, digits and hyphens", |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_taken = TAKEN.iter().any(|name| name.eq_ignore_ascii_case(text));
        ((1..=64).contains(&text.len()) && plain && !is_taken).then(|| text.to_owned())
    })
}

fn take_payer(table: &Table) -> Option<Payer> {
    let full_name = table.required("full_name", text(1..=100));
    let document = table.required("document", text(1..=50));
    let email = table.required("email", text(3..=100));
    Some(Payer { full_name: full_name?, document: document?, email: email? })
}
