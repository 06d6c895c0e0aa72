//! The configuration files of the demo's bridge and till. It must not know how the programs are started.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;

use crate::folder::Folder;
use crate::payos::Sandbox;
use crate::scene::TERMINAL;

/// The language of the till's display.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Locale {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// By which addresses a till reaches the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roads {
    /// Where MQTT is spoken.
    pub(crate) broker: SocketAddr,
    /// Where payOS is spoken.
    pub(crate) payos: SocketAddr,
}

/// Writes the keys of the sandbox's channel as the files that both programs read.
pub(crate) fn write_keys(folder: &Folder, sandbox: &Sandbox) -> io::Result<()> {
    let keys = sandbox.credentials();
    folder.write("payos-client-id", &keys.client_id)?;
    folder.write("payos-api-key", &keys.api_key)?;
    folder.write("payos-checksum-key", &keys.checksum_key)?;
    Ok(())
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

/// The bridge's file.
pub(crate) fn bridge(folder: &Folder, broker: SocketAddr) -> String {
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

[[channel]]
id = "payos"
provider = "payos"
checksum_key = {{ file = {checksum_key} }}
"#,
        url = quoted(format!("mqtt://{broker}")),
        journal = file(folder, "bridge"),
        checksum_key = file(folder, "payos-checksum-key"),
    )
}

/// The till's file.
pub(crate) fn till(folder: &Folder, sandbox: &Sandbox, roads: &Roads, locale: Locale) -> String {
    let account = sandbox.account();
    let (locale, label) = match locale {
        Locale::Vi => ("vi", "Quầy 1"),
        Locale::En => ("en", "Counter 1"),
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

[input]
keypad = "none"

[mqtt]
url = {url}

[sale]
channel = "payos"
expire_s = {EXPIRE_S}

[[channel]]
id = "payos"
provider = "payos"
base_url = {base_url}
client_id = {{ file = {client_id} }}
api_key = {{ file = {api_key} }}
checksum_key = {{ file = {checksum_key} }}
return_url = "https://shop.example/ok"
cancel_url = "https://shop.example/cancel"
account = {{ bin = {bin}, number = {number} }}
"#,
        label = quoted(label),
        locale = quoted(locale),
        store = file(folder, "till"),
        picture = file(folder, "display.png"),
        url = quoted(format!("mqtt://{}", roads.broker)),
        base_url = quoted(format!("http://{}", roads.payos)),
        client_id = file(folder, "payos-client-id"),
        api_key = file(folder, "payos-api-key"),
        checksum_key = file(folder, "payos-checksum-key"),
        bin = quoted(account.bin),
        number = quoted(account.number),
    )
}

#[cfg(test)]
mod tests {
    use till_settings::Mode;

    use super::{Locale, Roads, bridge, till, write_keys};
    use crate::folder::{Afterwards, Folder};
    use crate::payos::Sandbox;

    #[test]
    fn the_programs_accept_the_configuration_that_is_written_for_them() {
        let sandbox = Sandbox::start().expect("the sandbox starts");
        let broker = ([127, 0, 0, 1], 1883).into();
        let roads = Roads { broker, payos: sandbox.address() };
        for locale in [Locale::Vi, Locale::En] {
            let folder = Folder::make(Afterwards::Remove).expect("there is a place for temporary files");
            write_keys(&folder, &sandbox).expect("the folder can be written");
            let till = till(&folder, &sandbox, &roads, locale);
            let till = folder.write("tilld.toml", &till).expect("the folder can be written");
            let bridge = folder.write("bridge.toml", &bridge(&folder, broker)).expect("the folder can be written");
            let till = tilld::config::Settings::read(&till, Mode::Run).map(|_| ());
            assert_eq!(till.map_err(|faults| faults.to_string()), Ok(()));
            let bridge = till_bridge::config::Settings::read(&bridge).map(|_| ());
            assert_eq!(bridge.map_err(|faults| faults.to_string()), Ok(()));
        }
    }
}
