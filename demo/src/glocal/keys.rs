//! The two example key pairs of `demo/keys/`, which protect nothing. It must not know how they are used.

/// The shop's private key (PKCS#8).
pub(crate) const MERCHANT: &str = include_str!("../../keys/merchant.pem");
/// The shop's public key (SPKI).
pub(crate) const MERCHANT_PUBLIC: &str = include_str!("../../keys/merchant.pub.pem");
/// Smart Glocal's private key (PKCS#8).
pub(crate) const SMART_GLOCAL: &str = include_str!("../../keys/smart-glocal.pem");
/// Smart Glocal's public key (SPKI).
pub(crate) const SMART_GLOCAL_PUBLIC: &str = include_str!("../../keys/smart-glocal.pub.pem");
