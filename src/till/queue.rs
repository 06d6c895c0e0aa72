//! What is owed to others: messages that the broker has not taken, and words that a provider has not confirmed.

use std::cmp::Reverse;
use std::time::Duration;

use till_wire::{ChannelId, CommandId, OrderRef, ReceiptKey, SaleId, UnixTime};

use super::Till;
use super::event::Subject;
use super::rules::WATCH;
use super::sale::{Confirmation, Sale};
use super::time::Now;

/// One thing that is owed to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outstanding {
    /// What, and to whom.
    pub what: Due,
    /// For how long; nothing when an older program noted it.
    pub age: Option<Duration>,
}

/// What is owed, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The newest revision of a sale, to the broker.
    Sale {
        /// Which.
        sale: SaleId,
        /// Its revision.
        revision: u64,
    },
    /// The newest revision of a receipt, to the broker.
    Receipt {
        /// Which.
        receipt: ReceiptKey,
        /// Its revision.
        revision: u64,
    },
    /// The wish for a replay, to the bridges, by the broker.
    Replay {
        /// Since when.
        since: UnixTime,
    },
    /// How a command fares, to the broker.
    Command {
        /// Which.
        command: CommandId,
        /// Its revision.
        revision: u64,
    },
    /// The cancellation of an order, to the provider of a channel.
    Cancellation {
        /// The order's.
        channel: ChannelId,
        /// Whose order it is.
        sale: SaleId,
        /// Which.
        order: OrderRef,
        /// How often it has been sent.
        tries: u32,
    },
    /// The word that an order is to be paid, to the provider of a channel.
    Confirmation {
        /// The order's.
        channel: ChannelId,
        /// Whose order it is.
        sale: SaleId,
        /// Which.
        order: OrderRef,
    },
}

/// What is owed to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How much there is.
    pub count: usize,
    /// How many bytes its messages to the broker have together; at most [`super::MAX_OWED_BYTES`] but for money.
    pub bytes: u64,
    /// The oldest of it, oldest first.
    pub oldest: Vec<Outstanding>,
}

impl Till {
    /// Returns the oldest of what is owed to others, at most `limit`.
    ///
    /// Every sale that owes something is alive, so it is in memory.
    pub fn queue(&self, limit: usize, now: Now) -> Queue {
        let mut all: Vec<Outstanding> = self.messages(now).collect();
        all.extend(self.sales.values().flat_map(|sale| owed_to_provider(sale, now)));
        // What has no age is older than this program.
        all.sort_by_key(|owed| Reverse(owed.age.unwrap_or(Duration::MAX)));
        let count = all.len();
        all.truncate(limit);
        Queue { count, bytes: self.outbox.bytes(), oldest: all }
    }

    fn messages(&self, now: Now) -> impl Iterator<Item = Outstanding> {
        self.outbox.entries().map(move |owed| Outstanding {
            what: match owed.subject {
                Subject::Sale(sale) => Due::Sale { sale, revision: owed.revision },
                Subject::Receipt(receipt) => Due::Receipt { receipt, revision: owed.revision },
                Subject::Command(command) | Subject::Piece(command, _) => {
                    Due::Command { command, revision: owed.revision }
                }
                Subject::Replay => {
                    Due::Replay { since: UnixTime::from_ms(i64::try_from(owed.revision).unwrap_or(i64::MAX)) }
                }
            },
            age: owed.at.map(|at| between(at, now.wall)),
        })
    }
}

fn owed_to_provider(sale: &Sale, now: Now) -> impl Iterator<Item = Outstanding> {
    let (channel, id) = (&sale.channel, sale.id);
    let cancellations = sale.attempts.iter().filter_map(move |attempt| {
        let debt = attempt.debt?;
        let (order, tries) = (attempt.order, debt.tries);
        // It is given up a day after it came about.
        let age = WATCH.saturating_sub(debt.until.since(now.tick));
        let what = Due::Cancellation { channel: channel.clone(), sale: id, order, tries };
        Some(Outstanding { what, age: Some(age) })
    });
    let confirmations = sale.attempts.iter().filter_map(move |attempt| match attempt.confirmation {
        Confirmation::Due(_) | Confirmation::Sending => {
            let what = Due::Confirmation { channel: channel.clone(), sale: id, order: attempt.order };
            Some(Outstanding { what, age: Some(between(sale.created_at, now.wall)) })
        }
        Confirmation::Unasked | Confirmation::Early(_) | Confirmation::Sent => None,
    });
    cancellations.chain(confirmations)
}

/// A clock that was set back makes nothing younger than new.
fn between(from: UnixTime, until: UnixTime) -> Duration {
    Duration::from_millis(u64::try_from(until.ms().saturating_sub(from.ms())).unwrap_or(0))
}
