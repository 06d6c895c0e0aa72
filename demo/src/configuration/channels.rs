//! The channels of the demo's bridge and till: one a provider, with its keys as files. It must not know the rest of the
//! configuration.

use std::io;

use super::{Roads, file, quoted};
use crate::folder::Folder;
use crate::providers::{ProviderName, Providers};
use crate::scene::TERMINAL;

/// Writes the keys of the sandboxes as the files that both programs read.
pub(crate) fn write_keys(folder: &Folder, providers: &Providers) -> io::Result<()> {
    let (payos, finan) = (providers.payos.credentials(), providers.finan.credentials());
    let glocal = providers.glocal.credentials();
    folder.write("payos-client-id", &payos.client_id)?;
    folder.write("payos-api-key", &payos.api_key)?;
    folder.write("payos-checksum-key", &payos.checksum_key)?;
    folder.write("finan-client-id", &finan.client_id)?;
    folder.write("finan-secret", &finan.secret)?;
    folder.write("glocal-private-key.pem", &glocal.private_key)?;
    folder.write("glocal-webhooks.pem", &glocal.webhook_public_key)?;
    Ok(())
}

/// The bridge's channels. Finan's money that nobody has asked for is the till's.
pub(super) fn of_bridge(folder: &Folder) -> String {
    format!(
        r#"[[channel]]
id = "payos"
provider = "payos"
checksum_key = {{ file = {checksum_key} }}

[[channel]]
id = "finan"
provider = "finan"
secret = {{ file = {secret} }}
fallback = {TERMINAL}

[[channel]]
id = "glocal"
provider = "smart-glocal"
webhook_public_key = {public_key}
"#,
        checksum_key = file(folder, "payos-checksum-key"),
        secret = file(folder, "finan-secret"),
        public_key = file(folder, "glocal-webhooks.pem"),
    )
}

/// The till's channels.
pub(super) fn of_till(folder: &Folder, providers: &Providers, roads: &Roads) -> String {
    let door = |name| quoted(providers.base_url(name, *roads.providers.of(name)));
    [
        payos(folder, providers, &door(ProviderName::Payos)),
        finan(folder, providers, &door(ProviderName::Finan)),
        glocal(folder, providers, &door(ProviderName::SmartGlocal)),
    ]
    .join("\n")
}

fn payos(folder: &Folder, providers: &Providers, base_url: &str) -> String {
    let account = providers.payos.account();
    format!(
        r#"[[channel]]
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
        client_id = file(folder, "payos-client-id"),
        api_key = file(folder, "payos-api-key"),
        checksum_key = file(folder, "payos-checksum-key"),
        bin = quoted(account.bin),
        number = quoted(account.number),
    )
}

fn finan(folder: &Folder, providers: &Providers, base_url: &str) -> String {
    let account = providers.finan.account();
    format!(
        r#"[[channel]]
id = "finan"
provider = "finan"
base_url = {base_url}
client_id = {{ file = {client_id} }}
secret = {{ file = {secret} }}
account_id = {id}
account = {{ bin = {bin}, number = {number} }}
"#,
        client_id = file(folder, "finan-client-id"),
        secret = file(folder, "finan-secret"),
        id = quoted(account.id),
        bin = quoted(account.details.bin),
        number = quoted(account.details.number),
    )
}

/// The payer's data are as if the provider had agreed to the same ones for every sale.
fn glocal(folder: &Folder, providers: &Providers, base_url: &str) -> String {
    format!(
        r#"[[channel]]
id = "glocal"
provider = "smart-glocal"
base_url = {base_url}
project = {project}
private_key = {{ file = {private_key} }}
webhook_public_key = {public_key}
minor_units = 0
payer = {{ full_name = "Khách lẻ", document = "000000000000", email = "quay1@shop.example" }}
"#,
        project = quoted(providers.glocal.credentials().project),
        private_key = file(folder, "glocal-private-key.pem"),
        public_key = file(folder, "glocal-webhooks.pem"),
    )
}
