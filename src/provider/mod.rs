//! The providers over HTTP: orders are made, asked for and cancelled, webhooks are proven. Every call ends in an answer
//! that says whether to try again; when, and what it means for a sale, this folder must not know.

mod clock;
mod headers;
mod http;
mod make;
#[cfg(test)]
mod tests;
mod trouble;
mod way;

use std::collections::BTreeMap;

use till_wire::provider::{Delivered, OpenCode, Question, Refusal, Said, WebhookError};
use till_wire::{ChannelId, Envelope, UnixTime};

use self::way::Way;
use crate::config::Channel;
use crate::till::{CancelReason, ConfirmAnswer, CreateAnswer, CreateOrder, Fault, Notice, Now, OrderAt, StatusAnswer};

/// The merchant accounts, each with the way to its provider.
#[derive(Debug)]
pub struct Providers {
    channels: BTreeMap<ChannelId, Way>,
}

/// An answer, and what else is learned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// What came of the request.
    pub answer: T,
    /// The answer's `Date`, if one came.
    pub date: Option<UnixTime>,
    /// By how many milliseconds our clock is corrected when this provider is told the time; zero when it is right enough.
    pub corrected_ms: i64,
    /// What went wrong, if anything did.
    pub fault: Option<Fault>,
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
    /// A secret of the channel has not been read, as when settings were only checked.
    #[error("cannot use the channel `{channel}` without its `{key}`")]
    Unread {
        /// The channel.
        channel: ChannelId,
        /// The key in the configuration.
        key: &'static str,
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
    /// Gets ready to talk to the provider of every channel; `clock` reads both clocks. Opens no connection.
    ///
    /// # Errors
    /// When TLS or HTTP cannot be set up, or a channel's secret has not been read.
    pub fn new(channels: &[Channel], clock: fn() -> Now) -> Result<Self, ProviderError> {
        let ready = |channel: &Channel| {
            let (base, provider) = make::provider(channel)?;
            let way = Way::new(&channel.id, channel.roots.clone(), base, provider, clock)?;
            Ok((channel.id.clone(), way))
        };
        Ok(Self { channels: channels.iter().map(ready).collect::<Result<_, _>>()? })
    }

    /// Asks the provider to make an order, or to go on with one; takes at most 15 s.
    pub async fn create(&self, order: &CreateOrder) -> Answered<CreateAnswer> {
        match self.channels.get(&order.channel) {
            Some(way) => way.make(&order.making).await,
            None => {
                let message = gone(&order.channel);
                Answered::local(CreateAnswer::Refused(Refusal::unsaid(message.clone())), message)
            }
        }
    }

    /// Asks the provider how an order stands; takes at most 10 s.
    pub async fn ask(&self, order: &OrderAt) -> Answered<StatusAnswer> {
        self.question(order, Question::Status).await
    }

    /// Asks the provider to cancel an order; takes at most 10 s.
    pub async fn cancel(&self, order: &OrderAt, reason: CancelReason) -> Answered<StatusAnswer> {
        self.question(order, Question::Cancel(reason)).await
    }

    /// Tells the provider that the till wants an order paid; takes at most 10 s.
    pub async fn confirm(&self, order: &OrderAt) -> Answered<ConfirmAnswer> {
        match self.channels.get(&order.channel) {
            Some(way) => way.confirm(&order.known).await,
            None => Answered::local(ConfirmAnswer::Unknown, gone(&order.channel)),
        }
    }

    async fn question(&self, order: &OrderAt, question: Question) -> Answered<StatusAnswer> {
        match self.channels.get(&order.channel) {
            Some(way) => way.ask(&order.known, question).await,
            None => {
                let message = gone(&order.channel);
                Answered::local(StatusAnswer::Refused(Refusal::unsaid(message.clone())), message)
            }
        }
    }

    /// Asks the provider of a channel for a code that takes any amount; takes at most 10 s.
    pub async fn open_code(&self, channel: &ChannelId) -> Answered<Option<OpenCode>> {
        match self.channels.get(channel) {
            Some(way) => way.open_code().await,
            None => Answered::local(None, gone(channel)),
        }
    }

    /// Returns what a webhook says, if the provider itself has signed it (promise P1). What the bridge wrote around the
    /// body is never proof.
    ///
    /// # Errors
    /// Says why it proves nothing.
    pub fn verify(&self, envelope: &Envelope) -> Result<Notice, Unproven> {
        let channel = || envelope.channel.clone();
        let way =
            self.channels.get(&envelope.channel).ok_or_else(|| Unproven::UnknownChannel { channel: channel() })?;
        if envelope.provider != way.provider.name() {
            return Err(Unproven::OtherProvider { channel: channel() });
        }
        let delivered = Delivered {
            method: &envelope.method,
            path: &envelope.path,
            headers: &envelope.headers,
            body: envelope.body.as_bytes(),
        };
        let heard = way.provider.read(&delivered);
        let heard = heard.map_err(|source| Unproven::Webhook { channel: channel(), source })?;
        match heard.said {
            Said::Sample => Err(Unproven::Sample { channel: channel() }),
            Said::Transfer(_)
            | Said::NoPayment
            | Said::Ready(_)
            | Said::Action(_, _)
            | Said::Refunds(_)
            | Said::Hint
            | Said::Nothing => Ok(Notice::new(channel(), heard)),
        }
    }
}

/// A sale of an earlier start may belong to a channel that has been taken out of the configuration.
fn gone(channel: &ChannelId) -> String {
    format!("the channel `{channel}` is not in the configuration any more")
}

impl<T> Answered<T> {
    /// Makes something else of the answer.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Answered<U> {
        let Self { answer, date, corrected_ms, fault } = self;
        Answered { answer: make(answer), date, corrected_ms, fault }
    }

    /// An answer of our own, for which nothing was sent.
    fn local(answer: T, reason: String) -> Self {
        Self { answer, date: None, corrected_ms: 0, fault: Some(Fault { barrier: None, reason }) }
    }
}
