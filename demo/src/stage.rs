//! Sets the whole scene up: a folder, a broker, a payOS sandbox, a bridge and a till with its display, connected as in a
//! shop. It must not know what is played on it.

use std::io;
use std::time::Instant;

use serde_json::{Value, json};
use thiserror::Error;

use crate::agree::{Attempt, Disagreement, Unseen, chain};
use crate::broker::{Broker, BrokerError};
use crate::cashier::Cashier;
use crate::folder::Folder;
use crate::http::{HttpError, Request};
use crate::narrator::Narrator;
use crate::payos::{self, Sandbox};
use crate::programs::{Program, ProgramError};
use crate::scene::{Scene, TERMINAL};

/// Everything that runs. Dropping it stops the till, then the bridge, then the rest.
#[derive(Debug)]
pub struct Stage {
    _till: Program,
    _bridge: Program,
    scene: Scene,
    _broker: Broker,
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
    /// The sandbox does not start.
    #[error("cannot start the payOS sandbox")]
    Sandbox(#[source] payos::StartError),
    /// The bridge or the till does not start.
    #[error("cannot start all programs")]
    Program(#[source] ProgramError),
    /// payOS could not be asked to register the webhook.
    #[error("cannot register the webhook")]
    Register(#[source] HttpError),
    /// The parts run and do not work together.
    #[error("the parts do not work together\n{0}")]
    Together(Disagreement),
}

impl Stage {
    /// Starts everything and waits until the till is connected to the broker.
    ///
    /// # Errors
    /// See [`StageError`].
    pub async fn set(folder: &Folder, narrator: &Narrator, deadline: Instant) -> Result<Self, StageError> {
        let broker = Broker::start().map_err(StageError::Broker)?;
        narrator.say(format!("an MQTT broker listens at {}", broker.url()));
        let sandbox = Sandbox::start().map_err(StageError::Sandbox)?;
        narrator.say(format!("a sandbox that behaves like payOS listens at {}", sandbox.base_url()));
        write_keys(folder, &sandbox).map_err(StageError::Write)?;
        let bridge_toml = folder.write("bridge.toml", &bridge_config(folder, &broker)).map_err(StageError::Write)?;
        let bridge = Program::bridge(&bridge_toml).map_err(StageError::Program)?;
        let hook = format!("http://{}/hooks/payos", bridge.address());
        narrator.say(format!("the bridge in the cloud takes payOS's webhooks at {hook}"));
        register(&sandbox, &hook, deadline).await?;
        narrator.say("payOS sent its signed test message there, the bridge took it: the webhook is registered");
        let picture = folder.file("display.png");
        let till_toml =
            folder.write("tilld.toml", &till_config(folder, &broker, &sandbox)).map_err(StageError::Write)?;
        let till = Program::till(&till_toml).map_err(StageError::Program)?;
        let api = format!("http://{}", till.address());
        narrator.say(format!("the till {TERMINAL:07} runs: its API is {api}"));
        narrator.add(format!("its display is the picture {}", picture.display()));
        let cashier = Cashier::at(till.address());
        connected(&cashier, deadline).await?;
        narrator.say("the till is connected to the broker");
        let scene = Scene { cashier, sandbox, picture };
        Ok(Self { _till: till, _bridge: bridge, scene, _broker: broker })
    }

    /// What there is to see and to touch.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }
}

fn write_keys(folder: &Folder, sandbox: &Sandbox) -> io::Result<()> {
    let keys = sandbox.credentials();
    folder.write("payos-client-id", &keys.client_id)?;
    folder.write("payos-api-key", &keys.api_key)?;
    folder.write("payos-checksum-key", &keys.checksum_key)?;
    Ok(())
}

/// Registers the webhook as a shop does, by payOS's own call.
async fn register(sandbox: &Sandbox, hook: &str, deadline: Instant) -> Result<(), StageError> {
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

async fn connected(cashier: &Cashier, deadline: Instant) -> Result<(), StageError> {
    Attempt::to("ask the till for its status", deadline)
        .wait("`links.broker.up` is true", async || match cashier.broker_is_up().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Unseen::Yet("it is not true".to_owned())),
            Err(error) => Err(Unseen::Yet(chain(&error))),
        })
        .await
        .map_err(StageError::Together)
}

/// A TOML string; its escapes are those of JSON.
fn quoted(text: impl ToString) -> String {
    Value::from(text.to_string()).to_string()
}

fn file(folder: &Folder, name: &str) -> String {
    quoted(folder.file(name).display())
}

fn bridge_config(folder: &Folder, broker: &Broker) -> String {
    format!(
        r#"[http]
listen = "127.0.0.1:0"

[admin]
listen = "127.0.0.1:0"

[mqtt]
url = {url}
client_id = "bridge-1"

[journal]
path = {journal}

[[channel]]
id = "payos"
provider = "payos"
checksum_key = {{ file = {checksum_key} }}
"#,
        url = quoted(broker.url()),
        journal = file(folder, "bridge"),
        checksum_key = file(folder, "payos-checksum-key"),
    )
}

fn till_config(folder: &Folder, broker: &Broker, sandbox: &Sandbox) -> String {
    let account = sandbox.account();
    format!(
        r#"[terminal]
number = {TERMINAL}
label = "Quầy 1"

[store]
path = {store}

[api]
listen = "127.0.0.1:0"

[display]
driver = "png"
device = {picture}
size = "800x480"

[input]
keypad = "none"

[mqtt]
url = {url}

[sale]
channel = "payos"

[[channel]]
id = "payos"
provider = "payos"
base_url = {base_url}
client_id = {{ file = {client_id} }}
api_key = {{ file = {api_key} }}
checksum_key = {{ file = {checksum_key} }}
return_url = "https://shop.example/ok"
cancel_url = "https://shop.example/cancel"
account = {{ bin = {bin}, number = {number} }}
"#,
        store = file(folder, "till"),
        picture = file(folder, "display.png"),
        url = quoted(broker.url()),
        base_url = quoted(sandbox.base_url()),
        client_id = file(folder, "payos-client-id"),
        api_key = file(folder, "payos-api-key"),
        checksum_key = file(folder, "payos-checksum-key"),
        bin = quoted(account.bin),
        number = quoted(account.number),
    )
}

#[cfg(test)]
mod tests {
    use till_settings::Mode;

    use super::{Broker, Folder, Sandbox, bridge_config, till_config, write_keys};
    use crate::folder::Afterwards;

    #[test]
    fn the_programs_accept_the_configuration_that_is_written_for_them() {
        let folder = Folder::make(Afterwards::Remove).expect("there is a place for temporary files");
        let broker = Broker::start().expect("the broker starts");
        let sandbox = Sandbox::start().expect("the sandbox starts");
        write_keys(&folder, &sandbox).expect("the folder can be written");
        let till =
            folder.write("tilld.toml", &till_config(&folder, &broker, &sandbox)).expect("the folder can be written");
        let bridge = folder.write("bridge.toml", &bridge_config(&folder, &broker)).expect("the folder can be written");
        assert_eq!(
            tilld::config::Settings::read(&till, Mode::Run).map(|_| ()).map_err(|faults| faults.to_string()),
            Ok(())
        );
        assert_eq!(
            till_bridge::config::Settings::read(&bridge).map(|_| ()).map_err(|faults| faults.to_string()),
            Ok(())
        );
    }
}
