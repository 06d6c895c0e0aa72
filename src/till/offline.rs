//! Codes that are made here while no provider can be reached (`offline.mode = "vietqr"`, contract §3): their limits, their
//! way off the display, their end. What comes of them is heard later; it must not know by which road.

use std::time::Duration;

use till_wire::emv::VietQr;
use till_wire::provider::CodeText;
use till_wire::{Amount, SaleId};

use super::event::ReplyTo;
use super::mutant::Mutant;
use super::rules::{Account, CODE_OFF, CODE_ON, ChannelRules, OfflineCodes, WATCH};
use super::sale::{CancelReason, Code, Ending, Failure, FailureCode, Payee, Sale, Stage, State};
use super::step::{Answer, Step};
use super::time::{Now, Tick};
use super::watch::NOTE_REMAINDER;
use super::{Offline, Till, code};

impl Till {
    /// No provider can be reached: the sale goes on with a code that is made here, if the limits allow one more.
    pub(super) fn go_offline(&mut self, mut sale: Sale, codes: &OfflineCodes, now: Now, step: &mut Step) {
        let made = self.within_limits(&sale, codes).and_then(|()| make_code(&sale, codes));
        match made {
            Err(failure) => self.end(sale, Ending::Failed(failure), now, step),
            Ok(code) => {
                // A request whose answer was lost may have made an order: nobody is to pay that one any more.
                let order = sale.order();
                sale.owe_cancel(order, CancelReason::Abandoned, now.tick);
                sale.offline = Some(codes.channel.clone());
                sale.code = Some(code);
                let generation = self.next_generation();
                sale.state = State::Drawing { generation, until: now.tick + CODE_ON };
                if !self.is_shown(generation) {
                    // The next line of its journal is the display's: what led there would be lost.
                    self.note_unseen(&sale, now, step);
                }
                self.draw_or_show(sale, now, step);
            }
        }
    }

    /// The limits bound what the shop can lose when codes were shown and no money came.
    fn within_limits(&self, sale: &Sale, codes: &OfflineCodes) -> Result<(), Failure> {
        if Mutant::HasNoOfflineLimits.is_on() {
            return Ok(());
        }
        let refused = |why: String| Err(Failure::new(FailureCode::OfflineLimit, why));
        if sale.amount > codes.max_amount {
            return refused(format!("the amount is above `offline.max_amount` = {}", codes.max_amount));
        }
        let open = self.sales.values().filter(|sale| sale.is_open_offline());
        let (count, total) = open.fold((0u32, 0u64), |(count, total), sale| {
            (count.saturating_add(1), total.saturating_add(sale.amount.value()))
        });
        if count >= codes.max_count {
            return refused(format!(
                "{count} sales made offline are unconfirmed, as many as `offline.max_count` allows"
            ));
        }
        if total.saturating_add(sale.amount.value()) > codes.max_total.value() {
            let total = Amount::new(total, sale.amount.currency());
            return refused(format!(
                "{total} of sales made offline is unconfirmed; with this one it is above `offline.max_total` = {}",
                codes.max_total
            ));
        }
        Ok(())
    }

    /// How long the money of a code made here is waited for.
    fn offline_age(&self) -> Duration {
        match &self.rules.offline {
            Offline::VietQr(codes) if Mutant::GivesOfflineSalesUpEarly.is_on() => codes.max_age / 2,
            Offline::VietQr(codes) => codes.max_age,
            // The code was made under another configuration.
            Offline::Refuse | Offline::Wait(_) => WATCH,
        }
    }

    /// The panel shows a code that was made here.
    pub(super) fn offer(&mut self, mut sale: Sale, now: Now, step: &mut Step) {
        sale.expires_at = Some(now.wall_after(sale.expire));
        let stage = Stage::Shown { expires: now.tick + sale.expire };
        sale.state = State::Offline { stage, until: now.tick + self.offline_age() };
        self.changed(sale, now, step);
    }

    /// Returns the sale whose code was made here and is on the display.
    pub(super) fn offered(&self) -> Option<SaleId> {
        self.current_sale().filter(|sale| sale.is_offered()).map(|sale| sale.id)
    }

    /// Takes a code that was made here off the display, if it is there: the next customer's turn.
    pub(super) fn withdraw(&mut self, id: SaleId, now: Now, step: &mut Step) {
        let Some(mut sale) = self.take(id) else { return };
        let State::Offline { stage: Stage::Shown { .. }, until } = sale.state else {
            return self.unchanged(sale);
        };
        if self.current == Some(id) {
            self.clear_result();
        }
        let generation = self.next_generation();
        sale.state = State::Offline { stage: Stage::Leaving { generation, gone: now.tick + CODE_OFF }, until };
        if self.is_shown(generation) { self.put_away(sale, until, now, step) } else { self.saved(sale, now, step) }
    }

    /// The code is off the display: others hear that the sale is unconfirmed.
    pub(super) fn put_away(&mut self, mut sale: Sale, until: Tick, now: Now, step: &mut Step) {
        sale.state = State::Offline { stage: Stage::Away { note: now.tick + NOTE_REMAINDER }, until };
        self.changed(sale, now, step);
    }

    /// Does what is due for a code that was made here.
    pub(super) fn offline_due(&mut self, mut sale: Sale, stage: Stage, until: Tick, now: Now, step: &mut Step) {
        match stage {
            Stage::Shown { expires } if expires <= now.tick => self.withdraw(sale.id, now, step),
            Stage::Leaving { gone, .. } if gone <= now.tick => {
                // The panel did not confirm that the code is off, so a person must look.
                sale.marks.attention = true;
                self.put_away(sale, until, now, step);
            }
            Stage::Away { .. } if until <= now.tick => {
                // Contract §3: nobody knows whether the customer paid, so a person must look.
                sale.marks.attention = true;
                self.close(sale, Ending::Expired(None), now, step);
            }
            Stage::Away { note } if note <= now.tick => {
                let stage = Stage::Away { note: now.tick + NOTE_REMAINDER };
                sale.state = State::Offline { stage, until };
                if self.is_noted(now) { self.unchanged(sale) } else { self.saved(sale, now, step) }
            }
            Stage::Shown { .. } | Stage::Leaving { .. } | Stage::Away { .. } => self.unchanged(sale),
        }
    }

    /// A supervisor, whose PIN was right, has seen the money at the bank: the sale is paid by his word (contract §3).
    pub(super) fn on_confirm_wanted(&mut self, id: SaleId, reply: ReplyTo, now: Now, step: &mut Step) {
        let answer = self.confirm_by_hand(id, now, step);
        step.reply(reply, answer);
    }

    fn confirm_by_hand(&mut self, id: SaleId, now: Now, step: &mut Step) -> Answer {
        let Some(mut sale) = self.take(id) else {
            return Answer::NotFound;
        };
        match &sale.state {
            State::Ended(Ending::Paid) | State::Closing { ending: Ending::Paid, .. } => {
                return Answer::AlreadyEnded(Box::new(sale));
            }
            // No code has been shown, or the provider is about to say how it stands.
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. } => return Answer::NotEnded(Box::new(sale)),
            State::Showing { .. } | State::Offline { .. } | State::Closing { .. } | State::Ended(_) => {}
        }
        sale.marks.attention = false;
        self.end(sale, Ending::Paid, now, step);
        self.sales.get(&id).map_or(Answer::NotFound, |sale| Answer::Confirmed(Box::new(sale.clone())))
    }
}

/// Makes the code of the account that `offline.account` names, and looks at it like at any other (promise P6).
fn make_code(sale: &Sale, codes: &OfflineCodes) -> Result<Code, Failure> {
    let text = VietQr::build(&codes.account, Some(sale.amount), &sale.order().purpose()).map_err(|error| {
        Failure::new(FailureCode::OfflineRefused, format!("no code for `offline.account`: {error}"))
    })?;
    let account = Account { bin: codes.account.bin.clone(), number: codes.account.number.clone() };
    let rules = ChannelRules { account: Some(account), ..ChannelRules::default() };
    let code = code::check(sale, &rules, Some(CodeText::VietQr(text)), Payee::default())?;
    // The holder's name stands in no code; the customer's bank shows it, and he compares.
    let payee = Payee { name: codes.account.name.clone(), ..code.payee };
    Ok(Code { payee, ..code })
}

impl State {
    /// Tells when something is due for a code that was made here.
    pub(super) fn offline_due_at(stage: Stage, until: Tick) -> Tick {
        match stage {
            Stage::Shown { expires } => expires,
            Stage::Leaving { gone, .. } => gone,
            Stage::Away { note } => note.min(until),
        }
    }
}

impl Sale {
    /// Tells whether its code was made here and it is not known yet whether it was paid; such sales are limited.
    pub fn is_open_offline(&self) -> bool {
        self.offline.is_some() && self.ending().is_none()
    }

    /// Tells whether a code that was made here is on the display.
    pub(super) fn is_offered(&self) -> bool {
        matches!(self.state, State::Offline { stage: Stage::Shown { .. }, .. })
    }
}
