//! Decides whose webhook a proven one is. Knows no table of orders: an order names its terminal itself. The till judges
//! what the webhook says.

use till_wire::provider::{Heard, Said};
use till_wire::{OrderRef, Topic, UnixTime};

use crate::config::Channel;
use crate::metrics::Outcome;

/// Returns the topic. An order of ours wins over an order that is only named in the transfer's text; of what names
/// neither, money alone is worth a fallback.
pub(super) fn of(channel: &Channel, heard: &Heard, now: UnixTime) -> (Topic, Outcome) {
    let ours = |order: Option<OrderRef>| order.filter(|order| !order.is_foreign(now)).map(OrderRef::terminal);
    let (named, fallback) = match &heard.said {
        Said::Transfer(_) => (ours(heard.order).or(ours(heard.purpose)), channel.fallback),
        Said::NoPayment | Said::Ready(_) | Said::Action(_, _) | Said::Refunds(_) | Said::Hint => {
            (ours(heard.order).or(ours(heard.purpose)), None)
        }
        // No till would know what to do with it, whatever order it names.
        Said::Sample | Said::Nothing => (None, None),
    };
    match (named, fallback) {
        (Some(till), _) => (Topic::Webhook(till), Outcome::Routed),
        (None, Some(till)) => (Topic::Webhook(till), Outcome::Fallback),
        (None, None) => (Topic::Unrouted(channel.id.clone()), Outcome::Unrouted),
    }
}
