//! Made-up keys and ids. It must not know what they open.

/// 32 hex digits. They are random, so that nothing of one run is valid in another.
pub(crate) fn made_up_hex() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// A random UUID (version 4).
pub(crate) fn made_up_uuid() -> String {
    let (a, b, c, d) = (fastrand::u32(..), fastrand::u16(..), fastrand::u16(..), fastrand::u16(..));
    let e = fastrand::u64(..) & 0xFFFF_FFFF_FFFF;
    format!("{a:08x}-{b:04x}-{:04x}-{:04x}-{e:012x}", (c & 0x0FFF) | 0x4000, (d & 0x3FFF) | 0x8000)
}

/// So many capitals and digits.
pub(crate) fn made_up_mark(length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    (0..length).map(|_| fastrand::choice(LETTERS).map_or('0', |byte| char::from(*byte))).collect()
}
