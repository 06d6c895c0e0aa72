//! The providers over HTTP: orders are made, asked for and cancelled, webhooks are proven. Every call ends in an answer
//! that says whether to try again; when, and what it means for a sale, this folder must not know.

mod clock;
mod headers;
mod http;
mod payos;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::BTreeMap;

use till_wire::payos::WebhookError;
use till_wire::{ChannelId, Envelope, UnixTime};

use self::payos::PayOs;
use crate::config::{self, Channel};
use crate::till::{CancelReason, CreateAnswer, CreateOrder, Notice, OrderAt, StatusAnswer};

/// The merchant accounts, each with the way to its provider.
#[derive(Debug)]
pub struct Providers {
    channels: BTreeMap<ChannelId, Provider>,
}

/// One merchant account. A provider that follows gets a variant, and every call asks what it does.
#[derive(Debug)]
enum Provider {
    PayOs(Box<PayOs>),
}

/// An answer, and what else is learned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// What came of the request.
    pub answer: T,
    /// The answer's `Date`, if one came.
    pub date: Option<UnixTime>,
    /// What went wrong, in one sentence without secrets, for logs and the reason of a link that is down.
    pub trouble: Option<String>,
}

/// Why the providers cannot be talked to.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The channel's TLS cannot be set up.
    #[error("cannot set up TLS for the channel `{channel}`")]
    Tls {
        /// The channel.
        channel: ChannelId,
        /// Why.
        #[source]
        source: till_settings::tls::TlsError,
    },
    /// The HTTP client cannot be made.
    #[error("cannot set up HTTP for the channel `{channel}`")]
    Http {
        /// The channel.
        channel: ChannelId,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// A secret or a name of the channel cannot stand in an HTTP header.
    #[error("cannot send the `{key}` of the channel `{channel}` in an HTTP header")]
    Header {
        /// The channel.
        channel: ChannelId,
        /// The key in the configuration; its value may be a secret.
        key: &'static str,
    },
    /// This version does not speak the provider's interface.
    #[error("cannot use the channel `{channel}`: this version talks to payOS only")]
    Unsupported {
        /// The channel.
        channel: ChannelId,
    },
}

/// Why an envelope proves nothing (promise P1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// It names a channel that this till does not have.
    #[error("the envelope names the channel `{channel}`, which this till does not have")]
    UnknownChannel {
        /// The name.
        channel: ChannelId,
    },
    /// It comes from another provider than the channel's.
    #[error("the envelope of the channel `{channel}` is not from the provider of this channel")]
    OtherProvider {
        /// The channel.
        channel: ChannelId,
    },
    /// Its body is not a webhook that the provider has signed.
    #[error("cannot prove the webhook of the channel `{channel}`")]
    Webhook {
        /// The channel.
        channel: ChannelId,
        /// What is wrong with it.
        #[source]
        source: WebhookError,
    },
    /// It is the sample that the provider sends when a webhook address is registered.
    #[error("the webhook of the channel `{channel}` is a sample, sent when its address was registered")]
    Sample {
        /// The channel.
        channel: ChannelId,
    },
}

impl Providers {
    /// Gets ready to talk to the provider of every channel; `clock` is the wall clock. Opens no connection.
    ///
    /// # Errors
    /// When TLS or HTTP cannot be set up, or this version does not speak a provider's interface.
    pub fn new(channels: &[Channel], clock: fn() -> UnixTime) -> Result<Self, ProviderError> {
        let ready = |channel: &Channel| {
            let provider = match &channel.provider {
                config::Provider::PayOs(settings) => {
                    let payos = PayOs::new(&channel.id, channel.roots.clone(), settings, clock)?;
                    Provider::PayOs(Box::new(payos))
                }
                config::Provider::Finan(_) | config::Provider::SmartGlocal(_) => {
                    return Err(ProviderError::Unsupported { channel: channel.id.clone() });
                }
            };
            Ok((channel.id.clone(), provider))
        };
        Ok(Self { channels: channels.iter().map(ready).collect::<Result<_, _>>()? })
    }

    /// Asks the provider to make an order; takes at most 15 s.
    pub async fn create(&self, order: &CreateOrder) -> Answered<CreateAnswer> {
        match self.channels.get(&order.channel) {
            Some(Provider::PayOs(payos)) => payos.create(order).await,
            None => {
                let message = gone(&order.channel);
                Answered::local(CreateAnswer::Refused { message: message.clone() }, message)
            }
        }
    }

    /// Asks the provider how an order stands; takes at most 10 s.
    pub async fn ask(&self, order: &OrderAt) -> Answered<StatusAnswer> {
        match self.channels.get(&order.channel) {
            Some(Provider::PayOs(payos)) => payos.ask(order).await,
            None => refuse_gone(&order.channel),
        }
    }

    /// Asks the provider to cancel an order; takes at most 10 s.
    pub async fn cancel(&self, order: &OrderAt, reason: CancelReason) -> Answered<StatusAnswer> {
        match self.channels.get(&order.channel) {
            Some(Provider::PayOs(payos)) => payos.cancel(order, reason).await,
            None => refuse_gone(&order.channel),
        }
    }

    /// Returns what a webhook says, if the provider itself has signed it (promise P1). What the bridge wrote around the
    /// body is never proof.
    ///
    /// # Errors
    /// Says why it proves nothing.
    pub fn verify(&self, envelope: &Envelope) -> Result<Notice, Unproven> {
        let channel = &envelope.channel;
        match self.channels.get(channel) {
            Some(Provider::PayOs(payos)) => payos.verify(envelope),
            None => Err(Unproven::UnknownChannel { channel: channel.clone() }),
        }
    }
}

/// A sale of an earlier start may belong to a channel that has been taken out of the configuration.
fn gone(channel: &ChannelId) -> String {
    format!("the channel `{channel}` is not in the configuration any more")
}

fn refuse_gone(channel: &ChannelId) -> Answered<StatusAnswer> {
    let message = gone(channel);
    Answered::local(StatusAnswer::Refused { message: message.clone() }, message)
}

impl<T> Answered<T> {
    /// An answer of our own, for which nothing was sent.
    fn local(answer: T, trouble: String) -> Self {
        Self { answer, date: None, trouble: Some(trouble) }
    }
}
