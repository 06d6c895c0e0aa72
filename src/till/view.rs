//! What the display should show, as a function of the till's state. Words, layout and pixels are chosen elsewhere.

use std::time::Duration;

use till_wire::{Amount, CommandId, SaleId, TerminalNumber, UnixTime};

use super::Till;
use super::channels::Barrier;
use super::command::Service;
use super::entry::Typed;
use super::glance::Takings;
use super::mutant::Mutant;
use super::sale::{Code, Ending, Failure, Generation, Patience, Sale, Stage, State};
use super::time::{Now, Tick};

/// A picture to be drawn, and the number by which the panel confirms it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Grows whenever a code appears or disappears.
    pub generation: Generation,
    /// What is to be seen.
    pub view: View,
}

/// What is to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Nothing is going on.
    Idle {
        /// Whether payments can be heard of at once.
        link: Link,
        /// What stands in the way of the next sale, by the last answer.
        barrier: Option<Barrier>,
    },
    /// The cashier is typing an amount.
    Typing {
        /// What is typed.
        typed: Typed,
    },
    /// A code is being fetched, or an answer awaited that ends the sale.
    Waiting {
        /// The sale.
        sale: SaleId,
        /// The sale's amount.
        amount: Amount,
        /// What for.
        what: Waiting,
    },
    /// The code of the current sale.
    Code {
        /// The sale.
        sale: SaleId,
        /// Its amount.
        amount: Amount,
        /// What has been paid so far; less than the amount.
        paid: Amount,
        /// What to draw.
        code: Code,
        /// When it leaves the display, once it counts.
        expires: Option<Tick>,
        /// How long it is shown in all.
        total: Duration,
        /// When it is told that it was paid.
        told: Told,
    },
    /// Money of the current sale is reported and being checked.
    Checking {
        /// The sale.
        sale: SaleId,
        /// Its amount.
        amount: Amount,
    },
    /// The current sale is paid.
    Paid {
        /// The sale.
        sale: SaleId,
        /// The sale's amount.
        amount: Amount,
        /// What was paid; at least the amount.
        paid: Amount,
    },
    /// The current sale ended unpaid.
    Ended {
        /// The sale.
        sale: SaleId,
        /// The sale's amount.
        amount: Amount,
        /// What came of it all the same.
        paid: Amount,
        /// How it ended.
        ending: Ended,
    },
    /// Money that belongs to no sale in progress.
    Money {
        /// Tells it from other money that is shown directly before or after it.
        number: u32,
        /// How much came.
        amount: Amount,
    },
    /// The result of the last sale, because somebody asks for it: it is told as one that is past.
    Last {
        /// The sale.
        sale: SaleId,
        /// The sale's amount.
        amount: Amount,
        /// What was paid.
        paid: Amount,
        /// How it ended, when not paid.
        unpaid: Option<Ended>,
        /// When it ended, by the wall clock.
        at: Option<UnixTime>,
    },
    /// What the day comes to, because somebody asks for it.
    Day {
        /// What.
        takings: Takings,
    },
    /// An operator's words, while nothing else is going on.
    Message {
        /// One line.
        text: String,
    },
    /// Which terminal this is, because an operator wants it found.
    Identity {
        /// By which command.
        command: CommandId,
        /// The terminal.
        terminal: TerminalNumber,
    },
    /// Nothing is going on, and nothing is sold: the operator has shut the terminal.
    Disabled,
    /// Nothing is going on, and nothing can be sold: the disk refuses. The till, which does not know of disks, never
    /// wants this seen; the driver does, until the till can begin again.
    StoreFault,
}

/// When the payment of a code is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// While it is shown.
    AtOnce,
    /// When the network is back, perhaps long after: the code was made here.
    Later,
}

/// Whether payments can be heard of at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The broker is connected.
    Up,
    /// It is not; payments are asked for.
    Down,
}

/// What the display waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The provider's answer.
    Provider,
    /// The network.
    Network {
        /// When it is no longer waited for.
        until: Tick,
    },
    /// The last question, after the code's time was over.
    LastAnswer,
    /// The provider's word on the cancellation.
    Cancellation,
}

/// How a sale ended unpaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Cancelled here or by the provider.
    Cancelled,
    /// Its time was over.
    Expired,
    /// It failed.
    Failed(Failure),
}

/// Money waiting for the idle display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// One more than that of the money before it in the queue, 0 when there is none.
    pub number: u32,
    /// How much came.
    pub amount: Amount,
    /// When it leaves the display; none while it waits.
    pub until: Option<Tick>,
}

impl Till {
    /// Returns what the display should show now.
    pub fn scene(&self) -> Scene {
        let glance = self.glance_view();
        let view = match (self.current_sale(), self.typed(), glance, self.money_to_show.first()) {
            (Some(sale), _, _, _) => self.view_of(sale),
            (None, Some(typed), _, _) => View::Typing { typed },
            (None, None, Some(glance), _) => glance,
            (None, None, None, Some(money)) => View::Money { number: money.number, amount: money.amount },
            (None, None, None, None) => self.command_view().unwrap_or_else(|| self.idle()),
        };
        Scene { generation: self.generation, view }
    }

    fn idle(&self) -> View {
        if self.service() == Service::Disabled {
            return View::Disabled;
        }
        let link = match self.broker {
            super::Broker::Up { .. } => Link::Up,
            super::Broker::Down => Link::Down,
        };
        View::Idle { link, barrier: self.barrier() }
    }

    fn view_of(&self, sale: &Sale) -> View {
        let waiting = |what| View::Waiting { sale: sale.id, amount: sale.amount, what };
        let (id, amount, paid) = (sale.id, sale.amount, sale.paid());
        if Mutant::ShowsPaidTooEarly.is_on() && !paid.is_zero() {
            return View::Paid { sale: id, amount, paid };
        }
        match &sale.state {
            State::Cancelling { .. } if Mutant::KeepsTheCodeOn.is_on() => {
                sale.code_view(None).unwrap_or_else(|| self.idle())
            }
            State::Requesting { patience: Patience::Provider(_), .. } => waiting(Waiting::Provider),
            State::Requesting { patience: Patience::Network(until), .. } => waiting(Waiting::Network { until: *until }),
            State::Drawing { .. } => sale.code_view(None).unwrap_or_else(|| waiting(Waiting::Provider)),
            State::Showing { .. } if self.is_checking(sale) => View::Checking { sale: sale.id, amount: sale.amount },
            State::Showing { expires, .. } => sale.code_view(Some(*expires)).unwrap_or_else(|| self.idle()),
            State::Offline { stage: Stage::Shown { expires }, .. } => {
                sale.code_view(Some(*expires)).unwrap_or_else(|| self.idle())
            }
            State::Offline { stage: Stage::Leaving { .. } | Stage::Away { .. }, .. } => self.idle(),
            State::LastQuestion { .. } => waiting(Waiting::LastAnswer),
            State::Cancelling { .. } => waiting(Waiting::Cancellation),
            State::Closing { ending, .. } | State::Ended(ending) => sale.ended_view(ending),
        }
    }

    /// Takes results and money off the display when their time is over.
    pub(super) fn display_due(&mut self, now: Now) {
        if self.result_until.is_some_and(|until| until <= now.tick) {
            self.clear_result();
        }
        self.checking_due(now);
        self.channels_due(now);
        self.forget_entry(now);
        self.glance_due(now);
        let result = self.rules.result;
        let typing = self.entry.is_some() || self.scanned.is_some();
        let idle = self.current.is_none() && !typing && self.glance.is_none();
        if let Some(money) = self.money_to_show.first_mut() {
            match money.until {
                Some(until) if until <= now.tick => {
                    self.money_to_show.remove(0);
                    if let Some(next) = self.money_to_show.first_mut().filter(|_| idle) {
                        next.until = Some(now.tick + result);
                    }
                }
                None if idle => money.until = Some(now.tick + result),
                // A sale or an entry came in between: the money is shown again, in full, after it.
                Some(_) if !idle => money.until = None,
                Some(_) | None => {}
            }
        }
    }
}

impl Sale {
    fn paid(&self) -> Amount {
        Amount::new(self.paid_amount(), self.amount.currency())
    }

    fn code_view(&self, expires: Option<Tick>) -> Option<View> {
        let code = self.code.clone()?;
        let told = if self.offline.is_some() { Told::Later } else { Told::AtOnce };
        let (sale, amount, paid, total) = (self.id, self.amount, self.paid(), self.expire);
        Some(View::Code { sale, amount, paid, code, expires, total, told })
    }

    /// Tells the result of a sale that is past.
    pub(super) fn last_view(&self) -> Option<View> {
        let unpaid = match self.ending()? {
            Ending::Paid => None,
            Ending::Cancelled(_) => Some(Ended::Cancelled),
            Ending::Expired(_) => Some(Ended::Expired),
            Ending::Failed(failure) => Some(Ended::Failed(failure.clone())),
        };
        let (sale, amount, paid) = (self.id, self.amount, self.paid());
        Some(View::Last { sale, amount, paid, unpaid, at: self.finished_at })
    }

    fn ended_view(&self, ending: &Ending) -> View {
        let (sale, amount, paid) = (self.id, self.amount, self.paid());
        let ending = match ending {
            Ending::Paid => return View::Paid { sale, amount, paid },
            Ending::Cancelled(_) => Ended::Cancelled,
            Ending::Expired(_) => Ended::Expired,
            Ending::Failed(failure) => Ended::Failed(failure.clone()),
        };
        View::Ended { sale, amount, paid, ending }
    }
}
