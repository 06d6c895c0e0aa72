//! Everything that can go wrong with a request, told apart by what may be done next. It must not know when that is done.

use std::time::Duration;

/// A request that did not end in a usable answer, with one sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was sent.
    NotReached {
        /// Why.
        reason: String,
    },
    /// It was certainly not processed; the provider may say how long it wants a pause.
    Later {
        /// Why.
        reason: String,
        /// The pause.
        after: Option<Duration>,
    },
    /// Whether it was processed is unknown.
    Lost {
        /// Why.
        reason: String,
        /// The pause.
        after: Option<Duration>,
    },
    /// The provider already has an order of this reference.
    Duplicate {
        /// In its words.
        reason: String,
    },
    /// The provider does not have this order.
    NotFound {
        /// In its words.
        reason: String,
    },
    /// The provider says no, for good.
    Refused {
        /// In its words.
        reason: String,
    },
    /// An answer that does not verify, or is about something else.
    Invalid {
        /// In what way.
        reason: String,
    },
}

impl Trouble {
    /// Returns the sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::NotReached { reason }
            | Self::Later { reason, .. }
            | Self::Lost { reason, .. }
            | Self::Duplicate { reason }
            | Self::NotFound { reason }
            | Self::Refused { reason }
            | Self::Invalid { reason } => reason,
        }
    }
}
