//! What Finan's documentation leaves open or says in two ways, as switches (providers.md §2). It must not know what follows
//! from them.

use super::signing::SignatureKind;

/// How this Finan behaves where nobody outside knows it. The first choice of each is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// How signatures are made, in both directions.
    pub signature: SignatureKind,
    /// How ids are written in status answers and webhooks; an answer to a create has the bare one.
    pub ids: IdForm,
    /// What happens to a `reference_id` that was used before.
    pub duplicates: Duplicates,
    /// The HTTP status of a refusal. A call that is not authenticated gets 401 in any case.
    pub refusals: Refusals,
    /// How the answer about one payment request is wrapped.
    pub single: Single,
    /// What a webhook has for `payment_request_id` when nobody had asked for the money.
    pub unasked: Unasked,
    /// Where a webhook has what the payer typed when nobody had asked for the money.
    pub typed: Typed,
}

/// How an id is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdForm {
    /// `PR-` and the id, as in the documentation's examples.
    #[default]
    Prefixed,
    /// As in the answer to a create.
    Bare,
}

/// What happens to a reference that comes again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It gets another payment request.
    #[default]
    Accepted,
    /// It is refused.
    Refused,
}

/// The HTTP status of refusals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusals {
    /// 400, 404 or 409.
    #[default]
    Telling,
    /// 200; only the code in the body tells.
    Ok,
}

/// The `data` of an answer about one payment request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Single {
    /// The object.
    #[default]
    Object,
    /// A list with the object in it, as in the documentation's only example.
    List,
}

/// A `payment_request_id` that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unasked {
    /// An empty text.
    #[default]
    Empty,
    /// No such field.
    Absent,
    /// `null`.
    Null,
}

/// The field with the payer's own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typed {
    /// `reference_id`.
    #[default]
    ReferenceId,
    /// `description`; `reference_id` is empty.
    Description,
    /// `remark`; `reference_id` is empty.
    Remark,
}
