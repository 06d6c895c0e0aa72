//! What every call has at hand: the port to the driver, the rules of the configuration, and what is counted and limited
//! across calls. It must not know any single call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use till_settings::Secret;
use till_wire::{Amount, ChannelId};
use tokio::sync::{Semaphore, watch};

use super::metrics::Counts;
use super::pin_gate::PinGate;
use super::port::Port;
use crate::config::{PinHash, Settings};

/// What the configuration demands of the API.
#[derive(Clone, Debug)]
pub struct ApiRules {
    /// The bearer token; with it, every call over TCP must carry it (`api.token`).
    pub token: Option<Secret>,
    /// The supervisor's PIN, hashed (`sale.supervisor_pin`).
    pub supervisor_pin: Option<PinHash>,
    /// Every merchant account.
    pub channels: BTreeSet<ChannelId>,
    /// The merchant account of a sale that names none (`sale.channel`).
    pub channel: ChannelId,
    /// How long a code is shown when the caller does not say (`sale.expire_s`).
    pub expire: Duration,
    /// The largest sale (`sale.max_amount`).
    pub max_amount: Amount,
}

impl ApiRules {
    /// Takes the rules out of the configuration.
    pub fn new(settings: &Settings) -> Self {
        Self {
            token: settings.api.token.clone(),
            supervisor_pin: settings.sale.supervisor_pin.clone(),
            channels: settings.channels.iter().map(|channel| channel.id.clone()).collect(),
            channel: settings.sale.channel.clone(),
            expire: settings.sale.expire,
            max_amount: settings.sale.max_amount,
        }
    }
}

/// How many callers may listen to events at a time; more would starve the other calls of connections.
const LISTENERS: usize = 32;

/// What every call has at hand.
pub(super) struct Desk {
    /// The way to the driver.
    pub(super) port: Port,
    /// The configuration.
    pub(super) rules: ApiRules,
    /// Who checks PINs.
    pub(super) pins: PinGate,
    /// What is counted.
    pub(super) counts: Counts,
    /// A place for each listener.
    pub(super) listeners: Arc<Semaphore>,
    /// Changes, or closes, when the server stops.
    pub(super) closing: watch::Receiver<()>,
}

impl Desk {
    pub(super) fn new(port: Port, rules: ApiRules, closing: watch::Receiver<()>) -> Arc<Self> {
        Arc::new(Self {
            port,
            pins: PinGate::new(rules.supervisor_pin.clone()),
            rules,
            counts: Counts::default(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            closing,
        })
    }
}
