//! How the loop ends.

use crate::store::StoreError;

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It was told to stop, or a command wants another process.
    Stopped,
    /// The daemon is to begin anew, with another configuration.
    Anew,
}

/// Why the loop ends before it is told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The files are damaged, and the next start moves them aside; or they cannot be closed and opened again.
    #[error("cannot go on with this store; another start can")]
    Store(#[source] StoreError),
}
