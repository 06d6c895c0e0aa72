//! The scene of the page: everything that a shop needs, with cables that can be pulled and a till whose power can be cut.
//! It must not know the page.

use std::net::SocketAddr;
use std::time::Instant;

use crate::cashier::Cashier;
use crate::configuration::{self, Locale, Roads};
use crate::folder::Folder;
use crate::machine::Machine;
use crate::narrator::Narrator;
use crate::payos::Sandbox;
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
    /// payOS and the customers' bank.
    pub(crate) sandbox: Sandbox,
    /// Where the broker itself listens, whatever happens to the cables.
    pub(crate) broker: SocketAddr,
    pub(crate) cables: Cables,
    _backdrop: Backdrop,
}

/// What can be pulled out.
#[derive(Debug)]
pub(crate) struct Cables {
    /// At the broker: it is away for everybody.
    pub(crate) broker: Relay,
    /// From the till to the broker.
    pub(crate) till_to_broker: Relay,
    /// From the till to payOS.
    pub(crate) till_to_payos: Relay,
}

impl Shop {
    /// Starts everything and waits until the till is connected to the broker.
    ///
    /// # Errors
    /// See [`StageError`].
    pub async fn open(
        folder: &Folder,
        narrator: &Narrator,
        locale: Locale,
        deadline: Instant,
    ) -> Result<Self, StageError> {
        let broker = start_broker(narrator)?;
        let at_broker = Relay::lay(broker).map_err(StageError::Cable)?;
        let backdrop = Backdrop::set(folder, narrator, at_broker.address(), deadline).await?;
        let sandbox = backdrop.sandbox.clone();
        let till_to_broker = Relay::lay(at_broker.address()).map_err(StageError::Cable)?;
        let till_to_payos = Relay::lay(sandbox.address()).map_err(StageError::Cable)?;
        let roads = Roads { broker: till_to_broker.address(), payos: till_to_payos.address() };
        let text = configuration::till(folder, &sandbox, &roads, locale);
        let config = folder.write("tilld.toml", &text).map_err(StageError::Write)?;
        let program = std::env::current_exe().map_err(StageError::Write)?;
        let mut machine = Machine::new(program, config);
        let api = machine.power_on().map_err(StageError::Machine)?;
        narrator.say(format!("the till {TERMINAL:07} runs: its API is http://{api}"));
        connected(&Cashier::at(api), narrator, deadline).await?;
        let cables = Cables { broker: at_broker, till_to_broker, till_to_payos };
        Ok(Self { machine, api, sandbox, broker, cables, _backdrop: backdrop })
    }
}
