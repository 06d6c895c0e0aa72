//! Updates beside the loop: one is fetched, handed to the system, and waited for in tasks, which tell the loop how far it is.
//! It must not decide when.

use std::time::Duration;

use serde_json::json;
use till_settings::tls::whole_chain;
use till_wire::CommandId;
use till_wire::fleet::Update;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::clock;
use crate::till::{CommandResult, Performed};
use crate::update::{self, Before, Fate, Healthy, Place, Stop, Withdrawn};

use super::Driver;
use super::performing::Done;

/// How often the system is asked what came of an installation.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long the system may show no sign of having taken an update up.
const NO_SIGN: Duration = Duration::from_secs(120);
/// What this program is.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the driver has of updates.
pub(super) struct Updater {
    place: Place,
    say: mpsc::Sender<Done>,
    /// What is being done; the next thing waits for its end.
    task: Option<JoinHandle<()>>,
    stop: Option<Stop>,
    /// The update that an earlier process gave to the system, and what worked then, until it is said that this one is well.
    unproven: Option<(CommandId, Before)>,
    /// Whether this process has done more than to look at what it found.
    is_under_way: bool,
}

impl Updater {
    pub(super) fn new(place: Place, say: mpsc::Sender<Done>) -> Self {
        Self { place, say, task: None, stop: None, unproven: None, is_under_way: false }
    }

    /// Whatever is asked for from now on was not found at the start.
    pub(super) fn is_under_way(&mut self) {
        self.is_under_way = true;
    }

    /// Fetches an update, once what was done before has ended.
    pub(super) fn fetch(&mut self, id: CommandId, update: Box<Update>) {
        let before = self.end();
        let (stop, stopped) = update::stop();
        self.stop = Some(stop);
        let (place, say) = (self.place.clone(), self.say.clone());
        self.task = Some(tokio::spawn(async move {
            ended(before).await;
            // While the loop is busy with something else, nobody has to hear.
            let tell = |percent| drop(say.try_send(Done::of(id, Performed::Fetching(percent))));
            let fetched = update::fetch(&place, &update, stopped, tell).await;
            match fetched {
                Ok(()) => told(&say, id, Performed::Fetched).await,
                Err(update::FetchError::Stopped) => {}
                Err(error) => told(&say, id, Performed::Failed(whole_chain(&error))).await,
            }
        }));
    }

    /// Gives an update to the system, unless that was done, and waits for what it says.
    pub(super) fn install(&mut self, id: CommandId, update: Box<Update>, document: Option<Box<str>>, now: Before) {
        if !self.is_under_way {
            self.unproven = Some((id, self.place.before()));
        }
        let before = self.end();
        let (stop, mut stopped) = update::stop();
        self.stop = Some(stop);
        let (place, say) = (self.place.clone(), self.say.clone());
        self.task = Some(tokio::spawn(async move {
            ended(before).await;
            let waiting = Waiting { place, id, update, document, now };
            tokio::select! {
                _ = stopped.changed() => {}
                performed = waiting.end() => told(&say, id, performed).await,
            }
        }));
    }

    /// Removes what is there of an update.
    pub(super) fn drop_it(&mut self) {
        self.unproven = None;
        let (before, place) = (self.end(), self.place.clone());
        self.task = Some(tokio::spawn(async move {
            ended(before).await;
            let cleared = tokio::task::spawn_blocking(move || place.clear()).await;
            if let Ok(Err(error)) = cleared {
                tracing::error!(%error, "what is left of an update cannot be removed");
            }
        }));
    }

    /// Has what is done come to its end.
    fn end(&mut self) -> Option<JoinHandle<()>> {
        self.stop = None;
        self.task.take()
    }

    fn say_healthy(&mut self) {
        let Some((command, _)) = self.unproven.take() else { return };
        let (place, healthy) = (self.place.clone(), Healthy { command, version: VERSION.to_owned() });
        tokio::task::spawn_blocking(move || match place.say_healthy(&healthy) {
            Ok(()) => tracing::info!(%command, version = VERSION, "well after an installation"),
            Err(error) => tracing::error!(%error, "it cannot be said that this program is well"),
        });
    }
}

async fn ended(before: Option<JoinHandle<()>>) {
    if let Some(before) = before {
        // However it ended, it has.
        let _ = before.await;
    }
}

/// Nobody listens any more when the daemon stops.
async fn told(say: &mpsc::Sender<Done>, id: CommandId, performed: Performed) {
    let _ = say.send(Done::of(id, performed)).await;
}

/// An update that the system is to install.
struct Waiting {
    place: Place,
    id: CommandId,
    update: Box<Update>,
    document: Option<Box<str>>,
    now: Before,
}

impl Waiting {
    /// Returns what came of it, when that is known.
    async fn end(mut self) -> Performed {
        let mut sign = clock::tick();
        loop {
            let asked = tokio::task::spawn_blocking(move || {
                let found = self.ask(clock::tick().since(sign) >= NO_SIGN);
                (self, found)
            });
            match asked.await {
                Ok((_, Found::Over(performed))) => return performed,
                Ok((this, Found::Sign)) => (self, sign) = (this, clock::tick()),
                Ok((this, Found::Nothing)) => self = this,
                Err(_) => return Performed::Failed("it broke off".to_owned()),
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Looks once at what the system says. After the start the request may not have been written yet.
    fn ask(&mut self, is_late: bool) -> Found {
        match self.place.outcome(self.id) {
            Ok(Some(fate)) => return Found::Over(self.judge(fate)),
            Ok(None) => {}
            Err(error) => return Found::failed(format!("cannot read what the system says of the update: {error}")),
        }
        if self.place.is_being_installed() {
            self.document = None;
            return Found::Sign;
        }
        if let Some(document) = self.document.take() {
            return match self.place.hand_over(&document, self.now) {
                Ok(()) => Found::Sign,
                Err(error) => Found::failed(format!("the update cannot be given to the system: {error}")),
            };
        }
        if !is_late {
            return Found::Nothing;
        }
        let nobody = "nothing on this terminal installs updates: systemctl status tilld-update.path";
        match self.place.withdraw() {
            Ok(Withdrawn::Yes) => Found::failed(nobody.to_owned()),
            Ok(Withdrawn::TooLate) => {
                Found::failed("the system took the update up and has not said what came of it".to_owned())
            }
            Err(error) => Found::failed(format!("{nobody}: {error}")),
        }
    }

    /// What runs is what was asked for, or it is no success.
    fn judge(&self, fate: Fate) -> Performed {
        let wanted = &self.update.version;
        match fate {
            Fate::Succeeded { version } if version == wanted.as_str() && wanted.holds(VERSION) => {
                let result = CommandResult::Json(json!({"version": version, "program": VERSION}).to_string());
                Performed::Done { result, pieces: 0 }
            }
            Fate::Succeeded { version } => {
                let found = format!("{version} is installed, and the program that runs is {VERSION}");
                Performed::Failed(format!("{found}: {wanted} was to be installed"))
            }
            Fate::Failed { reason } => Performed::Failed(reason),
        }
    }
}

/// What the system says.
enum Found {
    Over(Performed),
    /// Somebody is at it.
    Sign,
    Nothing,
}

impl Found {
    fn failed(why: String) -> Self {
        Self::Over(Performed::Failed(why))
    }
}

impl Driver {
    /// Gives an update to the system, in the words that the operator has signed.
    pub(super) async fn install_update(&mut self, id: CommandId, update: Box<Update>) {
        let record = self.store.command(id).await;
        let document = record.ok().flatten().and_then(|record| record.document);
        self.updater.install(id, update, document, Before { display: self.is_display_well() });
    }

    /// Says that this program is well, when it was started by an installation and is: the broker is there, the disk takes
    /// records, and the display shows pictures, if it did before.
    pub(super) fn prove_update(&mut self) {
        let Some((_, before)) = self.updater.unproven else { return };
        let is_well = self.begin_again.is_none() && self.tally.is_broker_up();
        if is_well && (self.is_display_well() || !before.display) {
            self.updater.say_healthy();
        }
    }

    fn is_display_well(&self) -> bool {
        let is_open = self.screen.as_ref().is_none_or(|screen| screen.size().is_some());
        is_open && self.tally.is_display_well()
    }
}
