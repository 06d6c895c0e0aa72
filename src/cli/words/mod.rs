//! What `till` says, in two languages: which words there are, and which language is meant. It must not know when they are
//! said. What programs read (JSON, exit codes, problem types) has no language.

mod doctor;
mod en;
mod fleet;
mod vi;

use std::io;
use std::path::Path;

use clap::ValueEnum;
use till_wire::sale::FailureCode;
use till_wire::{Amount, AmountError, Flag, ReceiptKey, SaleId, SaleState, WaitingFor};

pub(super) use doctor::{Check, Counter, Disk, DoctorWords, Net, Said, Setup, Updates, Verdict};
pub(super) use fleet::{FleetAttempt, FleetWords, Lacking};

/// A language of the people at the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    #[value(name = "vi")]
    Vietnamese,
    /// English.
    #[value(name = "en")]
    English,
}

impl Language {
    /// Returns the language that `TILL_LANG` names, else that of the locale, else English.
    pub(super) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let own = set(&"TILL_LANG").and_then(|value| Self::named(&value));
        // The first of these that is set decides alone, as everywhere else.
        let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        own.or_else(|| Self::named(&locale()?)).unwrap_or(Self::English)
    }

    /// Returns the language that a word such as `vi` or `vi_VN.UTF-8` begins with.
    pub(super) fn named(word: &str) -> Option<Self> {
        let language = word.split(['_', '.', '@', '-']).next().unwrap_or_default();
        <Self as ValueEnum>::from_str(language, true).ok()
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Vietnamese => &vi::WORDS,
            Self::English => &en::WORDS,
        }
    }
}

/// What is attempted: it completes "cannot …".
#[derive(Clone, Copy, Debug)]
pub(super) enum Attempt<'a> {
    Sell(Amount),
    FindNewest,
    /// By the last digits.
    Find(&'a str),
    Show(SaleId),
    List,
    Cancel(SaleId),
    Status,
    SaveScreen(&'a Path),
    Replay,
    Journal(SaleId),
    Queue,
    Flight,
    Receipts,
    Report,
    Watch,
    WaitFor(SaleId),
    DrawCode(SaleId),
    PrepareCalls,
    ReadPin,
    ReadPinFile(&'a Path),
    /// By the first digits.
    FindReceipt(&'a str),
    Match(ReceiptKey, SaleId),
    Confirm(SaleId),
    HashPin,
}

/// A refusal as the daemon wrote it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal<'a> {
    /// The problem's type without what all have in common.
    pub(super) kind: &'a str,
    /// The type in English.
    pub(super) title: &'a str,
    /// What is wrong with this request, in English.
    pub(super) detail: &'a str,
    /// The field that is wrong.
    pub(super) field: Option<&'a str>,
    /// The sale that stands in the way.
    pub(super) sale: Option<&'a str>,
}

/// What is wrong with a command line, other than an amount.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mistake<'a> {
    UnknownVerb(&'a str),
    UnknownWord(&'a str),
    BadValue { option: &'a str, value: &'a str },
    NoValue(&'a str),
    Missing(&'a str),
    NotTogether(&'a str, &'a str),
    Other,
}

/// Everything that is said in one language. Phrases are functions: the order of words is the language's own.
pub(super) struct Words {
    pub(super) sale: &'static str,
    pub(super) receipt: &'static str,
    pub(super) terminal: &'static str,
    pub(super) time: &'static str,
    pub(super) amount: &'static str,
    pub(super) state: &'static str,
    pub(super) more: &'static str,

    pub(super) reference: &'static str,
    pub(super) note: &'static str,
    pub(super) channel: &'static str,
    pub(super) made: &'static str,
    pub(super) shown_till: &'static str,
    pub(super) ended: &'static str,
    pub(super) payment: &'static str,
    pub(super) refund: &'static str,
    pub(super) reason: &'static str,
    pub(super) told: &'static str,
    pub(super) no_sales: &'static str,
    pub(super) no_receipts: &'static str,
    pub(super) fits_no_sale: &'static str,
    pub(super) state_of: fn(SaleState, Option<WaitingFor>) -> &'static str,
    pub(super) flag: fn(Flag) -> &'static str,
    pub(super) failure: fn(FailureCode) -> &'static str,
    pub(super) arrived: fn(Amount) -> String,
    pub(super) transfer: fn(amount: Amount, at: &str, reference: &str) -> String,
    pub(super) matched: &'static str,

    pub(super) report: ReportWords,
    pub(super) queue: QueueWords,
    pub(super) journal: JournalWords,
    pub(super) fleet: FleetWords,
    pub(super) doctor: DoctorWords,

    pub(super) links: &'static str,
    pub(super) machine: &'static str,
    pub(super) work: &'static str,
    pub(super) broker: &'static str,
    pub(super) display: &'static str,
    pub(super) clock: &'static str,
    pub(super) store: &'static str,
    pub(super) store_broken: &'static str,
    pub(super) to_send: &'static str,
    pub(super) last_payment: &'static str,
    pub(super) attention: &'static str,
    pub(super) sound: &'static str,
    pub(super) sound_works: &'static str,
    pub(super) sound_broken: &'static str,
    pub(super) display_works: &'static str,
    pub(super) display_broken: &'static str,
    pub(super) clock_set: &'static str,
    pub(super) clock_not_set: &'static str,
    pub(super) service: &'static str,
    pub(super) disabled: &'static str,
    pub(super) configuration: &'static str,
    /// Which version of the configuration from afar counts, if any does.
    pub(super) from_afar: fn(version: Option<u64>) -> String,
    pub(super) not_taken: &'static str,
    pub(super) certificate: &'static str,
    pub(super) valid_until: fn(moment: &str) -> String,
    pub(super) renewed_from: fn(moment: &str) -> String,
    pub(super) running: fn(version: &str, span: &str) -> String,
    pub(super) link: fn(up: bool, since: Option<&str>) -> String,
    pub(super) offset: fn(ms: i64) -> String,
    pub(super) stored: fn(sales: u64) -> String,
    pub(super) free: fn(megabytes: u64) -> String,
    pub(super) owed: fn(entries: u64, oldest: Option<&str>) -> String,
    pub(super) to_look_at: fn(count: u64) -> String,
    /// A span in days, hours, minutes and seconds; units that are nothing are left out by the caller.
    pub(super) units: [&'static str; 4],

    pub(super) saved: fn(&Path) -> String,
    pub(super) asked_since: fn(&str) -> String,
    pub(super) api_is_well: fn(&Path) -> String,
    pub(super) new_pin: &'static str,
    pub(super) pin_again: &'static str,
    pub(super) supervisors_pin: &'static str,
    pub(super) pins_differ: &'static str,
    pub(super) nothing_typed: &'static str,
    pub(super) pin_length: fn(least: usize, most: usize) -> String,
    pub(super) pin_not_on_keypad: &'static str,
    pub(super) scan: fn(Amount) -> String,
    pub(super) too_narrow: fn(has: usize, needs: usize) -> String,
    pub(super) no_code: fn(state: &str) -> String,

    pub(super) attempt: fn(Attempt<'_>) -> String,
    pub(super) cannot_do: fn(attempt: &str, why: &str) -> String,
    pub(super) cannot_write: fn(&str) -> String,
    /// What the system said.
    pub(super) system: fn(&io::Error) -> String,
    pub(super) no_verb: &'static str,
    pub(super) no_sale_yet: &'static str,
    pub(super) several: fn(&str, &str) -> String,
    pub(super) none_found: &'static str,
    pub(super) no_such_receipt: &'static str,
    pub(super) neither: fn(&str, &str) -> String,
    pub(super) no_answer: fn(place: &str, cause: &str, advice: &str) -> String,
    pub(super) is_it_running: &'static str,
    pub(super) log_may_say: &'static str,
    pub(super) not_known_whether: &'static str,
    pub(super) odd_answer: fn(&str) -> String,
    pub(super) bare_refusal: fn(status: &str) -> String,
    pub(super) refusal: fn(Refusal<'_>) -> String,
    pub(super) bad_amount: fn(&AmountError) -> String,
    pub(super) largest_amount: fn(Amount) -> String,
    pub(super) sale_name: &'static str,
    pub(super) receipt_name: &'static str,
    pub(super) mistake: fn(Mistake<'_>) -> String,
    pub(super) one_of: fn(&str) -> String,
    pub(super) did_you_mean: fn(&str) -> String,
    /// What fits an option, named as the help names it.
    pub(super) expected: fn(option: &str) -> Option<&'static str>,
    pub(super) see_help: &'static str,
}

/// What is said of a day.
pub(super) struct ReportWords {
    pub(super) of: fn(day: &str) -> String,
    pub(super) incomplete: &'static str,
    pub(super) money: &'static str,
    pub(super) came: fn(amount: Amount, payments: u64, receipts: u64, refunds: Option<Amount>) -> String,
    pub(super) total: &'static str,
    pub(super) sales: &'static str,
    pub(super) count: &'static str,
    pub(super) paid: &'static str,
    pub(super) to_watch: &'static str,
    pub(super) open: &'static str,
    pub(super) pieces: fn(count: u64, amount: Amount) -> String,
    /// What must be looked at and is not listed.
    pub(super) more: fn(count: u64) -> String,
}

/// What is said of what is owed to others.
pub(super) struct QueueWords {
    pub(super) nothing: &'static str,
    pub(super) what: &'static str,
    pub(super) to: &'static str,
    pub(super) age: &'static str,
    pub(super) about: &'static str,
    /// What is owed, by the API's word.
    pub(super) kind: fn(&str) -> Option<&'static str>,
    pub(super) tries: fn(u32) -> String,
    pub(super) size: fn(kib: u64, most: u64) -> String,
}

/// What is said of how a sale came to be what it is.
pub(super) struct JournalWords {
    pub(super) empty: &'static str,
    pub(super) cause: &'static str,
    /// Who or what, by the API's word.
    pub(super) kind: fn(&str) -> Option<&'static str>,
    pub(super) counted: fn(amount: Amount, reference: &str, via: &str) -> String,
    pub(super) reported: fn(amount: Amount, reference: &str) -> String,
    /// What the bridge calls a webhook.
    pub(super) envelope: fn(&str) -> String,
    pub(super) dropped: fn(count: u64) -> String,
}

impl Words {
    /// Says that something cannot be done, and why.
    pub(super) fn cannot(&self, attempt: Attempt<'_>, why: &str) -> String {
        (self.cannot_do)(&(self.attempt)(attempt), why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(variables: &[(&str, &str)]) -> Language {
        Language::of_environment(|asked| {
            variables.iter().find(|(name, _)| *name == asked).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_language_is_our_own_variable_then_the_locale_then_english() {
        let (vi, en) = (Language::Vietnamese, Language::English);
        let cases: [(&[(&str, &str)], Language); 11] = [
            (&[], en),
            (&[("LANG", "vi_VN.UTF-8")], vi),
            (&[("LANG", "vi")], vi),
            (&[("LANG", "C.UTF-8")], en),
            (&[("LANG", "vie")], en),
            (&[("LANG", "vi_VN"), ("LC_MESSAGES", "en_US.UTF-8")], en),
            (&[("LANG", "en_US"), ("LC_ALL", "vi_VN.UTF-8"), ("LC_MESSAGES", "en_US")], vi),
            (&[("LANG", "vi_VN"), ("LC_ALL", "")], vi),
            (&[("LANG", "vi_VN"), ("TILL_LANG", "en")], en),
            (&[("LANG", "en_US"), ("TILL_LANG", "vi")], vi),
            (&[("LANG", "vi_VN"), ("TILL_LANG", "fr")], vi),
        ];
        for (variables, want) in cases {
            assert_eq!(language(variables), want, "{variables:?}");
        }
    }
}
