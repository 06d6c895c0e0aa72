//! Puts the daemon together: store, providers, display, broker, API; then the loop.

use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use till_display::{Console, ConsoleError, DrmPanel, FbdevPanel, Panel, PngPanel, SpiPanel};
use till_settings::tls::whole_chain;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::api::{Api, ApiRules};
use crate::clock;
use crate::config::{self, Settings};
use crate::desired::Keeper;
use crate::enrol::{Renewal, Renewed};
use crate::flight::{self, Recorder};
use crate::input;
use crate::mqtt;
use crate::panel::{self, Counter};
use crate::port::{self, DriverEnd, Port};
use crate::provider::Providers;
use crate::signals;
use crate::sound::{self, Sound};
use crate::store::{self, Opened, Store, StoreError};
use crate::till::{Generation, Records, Rules, Step, Till};

use super::certificate::Certificate;
use super::commands::Commanded;
use super::desired::Wanted;
use super::health::Health;
use super::performing::Performer;
use super::status::Tally;
use super::takings::Reckoner;
use super::trace::Followed;
use super::{Driver, Ends, Over, RunError, open_code, touch};

/// How many words of one adapter may wait for the loop.
pub(super) const WAITING: usize = 64;

/// A daemon that has everything it needs and listens, but does not run yet.
pub struct Daemon {
    settings: Settings,
    api: Api,
    store: Store,
    opened: Opened,
    providers: Providers,
    port: Port,
    api_end: DriverEnd,
    display: Display,
    /// Kept off the display until the daemon is gone.
    console: Option<Console>,
    /// Of the configuration from afar.
    keeper: Option<Keeper>,
}

/// The display, which shows the start-up screen, and what comes of it. There may be none.
struct Display {
    screen: Option<panel::Screen>,
    heard: mpsc::Receiver<panel::Heard>,
    touched: Option<mpsc::Sender<input::Touched>>,
}

/// Why a daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error("cannot open the store")]
    Store(#[source] StoreError),
    /// The providers' side cannot be set up.
    #[error("cannot set up the payment channels")]
    Providers(#[source] crate::provider::ProviderError),
    /// The API cannot listen.
    #[error("cannot open the local API")]
    Api(#[source] crate::api::ApiError),
    /// The code that takes any amount cannot be made.
    #[error("cannot make the code of `display.static_qr`")]
    OpenCode(#[source] till_wire::CodeError),
    /// The display's thread was not given.
    #[error("cannot start the display's thread")]
    Display(#[source] std::io::Error),
    /// The sound's thread was not given.
    #[error("cannot start the sound's thread")]
    Sound(#[source] std::io::Error),
    /// The display's size cannot be drawn for.
    #[error("cannot draw for a display of `display.size` or `display.mode`")]
    Size(#[source] till_display::SizeError),
    /// The SPI panel's size does not fit its controller.
    #[error("cannot use a panel of `display.size` with its `display.spi`")]
    Glass(#[source] till_display::GlassError),
    /// The system does not tell when the machine sleeps.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
    /// The loop ended.
    #[error("the daemon cannot go on")]
    Run(#[source] RunError),
}

impl Daemon {
    /// Opens the API's sockets, the display and the store. The display shows something before the store is read.
    ///
    /// # Errors
    /// When any of them cannot be had; nothing is left open then.
    pub async fn bind(settings: Settings) -> Result<Self, StartError> {
        Self::bind_beside(None, settings, None).await
    }

    /// Opens as [`Daemon::bind`] does, answers calls on a socket that systemd has made, and takes configurations from afar.
    ///
    /// # Errors
    /// As for [`Daemon::bind`]; or the socket is unusable.
    pub async fn bind_beside(
        handed_over: Option<UnixListener>,
        settings: Settings,
        keeper: Option<Keeper>,
    ) -> Result<Self, StartError> {
        let panel = panel_of(&settings)?;
        let console = take_console(&settings.display);
        let counter = super::counter::of(&settings).map_err(StartError::OpenCode)?;
        let providers = Providers::new(&settings.channels, clock::now).map_err(StartError::Providers)?;
        let (listen, socket) = (settings.api.listen, settings.api.socket.as_deref());
        let api = Api::bind_beside(handed_over, listen, socket, ApiRules::new(&settings));
        // Another daemon that runs has its display for itself.
        let api = api.await.map_err(StartError::Api)?;
        let (port, api_end) = port::port();
        let display = start_display(panel, counter, &settings, &port, &api_end).map_err(StartError::Display)?;
        let keep_days = u32::try_from(settings.store.keep.as_secs() / (24 * 3600)).unwrap_or(u32::MAX);
        let (store, opened) = Store::open(&settings.store.path, keep_days, clock::wall()).map_err(StartError::Store)?;
        if let Some(place) = &opened.recovered {
            tracing::error!(place, "the store was damaged; it was moved aside and a new one begun");
        }
        Ok(Self { settings, api, store, opened, providers, port, api_end, display, console, keeper })
    }

    /// Returns where the API listens.
    pub fn api_addr(&self) -> SocketAddr {
        self.api.addr()
    }

    /// Runs until `shutdown`, or until it is to begin anew.
    ///
    /// # Errors
    /// When the store can no longer be used.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<Over, StartError> {
        let (driver, owed, beside) = self.assemble()?;
        let Beside { settings, api, port, touched, recorder, console: _until_the_end } = beside;
        input::start(&port, &settings, touched);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(api.serve(port, async move {
            // A dropped sender means the same as a message: it is over.
            let _ = stopped.await;
        }));
        let result = driver.run(owed, shutdown).await.map_err(StartError::Run);
        if result.is_err() {
            flight::tell(&recorder.write_to(&settings.store.path, clock::wall()));
        }
        drop(stop);
        if let Err(error) = serving.await {
            tracing::error!(%error, "the API ended badly");
        }
        super::wipe::finish_at_end(&settings);
        result
    }

    /// Connects everything with the loop.
    fn assemble(self) -> Result<(Driver, Step, Beside), StartError> {
        let Self { settings, api, store, opened, providers, port, api_end, display, console, keeper } = self;
        let Display { screen, heard: panel_end, touched } = display;
        let (answered, provider_end) = mpsc::channel(WAITING);
        let (offers, open_code_end) = mpsc::channel(WAITING);
        let (reckoner, takings_end) = Reckoner::new(port.clone(), settings.terminal.timezone.clone());
        let (performer, performed_end) = Performer::new(port.clone(), &settings);
        let providers = Arc::new(providers);
        if let (Some(config::StaticQr::Channel(channel)), true) = (&settings.display.static_qr, screen.is_some()) {
            tokio::spawn(open_code::ask(Arc::clone(&providers), channel.clone(), offers));
        }
        let start = |settings| Sound::start(settings, sound::Programs::default());
        let sound = settings.sound.clone().map(start).transpose().map_err(StartError::Sound)?;
        let (link, mqtt_end) = mqtt::Link::start(broker_of(&settings, opened.start));
        let renewed_end = keep_fresh(&settings);
        let (health, health_end) = Health::new();
        let rules: Rules = super::rules::of(&settings);
        let recorder = Recorder::new(&rules);
        flight::write_on_panic(&recorder, &settings.store.path, store::catches_panic);
        let (till, owed) = restore(opened.records, &rules, Generation::default(), &recorder);
        let driver = Driver {
            terminal: settings.terminal.number,
            label: settings.terminal.label.clone(),
            till,
            recorder: recorder.clone(),
            rules,
            store,
            providers,
            link,
            screen,
            sound,
            display: display_name(&settings),
            ends: Ends {
                api: api_end,
                mqtt: mqtt_end,
                panel: panel_end,
                providers: provider_end,
                open_code: open_code_end,
                takings: takings_end,
                performed: performed_end,
                health: health_end,
                renewed: renewed_end,
                naps: signals::naps().map_err(StartError::Signals)?,
            },
            answered,
            replies: std::collections::BTreeMap::new(),
            next_reply: 0,
            scene: None,
            tally: Tally::new(opened.last_payment),
            reckoner,
            identity: settings.claim.as_ref().and(settings.fleet.identity.clone()),
            certificate: Certificate::new(&settings.mqtt, settings.claim.is_some()),
            followed: Followed::default(),
            updater: performer.updater(&settings),
            commanded: Commanded::new(
                settings.fleet.trusted_keys.clone(),
                settings.fleet.harmless_keys.clone(),
                performer,
            ),
            health,
            wanted: Wanted::new(keeper, Instant::now()),
            begin_again: None,
        };
        Ok((driver, owed, Beside { settings, api, port, touched, recorder, console }))
    }
}

/// What goes on beside the loop.
struct Beside {
    settings: Settings,
    api: Api,
    port: Port,
    touched: Option<mpsc::Sender<input::Touched>>,
    recorder: Recorder,
    console: Option<Console>,
}

/// Returns how the broker is reached; `start` counts the starts of the store, so that sessions can be told apart.
fn broker_of(settings: &Settings, start: u64) -> mqtt::Options {
    mqtt::Options {
        broker: settings.mqtt.clone(),
        terminal: settings.terminal.number,
        start,
        clock: clock::wall,
        clock_is_plausible: clock::is_plausible,
    }
}

/// Keeps the certificate of an enrolled terminal fresh, for as long as somebody listens.
fn keep_fresh(settings: &Settings) -> mpsc::Receiver<Renewed> {
    let (say, renewed) = mpsc::channel(1);
    if let (Some(claim), Some(place)) = (&settings.claim, &settings.fleet.identity) {
        let renewal = Renewal {
            place: place.clone(),
            claim: claim.as_ref().clone(),
            broker: settings.mqtt.clone(),
            clock: clock::wall,
            clock_is_plausible: clock::is_plausible,
        };
        tokio::spawn(renewal.run(say));
    }
    renewed
}

/// Starts the display's thread, if there is a display, connected with its touch screens.
fn start_display(
    panel: Option<Box<dyn Panel>>,
    counter: Counter,
    settings: &Settings,
    port: &Port,
    api_end: &DriverEnd,
) -> std::io::Result<Display> {
    let (say, heard) = mpsc::channel(WAITING);
    let Some(panel) = panel else { return Ok(Display { screen: None, heard, touched: None }) };
    let light = panel::Light::new(&super::counter::looks(settings), settings.terminal.timezone.clone());
    let (pressed, keys) = mpsc::channel(WAITING);
    let glass = panel::TouchScreen { surface: touch::surface(settings), pressed };
    let screen = panel::Screen::start(panel, theme_of(settings), counter, light, glass, say, api_end.pictures.clone())?;
    let touched = touch::connect(screen.fingers(), keys, port);
    Ok(Display { screen: Some(screen), heard, touched: Some(touched) })
}

/// Starts a till from what the disk has, and has that recorded.
pub(super) fn restore(records: Records, rules: &Rules, after: Generation, recorder: &Recorder) -> (Till, Step) {
    let (boot, now) = (clock::boot_id(), clock::now());
    recorder.start(&records, boot, now, after);
    let (till, step) = Till::restore(records, rules.clone(), boot, now, after);
    recorder.started(&step, &till);
    (till, step)
}

/// Returns what the configuration asks for and this machine does not give now, one sentence each; the daemon starts
/// without it.
pub fn remarks(settings: &Settings) -> Vec<String> {
    let logo = super::counter::logo(settings).err();
    let sound = settings.sound.as_ref().map(|settings| sound::lacks(settings, &sound::Programs::default()));
    let sound = sound.unwrap_or_default().into_iter().map(|lack| format!("sound: {lack}"));
    logo.into_iter().chain(sound).collect()
}

pub(super) fn panel_of(settings: &Settings) -> Result<Option<Box<dyn Panel>>, StartError> {
    let rotation = rotation(settings);
    Ok(Some(match &settings.display.driver {
        config::Driver::None => return Ok(None),
        config::Driver::Png { file, size } => Box::new(PngPanel::new(file, size_of(*size)?, rotation)),
        config::Driver::Fbdev { device } => Box::new(FbdevPanel::new(device, rotation)),
        config::Driver::Drm { device, connector, mode } => {
            Box::new(DrmPanel::new(device, connector.clone(), mode.map(size_of).transpose()?, rotation))
        }
        config::Driver::Spi(spi) => {
            let panel = SpiPanel::new(spi.wiring.clone(), spi.glass.clone(), rotation);
            Box::new(panel.map_err(StartError::Glass)?)
        }
    }))
}

/// Returns how far pictures are turned on their way to the panel.
pub(super) fn rotation(settings: &Settings) -> till_display::Rotation {
    match settings.display.rotation {
        config::Rotation::Deg0 => till_display::Rotation::Deg0,
        config::Rotation::Deg90 => till_display::Rotation::Deg90,
        config::Rotation::Deg180 => till_display::Rotation::Deg180,
        config::Rotation::Deg270 => till_display::Rotation::Deg270,
    }
}

/// Takes the console that could be seen on the display. A display with a cursor on it is better than none.
pub(super) fn take_console(display: &config::Display) -> Option<Console> {
    let device = display.console.device(&display.driver)?;
    let error = match Console::take(device) {
        Ok(console) => return Some(console),
        Err(error) => whole_chain(&error),
    };
    match display.console {
        config::Console::Device(_) => tracing::warn!(error, "the text console may be seen on the display"),
        config::Console::Own | config::Console::None => {
            tracing::info!(error, "no text console is kept off the display: the daemon was not started on one");
        }
    }
    None
}

/// Gives the console back that a daemon with these settings has kept off its display, after it died without doing so.
///
/// # Errors
/// When there is such a console, and it cannot be had.
pub fn give_console_back(settings: &Settings) -> Result<(), ConsoleError> {
    settings.display.console.device(&settings.display.driver).map_or(Ok(()), Console::give_back)
}

/// Both have the same bounds, so this does not fail.
fn size_of(size: config::Size) -> Result<till_display::Size, StartError> {
    till_display::Size::new(size.width, size.height).map_err(StartError::Size)
}

pub(super) fn theme_of(settings: &Settings) -> till_display::Theme {
    match settings.display.theme {
        config::Theme::Light => till_display::Theme::Light,
        config::Theme::Dark => till_display::Theme::Dark,
    }
}

fn display_name(settings: &Settings) -> &'static str {
    match settings.display.driver {
        config::Driver::None => "none",
        config::Driver::Png { .. } => "png",
        config::Driver::Fbdev { .. } => "fbdev",
        config::Driver::Drm { .. } => "drm",
        config::Driver::Spi(_) => "spi",
    }
}
