//! PEM text (RFC 7468) of the fleet's own key. It must not know what is in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Returns DER as PEM with this label, in lines of 64 characters.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----");
    for (at, character) in STANDARD.encode(der).chars().enumerate() {
        if at % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text + &format!("\n-----END {label}-----\n")
}
