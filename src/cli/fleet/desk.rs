//! What the verbs that connect have in common: the settings, the connection and its faults, and how everything that the
//! broker keeps is read. It must not know what becomes of it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use till_settings::Broker;
use till_wire::fleet::FleetSigner;
use till_wire::topics::unrouted_filter;

use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Words};
use super::cannot;
use super::folder::Folder;
use super::keygen;
use super::line::{Delivery, Heard, Line, LineError, Message};
use super::settings::{FleetSettings, way_to_the_broker};

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

    /// Connects to the broker.
    pub(super) async fn connect(&self) -> Result<Line, Fault> {
        if self.broker.get().is_none() {
            // Set once: nobody else has it.
            let _ = self.broker.set(self.way()?);
        }
        self.try_connect().await.map_err(|error| self.fault(&error))
    }

    /// Connects to the broker again.
    pub(super) async fn try_connect(&self) -> Result<Line, LineError> {
        match self.broker.get() {
            Some(broker) => Line::connect(broker, self.settings.client_id.as_str()).await,
            None => Err(LineError::Lost("there was no connection".to_owned())),
        }
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

/// Hands over everything that the broker keeps under some filters, one after the other, and what comes meanwhile.
///
/// When all of it has come, no protocol says. So another subscription is asked for behind it, to something of which nothing
/// is kept: a broker takes a client's packets one after the other, and has put everything kept on the way before it answers
/// the later one. mosquitto does so before it answers the first, NATS right after. That holds for messages without
/// acknowledgements alone, of which no number has to wait for the others.
///
/// One filter at a time, because mosquitto has a queue of bounded length for what a client has not taken yet.
pub(super) async fn read_kept(
    line: &mut Line,
    filters: &[String],
    mut take: impl FnMut(&Message),
) -> Result<(), LineError> {
    for filter in filters {
        line.subscribe(std::slice::from_ref(filter), Delivery::Stream)?;
        line.subscribe(&[unrouted_filter().to_owned()], Delivery::Stream)?;
        let mut answers = 0;
        while answers < 2 {
            match line.next_due().await? {
                Heard::Message(message) => take(&message),
                Heard::Granted => answers += 1,
                Heard::Refused => return Err(LineError::Refused(filter.clone())),
                Heard::Taken => {}
            }
        }
    }
    Ok(())
}
