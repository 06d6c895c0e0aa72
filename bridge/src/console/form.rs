//! The fields of a form and of a query (application/x-www-form-urlencoded). It must not know which fields there are.

/// Fields in their order, names and values decoded.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

/// How many fields are read; the rest is left out.
const MAX_FIELDS: usize = 32;

impl Fields {
    /// Reads fields. What is not UTF-8 after decoding gets the replacement character.
    pub(crate) fn read(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(MAX_FIELDS);
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// Returns the first value of a name, empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let escaped = match (first, after) {
            (b'%', [high, low, beyond @ ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| (high << 4 | low, beyond)),
            (_, _) => None,
        };
        match (first, escaped) {
            (_, Some((byte, beyond))) => {
                bytes.push(byte);
                rest = beyond;
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Returns a text as it stands in a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_bounded() {
        let fields = Fields::read("name=Qu%E1%BA%A7y+1&empty&broken=%4&bad=%ff&name=second");
        assert_eq!(fields.get("name"), "Quầy 1");
        assert_eq!((fields.get("empty"), fields.get("missing")), ("", ""));
        assert_eq!((fields.get("broken"), fields.get("bad")), ("%4", "\u{fffd}"));
        assert_eq!(Fields::read(&"a=1&".repeat(100)).0.len(), MAX_FIELDS);
        let text = "Quầy & 1=%";
        assert_eq!(Fields::read(&format!("q={}", encoded(text))).get("q"), text);
    }
}
