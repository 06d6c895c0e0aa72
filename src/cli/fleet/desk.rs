//! What the verbs that connect have in common: the settings, the connection and its faults, and how it is made again. It must
//! not know what is said over it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use till_settings::Broker;
use till_wire::fleet::FleetSigner;
use tokio::time::{Instant, sleep};

use super::super::World;
use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Words};
use super::cannot;
use super::folder::Folder;
use super::kept::listen;
use super::keygen;
use super::line::{Delivery, Line, LineError};
use super::settings::{FleetSettings, way_to_the_broker};

/// Between two attempts to reach a broker that has gone away.
const BREATH: Duration = Duration::from_secs(1);

/// An operator's place: what he has before anything is sent.
pub(super) struct Desk {
    pub(super) settings: FleetSettings,
    pub(super) words: &'static Words,
    file: PathBuf,
    /// The way to the broker, once it is needed.
    broker: OnceCell<Broker>,
}

impl Desk {
    /// Takes what `fleet.toml` says.
    pub(super) fn new(file: &Path, settings: FleetSettings, words: &'static Words) -> Self {
        Self { settings, words, file: file.to_owned(), broker: OnceCell::new() }
    }

    /// Opens what is needed for connecting ([`Desk::try_connect`]).
    pub(super) fn prepare(&self) -> Result<(), Fault> {
        if self.broker.get().is_none() {
            // Set once: nobody else has it.
            let _ = self.broker.set(self.way()?);
        }
        Ok(())
    }

    /// Connects to the broker.
    pub(super) async fn connect(&self) -> Result<Line, Fault> {
        self.prepare()?;
        self.try_connect().await.map_err(|error| self.fault(&error))
    }

    /// Connects to the broker, once it is prepared.
    pub(super) async fn try_connect(&self) -> Result<Line, LineError> {
        match self.broker.get() {
            Some(broker) => Line::connect(broker, self.settings.client_id.as_str()).await,
            None => Err(LineError::Lost("there was no connection".to_owned())),
        }
    }

    /// Connects again after the connection broke, says so, and listens to these topics again. What came meanwhile is lost,
    /// unless the broker keeps it.
    pub(super) async fn come_back(
        &self,
        error: &LineError,
        filters: &[String],
        delivery: Delivery,
        world: &mut World<'_>,
    ) -> Result<Line, Fault> {
        let tools = &self.words.fleet.tools;
        let why = (tools.broker)(error, self.settings.client_id.as_str());
        writeln!(world.err, "till: {}", (tools.comes_back)(&why))?;
        let until = Instant::now() + world.patience;
        loop {
            sleep(BREATH.min(world.patience)).await;
            match self.line_with(filters, delivery).await {
                Ok(line) => return Ok(line),
                Err(error) if Instant::now() >= until => return Err(self.fault(&error)),
                Err(_) => {}
            }
        }
    }

    async fn line_with(&self, filters: &[String], delivery: Delivery) -> Result<Line, LineError> {
        let mut line = self.try_connect().await?;
        listen(&mut line, filters, delivery).await?;
        Ok(line)
    }

    /// Opens the certificates and the key.
    fn way(&self) -> Result<Broker, Fault> {
        let settings = &self.settings;
        if settings.broker.starts_with("mqtts://") && !settings.cert.exists() {
            let why = (self.words.fleet.tools.no_certificate)(settings.client_id.as_str());
            return Err(cannot(self.words, FleetAttempt::Read(&settings.cert), &why));
        }
        way_to_the_broker(&self.file, settings).map_err(Fault::Configuration)
    }

    /// Says why the broker is of no use, and what to do.
    pub(super) fn fault(&self, error: &LineError) -> Fault {
        let why = (self.words.fleet.tools.broker)(error, self.settings.client_id.as_str());
        cannot(self.words, FleetAttempt::Reach(&self.settings.broker), &why)
    }

    /// Reads the fleet's key.
    pub(super) fn signer(&self) -> Result<FleetSigner, Fault> {
        let folder = Folder::begin(&self.settings.keys, self.words)?;
        keygen::signer(&folder, self.words)
    }
}
