//! `[[channel]]`: the merchant accounts, each at one provider. It must not know how a provider is talked to.

mod finan;
mod payos;
mod smart_glocal;

use std::time::Duration;

use till_settings::tls::{self, Roots, whole_chain};
use till_settings::{Kind, Table, one_of, parsed, path};
use till_wire::{Account, ChannelId};

use super::names::{ChannelNames, ProviderName};
use super::sale::LONGEST_ON_FINAN;

pub use finan::Finan;
pub use payos::PayOs;
pub use smart_glocal::SmartGlocal;

/// The most channels that one terminal has.
const MOST: usize = 16;

/// One merchant account at one provider.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name in sales, webhooks and the status.
    pub id: ChannelId,
    /// Whose certificates are believed when the provider is talked to: the system's, and the one of `ca`.
    pub roots: Roots,
    /// What the provider needs to know.
    pub provider: Provider,
}

/// Whose interface a channel speaks, with what that needs.
#[derive(Clone, Debug)]
pub enum Provider {
    /// payOS.
    PayOs(PayOs),
    /// Finan.
    Finan(Finan),
    /// Smart Glocal.
    SmartGlocal(SmartGlocal),
}

impl Channel {
    /// Returns the bank account that its codes must name, where one is given.
    pub fn account(&self) -> Option<&Account> {
        match &self.provider {
            Provider::PayOs(payos) => payos.account.as_ref(),
            Provider::Finan(finan) => finan.account.as_ref(),
            Provider::SmartGlocal(_) => None,
        }
    }

    /// Returns what each sale must say of its customer, by the names of the API: what the provider asks for and the
    /// channel does not answer for all.
    pub fn customer_needs(&self) -> &'static [&'static str] {
        match &self.provider {
            Provider::SmartGlocal(glocal) if glocal.payer.is_none() => &["name", "document", "email"],
            Provider::PayOs(_) | Provider::Finan(_) | Provider::SmartGlocal(_) => &[],
        }
    }

    /// Returns the longest that a code of this channel can be shown.
    pub fn longest_expiry(&self) -> Duration {
        match &self.provider {
            Provider::PayOs(_) | Provider::SmartGlocal(_) => Duration::from_secs(3600),
            Provider::Finan(_) => LONGEST_ON_FINAN,
        }
    }
}

/// Takes every channel, and what the others are told of them. `label` is the terminal's.
pub(super) fn take_all(root: &Table, label: &str) -> (ChannelNames, Option<Vec<Channel>>) {
    let tables = root.tables("channel", MOST);
    let mut names = ChannelNames::default();
    if tables.is_empty() {
        names.add_unnamed();
    }
    let channels: Vec<Option<Channel>> = tables.iter().map(|table| take(table, label, &mut names)).collect();
    (names, channels.into_iter().collect())
}

fn take(table: &Table, label: &str, names: &mut ChannelNames) -> Option<Channel> {
    let providers =
        [("payos", ProviderName::PayOs), ("finan", ProviderName::Finan), ("smart-glocal", ProviderName::SmartGlocal)];
    let provider = table.required("provider", one_of(providers));
    let id = take_id(table, provider, names);
    let roots = take_roots(table);
    let Some(provider) = provider else {
        // Which keys belong here depends on the provider, so none of them can be called unknown.
        table.ignore_rest();
        return None;
    };
    let provider = match provider {
        ProviderName::PayOs => PayOs::take(table, label).map(Provider::PayOs),
        ProviderName::Finan => Finan::take(table, label).map(Provider::Finan),
        ProviderName::SmartGlocal => SmartGlocal::take(table).map(Provider::SmartGlocal),
    };
    Some(Channel { id: id?, roots: roots?, provider: provider? })
}

/// Takes the channel's id, which must be its own, and not `broker`, which stands beside the ids in the status.
fn take_id(table: &Table, provider: Option<ProviderName>, names: &mut ChannelNames) -> Option<ChannelId> {
    const EXPECTED: &str = "an id of 1 to 32 of a-z, 0-9, _ and -, but not \"broker\"";
    let id = parsed(EXPECTED, |text| ChannelId::new(text).filter(|id| id.as_str() != "broker"));
    let id = table.required("id", id);
    match (&id, provider) {
        (Some(id), _) if names.contains(id) => {
            table.fault("id", "an id that no other [[channel]] has");
        }
        (Some(id), Some(provider)) => names.add(id.clone(), provider),
        (Some(_), None) | (None, _) => names.add_unnamed(),
    }
    id
}

fn take_roots(table: &Table) -> Option<Roots> {
    let Some(ca) = table.optional("ca", path()) else {
        return Some(Roots::System);
    };
    match tls::certificates(&ca) {
        Ok(certificates) => Some(Roots::SystemAnd(certificates)),
        Err(error) => {
            let expected = format!("a PEM file of certificates ({})", whole_chain(&error));
            table.fault("ca", expected);
            None
        }
    }
}

/// A web page that a provider sends a payer's browser to.
fn page() -> Kind<String> {
    parsed("an https:// or http:// address of at most 500 characters", |url| {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let fits = url.len() <= 500 && !host.is_empty() && url.chars().all(|c| c.is_ascii_graphic());
        fits.then(|| url.to_owned())
    })
}

/// A name that a provider has given, sent as a header or in a body: visible ASCII without spaces.
fn given_name() -> Kind<String> {
    parsed("1 to 128 visible ASCII characters without spaces", |text| {
        let plain = text.chars().all(|c| c.is_ascii_graphic());
        ((1..=128).contains(&text.len()) && plain).then(|| text.to_owned())
    })
}
