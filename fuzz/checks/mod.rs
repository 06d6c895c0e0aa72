//! What must hold for every input there is: one function for each target, which fails when a property does not hold. Run
//! by `cargo test` over the committed corpus, and by cargo-fuzz over whatever it finds. It must not know who calls it.

mod amounts;
mod commands;
mod enrolment;
mod envelope;
mod finan;
mod json;
mod payos;
mod provider;
mod smart_glocal;
mod vietqr;

pub use amounts::amounts;
pub use commands::commands;
pub use enrolment::enrolment;
pub use envelope::envelope;
pub use finan::{finan_bank_account, finan_payment, finan_webhook};
pub use json::json;
pub use payos::{payos_created, payos_link, payos_webhook};
pub use smart_glocal::{glocal_keys, glocal_session, glocal_webhook};
pub use vietqr::vietqr;

use std::fmt::Display;

/// A target's name, which is also that of its corpus, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 15] = [
    ("amounts", amounts),
    ("commands", commands),
    ("enrolment", enrolment),
    ("envelope", envelope),
    ("finan_bank_account", finan_bank_account),
    ("finan_payment", finan_payment),
    ("finan_webhook", finan_webhook),
    ("glocal_keys", glocal_keys),
    ("glocal_session", glocal_session),
    ("glocal_webhook", glocal_webhook),
    ("json", json),
    ("payos_created", payos_created),
    ("payos_link", payos_link),
    ("payos_webhook", payos_webhook),
    ("vietqr", vietqr),
];

/// Checks that an error is one short line, whatever was read, and says nothing that is secret.
#[track_caller]
fn check_error(error: &impl Display, data: &[u8], secrets: &[&[u8]]) {
    let message = error.to_string();
    assert!(message.chars().count() <= 500, "an error of {} characters: {message}", message.chars().count());
    assert!(!message.chars().any(char::is_control), "an error of more than one line: {message:?}");
    for secret in secrets {
        let told = holds(message.as_bytes(), secret) && !holds(data, secret);
        assert!(!told, "an error that tells a secret: {message}");
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Changes one byte of a text; which one and how depends on the text alone, so that a finding can be found again.
/// Returns nothing when no text comes out.
fn with_one_byte_changed(text: &str) -> Option<String> {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let [how, where_to @ ..] = hash.to_be_bytes();
    let at = where_to.iter().fold(0, |at, byte| (at * 256 + usize::from(*byte)) % text.len().max(1));
    let mut bytes = text.as_bytes().to_vec();
    // Only the lower seven bits, so that most texts stay texts.
    *bytes.get_mut(at)? ^= (how & 0x7f).max(1);
    String::from_utf8(bytes).ok()
}
