//! Carries out what the till orders. Nothing here waits for the world: tasks report back as events.

use std::sync::Arc;

use till_wire::state::Replay;
use till_wire::{Topic, UnixTime};

use crate::api::port::Announced;
use crate::provider;
use crate::till::{AskId, CancelReason, Change, CreateOrder, Effect, Event, OrderAt, Owed, Subject};

use super::{Answered, Driver};

impl Driver {
    pub(super) async fn run_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Create(order) => self.create(order),
            Effect::Ask { ask, order } => self.ask(ask, order),
            Effect::Cancel { order, reason } => self.cancel(order, reason),
            Effect::Reply { to, answer } => {
                if let Some(reply) = self.replies.remove(&to) {
                    // Whoever asked may have gone away.
                    let _ = reply.send(Ok(answer));
                }
            }
            Effect::Acknowledge(delivery) => self.link.acknowledge(delivery),
            Effect::Publish(owed) => self.publish(owed).await,
            Effect::Announce { number, change } => self.announce(number, change),
        }
    }

    fn create(&self, order: CreateOrder) {
        let (providers, answered) = (Arc::clone(&self.providers), self.answered.clone());
        tokio::spawn(async move {
            let provider::Answered { answer, date, trouble } = providers.create(&order).await;
            let event = Event::OrderAnswered { sale: order.sale, order: order.order, answer };
            // The loop is gone only when the daemon stops.
            let _ = answered.send(Answered { event, channel: order.channel, date, trouble }).await;
        });
    }

    fn ask(&self, ask: AskId, order: OrderAt) {
        let (providers, answered) = (Arc::clone(&self.providers), self.answered.clone());
        tokio::spawn(async move {
            let provider::Answered { answer, date, trouble } = providers.ask(&order).await;
            let event = Event::StatusAnswered { sale: order.sale, order: order.order, ask, answer };
            // The loop is gone only when the daemon stops.
            let _ = answered.send(Answered { event, channel: order.channel, date, trouble }).await;
        });
    }

    fn cancel(&self, order: OrderAt, reason: CancelReason) {
        let (providers, answered) = (Arc::clone(&self.providers), self.answered.clone());
        tokio::spawn(async move {
            let provider::Answered { answer, date, trouble } = providers.cancel(&order, reason).await;
            let event = Event::CancelAnswered { sale: order.sale, order: order.order, answer };
            // The loop is gone only when the daemon stops.
            let _ = answered.send(Answered { event, channel: order.channel, date, trouble }).await;
        });
    }

    /// Publishes the newest record of the subject: what the disk has by now, never less than what is owed.
    async fn publish(&mut self, owed: Owed) {
        let message = match owed.subject {
            Subject::Sale(id) => match self.store.sale(id).await {
                Ok(Some(sale)) => Some((
                    Owed { revision: sale.revision, ..owed },
                    Topic::Sale(self.terminal, id),
                    serde_json::to_vec(&till_wire::sale::Sale::from(&sale)),
                )),
                Ok(None) | Err(_) => None,
            },
            Subject::Receipt(key) => match self.store.receipt(key).await {
                Ok(Some(receipt)) => Some((
                    Owed { revision: receipt.revision, ..owed },
                    Topic::Receipt(self.terminal, key),
                    serde_json::to_vec(&till_wire::sale::Receipt::from(&receipt)),
                )),
                Ok(None) | Err(_) => None,
            },
            Subject::Replay => {
                let since = UnixTime::from_ms(i64::try_from(owed.revision).unwrap_or(0));
                Some((owed, Topic::Replay(self.terminal), serde_json::to_vec(&Replay { since })))
            }
        };
        match message {
            Some((tag, topic, Ok(payload))) => {
                if let Err(error) = self.link.publish(tag, &topic, payload) {
                    tracing::error!(%error, %topic, "cannot publish a message that is too large");
                }
            }
            Some((_, _, Err(_))) | None => {
                // A record that cannot be read is not published; the next connection tries again.
                tracing::error!(subject = ?owed.subject, "cannot publish a record that cannot be read");
            }
        }
    }

    fn announce(&mut self, number: u64, change: Change) {
        match &change {
            Change::Sale(sale) => {
                self.tally.sale_changed(sale);
                tracing::info!(
                    sale = %sale.id,
                    revision = sale.revision,
                    state = sale.seen_state().as_str(),
                    amount = sale.amount.value(),
                    paid = sale.paid_amount(),
                    failure = sale.seen_failure().map(|failure| failure.message.as_str()),
                    "sale"
                );
            }
            Change::Receipt(receipt) => {
                self.tally.receipt_changed(receipt);
                tracing::info!(receipt = %receipt.key, amount = receipt.amount.value(), "money without a sale");
            }
        }
        // That nobody listens is no fault.
        let _ = self.ends.api.changes.send(Arc::new(Announced::new(number, change)));
    }
}
