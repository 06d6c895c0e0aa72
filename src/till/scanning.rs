//! The order number that a scanner reads: it belongs to the amount that is being typed, or to the next one. It must not
//! know what a scanner is.

use super::Till;
use super::entry::{Shape, Typed};
use super::event::ReplyTo;
use super::keypad::ENTRY;
use super::step::{Answer, Step};
use super::time::{Now, Tick};

/// An order number that waits for its sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// What was read: 1 to 100 printable ASCII characters.
    pub reference: String,
    /// When it is forgotten.
    pub until: Tick,
}

impl Till {
    /// Keeps an order number for the sale that is being typed, in place of the one before.
    pub(super) fn on_reference_scanned(&mut self, reference: String, reply: ReplyTo, now: Now, step: &mut Step) {
        self.forget_entry(now);
        if let Some(busy) = self.sales.values().find(|sale| sale.is_busy()) {
            // It is not this sale's, and the next one's comes when its customer does.
            return step.reply(reply, Answer::Busy(busy.id));
        }
        if self.current_sale().is_some_and(|sale| sale.ending().is_some()) {
            self.clear_result();
        }
        self.glance = None;
        let until = now.tick + ENTRY;
        if let Some(entry) = &mut self.entry {
            entry.until = until;
        }
        self.scanned = Some(Scanned { reference, until });
        let sale = self.current_sale().map(|sale| Box::new(sale.clone()));
        step.reply(reply, Answer::Keyed { entry: self.typed(), sale });
    }

    /// The cashier is there, whatever came of the key: an order number is not forgotten before its amount.
    pub(super) fn keep_scanned(&mut self, until: Tick) {
        if let Some(scanned) = &mut self.scanned {
            scanned.until = until;
        }
    }

    /// Returns what is typed, or scanned, as it is to be seen.
    pub(super) fn typed(&self) -> Option<Typed> {
        let reference = self.scanned.as_ref().map(|scanned| scanned.reference.clone());
        let typed = self.entry.as_ref().map(|entry| entry.seen(self.rules.max_amount));
        let nothing = Typed { text: String::new(), sum: None, shape: Shape::Plain, problem: None, reference: None };
        match (typed, reference) {
            (Some(typed), reference) => Some(Typed { reference, ..typed }),
            (None, Some(reference)) => Some(Typed { reference: Some(reference), ..nothing }),
            (None, None) => None,
        }
    }
}
