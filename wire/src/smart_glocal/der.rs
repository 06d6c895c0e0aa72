//! The little of DER that a public RSA key needs, read strictly: one form for each length, nothing left over. It must not
//! judge whether a key is a good one.

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// The algorithm of an RSA key: the object identifier 1.2.840.113549.1.1.1 and its empty parameters.
const RSA_ENCRYPTION: [u8; 13] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The two numbers of a public RSA key, without leading zeros; neither is zero.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

/// Reads the key out of a `SubjectPublicKeyInfo` (RFC 5280), if it is an RSA key.
pub(super) fn of_spki(der: &[u8]) -> Option<Numbers<'_>> {
    let (info, rest) = value(der, SEQUENCE)?;
    let (algorithm, key) = value(info, SEQUENCE)?;
    let (bits, after) = value(key, BIT_STRING)?;
    let (unused, key) = bits.split_first()?;
    let whole = rest.is_empty() && after.is_empty() && *unused == 0;
    if !whole || algorithm != RSA_ENCRYPTION {
        return None;
    }
    of_pkcs1(key)
}

/// Reads an `RSAPublicKey` (RFC 8017).
pub(super) fn of_pkcs1(der: &[u8]) -> Option<Numbers<'_>> {
    let (numbers, rest) = value(der, SEQUENCE)?;
    let (modulus, exponent) = value(numbers, INTEGER)?;
    let (exponent, after) = value(exponent, INTEGER)?;
    if !rest.is_empty() || !after.is_empty() {
        return None;
    }
    Some(Numbers { modulus: positive(modulus)?, exponent: positive(exponent)? })
}

/// Splits one value with this tag, of at most 65 535 bytes, from what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match rest {
        [short @ 0..=0x7f, rest @ ..] => (usize::from(*short), rest),
        [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// Takes away the zero that keeps a number from being negative, and refuses any other.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, digits @ ..] if digits.first().is_some_and(|first| *first >= 0x80) => Some(digits),
        [1..=0x7f, ..] => Some(integer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 9] = [SEQUENCE, 7, INTEGER, 2, 0, 0x85, INTEGER, 1, 3];

    fn spki(algorithm: &[u8], bits: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("a short value");
        let algorithm = [&[SEQUENCE, length(algorithm)], algorithm].concat();
        let bits = [&[BIT_STRING, length(bits)], bits].concat();
        let both = [algorithm, bits].concat();
        [&[SEQUENCE, length(&both)], both.as_slice()].concat()
    }

    #[test]
    fn both_forms_hold_the_same_two_numbers() {
        let want = Some(Numbers { modulus: &[0x85], exponent: &[3] });
        assert_eq!(of_pkcs1(&KEY), want);
        let wrapped = spki(&RSA_ENCRYPTION, &[&[0], KEY.as_slice()].concat());
        assert_eq!(of_spki(&wrapped), want);
        assert_eq!(of_pkcs1(&wrapped), None);
        assert_eq!(of_spki(&KEY), None);
    }

    #[test]
    fn p11_nothing_shorter_longer_or_looser_is_a_key() {
        let wrapped = spki(&RSA_ENCRYPTION, &[&[0], KEY.as_slice()].concat());
        for cut in 0..wrapped.len() {
            assert_eq!(of_spki(wrapped.get(..cut).expect("a part")), None, "{cut}");
        }
        assert_eq!(of_spki(&[wrapped.as_slice(), &[0]].concat()), None);
        assert_eq!(of_spki(&spki(&RSA_ENCRYPTION, &[&[1], KEY.as_slice()].concat())), None);
        assert_eq!(of_spki(&spki(&RSA_ENCRYPTION[..11], &[&[0], KEY.as_slice()].concat())), None);
        assert_eq!(of_spki(&spki(&RSA_ENCRYPTION, &[])), None);
        for loose in [
            // A length in more bytes than it needs, an endless one, and one beyond what is there.
            [SEQUENCE, 0x81, 7, INTEGER, 2, 0, 0x85, INTEGER, 1, 3].as_slice(),
            &[SEQUENCE, 0x82, 0, 7, INTEGER, 2, 0, 0x85, INTEGER, 1, 3],
            &[SEQUENCE, 0x80, INTEGER, 2, 0, 0x85, INTEGER, 1, 3],
            &[SEQUENCE, 0x83, 0, 0, 7, INTEGER, 2, 0, 0x85, INTEGER, 1, 3],
            &[SEQUENCE, 8, INTEGER, 2, 0, 0x85, INTEGER, 1, 3],
            // Negative, zero, empty, and with a zero too many.
            &[SEQUENCE, 6, INTEGER, 1, 0x85, INTEGER, 1, 3],
            &[SEQUENCE, 6, INTEGER, 1, 0, INTEGER, 1, 3],
            &[SEQUENCE, 5, INTEGER, 0, INTEGER, 1, 3],
            &[SEQUENCE, 7, INTEGER, 2, 0, 5, INTEGER, 1, 3],
            // A third number.
            &[SEQUENCE, 10, INTEGER, 2, 0, 0x85, INTEGER, 1, 3, INTEGER, 1, 3],
        ] {
            assert_eq!(of_pkcs1(loose), None, "{loose:?}");
        }
    }
}
