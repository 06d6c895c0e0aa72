//! Everything that can go wrong with a request, told apart by what may be done next. It must not know when that is done.

use std::time::Duration;

/// A no for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the provider does not accept, as far as it says so in a way that is known.
    pub cause: RefusalCause,
    /// The provider's own code, at most forty characters, for programs.
    pub code: Option<String>,
    /// Why, in one sentence for logs and programs.
    pub reason: String,
}

/// What a provider does not accept. Each calls for another person: see the panel's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefusalCause {
    /// It does not say, or not in a way that is known.
    #[default]
    Unsaid,
    /// Who asks: the keys or the signature are not those that it has.
    Access,
    /// The merchant's channel: it does not exist, or is suspended.
    Channel,
    /// This order: a field of it, e.g. the amount.
    Order,
}

impl RefusalCause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Unsaid, Self::Access, Self::Channel, Self::Order];
}

impl Refusal {
    /// Returns a no whose cause is not known.
    pub fn unsaid(reason: impl Into<String>) -> Self {
        Self { cause: RefusalCause::Unsaid, code: None, reason: reason.into() }
    }
}

/// What stood in the way of a request that was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unreached {
    /// The network: there is no way to the provider, or its name is not known.
    Network,
    /// The provider's server, which takes no connection.
    Server,
    /// The server's certificate, which is not trusted.
    Certificate,
    /// This terminal: its clock is not set, or its keys sign nothing.
    Terminal,
}

/// A request that did not end in a usable answer, with one sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was sent.
    NotReached {
        /// What stood in the way.
        cause: Unreached,
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
    Refused(Refusal),
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
            Self::NotReached { reason, .. }
            | Self::Later { reason, .. }
            | Self::Lost { reason, .. }
            | Self::Duplicate { reason }
            | Self::NotFound { reason }
            | Self::Refused(Refusal { reason, .. })
            | Self::Invalid { reason } => reason,
        }
    }
}
