//! The configuration files of the demo's bridge and till. It must not know how the programs are started.

mod channels;

use std::io;
use std::net::SocketAddr;

use serde_json::Value;

use crate::folder::Folder;
use crate::providers::{Each, ProviderName, Providers};
use crate::scene::TERMINAL;

pub(crate) use channels::write_keys;

/// The language of the till's display.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Locale {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// What a till is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The language of its display.
    pub(crate) locale: Locale,
    /// What its keypad sells over.
    pub(crate) provider: ProviderName,
    /// What its display shows while nobody pays.
    pub(crate) idle: Idle,
}

/// What the display shows while nobody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
    /// That one may pay here.
    Greeting,
    /// A code for any amount, where the provider has one: Finan.
    Code,
}

/// By which addresses a till reaches the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roads {
    /// Where MQTT is spoken.
    pub(crate) broker: SocketAddr,
    /// Where each provider is spoken to.
    pub(crate) providers: Each<SocketAddr>,
}

/// How long a code is shown, in seconds: enough to look around, and not too long to see it run out.
const EXPIRE_S: u32 = 120;

/// A TOML string; its escapes are those of JSON.
fn quoted(text: impl ToString) -> String {
    Value::from(text.to_string()).to_string()
}

fn file(folder: &Folder, name: &str) -> String {
    quoted(folder.file(name).display())
}

/// Writes the bridge's file.
pub(crate) fn write_bridge(folder: &Folder, broker: SocketAddr) -> io::Result<std::path::PathBuf> {
    folder.write("bridge.toml", &bridge(folder, broker))
}

/// Writes the till's file, in place of the one before.
pub(crate) fn write_till(
    folder: &Folder,
    providers: &Providers,
    roads: &Roads,
    wishes: Wishes,
) -> io::Result<std::path::PathBuf> {
    folder.replace("tilld.toml", &till(folder, providers, roads, wishes))
}

fn bridge(folder: &Folder, broker: SocketAddr) -> String {
    format!(
        r#"[http]
listen = "127.0.0.1:0"

[admin]
listen = "127.0.0.1:0"

[mqtt]
url = {url}
client_id = "bridge-1"

[journal]
path = {journal}

{channels}"#,
        url = quoted(format!("mqtt://{broker}")),
        journal = file(folder, "bridge"),
        channels = channels::of_bridge(folder),
    )
}

fn till(folder: &Folder, providers: &Providers, roads: &Roads, wishes: Wishes) -> String {
    let (locale, label) = match wishes.locale {
        Locale::Vi => ("vi", "Quầy 1"),
        Locale::En => ("en", "Counter 1"),
    };
    let static_code = match (wishes.idle, wishes.provider) {
        (Idle::Code, ProviderName::Finan) => "static_qr = { channel = \"finan\" }\n",
        (Idle::Code, ProviderName::Payos | ProviderName::SmartGlocal) | (Idle::Greeting, _) => "",
    };
    format!(
        r#"[terminal]
number = {TERMINAL}
label = {label}
locale = {locale}

[store]
path = {store}

[api]
listen = "127.0.0.1:0"
screen = true

[display]
driver = "png"
device = {picture}
size = "800x480"
{static_code}
[input]
keypad = "none"

[mqtt]
url = {url}

[sale]
channel = {channel}
expire_s = {EXPIRE_S}

{channels}"#,
        label = quoted(label),
        locale = quoted(locale),
        store = file(folder, "till"),
        picture = file(folder, "display.png"),
        url = quoted(format!("mqtt://{}", roads.broker)),
        channel = quoted(wishes.provider.channel()),
        channels = channels::of_till(folder, providers, roads),
    )
}

#[cfg(test)]
mod tests {
    use till_settings::Mode;

    use super::{Idle, Locale, Roads, Wishes, write_bridge, write_keys, write_till};
    use crate::folder::{Afterwards, Folder};
    use crate::providers::{ProviderName, Providers};

    #[test]
    fn the_programs_accept_the_configuration_that_is_written_for_them() {
        let providers = Providers::start().expect("the sandboxes start");
        let broker = ([127, 0, 0, 1], 1883).into();
        let roads = Roads { broker, providers: providers.addresses() };
        let folder = Folder::make(Afterwards::Remove).expect("there is a place for temporary files");
        write_keys(&folder, &providers).expect("the folder can be written");
        let bridge = write_bridge(&folder, broker).expect("the folder can be written");
        let bridge = till_bridge::config::Settings::read(&bridge).map(|_| ());
        assert_eq!(bridge.map_err(|faults| faults.to_string()), Ok(()));
        for provider in ProviderName::ALL {
            for (locale, idle) in [(Locale::Vi, Idle::Code), (Locale::En, Idle::Greeting)] {
                let wishes = Wishes { locale, provider, idle };
                let till = write_till(&folder, &providers, &roads, wishes).expect("the folder can be written");
                let settings = tilld::config::Settings::read(&till, Mode::Run).map_err(|faults| faults.to_string());
                let (settings, _) = settings.expect("the till takes its configuration");
                assert_eq!(settings.sale.channel.as_str(), provider.channel());
                let has_code = settings.display.static_qr.is_some();
                assert_eq!(has_code, idle == Idle::Code && provider == ProviderName::Finan, "{wishes:?}");
            }
        }
    }
}
