//! One `[[channel]]` of the bridge: which provider's webhooks come in and with what they are verified.
//! Knows every provider's keys; a provider that this version cannot verify is a fault that says so.

use std::sync::Arc;
use std::time::Duration;

use till_settings::tls::{self, Roots, whole_chain};
use till_settings::{Content, HttpBase, Secret, Table, http_base, one_of, parsed, path, read_bounded, whole};
use till_wire::payos::PayOsHooks;
use till_wire::provider::{Key, Webhooks};
use till_wire::smart_glocal::{MinorUnits, SmartGlocalHooks, VerifyingKey};
use till_wire::{ChannelId, TerminalNumber, UnixTime};

/// The largest file with a public key that is read, in bytes.
const LARGEST_KEY: u64 = 65_536;

/// A channel whose webhooks can be verified.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    /// Proves its webhooks.
    pub(crate) hooks: Arc<dyn Webhooks>,
    /// How old a webhook may be by the time that its provider has signed; none when age does not matter.
    freshness: Option<Duration>,
    /// The path that the provider calls, where a proxy rewrites it.
    pub(crate) public_path: String,
    /// The one till that gets this channel's money without an order.
    pub(crate) fallback: Option<TerminalNumber>,
    /// How its address is told to the provider.
    pub(crate) registration: Registration,
}

/// How the address of a channel's webhooks is told to its provider.
#[derive(Clone, Debug)]
pub(crate) enum Registration {
    /// By a call of ours (payOS).
    Call(RegistrationKeys),
    /// By a person, there.
    ByHand(&'static str),
}

/// What a call to register an address needs. Nothing else in a bridge needs it, so it may be left out.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationKeys {
    pub(crate) base_url: HttpBase,
    pub(crate) client_id: Option<Secret>,
    pub(crate) api_key: Option<Secret>,
    pub(crate) roots: Roots,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    PayOs,
    Finan,
    SmartGlocal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FinanSignature {
    Sha256Concat,
    HmacSha256,
}

impl Channel {
    pub(super) fn read(table: &Table) -> Option<Self> {
        let id = table.required("id", parsed("1 to 32 of a-z 0-9 _ -", ChannelId::new));
        let providers =
            one_of([("payos", Provider::PayOs), ("finan", Provider::Finan), ("smart-glocal", Provider::SmartGlocal)]);
        let public_path = table.optional("public_path", public_path());
        let fallback = table.optional("fallback", terminal());
        match table.required("provider", providers) {
            Some(Provider::PayOs) => {
                let current = table.secret("checksum_key", Content::Token);
                let next = table.optional_secret("checksum_key_next", Content::Token);
                let registration = RegistrationKeys::read(table);
                let id = id?;
                let public_path = public_path.unwrap_or_else(|| format!("/hooks/{id}"));
                let keys = std::iter::once(current?).chain(next).map(|key| Key::new(key.expose())).collect();
                let hooks = Arc::new(PayOsHooks::new(keys));
                let registration = Registration::Call(registration?);
                Some(Self { id, hooks, freshness: None, public_path, fallback, registration })
            }
            Some(Provider::Finan) => {
                read_finan(table);
                refuse(table, "Finan")
            }
            Some(Provider::SmartGlocal) => {
                let key = webhook_key(table);
                let id = id?;
                let public_path = public_path.unwrap_or_else(|| format!("/hooks/{id}"));
                // A bridge looks at no amount, so what one means does not matter here.
                let hooks = Arc::new(SmartGlocalHooks::new(vec![key?], MinorUnits::Dong));
                let registration = Registration::ByHand("Smart Glocal's account manager");
                Some(Self { id, hooks, freshness: None, public_path, fallback, registration })
            }
            None => {
                // Which keys belong here depends on the provider.
                table.ignore_rest();
                None
            }
        }
    }
}

impl RegistrationKeys {
    fn read(table: &Table) -> Option<Self> {
        let base_url = HttpBase::new("https://api-merchant.payos.vn");
        let base_url = table.optional("base_url", http_base()).or(base_url);
        let client_id = table.optional_secret("client_id", Content::Token);
        let api_key = table.optional_secret("api_key", Content::Token);
        let roots = match table.optional("ca", path()) {
            None => Some(Roots::System),
            Some(ca) => match tls::certificates(&ca) {
                Ok(certificates) => Some(Roots::SystemAnd(certificates)),
                Err(error) => {
                    let expected = format!("a PEM file of certificates ({})", whole_chain(&error));
                    table.fault("ca", expected);
                    None
                }
            },
        };
        Some(Self { base_url: base_url?, client_id, api_key, roots: roots? })
    }
}

impl Channel {
    /// Tells whether a webhook was signed too long ago, or in the future: somebody may be sending old ones again.
    pub(crate) fn is_stale(&self, signed_at: Option<UnixTime>, now: UnixTime) -> bool {
        let (Some(freshness), Some(signed_at)) = (self.freshness, signed_at) else {
            return false;
        };
        let apart = now.ms().saturating_sub(signed_at.ms()).unsigned_abs();
        u128::from(apart) > freshness.as_millis()
    }
}

/// Its keys are read so that other faults show, and so that they are not called unknown.
fn read_finan(table: &Table) {
    let ways = [("sha256_concat", FinanSignature::Sha256Concat), ("hmac_sha256", FinanSignature::HmacSha256)];
    table.secret("secret", Content::Token);
    table.optional("signature", one_of(ways));
    table.optional("freshness_s", whole(0..=86_400));
}

/// Reads Smart Glocal's public key out of its file.
fn webhook_key(table: &Table) -> Option<VerifyingKey> {
    let file = table.required("webhook_public_key", path())?;
    let read = read_bounded(&file, LARGEST_KEY).map_err(|error| format!("cannot read `{}`: {error}", file.display()));
    let key = read.and_then(|pem| VerifyingKey::from_pem(&pem).map_err(|error| error.to_string()));
    if let Err(why) = &key {
        table.fault("webhook_public_key", format!("a PEM file with a public RSA key ({why})"));
    }
    key.ok()
}

fn refuse(table: &Table, provider: &str) -> Option<Channel> {
    let reason = format!("\"payos\": this version cannot verify webhooks of {provider}");
    table.fault("provider", reason);
    None
}

fn public_path() -> till_settings::Kind<String> {
    parsed("a path such as \"/hooks/payos\", without query", |text| {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#');
        let fits = text.starts_with('/') && text.len() <= 256 && text.chars().all(plain);
        fits.then(|| text.to_owned())
    })
}

fn terminal() -> till_settings::Kind<TerminalNumber> {
    whole(1..=9_007_198).then(|number| TerminalNumber::new(u32::try_from(number).ok()?))
}
