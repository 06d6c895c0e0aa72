//! When the fleet hears how the terminal is doing (contract §5, `up/health`): when the broker is reached, once a minute, and
//! soon after something has changed that somebody may have to act on. The broker keeps the newest; none waits in a queue.
//! It must not measure anything.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::Topic;
use till_wire::status::{CertificateStatus, ConfigurationStatus, Status};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Driver, status};

/// How long health stays unsaid at most while the broker is reached.
const EVERY: Duration = Duration::from_secs(60);

/// How long after something has happened it is looked whether that has changed our health: what changes at once is said at
/// once, and a terminal that sells without pause looks once a second.
const SOON: Duration = Duration::from_secs(1);

/// What somebody may have to act on. Figures that always move, such as the memory, go with the next minute.
#[derive(Debug, PartialEq, Eq)]
struct Gist {
    links: BTreeMap<String, bool>,
    clock: Option<bool>,
    certificate: Option<CertificateStatus>,
    display: Option<bool>,
    sound: Option<bool>,
    store: bool,
    attention: Option<u64>,
    configuration: Option<ConfigurationStatus>,
    disabled: bool,
}

impl Gist {
    fn of(status: &Status) -> Self {
        Self {
            links: status.links.iter().map(|(name, link)| (name.clone(), link.up)).collect(),
            clock: status.clock.map(|clock| clock.synchronised),
            certificate: status.certificate,
            display: status.display.as_ref().map(|display| display.ok),
            sound: status.sound.as_ref().map(|sound| sound.ok),
            store: status.store.is_some(),
            attention: status.attention,
            configuration: status.configuration.clone(),
            disabled: status.disabled,
        }
    }
}

/// When to look, and what was said last.
#[derive(Debug)]
pub(super) struct Health {
    said: Option<Gist>,
    /// When it is to be said though nothing has changed; nothing while the broker is not reached.
    again: Option<Instant>,
    /// When to look whether something has changed.
    look: Option<Instant>,
    /// Whether somebody is looking.
    looking: bool,
    /// Gives what was looked up back to the loop.
    looked: mpsc::Sender<Status>,
}

impl Health {
    /// The other end is the loop's.
    pub(super) fn new() -> (Self, mpsc::Receiver<Status>) {
        let (looked, end) = mpsc::channel(1);
        (Self { said: None, again: None, look: None, looking: false, looked }, end)
    }

    /// The broker is reached: whoever reads hears of this connection, whatever was said over the last one.
    fn begin(&mut self, now: Instant) {
        self.said = None;
        self.again = Some(now);
    }

    fn pause(&mut self) {
        (self.again, self.look) = (None, None);
    }

    fn stir(&mut self, now: Instant) {
        if self.again.is_some() && self.look.is_none() {
            self.look = Some(now + SOON);
        }
    }

    /// When the loop has to turn at the latest.
    fn due(&self) -> Option<Instant> {
        if self.looking { None } else { self.again.into_iter().chain(self.look).min() }
    }

    /// Tells whether to look now; whoever does comes back with [`Health::judge`].
    fn begins_to_look(&mut self, now: Instant) -> bool {
        let begins = self.due().is_some_and(|due| due <= now);
        if begins {
            (self.looking, self.look) = (true, None);
        }
        begins
    }

    /// Tells whether this is to be said.
    fn judge(&mut self, status: &Status, now: Instant) -> bool {
        self.looking = false;
        let Some(again) = self.again else { return false };
        let gist = Gist::of(status);
        let says = again <= now || self.said.as_ref() != Some(&gist);
        if says {
            (self.said, self.again) = (Some(gist), Some(now + EVERY));
        }
        says
    }
}

impl Driver {
    pub(super) fn health_begins(&mut self) {
        self.health.begin(Instant::now());
    }

    pub(super) fn health_pauses(&mut self) {
        self.health.pause();
    }

    /// Something has happened.
    pub(super) fn health_stirs(&mut self) {
        self.health.stir(Instant::now());
    }

    pub(super) fn health_due(&self) -> Option<Instant> {
        self.health.due()
    }

    /// Looks how we are doing, when it is time; what only the store knows is asked beside the loop.
    pub(super) fn look_at_health(&mut self) {
        if !self.health.begins_to_look(Instant::now()) {
            return;
        }
        let (mut status, looked) = (self.status(), self.health.looked.clone());
        let store = self.begin_again.is_none().then(|| self.store.clone());
        tokio::spawn(async move {
            if let Some(store) = store {
                if let Ok(facts) = store.facts().await {
                    status::add_facts(&mut status, &facts);
                }
            }
            // The loop may have ended.
            let _ = looked.send(status).await;
        });
    }

    /// Says it, if it is worth saying.
    pub(super) fn health_looked_up(&mut self, status: &Status) {
        if !self.health.judge(status, Instant::now()) {
            return;
        }
        let said = serde_json::to_vec(status).map(|body| self.link.report(&Topic::Health(self.terminal), body));
        if !matches!(said, Ok(Ok(()))) {
            tracing::error!("the terminal's health cannot be said: it is larger than 64 KiB");
        }
    }
}

#[cfg(test)]
mod tests {
    use till_wire::TerminalNumber;
    use till_wire::status::{Link, TerminalStatus};

    use super::*;

    fn status(up: bool, uptime_s: u64) -> Status {
        let terminal = TerminalStatus {
            number: TerminalNumber::new(1017).expect("a number"),
            label: None,
            groups: Vec::new(),
            version: "0.1.0".to_owned(),
            boot_id: None,
            uptime_s,
        };
        Status {
            terminal,
            links: BTreeMap::from([("payos".to_owned(), Link { up, since: None, reason: None })]),
            queue: None,
            clock: None,
            certificate: None,
            store: None,
            display: None,
            sound: None,
            last_payment_at: None,
            attention: Some(0),
            memory_bytes: Some(uptime_s),
            temperature_c: None,
            configuration: None,
            disabled: false,
        }
    }

    /// Runs through seconds in each of which something stirs, and counts what is said in them.
    fn said(health: &mut Health, start: Instant, seconds: std::ops::Range<u64>, up: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut said = Vec::new();
        for second in seconds {
            let now = start + Duration::from_secs(second);
            health.stir(now);
            if health.begins_to_look(now) && health.judge(&status(up(second), second), now) {
                said.push(second);
            }
        }
        said
    }

    #[test]
    fn nothing_new_is_said_once_a_minute_however_much_happens() {
        let (mut health, _end) = Health::new();
        let start = Instant::now();
        assert_eq!(said(&mut health, start, 0..10, |_| true), [] as [u64; 0], "nobody hears it");
        health.begin(start + Duration::from_secs(10));
        assert_eq!(said(&mut health, start, 10..200, |_| true), [10, 70, 130, 190]);
    }

    #[test]
    fn what_changes_is_said_at_the_next_look_and_the_minute_begins_anew() {
        let (mut health, _end) = Health::new();
        let start = Instant::now();
        health.begin(start);
        assert_eq!(said(&mut health, start, 0..130, |second| second < 30), [0, 30, 90]);
        health.pause();
        assert_eq!(said(&mut health, start, 130..300, |second| second % 2 == 0), [] as [u64; 0]);
        health.begin(start + Duration::from_secs(300));
        assert_eq!(said(&mut health, start, 300..310, |_| false), [300], "whoever came late hears it too");
    }

    #[test]
    fn one_looks_at_a_time_and_nobody_waits_for_a_look_that_is_under_way() {
        let (mut health, _end) = Health::new();
        let start = Instant::now();
        health.begin(start);
        assert!(health.begins_to_look(start));
        assert!(!health.begins_to_look(start + EVERY));
        assert_eq!(health.due(), None);
        assert!(health.judge(&status(true, 0), start));
        assert_eq!(health.due(), Some(start + EVERY));
    }
}
