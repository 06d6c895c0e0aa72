//! Everything that can go wrong with a request, told apart by what may be done next. It must not know when that is done,
//! nor any provider's codes.

use std::time::Duration;

use till_wire::UnixTime;

use super::headers;
use super::http::{BodyFault, Class, Exchange, Reply};
use crate::till::{CreateAnswer, StatusAnswer};

/// A request that did not end in a usable answer, with one sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was sent.
    NotReached { reason: String },
    /// It was certainly not processed; the provider may say how long it wants a pause.
    Later { reason: String, after: Option<Duration> },
    /// Whether it was processed is unknown.
    Lost { reason: String, after: Option<Duration> },
    /// The provider already has an order of this reference.
    Duplicate { reason: String },
    /// The provider does not have this order.
    NotFound { reason: String },
    /// The provider says no, for good.
    Refused { reason: String },
    /// An answer that does not verify, or is about something else.
    Invalid { reason: String },
}

/// What the provider said, before anybody believes it.
#[derive(Debug)]
pub(super) struct Said {
    /// Whether it stands behind a yes or a no of HTTP.
    pub(super) verdict: Verdict,
    /// The body; empty where a no came without a readable one.
    pub(super) body: Vec<u8>,
    /// How long the provider wants a pause.
    pub(super) after: Option<Duration>,
}

/// What HTTP itself says of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// 2xx.
    Yes,
    /// 401 or 403: no code in the body can change that.
    Forbidden { reason: String },
    /// Another 4xx, which a code in the body may explain.
    No { reason: String },
}

/// Sorts out whatever needs no look into the body. `now` is the time for the provider.
pub(super) fn weigh(provider: &str, exchange: Exchange, now: UnixTime) -> Result<Said, Trouble> {
    match exchange {
        Exchange::NotReached { reason } => {
            Err(Trouble::NotReached { reason: format!("cannot reach {provider}: {reason}") })
        }
        Exchange::Broken { reason } => {
            let reason = format!("the answer of {provider} is lost: {reason}");
            Err(Trouble::Lost { reason, after: None })
        }
        Exchange::Answered(reply) => weigh_reply(provider, reply, now),
    }
}

fn weigh_reply(provider: &str, reply: Reply, now: UnixTime) -> Result<Said, Trouble> {
    let after = headers::wait(&reply.headers, now);
    let reason = format!("{provider} answered with HTTP status {}", reply.status);
    match reply.class {
        Class::Said => match reply.body {
            Ok(body) => Ok(Said { verdict: Verdict::Yes, body, after }),
            Err(BodyFault::Broken { reason }) => {
                let reason = format!("the answer of {provider} broke off: {reason}");
                Err(Trouble::Lost { reason, after })
            }
            Err(BodyFault::TooLarge) => {
                let reason = format!("the answer of {provider} is larger than 64 KiB");
                Err(Trouble::Invalid { reason })
            }
        },
        Class::TooMany => Err(Trouble::Later { reason, after }),
        Class::Fault => Err(Trouble::Lost { reason, after }),
        Class::Forbidden => {
            Ok(Said { verdict: Verdict::Forbidden { reason }, body: reply.body.unwrap_or_default(), after })
        }
        Class::Refused => Ok(Said { verdict: Verdict::No { reason }, body: reply.body.unwrap_or_default(), after }),
        Class::Strange => Err(Trouble::Invalid { reason }),
    }
}

impl Trouble {
    /// Returns the sentence.
    pub(super) fn reason(&self) -> &str {
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

impl From<Trouble> for CreateAnswer {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotReached { .. } => Self::NotReached,
            Trouble::Later { after, .. } => Self::Later { after },
            Trouble::Lost { after, .. } => Self::Lost { after },
            Trouble::Duplicate { .. } => Self::Duplicate,
            // A provider that makes an order cannot miss it.
            Trouble::NotFound { reason } | Trouble::Refused { reason } => Self::Refused { message: reason },
            Trouble::Invalid { reason } => Self::Invalid { message: reason },
        }
    }
}

impl From<Trouble> for StatusAnswer {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotReached { .. } => Self::NotReached,
            // A question does no harm twice, nor does a cancellation.
            Trouble::Later { after, .. } | Trouble::Lost { after, .. } => Self::Later { after },
            Trouble::NotFound { .. } => Self::NotFound,
            // Nothing is made by a question, so nothing can be there already.
            Trouble::Duplicate { reason } | Trouble::Refused { reason } => Self::Refused { message: reason },
            Trouble::Invalid { reason } => Self::Invalid { message: reason },
        }
    }
}
