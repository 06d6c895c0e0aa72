//! The flight recorder: the newest events that the till judged, in memory, as lines that a person can read and a program
//! can replay. It must not know who feeds it, nor what a secret looks like: `veil.rs` lets nothing pass that is not needed.

mod dump;
mod format;
mod hidden;
mod outcome;
mod read;
mod recorder;
mod replay;
#[cfg(test)]
pub(crate) mod tests;
mod veil;
mod words;

pub(crate) use dump::tell;
pub use dump::{DumpError, remove_all, write_on_panic};
pub use outcome::Outcome;
pub use read::{Flight, ReadError, read};
pub use recorder::{EVENTS, MOST_BYTES, Recorder};
pub use replay::{Difference, Ends, Replayed, Stop, Unfinished, Verdict, replay, replay_file};

/// The version of the format, in the first line of every file.
pub const VERSION: u32 = 1;

/// The longest line of a file, in bytes: one event with what the store found for it, or one record.
const LONGEST_LINE: usize = 256 * 1024;
