//! The scene of the page: everything that a shop needs, with cables that can be pulled and a till whose power can be cut.
//! It must not know the page.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;

use crate::cashier::Cashier;
use crate::configuration::{self, Idle, Locale, Roads, Wishes};
use crate::folder::Folder;
use crate::machine::{Machine, MachineError};
use crate::narrator::Narrator;
use crate::providers::{Each, ProviderName, Providers};
use crate::relay::Relay;
use crate::scene::TERMINAL;
use crate::stage::{Backdrop, StageError, connected, start_broker};

/// Everything that runs. Dropping it stops the till, then the rest.
#[derive(Debug)]
pub struct Shop {
    /// The till, running.
    pub(crate) machine: Machine,
    /// Where the till's API listens first.
    pub(crate) api: SocketAddr,
    /// All providers, with the customers' banks and wallets.
    pub(crate) providers: Providers,
    /// Where the broker itself listens, whatever happens to the cables.
    pub(crate) broker: SocketAddr,
    pub(crate) cables: Cables,
    /// What the till is like.
    pub(crate) wishes: Wishes,
    roads: Roads,
    folder: Arc<Folder>,
    _backdrop: Backdrop,
}

/// What can be pulled out.
#[derive(Debug)]
pub(crate) struct Cables {
    /// At the broker: it is away for everybody.
    pub(crate) broker: Relay,
    /// From the till to the broker.
    pub(crate) till_to_broker: Relay,
    /// From the till to each provider.
    pub(crate) till_to_provider: Each<Relay>,
}

/// Why the till does not sell over another provider.
#[derive(Debug, Error)]
pub(crate) enum ChoiceError {
    /// Its configuration cannot be written; it goes on as before.
    #[error("cannot write the till's configuration")]
    Write(#[source] io::Error),
    /// It does not start any more.
    #[error("cannot start the till again")]
    Start(#[source] MachineError),
}

impl Shop {
    /// Starts everything and waits until the till is connected to the broker. Its keypad sells over `provider`.
    ///
    /// # Errors
    /// See [`StageError`].
    pub async fn open(
        folder: &Arc<Folder>,
        narrator: &Narrator,
        locale: Locale,
        provider: ProviderName,
        deadline: Instant,
    ) -> Result<Self, StageError> {
        let broker = start_broker(narrator)?;
        let at_broker = Relay::lay(broker).map_err(StageError::Cable)?;
        let backdrop = Backdrop::set(folder, narrator, at_broker.address(), deadline).await?;
        let providers = backdrop.providers.clone();
        let till_to_broker = Relay::lay(at_broker.address()).map_err(StageError::Cable)?;
        let till_to_provider = Each::make(|name| Relay::lay(providers.address(name))).map_err(StageError::Cable)?;
        let roads = Roads { broker: till_to_broker.address(), providers: till_to_provider.map(Relay::address) };
        let wishes = Wishes { locale, provider, idle: Idle::Code };
        let config = configuration::write_till(folder, &providers, &roads, wishes).map_err(StageError::Write)?;
        let program = std::env::current_exe().map_err(StageError::Write)?;
        let mut machine = Machine::new(program, config);
        let api = machine.power_on().map_err(StageError::Machine)?;
        narrator.say(format!("the till {TERMINAL:07} runs: its API is http://{api}"));
        connected(&Cashier::at(api), narrator, deadline).await?;
        let cables = Cables { broker: at_broker, till_to_broker, till_to_provider };
        let folder = folder.clone();
        Ok(Self { machine, api, providers, broker, cables, wishes, roads, folder, _backdrop: backdrop })
    }

    /// Writes into the till's configuration that its keypad sells over `provider`. It is heard at the next start.
    pub(crate) fn configure(&mut self, provider: ProviderName) -> Result<(), ChoiceError> {
        let wishes = Wishes { provider, ..self.wishes };
        configuration::write_till(&self.folder, &self.providers, &self.roads, wishes).map_err(ChoiceError::Write)?;
        self.wishes = wishes;
        Ok(())
    }

    /// Stops the till in order and starts it; returns where its API listens now.
    pub(crate) fn restart(&mut self) -> Result<SocketAddr, ChoiceError> {
        self.machine.stop();
        self.machine.power_on().map_err(ChoiceError::Start)
    }
}
