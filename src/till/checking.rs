//! Money that is reported but not proven: while the provider is asked, the sale's code is off the display, so that nobody
//! pays a second time what has come already (contract §3, double proof). The sale itself goes on meanwhile.

use till_wire::SaleId;

use super::Till;
use super::rules::QUESTION_LOST;
use super::sale::{AskId, Sale, State};
use super::time::{Now, Tick};

/// The sale whose code is off the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checking {
    /// Which.
    pub sale: SaleId,
    /// The newest question about reported money; its answer or that of a later one ends the checking.
    pub ask: AskId,
    /// When the code comes back without an answer. Further reports do not put it off.
    pub until: Tick,
}

impl Till {
    /// The provider has just been asked about reported money of this sale.
    pub(super) fn begin_checking(&mut self, sale: &Sale, now: Now) {
        if self.current != Some(sale.id) || !sale.is_showing() {
            return;
        }
        let ask = AskId(self.asks);
        match &mut self.checking {
            Some(checking) if checking.sale == sale.id => checking.ask = ask,
            Some(_) | None => {
                self.next_generation();
                self.checking = Some(Checking { sale: sale.id, ask, until: now.tick + QUESTION_LOST });
            }
        }
    }

    /// A question about a sale has been answered, whatever the answer is.
    pub(super) fn checking_answered(&mut self, sale: SaleId, ask: AskId, now: Now) {
        if let Some(checking) = self.checking.as_mut().filter(|checking| checking.sale == sale && ask >= checking.ask) {
            checking.until = now.tick;
        }
    }

    pub(super) fn is_checking(&self, sale: &Sale) -> bool {
        self.checking.is_some_and(|checking| checking.sale == sale.id)
    }

    /// Ends the checking when it is answered, lost or overtaken; a code that is still to be paid appears again.
    pub(super) fn checking_due(&mut self, now: Now) {
        let Some(checking) = self.checking else {
            return;
        };
        let showing = self.current == Some(checking.sale) && self.current_sale().is_some_and(Sale::is_showing);
        if showing && checking.until > now.tick {
            return;
        }
        self.checking = None;
        if showing {
            // A picture of its own: the panel's word about the one before must not pass for a word about the code.
            self.next_generation();
        }
    }
}

impl Sale {
    fn is_showing(&self) -> bool {
        match self.state {
            State::Showing { .. } => true,
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => false,
        }
    }
}
