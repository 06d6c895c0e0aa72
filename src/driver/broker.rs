//! What comes over the broker. It must not decide what a webhook is worth.

use till_settings::tls::whole_chain;
use till_wire::Envelope;
use till_wire::state::Presence;

use crate::clock;
use crate::mqtt::{self, Trial};
use crate::till::{Delivery, Event};

use super::{Driver, trace};

impl Driver {
    pub(super) async fn mqtt_heard(&mut self, heard: mqtt::Heard) {
        match heard {
            mqtt::Heard::Up { session, trial, .. } => {
                tracing::info!(?session, "the broker is connected");
                self.certificate_tried(trial);
                self.tally.broker_up();
                self.health_begins();
                self.judge(Event::BrokerUp { session }).await;
                self.link.presence(Presence::Ready);
                self.configuration_has_broker();
            }
            mqtt::Heard::Down { reason } => {
                // A clock that was never set is no judge of certificates.
                let now = Some(clock::wall()).filter(|_| clock::is_plausible());
                let reason = self.certificate.explain(reason, now);
                tracing::warn!(reason, "the broker is not connected; open sales are settled by asking the provider");
                self.tally.broker_down(reason);
                self.health_pauses();
                self.judge(Event::BrokerDown).await
            }
            mqtt::Heard::Published { tag } => {
                self.judge(Event::Published { subject: tag.subject, revision: tag.revision }).await
            }
            mqtt::Heard::Webhook { delivery, envelope } => self.webhook(delivery, &envelope).await,
            mqtt::Heard::Command { delivery, id, document } => self.command(delivery, id, document).await,
            mqtt::Heard::Desired { delivery, document } => self.desired(delivery, document).await,
        }
    }

    /// Keeps a renewed certificate that the broker has taken in place of the old one, or drops it. A small file is no
    /// business of the loop's.
    fn certificate_tried(&mut self, trial: Trial) {
        self.certificate.tried(trial);
        let Some(place) = self.identity.clone().filter(|_| trial != Trial::None) else { return };
        tokio::task::spawn_blocking(move || {
            let done = match trial {
                Trial::None => Ok(()),
                Trial::Passed => {
                    place.use_next().inspect(|()| tracing::info!("the renewed certificate is used from now on"))
                }
                Trial::Failed => {
                    tracing::warn!(
                        "the broker does not take the renewed certificate; it is dropped, and asked for again"
                    );
                    place.drop_next()
                }
            };
            if let Err(error) = done {
                tracing::error!(error = %whole_chain(&error), "the renewed certificate cannot be kept");
            }
        });
    }

    /// Proves a webhook before the till hears of it. What does not verify is acknowledged, counted and dropped.
    async fn webhook(&mut self, delivery: Delivery, envelope: &Envelope) {
        trace::received(envelope);
        self.tally.timings.webhook_came(envelope.received_at, clock::wall());
        match self.providers.verify(envelope) {
            Ok(notice) => {
                self.tally.webhooks_proven += 1;
                self.judge(Event::WebhookArrived { delivery, envelope: envelope.id, notice }).await
            }
            Err(error) => {
                let reason = whole_chain(&error);
                tracing::warn!(webhook = %envelope.id, channel = %envelope.channel, reason, "webhook dropped");
                self.tally.webhooks_dropped += 1;
                self.link.acknowledge(delivery);
            }
        }
    }
}
