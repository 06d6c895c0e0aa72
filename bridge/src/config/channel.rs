//! One `[[channel]]` of the bridge: which provider's webhooks come in and with what they are verified.
//! Knows every provider's keys. Another provider is a word and an arm here.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use till_settings::{Content, Secret, Table, one_of, parsed, path, read_bounded, whole};
use till_wire::finan::{FinanHooks, FinanSignature};
use till_wire::payos::PayOsHooks;
use till_wire::provider::{Key, Webhooks};
use till_wire::smart_glocal::{MinorUnits, SmartGlocalHooks, VerifyingKey};
use till_wire::{ChannelId, TerminalNumber};

use super::registration;

/// A channel whose webhooks can be verified.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    /// The provider, with the keys of this account.
    pub(crate) hooks: Arc<dyn Webhooks>,
    /// How old a signature may be; nothing takes them at any age.
    pub(crate) freshness: Option<Duration>,
    /// The path that the provider calls, where a proxy rewrites it.
    pub(crate) public_path: String,
    /// The one till that gets this channel's money without an order.
    pub(crate) fallback: Option<TerminalNumber>,
}

/// The words that `provider` takes; each has its arm in [`Channel::read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    PayOs,
    Finan,
    SmartGlocal,
}

/// The largest file with a public key that is read, in bytes.
const LARGEST_KEY: u64 = 65_536;

impl Channel {
    pub(super) fn read(table: &Table) -> Option<Self> {
        let id = table.required("id", id());
        let public_path = read_public_path(table, id.as_ref());
        let fallback = table.optional("fallback", terminal());
        let mut freshness = None;
        let hooks: Option<Arc<dyn Webhooks>> = match table.required("provider", Provider::words()) {
            Some(Provider::PayOs) => {
                registration::skim(table);
                read_keys(table, "checksum_key", "checksum_key_next").map(|keys| Arc::new(PayOsHooks::new(keys)) as _)
            }
            Some(Provider::Finan) => {
                freshness = read_freshness(table);
                read_finan(table).map(|hooks| Arc::new(hooks) as _)
            }
            Some(Provider::SmartGlocal) => read_smart_glocal(table).map(|hooks| Arc::new(hooks) as _),
            None => {
                // Which keys belong here depends on the provider.
                table.ignore_rest();
                None
            }
        };
        Some(Self { id: id?, hooks: hooks?, freshness, public_path: public_path?, fallback })
    }
}

impl Provider {
    pub(super) fn words() -> till_settings::Kind<Self> {
        one_of([("payos", Self::PayOs), ("finan", Self::Finan), ("smart-glocal", Self::SmartGlocal)])
    }
}

pub(super) fn id() -> till_settings::Kind<ChannelId> {
    parsed("1 to 32 of a-z 0-9 _ -", ChannelId::new)
}

/// Returns nothing only where the channel has no id to make a path of.
pub(super) fn read_public_path(table: &Table, id: Option<&ChannelId>) -> Option<String> {
    table.or_made("public_path", id.map(|id| format!("/hooks/{id}")), public_path())
}

/// Reads the key that signs now, and the one that is valid too while keys are changed.
fn read_keys(table: &Table, current: &'static str, next: &'static str) -> Option<Vec<Key>> {
    let current = table.secret(current, Content::Token);
    let next = table.optional_secret(next, Content::Token);
    let key = |secret: Secret| Key::new(secret.expose());
    Some(std::iter::once(current?).chain(next).map(key).collect())
}

fn read_finan(table: &Table) -> Option<FinanHooks> {
    let secrets = read_keys(table, "secret", "secret_next");
    let ways = [("sha256_concat", FinanSignature::Sha256Concat), ("hmac_sha256", FinanSignature::HmacSha256)];
    let signature = table.or("signature", FinanSignature::default(), one_of(ways));
    Some(FinanHooks::new(secrets?, signature, None))
}

fn read_freshness(table: &Table) -> Option<Duration> {
    let seconds = table.or("freshness_s", 0_u64, whole(0..=86_400));
    Some(Duration::from_secs(seconds)).filter(|limit| !limit.is_zero())
}

fn read_smart_glocal(table: &Table) -> Option<SmartGlocalHooks> {
    let (current, next) = ("webhook_public_key", "webhook_public_key_next");
    let file = table.required(current, path());
    let mut keys = vec![file.and_then(|file| read_public_key(table, current, &file))];
    if let Some(file) = table.optional(next, path()) {
        keys.push(read_public_key(table, next, &file));
    }
    // What amounts mean is the till's business.
    Some(SmartGlocalHooks::new(keys.into_iter().collect::<Option<_>>()?, MinorUnits::Dong))
}

fn read_public_key(table: &Table, key: &'static str, file: &Path) -> Option<VerifyingKey> {
    let read = read_bounded(file, LARGEST_KEY).map_err(|error| error.to_string());
    match read.and_then(|pem| VerifyingKey::from_pem(&pem).map_err(|error| error.to_string())) {
        Ok(key) => Some(key),
        Err(why) => {
            table.fault(key, format!("a PEM file with a public RSA key ({why})"));
            None
        }
    }
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
