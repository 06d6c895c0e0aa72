//! What is wrong with a command line, in the language of whoever typed it. It must not know what the verbs do.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ErrorKind};
use till_wire::Amount;

use super::words::{Mistake, Words};

/// Says what is wrong.
pub(super) fn explain(error: &clap::Error, typed: &[OsString], words: &Words) -> String {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let option = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let kind = error.kind();
    let is_bad_value = kind == ErrorKind::InvalidValue || kind == ErrorKind::ValueValidation;
    if is_bad_value && option.contains("<AMOUNT>") {
        return bad_amount(&value, words);
    }
    if is_bad_value && option.contains("RECEIPT") {
        return words.receipt_name.to_owned();
    }
    if is_bad_value && option.contains("SALE") {
        return words.sale_name.to_owned();
    }
    // What begins like a negative amount is meant as one; the error names only the first letters of `-50k`.
    let is_amount = kind == ErrorKind::UnknownArgument && begins_negative(&option);
    let meant = typed.iter().filter_map(|word| OsStr::to_str(word)).find(|word| word.starts_with(&option));
    if let Some(amount) = meant.filter(|_| is_amount) {
        return bad_amount(amount, words);
    }
    let verb = context(ContextKind::InvalidSubcommand).unwrap_or_default();
    let prior = context(ContextKind::PriorArg).unwrap_or_default();
    let mistake = if kind == ErrorKind::InvalidSubcommand {
        Mistake::UnknownVerb(&verb)
    } else if kind == ErrorKind::UnknownArgument {
        Mistake::UnknownWord(&option)
    } else if kind == ErrorKind::InvalidValue && value.is_empty() {
        Mistake::NoValue(&option)
    } else if is_bad_value {
        Mistake::BadValue { option: &option, value: &value }
    } else if kind == ErrorKind::MissingRequiredArgument {
        Mistake::Missing(&option)
    } else if kind == ErrorKind::ArgumentConflict {
        Mistake::NotTogether(&option, &prior)
    } else {
        Mistake::Other
    };
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let parts = [
        Some((words.mistake)(mistake)),
        suggested.into_iter().find_map(context).map(|word| (words.did_you_mean)(&word)),
        context(ContextKind::ValidValue).map(|values| (words.one_of)(&values)),
        (words.expected)(&option).filter(|_| is_bad_value).map(str::to_owned),
        Some(words.see_help.to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn begins_negative(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn bad_amount(typed: &str, words: &Words) -> String {
    match Amount::parse(typed) {
        Err(error) => (words.bad_amount)(&error),
        Ok(_) => (words.largest_amount)(Amount::vnd(Amount::MAX_VND)),
    }
}
