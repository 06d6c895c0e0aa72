//! The log's lines by which one payment can be followed: a webhook that came, what the till made of it, and the picture
//! that says PAID. The envelope's id stands in them as `webhook`, as in the bridge's log, and the sale's as `sale`
//! (docs/support.md). It must not decide anything.

use till_wire::{Envelope, EnvelopeId, SaleId};

use crate::till::{Effect, Event, Generation, Scene, Step, View, Write};

/// What the till made of one webhook.
pub(super) struct Judged {
    webhook: EnvelopeId,
    outcome: &'static str,
    sale: Option<SaleId>,
    paid: Option<u64>,
    receipt: Option<String>,
}

/// A webhook came over the broker; nothing in it is proven yet.
pub(super) fn received(envelope: &Envelope) {
    tracing::info!(webhook = %envelope.id, channel = %envelope.channel, taken_at = %envelope.received_at, "webhook received");
}

/// Returns the webhook of an event.
pub(super) fn webhook(event: &Event) -> Option<EnvelopeId> {
    if let Event::WebhookArrived { envelope, .. } = event { Some(*envelope) } else { None }
}

/// Reads out of a step what the till made of a webhook.
pub(super) fn judged(webhook: EnvelopeId, step: &Step) -> Judged {
    let nothing = || Judged { webhook, outcome: "nothing new", sale: None, paid: None, receipt: None };
    let written = step.writes.iter().rev().find_map(|write| match write {
        Write::Sale(sale) => {
            let (sale, paid) = (Some(sale.id), Some(sale.paid_amount()));
            Some(Judged { outcome: "a sale changed", sale, paid, ..nothing() })
        }
        Write::Receipt(receipt) => {
            let receipt = Some(receipt.key.to_string());
            Some(Judged { outcome: "money without a sale", receipt, ..nothing() })
        }
        Write::Journal(_)
        | Write::Sequence(_)
        | Write::Key(_)
        | Write::ForgetKey(_)
        | Write::Owe(_)
        | Write::Settle(_)
        | Write::Online(_)
        | Write::Command(_)
        | Write::ForgetCommand { .. }
        | Write::Service(_) => None,
    });
    let asked = step.effects.iter().find_map(|effect| {
        let Effect::Ask { order, .. } = effect else { return None };
        Some(order.sale)
    });
    match (written, asked) {
        (Some(written), _) => written,
        (None, Some(sale)) => Judged { outcome: "the provider is asked", sale: Some(sale), ..nothing() },
        (None, None) => nothing(),
    }
}

/// The webhook that a sale heard of last, so that the picture can be told under its id too.
#[derive(Debug, Default)]
pub(super) struct Followed(Option<(SaleId, EnvelopeId)>);

impl Followed {
    /// Tells what the till made of a webhook; `is_kept` says whether the disk has it.
    pub(super) fn judged(&mut self, judged: Judged, is_kept: bool) {
        let Judged { webhook, outcome, sale, paid, receipt } = judged;
        if is_kept {
            self.0 = sale.map(|sale| (sale, webhook)).or(self.0);
            let sale = sale.map(tracing::field::display);
            tracing::info!(%webhook, outcome, sale, paid, receipt, "webhook judged");
        } else {
            tracing::warn!(%webhook, "webhook not judged: the store cannot be used; it comes again");
        }
    }

    /// A picture is on the display: says so if it is the one that says PAID. A sale that was settled by asking the provider
    /// has no webhook.
    pub(super) fn shown(&self, scene: Option<&Scene>, generation: Generation) {
        let Some(Scene { generation: newest, view: View::Paid { sale, .. } }) = scene else { return };
        if *newest == generation {
            let webhook = self.0.filter(|(of, _)| of == sale).map(|(_, webhook)| tracing::field::display(webhook));
            tracing::info!(webhook, %sale, "PAID is shown");
        }
    }
}
