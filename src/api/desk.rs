//! What every call has at hand: the port to the driver, the rules of the configuration, and what is counted and limited
//! across calls. It must not know any single call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use till_settings::Secret;
use till_wire::{Amount, ChannelId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::metrics::Counts;
use super::pin_gate::PinGate;
use super::problem::{Kind, Problem};
use super::screen::Pages;
use crate::clock;
use crate::config::{Channel, Locale, PinHash, Settings};
use crate::port::Port;
use crate::till::BootId;

/// What the configuration demands of the API.
#[derive(Clone, Debug)]
pub struct ApiRules {
    /// The bearer token; with it, every call over TCP must carry it (`api.token`).
    pub token: Option<Secret>,
    /// The supervisor's PIN, hashed (`sale.supervisor_pin`).
    pub supervisor_pin: Option<PinHash>,
    /// Every merchant account, and what a sale over it must fit.
    pub channels: BTreeMap<ChannelId, ChannelLimits>,
    /// The merchant account of a sale that names none (`sale.channel`).
    pub channel: ChannelId,
    /// How long a code is shown when the caller does not say (`sale.expire_s`).
    pub expire: Duration,
    /// The largest sale (`sale.max_amount`).
    pub max_amount: Amount,
    /// Where a day begins and ends (`terminal.timezone`).
    pub timezone: TimeZone,
    /// Who is named on the page of the display, and in which language, if there is one (`api.screen`).
    pub screen: Option<ScreenRules>,
}

/// What a sale must fit to go over a channel.
#[derive(Clone, Debug)]
pub struct ChannelLimits {
    /// The longest that its code can be shown.
    pub longest: Duration,
    /// What must be known of whoever pays, by the names in `customer`.
    pub customer_needs: &'static [&'static str],
}

/// What the page of the display says.
#[derive(Clone, Debug)]
pub struct ScreenRules {
    /// What the shop calls the counter (`terminal.label`).
    pub label: String,
    /// The language (`terminal.locale`).
    pub locale: Locale,
}

impl ApiRules {
    /// Takes the rules out of the configuration.
    pub fn new(settings: &Settings) -> Self {
        Self {
            token: settings.api.token.clone(),
            supervisor_pin: settings.sale.supervisor_pin.clone(),
            channels: settings
                .channels
                .iter()
                .map(|channel| (channel.id.clone(), ChannelLimits::of(channel)))
                .collect(),
            channel: settings.sale.channel.clone(),
            expire: settings.sale.expire,
            max_amount: settings.sale.max_amount,
            timezone: settings.terminal.timezone.clone(),
            screen: settings
                .api
                .screen
                .then(|| ScreenRules { label: settings.terminal.label.clone(), locale: settings.terminal.locale }),
        }
    }
}

impl ChannelLimits {
    fn of(channel: &Channel) -> Self {
        Self { longest: channel.longest_expiry(), customer_needs: channel.customer_needs() }
    }
}

/// How many callers may listen to events or wait for another picture at a time. Each holds a connection, which is a file
/// descriptor and some 20 KiB; the server has this many places more than it has for other calls.
pub(super) const LISTENERS: usize = 256;
/// When one for whom there is no place may come back.
const COME_BACK: Duration = Duration::from_secs(5);

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
    listeners: Arc<Semaphore>,
    /// The page of the display, if there is one.
    pub(super) pages: Option<Arc<Pages>>,
    /// Which boot of the machine this is, for names that must not be given twice.
    pub(super) boot: BootId,
    /// Changes, or closes, when the server stops.
    pub(super) closing: watch::Receiver<()>,
}

impl Desk {
    pub(super) fn new(port: Port, rules: ApiRules, closing: watch::Receiver<()>) -> Arc<Self> {
        Arc::new(Self {
            port,
            pages: rules.screen.as_ref().map(|screen| Arc::new(Pages::new(screen))),
            pins: PinGate::new(rules.supervisor_pin.clone()),
            rules,
            counts: Counts::default(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            boot: clock::boot_id(),
            closing,
        })
    }

    /// Gives a place to one who wants to listen or wait. Who gets none is told to leave the connection too, so that the
    /// places of other calls stay theirs.
    pub(super) fn place_to_listen(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.listeners.clone().try_acquire_owned().map_err(|_| {
            Problem::new(Kind::Unavailable, format!("{LISTENERS} callers listen already"))
                .retry_after(COME_BACK)
                .closing()
        })
    }
}
