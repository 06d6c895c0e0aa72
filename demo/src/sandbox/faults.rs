//! What a sandbox does wrong on demand: which fault meets which call, and how often. It must not know what an answer
//! looks like, or which calls a provider has.

use std::collections::VecDeque;
use std::time::Duration;

/// One thing that goes wrong. "Properly signed" goes for providers that sign their answers; a provider passes over what it
/// has nothing to do with: no code, no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: lets calls pass before the next fault's turn.
    Pass,
    /// The answer comes that much later. It combines with another fault: delays have a queue of their own.
    Delay(Duration),
    /// A business error with this code and HTTP 200; the call is not carried out.
    Refuse(String),
    /// An HTTP error, with `Retry-After` in whole seconds if given; the call is not carried out.
    HttpStatus {
        /// E.g. 500 or 429.
        status: u16,
        /// The header `Retry-After`.
        retry_after_s: Option<u32>,
    },
    /// The call is carried out, and the answer is this HTTP error all the same.
    HttpStatusAfter(u16),
    /// The call is carried out, and the connection closes without one byte of answer.
    CloseBeforeAnswer,
    /// The connection closes and nothing is carried out.
    CloseBeforeProcessing,
    /// A page for people instead of JSON, HTTP 200, as a captive portal or a proxy sends it; nothing is carried out.
    Html,
    /// The call is carried out; half of the answer's body arrives, then the connection closes.
    HalfBody,
    /// The call is carried out; the answer has no signature.
    NoSignature,
    /// The call is carried out; the answer's signature is wrong in its last digit.
    WrongSignature,
    /// The call is carried out; the answer is about another order of the same amount, properly signed.
    OtherOrder,
    /// The code carries 1 000 đồng more than it should; properly signed, its checksum is right.
    OtherAmountInQr,
    /// The code's checksum is wrong; properly signed.
    BrokenQr,
    /// No code in the answer; properly signed.
    NoQr,
    /// This text instead of the code; properly signed.
    OtherQr(String),
    /// A field that nobody has heard of in the answer's data; properly signed. No real fault: clients must take it.
    ExtraField,
}

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// For that many calls of its kind.
    Calls(u32),
    /// Until `reset_faults`.
    UntilReset,
}

/// How an answer's signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    Right,
    Wrong,
    Absent,
}

impl Fault {
    /// What it does to an answer's signature.
    pub(crate) fn signing(&self) -> Signing {
        match self {
            Self::WrongSignature => Signing::Wrong,
            Self::NoSignature => Signing::Absent,
            Self::Pass
            | Self::Delay(_)
            | Self::Refuse(_)
            | Self::HttpStatus { .. }
            | Self::HttpStatusAfter(_)
            | Self::CloseBeforeAnswer
            | Self::CloseBeforeProcessing
            | Self::Html
            | Self::HalfBody
            | Self::OtherOrder
            | Self::OtherAmountInQr
            | Self::BrokenQr
            | Self::NoQr
            | Self::OtherQr(_)
            | Self::ExtraField => Signing::Right,
        }
    }
}

/// A text such as a signature or a code with its last digit changed.
pub(crate) fn spoiled(text: &str) -> String {
    let mut text = text.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}

/// What meets one call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) delay: Duration,
    pub(super) fault: Fault,
}

#[derive(Debug)]
struct Planned<K> {
    kind: K,
    fault: Fault,
    lasting: Lasting,
}

/// All faults that are still to come, in order. The first of a kind meets the next call; when it is used up, the next
/// one follows.
#[derive(Debug)]
pub(super) struct Faults<K> {
    delays: VecDeque<Planned<K>>,
    others: VecDeque<Planned<K>>,
}

impl<K> Default for Faults<K> {
    fn default() -> Self {
        Self { delays: VecDeque::new(), others: VecDeque::new() }
    }
}

impl<K: Copy + PartialEq> Faults<K> {
    pub(super) fn plan(&mut self, kind: K, fault: Fault, lasting: Lasting) {
        let queue = if matches!(fault, Fault::Delay(_)) { &mut self.delays } else { &mut self.others };
        queue.push_back(Planned { kind, fault, lasting });
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes what meets this call.
    pub(super) fn meet(&mut self, kind: K) -> Trouble {
        let delay = match next_of(&mut self.delays, kind) {
            Some(Fault::Delay(time)) => time,
            Some(_) | None => Duration::ZERO,
        };
        Trouble { delay, fault: next_of(&mut self.others, kind).unwrap_or(Fault::Pass) }
    }
}

fn next_of<K: Copy + PartialEq>(queue: &mut VecDeque<Planned<K>>, kind: K) -> Option<Fault> {
    queue.retain(|planned| planned.lasting != Lasting::Calls(0));
    let planned = queue.iter_mut().find(|planned| planned.kind == kind)?;
    if let Lasting::Calls(left) = &mut planned.lasting {
        *left = left.saturating_sub(1);
    }
    Some(planned.fault.clone())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, Faults, Lasting};

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum CallKind {
        Create,
        Get,
    }

    #[test]
    fn faults_of_a_kind_come_in_order_and_a_delay_joins_them() {
        let mut faults = Faults::default();
        let second = Duration::from_secs(1);
        faults.plan(CallKind::Create, Fault::Pass, Lasting::Calls(1));
        faults.plan(CallKind::Get, Fault::NoSignature, Lasting::Calls(0));
        faults.plan(CallKind::Create, Fault::Html, Lasting::Calls(1));
        faults.plan(CallKind::Create, Fault::NoQr, Lasting::UntilReset);
        faults.plan(CallKind::Create, Fault::Delay(second), Lasting::Calls(3));
        let met: Vec<_> = (0..4).map(|_| faults.meet(CallKind::Create)).map(|t| (t.fault, t.delay)).collect();
        let none = Duration::ZERO;
        assert_eq!(met, [(Fault::Pass, second), (Fault::Html, second), (Fault::NoQr, second), (Fault::NoQr, none)]);
        assert_eq!(faults.meet(CallKind::Get).fault, Fault::Pass);
        faults.reset();
        assert_eq!(faults.meet(CallKind::Create).fault, Fault::Pass);
    }
}
