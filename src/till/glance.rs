//! What a key asks to see for a moment on a display on which nothing goes on: the last sale's result, and what the day
//! comes to. It changes no sale, and gives way to whatever comes.

use till_wire::{Amount, OrderRef, SaleId};

use super::Till;
use super::event::Lookup;
use super::mutant::Mutant;
use super::step::{Effect, Step};
use super::time::{Now, Tick};
use super::view::View;

/// What is to be seen for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// What.
    pub at: GlanceAt,
    /// When it leaves the display.
    pub until: Tick,
}

/// What a glance is cast at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlanceAt {
    /// The result of a sale.
    Sale(SaleId),
    /// What the day comes to.
    Day(Takings),
}

/// What the sales that were made in a day come to, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takings {
    /// How many of them are paid.
    pub paid: u64,
    /// What was paid for those.
    pub amount: Amount,
    /// How many are under way: requesting, showing or cancelling.
    pub open: u64,
    /// How many had a code that was made without network, of which nothing is known yet.
    pub unconfirmed: u64,
}

impl Till {
    /// Shows the newest result again, unless something goes on that is worth more.
    pub(super) fn glance_at_last(&mut self, now: Now) {
        let newest = self.sales.values().rev().find(|sale| sale.ending().is_some()).map(|sale| sale.id);
        if let Some(id) = newest.filter(|_| self.is_free()) {
            self.clear_result();
            self.glance = Some(Glance { at: GlanceAt::Sale(id), until: now.tick + self.rules.result });
        }
    }

    /// Asks what the day comes to; the store knows.
    pub(super) fn glance_at_day(&self, step: &mut Step) {
        if self.is_free() {
            step.effects.push(Effect::Reckon);
        }
    }

    pub(super) fn on_day_reckoned(&mut self, takings: Takings, now: Now) {
        if self.is_free() || Mutant::ShowsTheDayOverASale.is_on() {
            self.clear_result();
            self.glance = Some(Glance { at: GlanceAt::Day(takings), until: now.tick + self.rules.result });
        }
    }

    /// Tells whether nothing is on the display that a glance would hide: a result may be, for it has been seen.
    fn is_free(&self) -> bool {
        let current = self.current_sale().is_none_or(|sale| sale.ending().is_some());
        current && self.entry.is_none() && self.scanned.is_none() && !self.sales.values().any(|sale| sale.is_busy())
    }

    /// Names the newest sale that may have a result when it is not in memory: one that has nothing left to do is forgotten
    /// with a restart. What has no result yet is in memory, so the way back to it is short.
    pub(super) fn lookup_last(&self) -> Option<Lookup> {
        let orders = (0..=self.sequence?).rev().map_while(|sequence| OrderRef::new(self.rules.terminal, sequence));
        for order in orders {
            match self.sale_of_order(order).and_then(|id| self.sales.get(&id)) {
                None => return Some(Lookup { order: Some(order), ..Lookup::default() }),
                Some(sale) if sale.ending().is_some() => return None,
                Some(_) => {}
            }
        }
        None
    }

    /// Returns the sale that a glance is cast at, which must not be forgotten meanwhile.
    pub(super) fn glanced(&self) -> Option<SaleId> {
        match &self.glance.as_ref()?.at {
            GlanceAt::Sale(id) => Some(*id),
            GlanceAt::Day(_) => None,
        }
    }

    pub(super) fn glance_view(&self) -> Option<View> {
        match &self.glance.as_ref()?.at {
            GlanceAt::Sale(id) => self.sales.get(id)?.last_view(),
            GlanceAt::Day(takings) => Some(View::Day { takings: *takings }),
        }
    }

    pub(super) fn glance_due(&mut self, now: Now) {
        if self.glance.as_ref().is_some_and(|glance| glance.until <= now.tick) {
            self.glance = None;
        }
    }
}
