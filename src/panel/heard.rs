//! What the display's thread tells the driver. It must not know who listens.

use crate::till::Generation;

/// What the display's thread has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A picture of this generation is to be seen.
    Shown {
        /// Which.
        generation: Generation,
    },
    /// The code of this generation does not fit this panel.
    TooDense {
        /// Which.
        generation: Generation,
    },
    /// The panel cannot be written.
    Failed {
        /// Why, for the log.
        reason: String,
    },
}
