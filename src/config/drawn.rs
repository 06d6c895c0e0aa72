//! Texts that are drawn: names of counters and accounts. It must not know fonts.

use std::ops::RangeInclusive;

use icu_normalizer::ComposingNormalizerBorrowed;
use till_settings::{Kind, parsed};

/// A text on one line, its letters composed (NFC). A mark on its own, as some editors write them ("â" as "a" and a mark),
/// would be drawn beside its letter, and counts as none of the characters.
pub(super) fn drawn(length: RangeInclusive<usize>) -> Kind<String> {
    let expected = format!("a text of {} to {} characters on one line", length.start(), length.end());
    parsed(expected, move |text| {
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
        let fits = length.contains(&composed.chars().count()) && !composed.chars().any(char::is_control);
        fits.then(|| composed.into_owned())
    })
}
