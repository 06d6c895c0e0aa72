//! What must be true when everything is quiet: every sale has ended, every đồng is where it belongs, nothing is owed.

use std::collections::BTreeSet;

use till_wire::sale::SaleState;
use tilld::till::{FailureCode, ProviderId, Sale, Subject};

use crate::plan::BrokerFate;
use crate::world::{Verdict, World, broken};

impl World {
    /// Twenty quiet minutes after the last sale began, each has ended.
    pub(crate) fn judge_that_all_ended(&self) -> Verdict {
        // What was made offline waits longer, for its money.
        let waits = |sale: &&Sale| sale.ending().is_none() && !sale.is_open_offline();
        match self.disk.sales.values().find(waits) {
            Some(sale) => broken("P7", format!("{} has not ended: {:?}", sale.id, sale.state)),
            None => Ok(()),
        }
    }

    pub(crate) fn judge_the_end(&mut self) -> Verdict {
        self.count();
        self.judge_that_all_ended()?;
        self.judge_commands_ended()?;
        if let Some(sale) = self.disk.sales.values().find(|sale| sale.is_alive()) {
            return broken("P9", format!("{} is never done: {:?} {:?}", sale.id, sale.watch, sale.attempts));
        }
        for (id, amount) in &self.facts.promised {
            let sale = self.disk.sales.get(id).or_else(|| self.facts.lost.get(id));
            if sale.is_none_or(|sale| sale.amount.value() != *amount) {
                return broken("P2", format!("{id} was promised and is gone"));
            }
        }
        self.judge_orders()?;
        self.judge_money()?;
        self.judge_all_refunds()?;
        self.judge_outbox()
    }

    /// Whether the terminal had to learn of money that no webhook brought: by asking, until a day after the end.
    fn is_asked_about(&self, id: &ProviderId) -> bool {
        let of_order = |sale: &&Sale| sale.attempts.iter().any(|attempt| attempt.provider_id.as_ref() == Some(id));
        // A paid sale's own order is not asked about any more: only a webhook can tell of more money on it.
        self.disk.sales.values().find(of_order).is_some_and(|sale| sale.seen_state() != SaleState::Paid)
    }

    /// Whether the money is only a webhook's word about an order of a sale that needs more (contract §3): then the
    /// sale has a person look.
    fn is_unproven(&self, id: &ProviderId) -> bool {
        let Some(real) = self.provider.reals.iter().find(|real| real.id == *id && real.strange) else { return false };
        let sale = self.disk.sales.values().find(|sale| sale.attempt(real.order).is_some());
        sale.is_some_and(|sale| self.is_careful(sale) && sale.marks.attention)
    }

    /// Every transfer is in a sale or in a receipt, with its amount.
    fn judge_money(&self) -> Verdict {
        let ids: BTreeSet<&ProviderId> = self.provider.reals.iter().map(|real| &real.id).collect();
        for id in ids {
            let real: u64 = self.provider.reals.iter().filter(|real| real.id == *id).map(|real| real.amount).sum();
            let payments = self.disk.sales.values().flat_map(|sale| &sale.payments);
            let paid: u64 = payments.filter(|known| known.provider_id == *id).map(|known| known.amount.value()).sum();
            let receipts =
                self.disk.receipts.values().filter(|receipt| receipt.provider_id == *id && receipt.sale.is_none());
            let kept: u64 = receipts.map(|receipt| receipt.amount.value()).sum();
            if paid + kept > real {
                return broken("P3", format!("{real} came for {}, {paid} + {kept} are counted", id.0));
            }
            // What any replica of the bridge has answered with 200 arrives.
            let taken = self.provider.reals.iter().filter(|real| real.id == *id).all(|real| real.taken);
            let must_be_known = (self.plan.broker == BrokerFate::Stays && taken) || self.is_asked_about(id);
            if paid + kept < real && must_be_known && !self.is_unproven(id) {
                return broken("P4", format!("{real} came for {}, only {paid} + {kept} are counted", id.0));
            }
        }
        Ok(())
    }

    /// With a broker, the world has the newest revision of everything.
    fn judge_outbox(&self) -> Verdict {
        if self.plan.broker != BrokerFate::Stays {
            return Ok(());
        }
        if let Some(owed) = self.disk.owed.values().next() {
            return broken("P2", format!("{owed:?} was never delivered"));
        }
        let heard = |subject| self.broker.heard.get(&subject).copied().unwrap_or(0);
        let sale = self.disk.sales.values().find(|sale| heard(Subject::Sale(sale.id)) != sale.revision);
        let receipt =
            self.disk.receipts.values().find(|receipt| heard(Subject::Receipt(receipt.key)) != receipt.revision);
        match (sale, receipt) {
            (None, None) => Ok(()),
            (sale, receipt) => broken("P2", format!("nobody heard of {sale:?} {receipt:?}")),
        }
    }

    fn count(&mut self) {
        self.facts.tally.kinds.count(&self.provider, self.disk.sales.values());
        let tally = &mut self.facts.tally;
        for sale in self.disk.sales.values() {
            tally.sales += 1;
            let failure = sale.seen_failure().map(|failure| failure.code);
            tally.limited += u64::from(failure == Some(FailureCode::OfflineLimit));
            tally.offline_paid += u64::from(sale.offline.is_some() && sale.seen_state() == SaleState::Paid);
            tally.late += u64::from(sale.marks.late);
            tally.attention += u64::from(sale.marks.attention);
            tally.further_attempts += u64::from(sale.attempts.len() > 1);
            match sale.seen_state() {
                SaleState::Paid => tally.paid += 1,
                SaleState::Expired => tally.expired += 1,
                SaleState::Cancelled => tally.cancelled += 1,
                SaleState::Failed => tally.failed += 1,
                SaleState::Requesting | SaleState::Showing | SaleState::Unconfirmed | SaleState::Cancelling => {}
            }
        }
        tally.receipts += self.disk.receipts.values().count() as u64;
    }
}
