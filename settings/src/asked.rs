//! What a reader asks a configuration file for: each key with what it takes, in the reader's own words. docs/configure.md is
//! made of it. It must not know what a file says; only a program with debug assertions listens.

#[cfg(debug_assertions)]
use std::cell::RefCell;

/// A key that was asked for.
#[cfg(debug_assertions)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The dotted way to it, such as `channel[0].id`.
    pub key: String,
    /// What it takes, as a fault says it.
    pub takes: String,
    /// What happens when it is left out.
    pub left_out: LeftOut,
}

/// What happens when a key is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// That is a fault.
    Fault,
    /// There is nothing then, or what another key says.
    Nothing,
    /// It is then what the file says, or something else; nothing where the file does not say it.
    Default {
        /// Whether the file's value is the default.
        is_shown: Option<bool>,
    },
}

#[cfg(debug_assertions)]
thread_local! {
    static HEARD: RefCell<Option<Vec<Asked>>> = const { RefCell::new(None) };
}

/// Returns what `read` returns, and everything that it asked for on this thread, in order.
#[cfg(debug_assertions)]
pub fn listen<T>(read: impl FnOnce() -> T) -> (T, Vec<Asked>) {
    HEARD.set(Some(Vec::new()));
    let read = read();
    (read, HEARD.take().unwrap_or_default())
}

/// Notes a key while somebody listens.
#[cfg(debug_assertions)]
pub(crate) fn tell(asked: impl FnOnce() -> Asked) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            heard.push(asked());
        }
    });
}
