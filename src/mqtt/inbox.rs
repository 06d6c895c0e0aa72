//! Sorts what the broker delivers: an envelope for the daemon, something else for it, or nothing that anybody can use.
//! It must not acknowledge anything, nor believe what it reads.

use rumqttc::Publish;
use till_wire::{Envelope, MAX_MESSAGE, TerminalNumber, Topic};

use super::{Dropped, Heard};
use crate::till::Delivery;

/// What a delivered message turned out to be.
#[derive(Debug)]
pub(super) enum Sorted {
    /// The daemon is to hear of it, and acknowledges it.
    Heard(Heard),
    /// It is to be acknowledged, counted and dropped (contract §5).
    Useless(Useless),
}

/// Why a message is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Useless {
    TooLarge,
    UnknownTopic,
    Unreadable,
}

impl Useless {
    pub(super) fn count(self, dropped: &mut Dropped) {
        let counter = match self {
            Self::TooLarge => &mut dropped.too_large,
            Self::UnknownTopic => &mut dropped.unknown_topic,
            Self::Unreadable => &mut dropped.unreadable,
        };
        *counter = counter.saturating_add(1);
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "it is larger than 64 KiB",
            Self::UnknownTopic => "its topic is not one that is sent down to this till",
            Self::Unreadable => "it is no envelope",
        }
    }
}

/// Sorts one message of the connection.
pub(super) fn sort(terminal: TerminalNumber, connection: u64, message: &Publish) -> Sorted {
    let topic = message.topic.parse();
    let delivery = Delivery { connection, packet: message.pkid };
    let fits = message.payload.len() <= MAX_MESSAGE;
    // Whoever signs one that is too large is told so.
    let document = || fits.then(|| message.payload.to_vec());
    match &topic {
        Ok(Topic::Command(to, id)) if *to == terminal => {
            return Sorted::Heard(Heard::Command { delivery, id: *id, document: document() });
        }
        Ok(Topic::Desired(to)) if *to == terminal => {
            return Sorted::Heard(Heard::Desired { delivery, document: document() });
        }
        Ok(_) | Err(_) => {}
    }
    if !fits {
        return Sorted::Useless(Useless::TooLarge);
    }
    let Ok(topic) = topic else {
        return Sorted::Useless(Useless::UnknownTopic);
    };
    match &topic {
        Topic::Webhook(to) if *to == terminal => match Envelope::parse(&message.payload) {
            Ok(envelope) => Sorted::Heard(Heard::Webhook { delivery, envelope: Box::new(envelope) }),
            Err(_) => Sorted::Useless(Useless::Unreadable),
        },
        Topic::Webhook(_)
        | Topic::Command(..)
        | Topic::Desired(_)
        | Topic::State(_)
        | Topic::Health(_)
        | Topic::Reported(_)
        | Topic::Sale(..)
        | Topic::Replay(_)
        | Topic::Receipt(..)
        | Topic::CommandStatus(..)
        | Topic::Log(..)
        | Topic::Unrouted(_) => Sorted::Useless(Useless::UnknownTopic),
    }
}
