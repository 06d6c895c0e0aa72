//! What Smart Glocal may do one way or the other: settled with the account manager, different between pages of its
//! documentation, or unknown. It must not know sessions.

use std::time::Duration;

use super::interaction::Action;
use super::session::Version;

/// How the sandbox behaves from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Whether webhooks are sent. Without them a shop asks with `session/status`.
    pub webhooks: Webhooks,
    /// Which names webhooks speak; answers speak those of the call's path.
    pub names: Names,
    /// Which pages of the documentation bodies follow.
    pub pages: Pages,
    /// How long an answer takes after its call was carried out: webhooks overtake it.
    pub answers_after: Duration,
    /// How answers are signed.
    pub answer_signature: Signature,
    /// How webhooks are signed.
    pub webhook_signature: Signature,
    /// Whether sessions wait for `session/confirm`.
    pub confirmation: Confirmation,
    /// When Smart Glocal is ready after the start.
    pub ready: Pace,
    /// When it is known what the customer has to do, after the confirmation.
    pub action: Pace,
    /// What the customer has to do.
    pub required: Action,
    /// Until when `session/cancel` works.
    pub cancelling: Cancelling,
    /// What the answer to `session/cancel` shows.
    pub cancel_answer: CancelAnswer,
    /// Whether a cancelled session is told with `payment_finished`.
    pub cancellations: Cancellations,
    /// How the status of a cancelled session is written.
    pub spelling: Spelling,
    /// How currencies are written.
    pub currency: CurrencyCase,
    /// How many units of `amount` make one đồng (providers.md §3.3: unconfirmed).
    pub minor_units: u64,
    /// The header that makes `session/init/payment` safe to repeat; none is confirmed.
    pub idempotency_header: Option<String>,
    /// What `ready_to_confirm` says otherwise than the session.
    pub ready_says: Otherwise,
    /// What `payment_finished` says otherwise than the session.
    pub finished_says: Otherwise,
    /// What `session/status` says otherwise than the session.
    pub status_says: Otherwise,
}

impl Default for Habits {
    /// As the documentation has it; its page on e-wallets in Vietnam comes before the reference.
    fn default() -> Self {
        Self {
            webhooks: Webhooks::Sent,
            names: Names::OfTheSession,
            pages: Pages::Vietnam,
            answers_after: Duration::ZERO,
            answer_signature: Signature::Right,
            webhook_signature: Signature::Right,
            confirmation: Confirmation::ByTheShop,
            ready: Pace::AtOnce,
            action: Pace::AtOnce,
            required: Action::Redirect,
            cancelling: Cancelling::UntilPaid,
            cancel_answer: CancelAnswer::AsBefore,
            cancellations: Cancellations::Silent,
            spelling: Spelling::Double,
            currency: CurrencyCase::AsSent,
            minor_units: 1,
            idempotency_header: None,
            ready_says: Otherwise::default(),
            finished_says: Otherwise::default(),
            status_says: Otherwise::default(),
        }
    }
}

/// Whether webhooks are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Webhooks {
    /// Until they get 2xx.
    Sent,
    /// Not at all: the shop asked for none.
    Off,
}

/// The names of fields in webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Those of the version under which the session was made.
    OfTheSession,
    /// Always those of one version.
    Always(Version),
}

/// Which pages of the documentation bodies follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// E-wallets in Vietnam: the next step is in the times of `actions`, webhooks have `status`, and a payment that
    /// waits for its confirmation is `in_progress`.
    Vietnam,
    /// The reference: the next step is `next_action`, and a payment that waits for its confirmation is `pending`.
    Reference,
}

/// How a body is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// With Smart Glocal's key.
    Right,
    /// With another key: the shop's own.
    OtherKey,
    /// Over another body.
    OtherBody,
    /// Not at all.
    Absent,
}

/// Whether sessions wait for `session/confirm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `ready_to_confirm` is sent, and the shop confirms.
    ByTheShop,
    /// The account manager has switched confirmations off: no `ready_to_confirm`.
    Automatic,
}

/// When a step is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With the call before it.
    AtOnce,
    /// When the test says so.
    Held,
}

/// Until when `session/cancel` works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// Until the customer has paid.
    UntilPaid,
    /// Only instead of a confirmation, as the documentation of `session/cancel` can be read.
    UntilConfirmed,
}

/// What the answer to `session/cancel` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelAnswer {
    /// The session as it was before (`in_progress`), as the documentation's example of the answer has it.
    AsBefore,
    /// The session as it ends.
    AsItEnds,
}

/// Whether a session that was cancelled, by the shop or by time, is told with `payment_finished`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellations {
    /// No webhook.
    Silent,
    /// A webhook with a failed payment.
    Told,
}

/// How the status of a cancelled session is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `cancelled`, as on the page of objects.
    Double,
    /// `canceled`, as on the pages of webhooks.
    Single,
}

/// How currencies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurrencyCase {
    /// As the shop wrote them.
    AsSent,
    /// `VND`
    Upper,
    /// `vnd`
    Lower,
}

/// What is told otherwise than it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// Another `amount_details.amount`.
    pub amount: Option<u64>,
    /// Another `amount_details.currency`.
    pub currency: Option<String>,
    /// Another `customer.reference`.
    pub reference: Option<String>,
}
