//! The line to the MQTT broker: webhooks come in over it, what is owed goes out over it, and it says how present the
//! till is (contract §5). It must not know what a sale is, nor keep anything that has to survive: the outbox on disk is
//! sent again over every new connection.

mod back_off;
mod inbox;
mod line;
mod poller;
#[cfg(test)]
mod tests;
mod ways;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use till_settings::Broker;
use till_wire::{CommandId, Envelope, MAX_MESSAGE, Presence, TerminalNumber, Topic, UnixTime};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::back_off::Timing;
use self::line::Line;
use self::poller::Poller;
pub use self::ways::Trial;
use self::ways::Ways;
use crate::pulse::{Beat, Pulse};
use crate::till::{Delivery, Owed, Session};

/// How many things heard may wait for the daemon. Behind them the line waits, and behind that the broker.
const HEARD: usize = 32;

/// How long the goodbye may take (contract §5: `disconnected`).
const GOODBYE: Duration = Duration::from_secs(2);

/// Where the line goes, and who speaks on it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The way to the broker.
    pub broker: Broker,
    /// This terminal, whose seven digits are the client id.
    pub terminal: TerminalNumber,
    /// Which start of the daemon this is; grows with every start, so that session numbers do. Below 2^33.
    pub start: u64,
    /// The wall clock, for the `at` of `up/state`.
    pub clock: fn() -> UnixTime,
    /// Tells whether the wall clock may be right, so that a certificate can be judged by it.
    pub clock_is_plausible: fn() -> bool,
}

/// What comes over the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The broker is connected and our topics are subscribed. Everything owed is to be published again.
    Up {
        /// Names this connection; the same number stands in `up/state` as `session`.
        connection: u64,
        /// Whether the broker had kept our session.
        session: Session,
        /// What has become of a renewed certificate.
        trial: Trial,
    },
    /// The connection is gone, or another attempt to make one has failed. May come several times in a row.
    Down {
        /// What happened, in words for `links.broker.reason`.
        reason: String,
    },
    /// A bridge hands over a webhook. Nothing in it is proof.
    Webhook {
        /// What to acknowledge once its effect is durable.
        delivery: Delivery,
        /// What the bridge took.
        envelope: Box<Envelope>,
    },
    /// Somebody commands something. Nothing in it is proven.
    Command {
        /// What to acknowledge once its effect is durable.
        delivery: Delivery,
        /// What its topic calls it.
        id: CommandId,
        /// The document; nothing when it is larger than 64 KiB.
        document: Option<Vec<u8>>,
    },
    /// Somebody wants a configuration. Nothing in it is proven.
    Desired {
        /// What to acknowledge once its effect is durable.
        delivery: Delivery,
        /// The document; nothing when it is larger than 64 KiB.
        document: Option<Vec<u8>>,
    },
    /// The broker has taken what was published with this tag.
    Published {
        /// What was given to [`Link::publish`].
        tag: Owed,
    },
}

/// Messages that were acknowledged to the broker and dropped, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Larger than 64 KiB.
    pub too_large: u64,
    /// On a topic that is none of those sent down to this till.
    pub unknown_topic: u64,
    /// On the topic of webhooks, and no envelope.
    pub unreadable: u64,
}

/// A message that is larger than 64 KiB, which no broker of the fleet takes; nothing was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has {bytes} bytes, a message may have 65536")]
pub struct TooLarge {
    /// How large it is.
    pub bytes: usize,
}

/// Our end of the line. No method but [`Link::stop`] waits for anything; dropping it cuts the line, so that the
/// broker says `lost`.
#[derive(Debug)]
pub struct Link {
    terminal: TerminalNumber,
    shared: Arc<Mutex<Shared>>,
    stopping: watch::Sender<bool>,
    asleep: Arc<watch::Sender<bool>>,
    pulse: Pulse,
    task: JoinHandle<()>,
}

/// What the daemon's side and the poll task both know. The lock is never held across a wait.
#[derive(Debug)]
struct Shared {
    /// What the daemon last said of itself; the poll task repeats it on each new connection.
    wish: Presence,
    /// The connection there is; made and taken away by the poll task.
    line: Option<Line>,
    /// Counted by the poll task.
    dropped: Dropped,
    /// What the daemon has not been told of the broker's session: a loss that no connection has lived to report.
    untold: Session,
    /// With which certificate we come.
    ways: Ways,
}

impl Link {
    /// Starts connecting, and goes on for as long as the link lives. To be called inside a tokio runtime.
    pub fn start(options: Options) -> (Self, mpsc::Receiver<Heard>) {
        let timing = Timing::of(&options);
        Self::start_timed(options, timing)
    }

    fn start_timed(options: Options, timing: Timing) -> (Self, mpsc::Receiver<Heard>) {
        let (heard, receiver) = mpsc::channel(HEARD);
        let (stopping, stop) = watch::channel(false);
        let asleep = Arc::new(watch::Sender::new(false));
        let shared = Arc::new(Mutex::new(Shared {
            wish: Presence::Init,
            line: None,
            dropped: Dropped::default(),
            untold: Session::Kept,
            ways: Ways::new(options.broker.clone()),
        }));
        let terminal = options.terminal;
        let beat = Beat::new();
        let pulse = beat.pulse();
        let poller = Poller {
            options,
            timing,
            shared: Arc::clone(&shared),
            heard,
            stopping: stop,
            asleep: Arc::clone(&asleep),
            beat,
        };
        let task = tokio::spawn(poller.run());
        let link = Self { terminal, shared, stopping, asleep, pulse, task };
        (link, receiver)
    }

    /// Publishes a message, retained where the contract says so; [`Heard::Published`] comes when the broker has taken it. Without a
    /// connection it is dropped, since everything owed is published again after [`Heard::Up`].
    ///
    /// One message at a time: the next is given after [`Heard::Published`] of the last.
    ///
    /// # Errors
    /// Refuses a message of more than 64 KiB, for which [`Heard::Published`] could never come.
    pub fn publish(&self, tag: Owed, topic: &Topic, payload: Vec<u8>) -> Result<(), TooLarge> {
        let bytes = payload.len();
        if bytes > MAX_MESSAGE {
            return Err(TooLarge { bytes });
        }
        if let Some(line) = &mut self.lock().line {
            line.publish_owed(tag, topic, payload);
        }
        Ok(())
    }

    /// Says something that nobody will ask for again, not retained; without a connection it is dropped.
    ///
    /// # Errors
    /// Refuses a message of more than 64 KiB.
    pub fn say(&self, topic: &Topic, payload: Vec<u8>) -> Result<(), TooLarge> {
        let bytes = payload.len();
        if bytes > MAX_MESSAGE {
            return Err(TooLarge { bytes });
        }
        if let Some(line) = &mut self.lock().line {
            line.say(topic, payload);
        }
        Ok(())
    }

    /// Says how things are, for the broker to keep until it is said anew; without a connection it is dropped.
    ///
    /// # Errors
    /// Refuses a message of more than 64 KiB.
    pub fn report(&self, topic: &Topic, payload: Vec<u8>) -> Result<(), TooLarge> {
        let bytes = payload.len();
        if bytes > MAX_MESSAGE {
            return Err(TooLarge { bytes });
        }
        if let Some(line) = &mut self.lock().line {
            line.report(topic, payload);
        }
        Ok(())
    }

    /// Tells the broker that a message is safe here. For a message of an older connection nothing is sent: the broker
    /// delivers it again.
    pub fn acknowledge(&self, delivery: Delivery) {
        if let Some(line) = &mut self.lock().line {
            line.acknowledge(delivery);
        }
    }

    /// Says how present the till is, now and after every later connection.
    pub fn presence(&self, presence: Presence) {
        let mut shared = self.lock();
        shared.wish = presence;
        if let Some(line) = &mut shared.line {
            line.wish(self.terminal, presence);
        }
    }

    /// Leaves the broker and comes back, so that it delivers again what could not be kept and was not acknowledged.
    pub fn renew(&self) {
        if let Some(line) = &mut self.lock().line {
            line.renew();
        }
    }

    /// Leaves the broker and comes back another way, which has not been tried: with a renewed certificate. Where it is not
    /// let in, it comes back the old way.
    pub fn try_way(&self, broker: Broker) {
        let mut shared = self.lock();
        shared.ways.offer(broker);
        if let Some(line) = &mut shared.line {
            line.renew();
        }
    }

    /// Says `sleeping` and leaves the broker, so that it does not take us for lost, until [`Link::wake`]; or, should that never
    /// come, until the machine has been awake for a minute.
    pub fn sleep(&self) {
        self.asleep.send_replace(true);
        if let Some(line) = &mut self.lock().line {
            line.goodbye(self.terminal, Presence::Sleeping);
        }
    }

    /// Comes back to the broker.
    pub fn wake(&self) {
        self.asleep.send_replace(false);
    }

    /// Returns what tells whether the line's task hangs. One without a broker goes round all the same.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Returns what has been dropped since the start.
    pub fn dropped(&self) -> Dropped {
        self.lock().dropped
    }

    /// Says goodbye: publishes `disconnected`, waits at most 2 s for the broker to take it, and disconnects. What is
    /// heard from now on is dropped unacknowledged.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        if let Some(line) = &mut self.lock().line {
            line.goodbye(self.terminal, Presence::Disconnected);
        }
        if timeout(GOODBYE, &mut self.task).await.is_err() {
            tracing::warn!("the broker has not taken our goodbye");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Locks what both sides know. Every change of it is complete at each step, so a panic elsewhere leaves it usable.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
