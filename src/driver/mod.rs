//! The one place where the adapters meet: takes what happened, lets the till judge it, makes the judgement durable, and
//! only then has it carried out. The only module that sees more than one adapter.

mod broker;
mod certificate;
mod commands;
mod counter;
mod desired;
mod display;
mod effects;
mod health;
mod newcomer;
mod open_code;
mod over;
mod performing;
mod questions;
mod rules;
mod start;
mod status;
mod takings;
mod timings;
mod touch;
mod trace;
mod updating;
mod watchdog;
mod wipe;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use till_wire::status::Status;
use till_wire::{ChannelId, TerminalNumber};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::clock;
use crate::enrol::Renewed;
use crate::flight::Recorder;
use crate::identity::Place;
use crate::mqtt;
use crate::panel;
use crate::port::{DriverEnd, Reply, Unavailable};
use crate::provider::Providers;
use crate::pulse::Pulse;
use crate::signals::Nap;
use crate::sound::Sound;
use crate::store::{Store, StoreError};
use crate::till::{Answer, Effect, Event, Fault, ReplyTo, Rules, Scene, Step, Takings, Till, View};

pub use newcomer::{Ended, await_enrolment};
pub use over::{Over, RunError};
pub use start::{Daemon, StartError, give_console_back, remarks};
use status::Tally;
pub use wipe::{WipeError, finish_wipe};

/// The loop's belongings. Whatever comes in, comes through one of its receivers.
struct Driver {
    terminal: TerminalNumber,
    label: String,
    till: Till,
    /// Hears of every event and every start before the till does, and of what the till did.
    recorder: Recorder,
    rules: Rules,
    store: Store,
    providers: Arc<Providers>,
    link: mqtt::Link,
    screen: Option<panel::Screen>,
    sound: Option<Sound>,
    /// What the configuration calls the display.
    display: &'static str,
    ends: Ends,
    /// What comes of the tasks that talk to providers.
    answered: mpsc::Sender<Answered>,
    replies: BTreeMap<ReplyTo, Reply<Answer>>,
    next_reply: u64,
    scene: Option<Scene>,
    tally: Tally,
    reckoner: takings::Reckoner,
    /// Where the certificate is kept, of an enrolled terminal.
    identity: Option<Place>,
    /// By which the broker knows us.
    certificate: certificate::Certificate,
    followed: trace::Followed,
    commanded: commands::Commanded,
    health: health::Health,
    wanted: desired::Wanted,
    updater: updating::Updater,
    /// When the till begins again from the disk, after the disk has failed.
    begin_again: Option<Instant>,
}

/// How long a disk that refused is left alone.
const BEGIN_AGAIN: Duration = Duration::from_secs(2);

/// What the loop listens to.
struct Ends {
    api: DriverEnd,
    mqtt: mpsc::Receiver<mqtt::Heard>,
    panel: mpsc::Receiver<panel::Heard>,
    providers: mpsc::Receiver<Answered>,
    open_code: mpsc::Receiver<open_code::Offered>,
    takings: mpsc::Receiver<Takings>,
    performed: mpsc::Receiver<performing::Done>,
    health: mpsc::Receiver<Status>,
    renewed: mpsc::Receiver<Renewed>,
    naps: mpsc::Receiver<Nap>,
}

/// What came of a task that talked to a provider.
struct Answered {
    event: Event,
    channel: ChannelId,
    date: Option<till_wire::UnixTime>,
    corrected_ms: i64,
    fault: Option<Fault>,
    took_us: u64,
}

/// One thing that came in.
enum Incoming {
    Question(crate::port::Request),
    Mqtt(mqtt::Heard),
    Panel(panel::Heard),
    Provider(Box<Answered>),
    OpenCode(open_code::Offered),
    Takings(Takings),
    Performed(performing::Done),
    Renewed(Renewed),
    Health(Box<Status>),
    Nap(Nap),
    Time,
    Over,
}

impl Driver {
    /// Runs until `shutdown`, or until the store can no longer be used.
    async fn run(mut self, owed: Step, shutdown: impl Future<Output = ()>) -> Result<Over, RunError> {
        let mut shutdown = pin!(shutdown);
        let mut watchdog = watchdog::Watchdog::start(self.pulses());
        self.carry_out(owed).await;
        self.configuration_has_started();
        self.updater.is_under_way();
        // A command may want another process, and so may another configuration.
        while !self.commanded.wants_restart() && !self.begins_anew() {
            self.show_scene();
            self.look_at_health();
            let wake = self.wake_at(watchdog.due());
            let incoming = tokio::select! {
                () = &mut shutdown => Incoming::Over,
                Some(heard) = self.ends.panel.recv() => Incoming::Panel(heard),
                Some(answered) = self.ends.providers.recv() => Incoming::Provider(Box::new(answered)),
                Some(offered) = self.ends.open_code.recv() => Incoming::OpenCode(offered),
                Some(takings) = self.ends.takings.recv() => Incoming::Takings(takings),
                Some(done) = self.ends.performed.recv() => Incoming::Performed(done),
                Some(renewed) = self.ends.renewed.recv() => Incoming::Renewed(renewed),
                Some(nap) = self.ends.naps.recv() => Incoming::Nap(nap),
                Some(status) = self.ends.health.recv() => Incoming::Health(Box::new(status)),
                Some(heard) = self.ends.mqtt.recv() => Incoming::Mqtt(heard),
                Some(question) = self.ends.api.requests.recv() => Incoming::Question(question),
                () = sleep_until(wake) => Incoming::Time,
            };
            watchdog.feed();
            match incoming {
                Incoming::Over => break,
                Incoming::Time if self.begin_again.is_some_and(|at| at <= Instant::now()) => self.begin_again().await?,
                Incoming::Time => {
                    self.configuration_due();
                    self.judge(Event::Woke).await
                }
                Incoming::Panel(heard) => self.panel_heard(heard).await,
                Incoming::Provider(answered) => self.provider_answered(*answered).await,
                Incoming::OpenCode(offered) => self.open_code_came(offered).await,
                Incoming::Renewed(Renewed(broker)) => {
                    self.certificate.try_way(&broker);
                    self.link.try_way(broker)
                }
                Incoming::Nap(Nap::Begins) => self.link.sleep(),
                Incoming::Nap(Nap::Ends) => self.link.wake(),
                Incoming::Health(status) => self.health_looked_up(&status),
                Incoming::Performed(done) => self.performed(done).await,
                Incoming::Takings(takings) => self.judge(Event::DayReckoned { takings }).await,
                Incoming::Mqtt(heard) => self.mqtt_heard(heard).await,
                Incoming::Question(question) => self.question(question).await,
            }
            self.prove_update();
        }
        let over = if self.begins_anew() { Over::Anew } else { Over::Stopped };
        self.stop().await;
        Ok(over)
    }

    /// The parts that work beside this loop, without any of which no sale comes to its end.
    fn pulses(&self) -> Vec<(&'static str, Pulse)> {
        let always = [("store", self.store.pulse()), ("broker", self.link.pulse())];
        always.into_iter().chain(self.screen.iter().map(|screen| ("display", screen.pulse()))).collect()
    }

    /// Judges one event: look up, decide, commit, carry out.
    async fn judge(&mut self, event: Event) {
        self.health_stirs();
        if self.begin_again.is_some() {
            return self.turn_away(&event);
        }
        let mut found = None;
        if let Some(lookup) = self.till.lookup(&event) {
            match self.store.find(lookup).await {
                Ok(records) => found = Some(records),
                Err(error) => {
                    tracing::error!(error = %till_settings::tls::whole_chain(&error), "cannot look up a record");
                    self.tally.store_faults += 1;
                    self.begin_again = Some(Instant::now() + BEGIN_AGAIN);
                    return self.turn_away(&event);
                }
            }
        }
        if let (Event::KeysPressed { .. }, Some(screen)) = (&event, &self.screen) {
            screen.wake();
        }
        let (now, webhook) = (clock::now(), trace::webhook(&event));
        self.recorder.happens(now, found.as_ref(), &event, &self.till);
        if let Some(found) = found {
            self.till.recall(found, now);
        }
        let step = self.till.handle(event, now);
        self.recorder.did(&step, &self.till);
        let judged = webhook.map(|webhook| trace::judged(webhook, &step));
        self.commanded.note(&step);
        self.carry_out(step).await;
        if let Some(judged) = judged {
            self.followed.judged(judged, self.begin_again.is_none());
        }
    }

    /// Makes a step durable and runs its effects. When the disk refuses, none of it has happened.
    async fn carry_out(&mut self, step: Step) {
        if !step.writes.is_empty() {
            self.expect_scene();
            let began = clock::micros();
            let committed = self.store.commit(step.writes).await;
            self.tally.timings.committed(clock::micros().saturating_sub(began));
            if let Err(error) = committed {
                return self.commit_failed(step.effects, &error);
            }
        }
        // What the customer waits for comes before what machines wait for.
        self.show_scene();
        for effect in step.effects {
            self.run_effect(effect).await;
        }
    }

    /// Without the disk nothing can be judged. Nothing is acknowledged either, so what matters comes again.
    fn turn_away(&mut self, event: &Event) {
        match event {
            Event::SaleWanted { reply, .. }
            | Event::CancelWanted { reply, .. }
            | Event::AcknowledgeWanted { reply, .. }
            | Event::ConfirmWanted { reply, .. }
            | Event::MatchWanted { reply, .. }
            | Event::KeysPressed { reply, .. }
            | Event::ReferenceScanned { reply, .. }
            | Event::ReplayWanted { reply } => self.refuse(*reply),
            Event::DayReckoned { .. }
            | Event::OrderAnswered { .. }
            | Event::StatusAnswered { .. }
            | Event::CancelAnswered { .. }
            | Event::ConfirmAnswered { .. }
            | Event::ChannelAnswered { .. }
            | Event::ProviderTimeSeen { .. }
            | Event::WebhookArrived { .. }
            | Event::CommandArrived { .. }
            | Event::CommandPerformed { .. }
            | Event::BrokerUp { .. }
            | Event::BrokerDown
            | Event::Published { .. }
            | Event::PanelShown { .. }
            | Event::CodeTooDense { .. }
            | Event::PanelFailed
            | Event::Woke => {}
        }
    }

    /// The till has decided what the disk does not know: nothing of it has happened, and it begins again from the disk.
    fn commit_failed(&mut self, effects: Vec<Effect>, error: &StoreError) {
        tracing::error!(error = %till_settings::tls::whole_chain(error), "cannot write to the store");
        self.tally.store_faults += 1;
        for effect in effects {
            if let Effect::Reply { to, .. } = effect {
                self.refuse(to);
            }
        }
        self.begin_again = Some(Instant::now() + BEGIN_AGAIN);
    }

    /// Begins again from what the disk has, once it takes and gives records. Until then nothing is judged: whatever was
    /// not acknowledged comes again, and what is owed is found in the records.
    async fn begin_again(&mut self) -> Result<(), RunError> {
        let records = match self.store.try_out().await {
            Ok(()) => self.store.records().await,
            Err(error) => Err(error),
        };
        let records = match records {
            Ok(records) => records,
            Err(error) if error.needs_restart() => return Err(RunError::Store(error)),
            Err(error) => {
                tracing::error!(error = %till_settings::tls::whole_chain(&error), "the store does not come back yet");
                self.begin_again = Some(Instant::now() + BEGIN_AGAIN);
                return Ok(());
            }
        };
        self.begin_again = None;
        // As after a start, nobody hears the answers to what the till before has asked for.
        let (answered, heard) = mpsc::channel(start::WAITING);
        (self.answered, self.ends.providers) = (answered, heard);
        let shown = self.till.scene().generation;
        let (till, owed) = start::restore(records, &self.rules, shown, &self.recorder);
        self.till = till;
        self.scene = None;
        self.carry_out(owed).await;
        if self.begin_again.is_none() {
            // A new connection tells the new till of the broker, and brings again what could not be kept.
            self.link.renew();
        }
        Ok(())
    }

    fn refuse(&mut self, to: ReplyTo) {
        if let Some(reply) = self.replies.remove(&to) {
            // Whoever asked may have gone away.
            let _ = reply.send(Err(Unavailable::StoreFault));
        }
        self.say_fault(|view| match view {
            // A result gives way to whoever wants something, here to the reason why he does not get it.
            View::Idle { .. }
            | View::Typing { .. }
            | View::Paid { .. }
            | View::Ended { .. }
            | View::Money { .. }
            | View::Last { .. }
            | View::Day { .. }
            | View::Message { .. }
            | View::Identity { .. }
            | View::Disabled => true,
            View::Waiting { .. } | View::Code { .. } | View::Checking { .. } | View::StoreFault => false,
        });
    }

    fn wake_at(&self, watchdog: Option<Instant>) -> Instant {
        let now = clock::tick();
        let far = Instant::now() + Duration::from_secs(3600);
        let till =
            self.till.wake_at().filter(|_| self.begin_again.is_none()).map(|due| Instant::now() + due.since(now));
        let till = till.into_iter().chain(self.begin_again);
        till.chain(watchdog).chain(self.health_due()).chain(self.wanted.due()).fold(far, Instant::min)
    }

    async fn provider_answered(&mut self, answered: Answered) {
        let Answered { event, channel, date, corrected_ms, fault, took_us } = answered;
        self.tally.timings.answered(&channel, took_us, fault.is_none());
        if let Some(Fault { reason, .. }) = &fault {
            tracing::warn!(%channel, trouble = reason, "a provider's answer cannot be used");
        }
        self.tally.corrected_ms.insert(channel.clone(), corrected_ms);
        if let Some(at) = date {
            self.tally.provider_offset_ms = Some(clock::wall().ms().saturating_sub(at.ms()));
            self.judge(Event::ProviderTimeSeen { at }).await;
        }
        self.channel_answered(channel, fault).await;
        self.judge(event).await;
    }

    async fn open_code_came(&mut self, offered: open_code::Offered) {
        if let Some(Fault { reason, .. }) = &offered.fault {
            tracing::warn!(channel = %offered.channel, trouble = reason, "there is no code for any amount yet");
        }
        if let (Some(screen), Some(code)) = (&self.screen, offered.code) {
            screen.offer(code);
        }
        self.channel_answered(offered.channel, offered.fault).await;
    }

    /// Everybody who tells of a channel learns how it answered.
    async fn channel_answered(&mut self, channel: ChannelId, fault: Option<Fault>) {
        self.tally.channel_answered(&channel, fault.as_ref().map(|fault| fault.reason.clone()));
        self.judge(Event::ChannelAnswered { channel, fault }).await;
    }

    async fn stop(self) {
        tracing::info!("stopping");
        self.link.stop().await;
        self.store.close().await;
    }
}
