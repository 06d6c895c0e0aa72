//! A bank account as several tables name it: `{ bin = "…", number = "…", name = "…" }`. It must not know what the account
//! is for.

use till_settings::{Table, parsed};
use till_wire::Account;

use super::drawn::drawn;

/// What is expected where an account is to be named.
pub(super) const EXPECTED: &str = "{ bin = \"six digits\", number = \"…\", name = \"…\" }";

/// Takes an account out of its table.
pub(super) fn take(table: &Table) -> Option<Account> {
    let bin = parsed("a text of six digits", |text| {
        let fits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.to_owned())
    });
    let number = parsed("a text of 1 to 19 letters and digits", |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ((1..=19).contains(&text.len()) && plain).then(|| text.to_owned())
    });
    let bin = table.required("bin", bin);
    let number = table.required("number", number);
    let name = table.optional("name", drawn(1..=50));
    Some(Account { bin: bin?, number: number?, name })
}
