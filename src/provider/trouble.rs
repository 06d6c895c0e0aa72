//! From an answer over HTTP to what a provider judges, and from its trouble to what a till may do next. It must not know
//! when that is done, nor any provider's codes.

use till_wire::UnixTime;
use till_wire::provider::{Refusal, RefusalCause, Reply, Trouble, Unreached, Verdict};

use super::headers;
use super::http::{BodyFault, Class, Exchange, Response};
use crate::till::{Barrier, ConfirmAnswer, CreateAnswer, Fault, StatusAnswer};

/// Sorts out whatever needs no look into the body. `now` is the time for the provider.
pub(super) fn weigh(provider: &str, signed: &[&str], exchange: Exchange, now: UnixTime) -> Result<Reply, Trouble> {
    match exchange {
        Exchange::NotReached { cause, reason } => {
            Err(Trouble::NotReached { cause, reason: format!("cannot reach {provider}: {reason}") })
        }
        Exchange::Broken { reason } => {
            let reason = format!("the answer of {provider} is lost: {reason}");
            Err(Trouble::Lost { reason, after: None })
        }
        Exchange::Answered(response) => weigh_response(provider, signed, response, now),
    }
}

fn weigh_response(provider: &str, signed: &[&str], response: Response, now: UnixTime) -> Result<Reply, Trouble> {
    let after = headers::wait(&response.headers, now);
    let reason = format!("{provider} answered with HTTP status {}", response.status);
    let headers = headers::named(&response.headers, signed);
    match response.class {
        Class::Said => match response.body {
            Ok(body) => Ok(Reply { verdict: Verdict::Yes, headers, body, after }),
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
            let verdict = Verdict::Forbidden { reason };
            Ok(Reply { verdict, headers, body: response.body.unwrap_or_default(), after })
        }
        Class::Refused => {
            let verdict = Verdict::No { status: response.status, reason };
            Ok(Reply { verdict, headers, body: response.body.unwrap_or_default(), after })
        }
        Class::Strange => Err(Trouble::Invalid { reason }),
    }
}

/// What the trouble says of the channel: one that stands in the way of every sale, or of this request alone.
pub(super) fn fault(trouble: &Trouble) -> Fault {
    let barrier = match trouble {
        Trouble::NotReached { cause, .. } => match cause {
            Unreached::Network => Some(Barrier::Network),
            Unreached::Server => Some(Barrier::Silence),
            Unreached::Certificate => Some(Barrier::Certificate),
            // That the clock is not set is said by the clock.
            Unreached::Terminal => None,
        },
        Trouble::Later { .. } | Trouble::Lost { .. } => Some(Barrier::Silence),
        Trouble::Refused(refusal) => match refusal.cause {
            RefusalCause::Access => Some(Barrier::Access),
            RefusalCause::Channel => Some(Barrier::Shut),
            RefusalCause::Unsaid | RefusalCause::Order => None,
        },
        Trouble::Duplicate { .. } | Trouble::NotFound { .. } | Trouble::Invalid { .. } => None,
    };
    Fault { barrier, reason: trouble.reason().to_owned() }
}

/// What a till may do after trouble with a creating request; `repeats` tells whether a lost one may simply be sent again.
pub(super) fn of_creating(trouble: Trouble, repeats: bool) -> CreateAnswer {
    match trouble {
        Trouble::NotReached { .. } => CreateAnswer::NotReached,
        Trouble::Later { after, .. } => CreateAnswer::Later { after },
        Trouble::Lost { after, .. } if repeats => CreateAnswer::Repeatable { after },
        Trouble::Lost { after, .. } => CreateAnswer::Lost { after },
        Trouble::Duplicate { .. } => CreateAnswer::Duplicate,
        // A provider that makes an order cannot miss it.
        Trouble::NotFound { reason } => CreateAnswer::Refused(Refusal::unsaid(reason)),
        Trouble::Refused(refusal) => CreateAnswer::Refused(refusal),
        Trouble::Invalid { reason } => CreateAnswer::Invalid { message: reason },
    }
}

/// What a till may do after trouble with a confirmation, which must not be given twice.
pub(super) fn of_confirming(trouble: Trouble) -> ConfirmAnswer {
    match trouble {
        Trouble::NotReached { .. } => ConfirmAnswer::NotHeard { after: None },
        Trouble::Later { after, .. } => ConfirmAnswer::NotHeard { after },
        Trouble::Lost { .. }
        | Trouble::Duplicate { .. }
        | Trouble::NotFound { .. }
        | Trouble::Refused(_)
        | Trouble::Invalid { .. } => ConfirmAnswer::Unknown,
    }
}

/// What a till may do after trouble with a question or a cancellation.
pub(super) fn of_asking(trouble: Trouble) -> StatusAnswer {
    match trouble {
        Trouble::NotReached { .. } => StatusAnswer::NotReached,
        // A question does no harm twice, nor does a cancellation.
        Trouble::Later { after, .. } | Trouble::Lost { after, .. } => StatusAnswer::Later { after },
        Trouble::NotFound { .. } => StatusAnswer::NotFound,
        // Nothing is made by a question, so nothing can be there already.
        Trouble::Duplicate { reason } => StatusAnswer::Refused(Refusal::unsaid(reason)),
        Trouble::Refused(refusal) => StatusAnswer::Refused(refusal),
        Trouble::Invalid { reason } => StatusAnswer::Invalid { message: reason },
    }
}
