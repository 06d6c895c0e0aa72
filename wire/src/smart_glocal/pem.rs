//! PEM: the bytes between two lines that name them. It must not know what the bytes are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::keys::KeyError;

/// The longest text that is read; a private key of 4096 bits has some 3300 bytes.
const LONGEST: usize = 65_536;

/// Returns the bytes of the first block with one of these labels, and which label it was. Other blocks, and what
/// stands outside of blocks, are passed over.
pub(super) fn block<const N: usize>(
    pem: &[u8],
    labels: [&'static str; N],
) -> Result<(&'static str, Vec<u8>), KeyError> {
    let missing = || KeyError::NoBlock { wanted: labels.join("` or `") };
    let text = std::str::from_utf8(pem).ok().filter(|text| text.len() <= LONGEST).ok_or_else(missing)?;
    let mut lines = text.lines().map(str::trim);
    let label = lines.find_map(|line| labels.into_iter().find(|label| line == format!("-----BEGIN {label}-----")));
    let label = label.ok_or_else(missing)?;
    let broken = || KeyError::BrokenBlock { label };
    let end = format!("-----END {label}-----");
    let mut base64 = String::new();
    loop {
        match lines.next() {
            None => return Err(broken()),
            Some(line) if line == end => break,
            Some(line) => base64.push_str(line),
        }
    }
    STANDARD.decode(base64).map(|bytes| (label, bytes)).map_err(|_| broken())
}
