//! MQTT topics as a type that converts both ways (contract §5). No other file spells a topic.
//! It must not know what is published, retained or acknowledged.

use std::fmt;
use std::str::FromStr;

use crate::ids::{ChannelId, CommandId, ReceiptKey, SaleId, TerminalNumber};
use crate::text::shown;

/// Everything that is published, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// `till/v1/N/down/webhook`: an envelope for the till.
    Webhook(TerminalNumber),
    /// `till/v1/N/down/command/{id}`: a signed command.
    Command(TerminalNumber, CommandId),
    /// `till/v1/N/down/desired`: a signed desired configuration.
    Desired(TerminalNumber),
    /// `till/v1/N/up/state`: the till's presence.
    State(TerminalNumber),
    /// `till/v1/N/up/health`: the till's health.
    Health(TerminalNumber),
    /// `till/v1/N/up/reported`: the applied configuration.
    Reported(TerminalNumber),
    /// `till/v1/N/up/sale/{sale id}`: a sale.
    Sale(TerminalNumber, SaleId),
    /// `till/v1/N/up/replay`: the till asks bridges to publish again.
    Replay(TerminalNumber),
    /// `till/v1/N/up/receipt/{key}`: money without a sale.
    Receipt(TerminalNumber, ReceiptKey),
    /// `till/v1/N/up/command/{id}`: how a command fares.
    CommandStatus(TerminalNumber, CommandId),
    /// `till/v1/N/up/log/{id}/{n}`: a piece of a requested log.
    Log(TerminalNumber, CommandId, u32),
    /// `till/v1/unrouted/{channel}`: an envelope whose terminal could not be told.
    Unrouted(ChannelId),
}

/// Returns the filter of everything that is sent down to one till.
pub fn down_filter(terminal: TerminalNumber) -> String {
    format!("till/v1/{terminal}/down/#")
}

/// Returns the filter of every till's requests to publish again.
pub fn replay_filter() -> &'static str {
    "till/v1/+/up/replay"
}

/// Returns the filter of every till's presence.
pub fn states_filter() -> &'static str {
    "till/v1/+/up/state"
}

/// Returns the filter of every till's health.
pub fn healths_filter() -> &'static str {
    "till/v1/+/up/health"
}

/// Returns the filter of every till's applied configuration.
pub fn reported_filter() -> &'static str {
    "till/v1/+/up/reported"
}

/// Returns the filter of every configuration that is wanted.
pub fn desired_filter() -> &'static str {
    "till/v1/+/down/desired"
}

/// Returns the filter of how every command fares.
pub fn command_statuses_filter() -> &'static str {
    "till/v1/+/up/command/+"
}

/// Returns the filter of every till's sales.
pub fn sales_filter() -> &'static str {
    "till/v1/+/up/sale/+"
}

/// Returns the filter of every till's pieces of requested logs and pictures.
pub fn logs_filter() -> &'static str {
    "till/v1/+/up/log/+/+"
}

/// Returns the filter of how one command fares, whoever it is for.
pub fn command_status_filter(id: &CommandId) -> String {
    format!("till/v1/+/up/command/{id}")
}

/// Returns the filter of what one till says of all commands.
pub fn command_statuses_of_filter(terminal: TerminalNumber) -> String {
    format!("till/v1/{terminal}/up/command/+")
}

/// Returns the filter of the pieces that a command has one till send.
pub fn log_filter(terminal: TerminalNumber, id: &CommandId) -> String {
    format!("till/v1/{terminal}/up/log/{id}/+")
}

/// Returns the filter of everything that one till says.
pub fn up_filter(terminal: TerminalNumber) -> String {
    format!("till/v1/{terminal}/up/#")
}

/// Returns the filter of all envelopes whose terminal could not be told.
pub fn unrouted_filter() -> &'static str {
    "till/v1/unrouted/+"
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("till/v1/")?;
        match self {
            Self::Webhook(n) => write!(f, "{n}/down/webhook"),
            Self::Command(n, id) => write!(f, "{n}/down/command/{id}"),
            Self::Desired(n) => write!(f, "{n}/down/desired"),
            Self::State(n) => write!(f, "{n}/up/state"),
            Self::Health(n) => write!(f, "{n}/up/health"),
            Self::Reported(n) => write!(f, "{n}/up/reported"),
            Self::Sale(n, id) => write!(f, "{n}/up/sale/{id}"),
            Self::Replay(n) => write!(f, "{n}/up/replay"),
            Self::Receipt(n, key) => write!(f, "{n}/up/receipt/{key}"),
            Self::CommandStatus(n, id) => write!(f, "{n}/up/command/{id}"),
            Self::Log(n, id, piece) => write!(f, "{n}/up/log/{id}/{piece}"),
            Self::Unrouted(channel) => write!(f, "unrouted/{channel}"),
        }
    }
}

/// A topic that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{topic}` is no topic of the contract")]
pub struct TopicError {
    topic: String,
}

impl FromStr for Topic {
    type Err = TopicError;

    /// Reads a topic; filters with wildcards are none.
    fn from_str(text: &str) -> Result<Self, TopicError> {
        read(text).ok_or_else(|| TopicError { topic: shown(text) })
    }
}

fn read(text: &str) -> Option<Topic> {
    let rest = text.strip_prefix("till/v1/")?;
    let (first, rest) = rest.split_once('/')?;
    if first == "unrouted" {
        return ChannelId::new(rest).map(Topic::Unrouted);
    }
    let terminal = first.parse().ok()?;
    let (direction, rest) = rest.split_once('/')?;
    let (name, rest) = match rest.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (rest, None),
    };
    match (direction, name, rest) {
        ("down", "webhook", None) => Some(Topic::Webhook(terminal)),
        ("down", "desired", None) => Some(Topic::Desired(terminal)),
        ("down", "command", Some(id)) => Some(Topic::Command(terminal, CommandId::new(id)?)),
        ("up", "state", None) => Some(Topic::State(terminal)),
        ("up", "health", None) => Some(Topic::Health(terminal)),
        ("up", "reported", None) => Some(Topic::Reported(terminal)),
        ("up", "replay", None) => Some(Topic::Replay(terminal)),
        ("up", "sale", Some(id)) => Some(Topic::Sale(terminal, id.parse().ok()?)),
        ("up", "receipt", Some(key)) => Some(Topic::Receipt(terminal, key.parse().ok()?)),
        ("up", "command", Some(id)) => Some(Topic::CommandStatus(terminal, CommandId::new(id)?)),
        ("up", "log", Some(piece)) => read_log(terminal, piece),
        _ => None,
    }
}

fn read_log(terminal: TerminalNumber, rest: &str) -> Option<Topic> {
    let (id, piece) = rest.split_once('/')?;
    let number: u32 = piece.parse().ok()?;
    // Only the form that is written is read: no sign, no leading zero.
    (number.to_string() == piece).then_some(())?;
    Some(Topic::Log(terminal, CommandId::new(id)?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_topic() -> Vec<(Topic, &'static str)> {
        let n = TerminalNumber::new(1017).expect("a terminal number");
        let id = || CommandId::new("c-1").expect("a command id");
        let sale = "0001017-029727122".parse().expect("a sale id");
        let key = "000102030405060708090a0b0c0d0e0f".parse().expect("a key");
        let channel = ChannelId::new("payos").expect("a channel id");
        vec![
            (Topic::Webhook(n), "till/v1/0001017/down/webhook"),
            (Topic::Command(n, id()), "till/v1/0001017/down/command/c-1"),
            (Topic::Desired(n), "till/v1/0001017/down/desired"),
            (Topic::State(n), "till/v1/0001017/up/state"),
            (Topic::Health(n), "till/v1/0001017/up/health"),
            (Topic::Reported(n), "till/v1/0001017/up/reported"),
            (Topic::Sale(n, sale), "till/v1/0001017/up/sale/0001017-029727122"),
            (Topic::Replay(n), "till/v1/0001017/up/replay"),
            (Topic::Receipt(n, key), "till/v1/0001017/up/receipt/000102030405060708090a0b0c0d0e0f"),
            (Topic::CommandStatus(n, id()), "till/v1/0001017/up/command/c-1"),
            (Topic::Log(n, id(), 12), "till/v1/0001017/up/log/c-1/12"),
            (Topic::Unrouted(channel), "till/v1/unrouted/payos"),
        ]
    }

    #[test]
    fn every_topic_converts_both_ways() {
        for (topic, text) in every_topic() {
            assert_eq!(topic.to_string(), text);
            assert_eq!(text.parse(), Ok(topic));
        }
    }

    #[test]
    fn the_filters_are_those_of_the_contract() {
        let n = TerminalNumber::new(1017).expect("a terminal number");
        assert_eq!(down_filter(n), "till/v1/0001017/down/#");
        assert_eq!(replay_filter(), "till/v1/+/up/replay");
        assert_eq!(states_filter(), "till/v1/+/up/state");
        assert_eq!(healths_filter(), "till/v1/+/up/health");
        assert_eq!(reported_filter(), "till/v1/+/up/reported");
        assert_eq!(desired_filter(), "till/v1/+/down/desired");
        assert_eq!(command_statuses_filter(), "till/v1/+/up/command/+");
        assert_eq!(sales_filter(), "till/v1/+/up/sale/+");
        assert_eq!(logs_filter(), "till/v1/+/up/log/+/+");
        let id = CommandId::new("c-1").expect("a command id");
        assert_eq!(command_status_filter(&id), "till/v1/+/up/command/c-1");
        assert_eq!(command_statuses_of_filter(n), "till/v1/0001017/up/command/+");
        assert_eq!(log_filter(n, &id), "till/v1/0001017/up/log/c-1/+");
        assert_eq!(up_filter(n), "till/v1/0001017/up/#");
        assert_eq!(unrouted_filter(), "till/v1/unrouted/+");
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        for text in [
            "",
            "till/v1/",
            "till/v2/0001017/up/state",
            "till/v1/1017/up/state",
            "till/v1/0000000/up/state",
            "till/v1/0001017/up/state/",
            "till/v1/0001017/up/",
            "till/v1/0001017/down/state",
            "till/v1/0001017/up/webhook",
            "till/v1/0001017/down/#",
            "till/v1/+/up/replay",
            "till/v1/0001017/down/command/",
            "till/v1/0001017/down/command/a/b",
            "till/v1/0001017/up/log/c-1/01",
            "till/v1/0001017/up/log/c-1/+1",
            "till/v1/0001017/up/log/c-1",
            "till/v1/unrouted/",
            "till/v1/unrouted/a/b",
            "/till/v1/0001017/up/state",
        ] {
            let refused = TopicError { topic: text.to_owned() };
            assert_eq!(text.parse::<Topic>(), Err(refused), "{text}");
        }
    }
}
