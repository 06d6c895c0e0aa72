//! What the verbs of `till fleet` that speak to the broker say: which words there are. It must not know when they are said.

pub(super) mod en;
pub(super) mod vi;

use till_wire::fleet::CommandState;
use till_wire::{Presence, TerminalNumber, Why};

use super::super::super::fleet::{LineError, Outcome, ParcelFault, Tally};
use super::super::Words;

/// Everything that is said of terminals over the broker in one language.
pub(in crate::cli) struct ToolWords {
    /// Why the broker is of no use; `name` is the one that the operator goes by there.
    pub(in crate::cli) broker: fn(error: &LineError, name: &str) -> String,
    pub(in crate::cli) no_certificate: fn(name: &str) -> String,
    pub(in crate::cli) comes_back: fn(why: &str) -> String,

    pub(in crate::cli) heads: [&'static str; 9],
    pub(in crate::cli) unheard: &'static str,
    pub(in crate::cli) presence: fn(Presence) -> &'static str,
    pub(in crate::cli) why: fn(&Why<'_>, &Words) -> String,
    pub(in crate::cli) cannot_sell: fn(why: &str) -> String,
    pub(in crate::cli) counted: fn(shown: usize, of: usize, unable: usize, attention: u64) -> String,
    pub(in crate::cli) odd: fn(messages: u64) -> String,
    pub(in crate::cli) beyond: fn(most: usize) -> String,
    pub(in crate::cli) incomplete: &'static str,
    pub(in crate::cli) no_group: fn(group: &str) -> String,

    pub(in crate::cli) unknown_terminal: &'static str,
    pub(in crate::cli) no_health: &'static str,
    pub(in crate::cli) configuration: &'static str,
    pub(in crate::cli) commands: &'static str,
    pub(in crate::cli) desired: &'static str,
    pub(in crate::cli) none_desired: &'static str,
    pub(in crate::cli) reported: &'static str,
    pub(in crate::cli) not_reported: &'static str,
    pub(in crate::cli) own_file: &'static str,
    pub(in crate::cli) refused: &'static str,
    pub(in crate::cli) version: fn(version: u64, made: &str) -> String,

    pub(in crate::cli) no_number: fn(typed: &str) -> String,
    pub(in crate::cli) no_command: &'static str,
    pub(in crate::cli) both_args: &'static str,
    pub(in crate::cli) bad_args: fn(why: &str) -> String,
    pub(in crate::cli) unknown_command: fn(name: &str, known: &str) -> String,
    pub(in crate::cli) other_args: fn(name: &str, like: &str, why: &str) -> String,
    pub(in crate::cli) bad_pair: fn(typed: &str) -> String,
    pub(in crate::cli) say_yes: fn(command: &str) -> String,
    pub(in crate::cli) nobody: &'static str,
    pub(in crate::cli) sent: fn(id: &str, number: TerminalNumber) -> String,
    pub(in crate::cli) never_heard: fn(number: TerminalNumber, until: &str) -> String,
    pub(in crate::cli) is_away: fn(number: TerminalNumber, since: &str, until: &str) -> String,
    pub(in crate::cli) command_state: fn(CommandState) -> &'static str,
    pub(in crate::cli) no_answer: &'static str,
    pub(in crate::cli) not_told: &'static str,
    pub(in crate::cli) progress: fn(Tally) -> String,
    pub(in crate::cli) rolled_out: fn(Tally, id: &str, aborted: bool) -> String,
    /// A file is empty, or larger than so many bytes.
    pub(in crate::cli) update_size: fn(most: u64) -> String,
    /// What is installed is not known, because of this, if of anything.
    pub(in crate::cli) say_version: fn(why: &str) -> String,
    pub(in crate::cli) updating: fn(version: &str, size: u64, sha256: &str) -> String,
    pub(in crate::cli) clear_one: &'static str,
    pub(in crate::cli) cleared: fn(number: TerminalNumber, answers: usize) -> String,
    pub(in crate::cli) parcel: fn(ParcelFault) -> String,

    pub(in crate::cli) no_file_of: fn(TerminalNumber) -> String,
    pub(in crate::cli) outcome: fn(&Outcome) -> &'static str,
    pub(in crate::cli) planned: fn(terminals: usize) -> String,
    pub(in crate::cli) configured: fn(well: usize, of: usize) -> String,
    pub(in crate::cli) no_files: &'static str,
    pub(in crate::cli) no_members: fn(group: &str) -> String,
}
