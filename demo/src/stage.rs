//! Sets the whole scene up: a folder, a broker, the providers' sandboxes, a bridge and a till with its display, connected
//! as in a shop. It must not know what is played on it.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use thiserror::Error;

use crate::agree::{Attempt, Disagreement, Unseen, chain};
use crate::broker::{Broker, BrokerError};
use crate::cashier::Cashier;
use crate::configuration::{self, Idle, Locale, Roads, Wishes};
use crate::folder::Folder;
use crate::http::{HttpError, Request};
use crate::machine::MachineError;
use crate::narrator::Narrator;
use crate::payos;
use crate::programs::{Program, ProgramError};
use crate::providers::{ProviderName, Providers};
use crate::sandbox::StartError;
use crate::scene::{Scene, TERMINAL};

/// Everything that runs. Dropping it stops the till, then the bridge, then the rest.
#[derive(Debug)]
pub struct Stage {
    _till: Program,
    _backdrop: Backdrop,
    scene: Scene,
}

/// Everything but the till: the providers and the bridge in the cloud, connected to a broker.
#[derive(Debug)]
pub(crate) struct Backdrop {
    _bridge: Program,
    pub(crate) providers: Providers,
}

/// Why the scene could not be set.
#[derive(Debug, Error)]
pub enum StageError {
    /// The folder cannot be written.
    #[error("cannot write the programs' configuration")]
    Write(#[source] io::Error),
    /// The broker does not start.
    #[error("cannot start the broker")]
    Broker(#[source] BrokerError),
    /// A sandbox does not start.
    #[error("cannot start the providers' sandboxes")]
    Sandbox(#[source] StartError),
    /// The bridge or the till does not start.
    #[error("cannot start all programs")]
    Program(#[source] ProgramError),
    /// The till does not start as a program of its own.
    #[error("cannot start the till")]
    Machine(#[source] MachineError),
    /// A cable between two parts cannot be laid.
    #[error("cannot listen on a loopback port")]
    Cable(#[source] io::Error),
    /// payOS could not be asked to register the webhook.
    #[error("cannot register the webhook")]
    Register(#[source] HttpError),
    /// The parts run and do not work together.
    #[error("the parts do not work together\n{0}")]
    Together(Disagreement),
}

impl Stage {
    /// Starts everything and waits until the till is connected to the broker. It sells over `provider`.
    ///
    /// # Errors
    /// See [`StageError`].
    pub async fn set(
        folder: &Folder,
        narrator: &Narrator,
        provider: ProviderName,
        deadline: Instant,
    ) -> Result<Self, StageError> {
        let broker = start_broker(narrator)?;
        let backdrop = Backdrop::set(folder, narrator, broker, deadline).await?;
        let providers = backdrop.providers.clone();
        let picture = folder.file("display.png");
        let roads = Roads { broker, providers: providers.addresses() };
        let wishes = Wishes { locale: Locale::default(), provider, idle: Idle::Greeting };
        let config = configuration::write_till(folder, &providers, &roads, wishes).map_err(StageError::Write)?;
        let till = Program::till(&config).map_err(StageError::Program)?;
        narrator.say(format!("the till {TERMINAL:07} runs: its API is http://{}", till.address()));
        narrator.add(format!("its display is the picture {}", picture.display()));
        narrator.add(format!("it sells over {}", provider.title()));
        let cashier = Cashier::at(till.address());
        connected(&cashier, narrator, deadline).await?;
        let scene = Scene { cashier, providers, provider, picture };
        Ok(Self { _till: till, _backdrop: backdrop, scene })
    }

    /// What there is to see and to touch.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }
}

impl Backdrop {
    /// Starts the providers and the bridge, which reaches the broker at this address, and registers the bridge with them.
    pub(crate) async fn set(
        folder: &Folder,
        narrator: &Narrator,
        broker: SocketAddr,
        deadline: Instant,
    ) -> Result<Self, StageError> {
        let providers = Providers::start().map_err(StageError::Sandbox)?;
        for name in ProviderName::ALL {
            let (title, address) = (name.title(), providers.address(name));
            narrator.say(format!("a sandbox that behaves like {title} listens at http://{address}"));
        }
        configuration::write_keys(folder, &providers).map_err(StageError::Write)?;
        let config = configuration::write_bridge(folder, broker).map_err(StageError::Write)?;
        let bridge = Program::bridge(&config).map_err(StageError::Program)?;
        let hook = |name: ProviderName| format!("http://{}/hooks/{}", bridge.address(), name.channel());
        let payos = hook(ProviderName::Payos);
        narrator.say(format!("the bridge in the cloud takes payOS's webhooks at {payos}, and the others' beside it"));
        register(&providers.payos, &payos, deadline).await?;
        narrator.say("payOS sent its signed test message there, the bridge took it: the webhook is registered");
        // Whoever has an account with the others enters the address in their console.
        providers.finan.set_webhook_url(Some(hook(ProviderName::Finan)));
        providers.glocal.set_webhook_url(Some(hook(ProviderName::SmartGlocal)));
        Ok(Self { _bridge: bridge, providers })
    }
}

/// Starts a broker, which runs until the process ends.
pub(crate) fn start_broker(narrator: &Narrator) -> Result<SocketAddr, StageError> {
    let broker = Broker::start().map_err(StageError::Broker)?;
    narrator.say(format!("an MQTT broker listens at {}", broker.url()));
    Ok(broker.address())
}

/// Registers the webhook as a shop does, by payOS's own call.
async fn register(sandbox: &payos::Sandbox, hook: &str, deadline: Instant) -> Result<(), StageError> {
    let keys = sandbox.credentials();
    let request = Request::post_json(
        format!("{}/confirm-webhook", sandbox.base_url()),
        json!({ "webhookUrl": hook }).to_string(),
    );
    let answer = request
        .header("x-client-id", &keys.client_id)
        .header("x-api-key", &keys.api_key)
        .send(deadline.saturating_duration_since(Instant::now()))
        .await
        .map_err(StageError::Register)?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if body["code"] == "00" {
        return Ok(());
    }
    let attempt = Attempt::to("register the bridge's address at payOS", deadline);
    Err(StageError::Together(attempt.disagreement("code 00", format!("HTTP {} with {}", answer.status, answer.text()))))
}

/// Waits until the till is connected to the broker.
pub(crate) async fn connected(cashier: &Cashier, narrator: &Narrator, deadline: Instant) -> Result<(), StageError> {
    Attempt::to("ask the till for its status", deadline)
        .wait("`links.broker.up` is true", async || match cashier.broker_is_up().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Unseen::Yet("it is not true".to_owned())),
            Err(error) => Err(Unseen::Yet(chain(&error))),
        })
        .await
        .map_err(StageError::Together)?;
    narrator.say("the till is connected to the broker");
    Ok(())
}
