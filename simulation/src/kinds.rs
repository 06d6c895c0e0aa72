//! Counts how much of each provider the worlds contained. It must not judge.

use till_wire::sale::SaleState;
use tilld::till::{Notice, RequestStep, Said, Sale, State};

use crate::plan::Kind;
use crate::provider::Provider;
use crate::world::World;

/// What happened with each provider and with Smart Glocal's steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kinds {
    /// Sales and paid sales, in the order of [`Kind::ALL`].
    sold: [u64; 3],
    paid: [u64; 3],
    /// Sales of Finan with money that is not enough, or more than that.
    uneven: u64,
    /// Orders that Finan made a second time under the same reference.
    pub(crate) duplicates: u64,
    /// Sessions made or found again after an answer was lost.
    pub(crate) repeated: u64,
    pub(crate) started: u64,
    pub(crate) lost_starts: u64,
    pub(crate) confirmed: u64,
    pub(crate) lost_confirmations: u64,
    pub(crate) unheard: u64,
    /// Wishes for a confirmation that overtook the answer to the request that started the session.
    pub(crate) early: u64,
    /// Those that were kept until that answer named the session, and heeded then.
    pub(crate) heeded_late: u64,
    /// Sessions that wanted something else confirmed.
    pub(crate) disagreeing: u64,
    automatic: u64,
    ended_by_themselves: u64,
    /// Addresses that became visible.
    pub(crate) addresses: u64,
    /// Webhooks of sessions that are not ours.
    pub(crate) strange: u64,
    /// Payments whose webhook told nothing.
    pub(crate) untold: u64,
    pub(crate) given_back: u64,
    refunded: u64,
}

impl Kinds {
    pub(crate) fn count<'a>(&mut self, provider: &Provider, sales: impl Iterator<Item = &'a Sale>) {
        for sale in sales {
            let kind = Kind::of(&sale.channel);
            let place = Kind::ALL.iter().position(|known| *known == kind).unwrap_or_default();
            let paid = sale.seen_state() == SaleState::Paid;
            if let (Some(sold), Some(settled)) = (self.sold.get_mut(place), self.paid.get_mut(place)) {
                *sold += 1;
                *settled += u64::from(paid);
            }
            let uneven = sale.paid_amount() != 0 && sale.paid_amount() != sale.amount.value();
            self.uneven += u64::from(uneven && kind == Kind::Finan);
            self.refunded += sale.refunds.len() as u64;
        }
        for order in provider.orders.values().filter(|order| order.kind == Kind::Glocal) {
            self.automatic += u64::from(order.steps.automatic && order.code.is_some());
            self.ended_by_themselves += u64::from(order.steps.ended_by_itself);
        }
    }

    fn fields(&mut self) -> [&mut u64; 24] {
        let ([a, b, c], [d, e, f]) = (&mut self.sold, &mut self.paid);
        [
            a,
            b,
            c,
            d,
            e,
            f,
            &mut self.uneven,
            &mut self.duplicates,
            &mut self.repeated,
            &mut self.started,
            &mut self.lost_starts,
            &mut self.confirmed,
            &mut self.lost_confirmations,
            &mut self.unheard,
            &mut self.early,
            &mut self.heeded_late,
            &mut self.disagreeing,
            &mut self.automatic,
            &mut self.ended_by_themselves,
            &mut self.addresses,
            &mut self.strange,
            &mut self.untold,
            &mut self.given_back,
            &mut self.refunded,
        ]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let mut other = *other;
        for (sum, more) in self.fields().into_iter().zip(other.fields()) {
            *sum += *more;
        }
    }

    /// Tells whether each provider and each of its steps has happened often.
    pub(crate) fn are_rich(&self) -> bool {
        let (common, rare) = (1000, 30);
        let mut all = *self;
        let often = [self.sold, self.paid].iter().flatten().all(|count| *count > common);
        often && self.confirmed > common && self.addresses > common && all.fields().iter().all(|count| **count > rare)
    }
}

impl World {
    pub(crate) fn count_early(&mut self, notice: &Notice) {
        let sale = notice.order.and_then(|order| self.disk.sales.get(&till_wire::SaleId::new(order)));
        let asking = |sale: &Sale| match &sale.state {
            State::Requesting { step, .. } => matches!(step, RequestStep::Starting | RequestStep::Creating),
            State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. }
            | State::Closing { .. }
            | State::Ended(_) => false,
        };
        let early = matches!(notice.said, Said::Ready(_)) && sale.is_some_and(asking);
        self.facts.tally.kinds.early += u64::from(early);
    }
}
