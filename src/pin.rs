//! The supervisor's PIN: how it is hashed for the configuration file (Argon2id) and checked against that hash. Both take
//! a tenth of a second or more on purpose, so call them where blocking is allowed. It must not know who asks.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use rustls::crypto::ring;

/// Why a PIN could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The system gave no random numbers for the salt.
    #[error("cannot get random numbers from the system")]
    Salt,
    /// Argon2 refused it.
    #[error("cannot hash the PIN: {reason}")]
    Hash {
        /// What it says.
        reason: String,
    },
}

/// How long a PIN may be, in characters.
pub const PIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=64;

/// Tells whether a text can be a PIN: 4 to 64 characters, none of them a control character.
pub fn is_pin(text: &str) -> bool {
    PIN_LENGTH.contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Returns the PHC string (`$argon2id$v=19$m=…,t=…,p=…$…$…`) of a PIN with a fresh salt.
///
/// # Errors
/// When the system gives no random numbers or has no memory for the hash.
pub fn hash(pin: &str) -> Result<String, PinError> {
    let mut salt = [0; 16];
    ring::default_provider().secure_random.fill(&mut salt).map_err(|_| PinError::Salt)?;
    Argon2::default()
        .hash_password_with_salt(pin.as_bytes(), &salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| PinError::Hash { reason: error.to_string() })
}

/// Tells whether a PIN belongs to a PHC string; the costs are those in the string.
pub fn fits(pin: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_fits_its_own_hash_and_no_other() {
        let phc = hash("2468").expect("the system hashes");
        assert!(phc.starts_with("$argon2id$v=19$m="), "{phc}");
        assert!(fits("2468", &phc));
        assert!(!fits("2469", &phc));
        assert!(!fits("2468", "$argon2id$v=19$broken"));
        assert_ne!(phc, hash("2468").expect("the system hashes"));
    }

    #[test]
    fn a_pin_is_short_visible_text() {
        assert!(is_pin("2468"));
        assert!(!is_pin("246"));
        assert!(!is_pin("24\u{7}68"));
        assert!(!is_pin(&"2".repeat(65)));
    }
}
