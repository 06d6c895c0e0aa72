//! Status and health of a terminal as others see them (contract §5): what `/v1/status` answers and `up/health` carries.
//! It must not know how anything is measured; what is not known is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::TerminalNumber;
use crate::time::UnixTime;

/// How a terminal is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Status {
    /// Who speaks.
    pub terminal: TerminalStatus,
    /// The link to the broker, under `broker`, and to each channel's provider, under the channel's id.
    pub links: BTreeMap<String, Link>,
    /// What is owed to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueStatus>,
    /// The wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockStatus>,
    /// The certificate by which the broker knows the terminal; left out where it knows it by none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateStatus>,
    /// The store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreStatus>,
    /// The display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<DisplayStatus>,
    /// The sound; left out where the terminal is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundStatus>,
    /// When money last arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_payment_at: Option<UnixTime>,
    /// How many sales and receipts need a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<u64>,
    /// The resident memory of the daemon, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The temperature of the machine's processor, or of the hottest of what it measures, in whole degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<i64>,
    /// The configuration from afar; left out while there is none, and nothing is wrong with any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationStatus>,
    /// Whether the fleet's operator has shut the terminal: it makes no new sales. Left out while it does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

/// Which terminal, and since when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TerminalStatus {
    /// Its number in the fleet.
    pub number: TerminalNumber,
    /// What the shop calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The groups of the fleet that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The version of the daemon.
    pub version: String,
    /// Names this boot of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    /// How long the daemon has been running, in seconds.
    pub uptime_s: u64,
}

/// A connection to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Link {
    /// Whether it works.
    pub up: bool,
    /// Since when it is as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<UnixTime>,
    /// Why it does not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is owed to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QueueStatus {
    /// How many messages to the broker, and cancellations and confirmations to providers.
    pub entries: u64,
    /// How large the messages to the broker are together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How long the oldest has been waiting, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_s: Option<u64>,
}

/// The wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClockStatus {
    /// Whether it can be believed: the machine's time service says so, or a provider's clock agrees within 20 s, or, where
    /// neither can be told, it is not before this version's making.
    pub synchronised: bool,
    /// How far it is ahead of the clock of the provider that was heard last, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// By how many milliseconds it is corrected when a provider is told the time, because it is more than 20 s off: the
    /// largest correction of all channels, positive when our clock is slow. Left out while nothing is corrected. The
    /// machine's clock itself is never set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_ms: Option<i64>,
}

/// The certificate by which the broker knows the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CertificateStatus {
    /// Until when it is valid (RFC 5280, section 4.1.2.5).
    pub not_after: UnixTime,
    /// From when the terminal has it renewed; left out where somebody else renews it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_at: Option<UnixTime>,
}

/// What the fleet's operator has put on top of the terminal's file; `up/reported` says more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConfigurationStatus {
    /// The version that is applied; left out where the file alone counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Why the newest is not applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StoreStatus {
    /// How large it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How much its file system can still take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
    /// How many sales it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales: Option<u64>,
}

/// The display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DisplayStatus {
    /// Whether pictures reach it.
    pub ok: bool,
    /// Why they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its size in pixels, e.g. `800x480`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The driver that the configuration names.
    pub driver: String,
}

/// The sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SoundStatus {
    /// Whether announcements are heard as they are configured, as far as it is known.
    pub ok: bool,
    /// The driver that the configuration names.
    pub driver: String,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let status = Status {
            terminal: TerminalStatus {
                number: TerminalNumber::new(1017).expect("1017 is a terminal's number"),
                label: None,
                groups: Vec::new(),
                version: "0.1.0".into(),
                boot_id: None,
                uptime_s: 5,
            },
            links: BTreeMap::from([(
                "broker".to_owned(),
                Link { up: false, since: None, reason: Some("connection refused".into()) },
            )]),
            queue: None,
            clock: None,
            certificate: None,
            store: None,
            display: None,
            sound: None,
            last_payment_at: None,
            attention: None,
            memory_bytes: None,
            temperature_c: None,
            configuration: None,
            disabled: false,
        };
        let json = serde_json::to_string(&status).expect("a status is JSON");
        assert_eq!(
            json,
            r#"{"terminal":{"number":1017,"version":"0.1.0","uptime_s":5},"links":{"broker":{"up":false,"reason":"connection refused"}}}"#
        );
        assert_eq!(serde_json::from_str::<Status>(&json).ok(), Some(status));
    }
}
