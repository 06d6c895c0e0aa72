//! payOS's signatures: HMAC-SHA256, written as lower-case hex, the key taken as the bytes of its text.
//! It must not keep a key, nor compare a signature byte by byte.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::read_hex;

/// Returns the signature of a text under a channel's checksum key.
pub fn sign(key: &[u8], text: &str) -> String {
    let mac = keyed(key).chain_update(text.as_bytes()).finalize();
    let bytes: [u8; 32] = mac.into_bytes().into();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells, in constant time, whether a signature is the text's. Only 64 lower-case hex digits are a signature, and an
/// empty key signs nothing, since anybody has it.
pub fn verifies(key: &[u8], text: &str, signature: &str) -> bool {
    let Some(stated) = read_hex::<32>(signature) else {
        return false;
    };
    let mac = keyed(key).chain_update(text.as_bytes());
    !key.is_empty() && mac.verify_slice(&stated).is_ok()
}

/// Returns the signature of a request to create a payment link: five fields in fixed order, as they are, neither
/// trimmed nor escaped (providers.md §1.3).
pub fn create_signature(
    key: &[u8],
    amount: u64,
    cancel_url: &str,
    description: &str,
    order_code: u64,
    return_url: &str,
) -> String {
    let text = format!(
        "amount={amount}&cancelUrl={cancel_url}&description={description}&orderCode={order_code}&returnUrl={return_url}"
    );
    sign(key, &text)
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}
