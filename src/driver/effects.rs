//! Carries out what the till orders. Nothing here waits for the world: tasks report back as events.

use std::future::Future;
use std::sync::Arc;

use till_wire::state::Replay;
use till_wire::{ChannelId, Topic, UnixTime};

use crate::clock;
use crate::port::Announced;
use crate::provider;
use crate::sound::Sound;
use crate::till::{AskId, CancelReason, Change, CreateOrder, Effect, Event, OrderAt, Owed, Subject};

use super::{Answered, Driver, commands};

impl Driver {
    pub(super) async fn run_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Create(order) => self.create(order),
            Effect::Ask { ask, order } => self.ask(ask, order),
            Effect::Cancel { order, reason } => self.cancel(order, reason),
            Effect::Confirm(order) => self.confirm(order),
            Effect::Reply { to, answer } => {
                if let Some(reply) = self.replies.remove(&to) {
                    // Whoever asked may have gone away.
                    let _ = reply.send(Ok(answer));
                }
            }
            Effect::RepeatAnnouncement => self.sound.iter().for_each(Sound::repeat),
            Effect::Acknowledge(delivery) => self.link.acknowledge(delivery),
            Effect::Publish(owed) => self.publish(owed).await,
            Effect::Reckon => self.reckoner.reckon(),
            Effect::TellCommand { id, stage } => self.tell(id, &commands::status(&stage)),
            Effect::Perform { id, instruction } => self.perform(id, instruction),
            Effect::FetchUpdate { id, update } => self.updater.fetch(id, update),
            Effect::InstallUpdate { id, update } => self.install_update(id, update).await,
            Effect::DropUpdate => self.updater.drop_it(),
            Effect::UsualLogLevel => crate::log::set_usual_level(),
            Effect::Restart => self.commanded.restart(),
            Effect::Announce { number, change } => self.announce(number, change),
        }
    }

    fn create(&self, order: CreateOrder) {
        let providers = Arc::clone(&self.providers);
        let channel = order.channel.clone();
        self.report(channel, async move {
            let answered = providers.create(&order).await;
            answered.map(|answer| Event::OrderAnswered { sale: order.sale, order: order.making.order, answer })
        });
    }

    fn ask(&self, ask: AskId, order: OrderAt) {
        let providers = Arc::clone(&self.providers);
        self.report(order.channel.clone(), async move {
            let answered = providers.ask(&order).await;
            answered.map(|answer| Event::StatusAnswered { sale: order.sale, order: order.known.order, ask, answer })
        });
    }

    fn cancel(&self, order: OrderAt, reason: CancelReason) {
        let providers = Arc::clone(&self.providers);
        self.report(order.channel.clone(), async move {
            let answered = providers.cancel(&order, reason).await;
            answered.map(|answer| Event::CancelAnswered { sale: order.sale, order: order.known.order, answer })
        });
    }

    fn confirm(&self, order: OrderAt) {
        let providers = Arc::clone(&self.providers);
        self.report(order.channel.clone(), async move {
            let answered = providers.confirm(&order).await;
            answered.map(|answer| Event::ConfirmAnswered { sale: order.sale, order: order.known.order, answer })
        });
    }

    /// Talks to a provider in a task of its own, which tells the loop what came of it.
    fn report(&self, channel: ChannelId, talk: impl Future<Output = provider::Answered<Event>> + Send + 'static) {
        let answered = self.answered.clone();
        tokio::spawn(async move {
            let began = clock::micros();
            let provider::Answered { answer: event, date, corrected_ms, fault } = talk.await;
            let took_us = clock::micros().saturating_sub(began);
            // Nobody listens any more when the daemon stops, and when another till has begun again from the disk.
            let _ = answered.send(Answered { event, channel, date, corrected_ms, fault, took_us }).await;
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
            Subject::Command(id) => match self.store.command(id).await {
                Ok(Some(record)) => Some((
                    Owed { revision: record.revision, ..owed },
                    Topic::CommandStatus(self.terminal, id),
                    serde_json::to_vec(&commands::status(&record.stage)),
                )),
                Ok(None) | Err(_) => None,
            },
            Subject::Piece(id, number) => {
                let piece = self.commanded.piece(id, number);
                piece.map(|piece| (owed, Topic::Log(self.terminal, id, number.saturating_add(1)), Ok(piece)))
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
                let (receipt, sale, amount) = (receipt.key, receipt.sale, receipt.amount.value());
                match sale {
                    None => tracing::info!(%receipt, amount, "money without a sale"),
                    Some(sale) => tracing::info!(%receipt, amount, %sale, "money matched by hand"),
                }
            }
        }
        // That nobody listens is no fault.
        let _ = self.ends.api.changes.send(Arc::new(Announced::new(number, change)));
    }
}
