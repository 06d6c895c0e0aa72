//! Codes that the terminal makes itself: customers who pay into the account, the supervisor who settles by hand, and what
//! must be true of both.

use std::time::Duration;

use till_wire::emv::VietQr;
use till_wire::{Amount, OrderRef, SaleId};
use tilld::till::{Event, Offline, OfflineCodes, ProviderId, ReplyTo, Sale, Stage, State};

use crate::happening::Happening;
use crate::panel::Visible;
use crate::plan::{ACCOUNT, Kind};
use crate::provider::Real;
use crate::world::{Verdict, World, broken};

impl World {
    pub(crate) fn offline_codes(&self) -> Option<&OfflineCodes> {
        match &self.plan.rules.offline {
            Offline::VietQr(codes) => Some(codes),
            Offline::Refuse | Offline::Wait(_) => None,
        }
    }

    /// A customer scans a code that no provider made.
    pub(crate) fn scan_account(&mut self, code: &Visible) {
        let Ok(read) = VietQr::parse(&code.text) else { return };
        let order = read.purpose.as_deref().and_then(OrderRef::find_purpose);
        let (Some(order), Some(amount)) = (order, read.amount) else { return };
        if self.people.seen.insert(ProviderId(code.text.clone())) {
            self.decide(amount.value(), |amount| Happening::PayAccount { order, amount });
        }
    }

    pub(crate) fn pay_account(&mut self, order: OrderRef, amount: u64) {
        let Some(kind) = self.offline_codes().map(|codes| Kind::of(&codes.channel)) else { return };
        let real = self.provider.pay_account(kind, order, amount);
        self.send_webhooks(real);
    }

    /// The supervisor has seen the money at the bank, or says so.
    pub(crate) fn vouch(&mut self, sale: SaleId, reply: ReplyTo) -> Event {
        self.facts.vouched.insert(sale);
        Event::ConfirmWanted { sale, reply }
    }

    /// Whether the money came into the account for the code of this very sale.
    pub(crate) fn is_its_purpose(&self, sale: &Sale, real: &Real) -> bool {
        let reported = sale.offline.as_ref() == Some(&real.kind.channel());
        real.purpose && reported && sale.attempt(real.order).is_some()
    }

    /// A code that was made here asks for the sale's amount, pays the account and names the sale.
    pub(crate) fn judge_own_code(&mut self, sale: &Sale, amount: Amount, text: &str) -> Verdict {
        let read = VietQr::parse(text).ok();
        let right = read.is_some_and(|code| {
            code.account == ACCOUNT
                && code.amount == Some(amount)
                && code.purpose.as_deref() == Some(sale.order().purpose().as_str())
        });
        if !right || amount != sale.amount {
            return broken("P6", format!("the code made here is not that of {}", sale.id));
        }
        self.facts.tally.offered += 1;
        Ok(())
    }

    /// What is unconfirmed stays within the limits, and is not given up too early (promises P9, P10).
    pub(crate) fn judge_offline(&mut self, sale: &Sale, before: Option<&Sale>, on: u64) -> Verdict {
        let Some(codes) = self.offline_codes().cloned().filter(|_| sale.offline.is_some()) else { return Ok(()) };
        match &sale.state {
            State::Offline { stage: Stage::Shown { .. }, .. } => {
                self.facts.offered.entry(sale.id).or_insert(on);
            }
            State::Offline { stage: Stage::Leaving { .. } | Stage::Away { .. }, .. } | State::Ended(_) => {}
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Closing { .. } => {}
        }
        let expired = sale.seen_state() == till_wire::sale::SaleState::Expired;
        if expired && before.is_some_and(|before| before.ending().is_none()) {
            let offered = self.facts.offered.get(&sale.id).copied().unwrap_or(on);
            let waited = Duration::from_millis(on.saturating_sub(offered));
            if waited < codes.max_age || !sale.marks.attention {
                return broken("P7", format!("{} expired after {waited:?}: {:?}", sale.id, sale.marks));
            }
            self.facts.tally.given_up += 1;
        }
        let others = self.disk.sales.values().filter(|other| other.is_open_offline() && other.id != sale.id);
        let (count, total) = others.fold((0, 0), |(count, total), other| (count + 1, total + other.amount.value()));
        let over = count + 1 > codes.max_count || total + sale.amount.value() > codes.max_total.value();
        if sale.is_open_offline() && (over || sale.amount > codes.max_amount) {
            return broken("P9", format!("{} is offline beyond the limits: {count} others of {total}", sale.id));
        }
        Ok(())
    }
}
