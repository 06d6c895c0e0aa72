//! The queries of Finan's lists. It must not know what is listed.

/// The value of a filter, decoded; none when it is absent or empty, which filters nothing.
pub(crate) fn filter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next().filter(|value| !value.is_empty())
}

/// Undoes the percent-encoding; what is not UTF-8 becomes a mark.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let coded = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, coded.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_filter_is_found_and_decoded() {
        let query = Some("reference_type=&reference_id=b%C3%A0n+1%2F2%&x");
        assert_eq!(filter(query, "reference_id").as_deref(), Some("bàn 1/2%"));
        assert_eq!(filter(query, "reference_type"), None);
        assert_eq!(filter(query, "id"), None);
        assert_eq!(filter(None, "id"), None);
    }
}
