//! Words of the display that documents quote, “so”, are the display's own, and whatever it says when something is wrong is
//! explained. It must not know when the display says it.

use crate::read;

const SOURCES: [&str; 3] = ["src/panel/words/vi.rs", "src/panel/words/en.rs", "src/panel/notice.rs"];

/// The documents in which “…” is what somebody reads on a display.
const QUOTING: [&str; 2] = ["docs/troubleshooting.md", "docs/install.md"];

/// The texts between “ and ”, on one line each.
fn quoted(document: &str) -> Vec<String> {
    let text = read(document).split_whitespace().collect::<Vec<_>>().join(" ");
    let pieces = text.split('“').skip(1);
    pieces
        .map(|piece| piece.split_once('”').unwrap_or_else(|| panic!("{document}: `{piece}` has no end")).0.to_owned())
        .collect()
}

/// The texts in a source, without its tests.
fn literals(source: &str) -> Vec<String> {
    let text = read(source);
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn what_documents_quote_is_what_the_display_says() {
    let known: Vec<String> = SOURCES.iter().flat_map(|source| literals(source)).collect();
    for document in QUOTING {
        let quoted = quoted(document);
        assert!(quoted.len() > 3, "{document} quotes {quoted:?}");
        let unknown: Vec<_> = quoted.iter().filter(|words| !known.contains(words)).collect();
        assert!(unknown.is_empty(), "{document} quotes what the display never says: {unknown:#?}");
    }
}

#[test]
fn every_fault_that_the_display_tells_is_explained() {
    let quoted = quoted("docs/troubleshooting.md");
    for source in SOURCES {
        let text = read(source);
        let mut faults = 0;
        for name in ["fn barrier", "fn failure", "fn refusal(", "fn problem", "fn words(self)"] {
            let Some((_, rest)) = text.split_once(name) else { continue };
            let body = rest.split("\n}").next().unwrap_or_default();
            let told = body.split('"').skip(1).step_by(2);
            for words in told {
                faults += 1;
                assert!(
                    quoted.iter().any(|known| known == words),
                    "docs/troubleshooting.md does not explain “{words}” ({source})"
                );
            }
        }
        assert!(faults >= 12, "{faults} faults were found in {source}");
    }
}
