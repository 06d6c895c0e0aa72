//! Secrets are compared in constant time: where a signature or a token is judged by `==`, whoever measures how long the
//! answer takes learns it byte by byte. It must not know what is compared.

use crate::sources::{assert_none, rust};

/// What is secret, or is compared with one.
const SECRETS: [&str; 6] = ["expose()", "signature", "token", "digest", "secret", "password"];

/// Tells whether one side of a comparison is a secret: its last word, behind whatever it is a field or a method of.
fn compares_secrets(line: &str) -> bool {
    let sides = line.match_indices("==").chain(line.match_indices("!="));
    sides.into_iter().any(|(at, _)| {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '(' | ')' | '.' | '&' | '*');
        let (left, right) = (line[..at].trim_end(), line[at + 2..].trim_start());
        let left = &left[left.rfind(|c| !word(c)).map_or(0, |at| at + 1)..];
        let right = &right[..right.find(|c| !word(c)).unwrap_or(right.len())];
        [left, right].iter().any(|side| {
            let last = side.rsplit('.').find(|part| !matches!(*part, "as_bytes()" | "as_str()" | "as_ref()" | "len()"));
            !side.ends_with(".len()")
                && last.is_some_and(|last| SECRETS.contains(&last.trim_start_matches(['&', '*', '('])))
        })
    })
}

#[test]
fn secrets_are_never_compared_by_an_operator() {
    let mut findings = Vec::new();
    for file in rust() {
        let product = ["src/", "wire/src/", "settings/src/", "bridge/src/"].iter().any(|at| file.path.starts_with(at));
        if !product || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            if compares_secrets(line) {
                findings.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert_none("a secret is compared with `Secret::matches`, `Key::is` or the `verify` of its algorithm", &findings);
}

#[test]
fn comparisons_of_secrets_are_seen() {
    for line in [
        "if given == self.token {",
        "named.as_bytes() != own.expose()",
        "signature.as_str() == wanted",
        "    sign(key, text) == *signature",
    ] {
        assert!(compares_secrets(line), "{line}");
    }
    for line in ["self.token.is_some() == other", "signature.len() == 64", "tokens == 3", "signature_kind != other"] {
        assert!(!compares_secrets(line), "{line}");
    }
}
