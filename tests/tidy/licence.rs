//! Reads licence expressions such as `(MIT OR Apache-2.0) AND Unicode-3.0`. It must not know which licences are allowed.

/// Whether an expression can be kept with the allowed licences.
pub(crate) fn is_allowed(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    // Older packages write `/` for OR.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let answer = any_of(&mut rest, allowed);
    answer && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = all_of(rest, allowed);
    while take(rest, "OR") {
        answer |= all_of(rest, allowed);
    }
    answer
}

fn all_of(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = one(rest, allowed);
    while take(rest, "AND") {
        answer &= one(rest, allowed);
    }
    answer
}

fn one(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    if take(rest, "(") {
        let answer = any_of(rest, allowed);
        return take(rest, ")") && answer;
    }
    let Some((licence, after)) = rest.split_first() else { return false };
    *rest = after;
    if !take(rest, "WITH") {
        return allowed(licence);
    }
    let Some((exception, after)) = rest.split_first() else { return false };
    *rest = after;
    allowed(&format!("{licence} WITH {exception}"))
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == word => {
            *rest = after;
            true
        }
        Some(_) | None => false,
    }
}

#[test]
fn licence_expressions_are_judged() {
    let allowed = |licence: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
    for (expression, want) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("GPL-3.0 OR MIT AND GPL-2.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("Apache-2.0", false),
        ("(MIT", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), want, "{expression}");
    }
}
