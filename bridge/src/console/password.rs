//! Passwords: hashed for the users' file (Argon2id) and checked against that hash. Both take a tenth of a second and
//! twenty megabytes on purpose, so call them where blocking is allowed. It must not know whose they are.

use std::io;

use argon2::{Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier};
use rustls::crypto::ring;
use till_settings::typed_unseen;

use super::users::{Role, is_user_name};

/// Why no line for the users' file could be made.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The name is none.
    #[error("a user's name is 1 to 32 of a-z, 0-9, `.`, `_` and `-`, not `{name}`")]
    Name {
        /// As it was typed.
        name: String,
    },
    /// The password is too short or too long.
    #[error("a password has 12 to 128 characters on one line")]
    Length,
    /// The two passwords differ.
    #[error("the two passwords differ: nothing was made")]
    Differ,
    /// It could not be read.
    #[error("cannot read the password")]
    Read(#[from] io::Error),
    /// The system gave no random numbers for the salt.
    #[error("cannot get random numbers from the system")]
    Random,
    /// Argon2 refused it.
    #[error("cannot hash the password: {reason}")]
    Hash {
        /// What it says.
        reason: String,
    },
}

impl PasswordError {
    /// Tells whether whoever typed it can mend it.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Name { .. } | Self::Length | Self::Differ)
    }
}

/// The longest hash that is looked at, in bytes.
pub(crate) const MAX_HASH: usize = 256;
/// The longest password, in characters; what is longer is not hashed.
const MAX_LENGTH: usize = 128;
const MIN_LENGTH: usize = 12;
/// The most that a hash of the file may cost: 64 MiB, ten rounds, four lanes.
const MOST_MEMORY_KIB: u32 = 65_536;
const MOST_ROUNDS: u32 = 10;
const MOST_LANES: u32 = 4;

/// Returns random bytes of the system's.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], PasswordError> {
    let mut bytes = [0; N];
    ring::default_provider().secure_random.fill(&mut bytes).map_err(|_| PasswordError::Random)?;
    Ok(bytes)
}

/// Returns the PHC string of a password with a fresh salt.
pub(crate) fn hash(password: &str) -> Result<String, PasswordError> {
    let salt: [u8; 16] = random()?;
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| PasswordError::Hash { reason: error.to_string() })
}

/// Tells whether a text is a hash that we would check: Argon2id, at costs within bounds.
pub(crate) fn is_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let affordable = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_ROUNDS;
    hash.algorithm.as_str() == "argon2id" && hash.hash.is_some() && affordable && params.p_cost() <= MOST_LANES
}

/// Tells whether a password belongs to a hash.
pub(crate) fn fits(password: &str, phc: &str) -> bool {
    let sane = password.len() <= MAX_LENGTH * 4;
    sane && PasswordHash::new(phc)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Makes the line of the users' file for somebody whose password is typed: on a terminal twice and not shown, otherwise
/// the first line of standard input.
///
/// # Errors
/// When the name or the password is none, or cannot be read or hashed.
pub fn line(name: &str, role: Role) -> Result<String, PasswordError> {
    if !is_user_name(name) {
        return Err(PasswordError::Name { name: name.chars().take(40).collect() });
    }
    let password = typed()?;
    let fits = (MIN_LENGTH..=MAX_LENGTH).contains(&password.chars().count());
    if !fits || password.chars().any(char::is_control) {
        return Err(PasswordError::Length);
    }
    Ok(format!("{name}:{}:{}", role.as_str(), hash(&password)?))
}

fn typed() -> Result<String, PasswordError> {
    let mut typed = typed_unseen(&["password: ", "again: "], "nothing was typed")?;
    typed.dedup();
    <[String; 1]>::try_from(typed).map(|[password]| password).map_err(|_| PasswordError::Differ)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_no_other() {
        let phc = hash("correct horse battery").expect("the system hashes");
        assert!(is_hash(&phc), "{phc}");
        assert!(fits("correct horse battery", &phc));
        assert!(!fits("correct horse batterz", &phc));
        assert!(!fits("correct horse battery", "$argon2id$v=19$broken"));
        assert!(!is_hash(&phc.replace("argon2id", "argon2i")));
    }
}
