//! Made-up keys and ids. It must not know what they open.

/// 32 hex digits. They are random, so that nothing of one run is valid in another.
pub(crate) fn made_up_hex() -> String {
    format!("{:032x}", fastrand::u128(..))
}
