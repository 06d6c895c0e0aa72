//! The supervisor's word that a sale is paid. It must not know what the terminal makes of it.

use std::path::PathBuf;

use serde_json::json;
use till_wire::Sale;

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::pick::{SaleName, pick};
use super::receipts::read_pin;
use super::verbs::{Output, print_json, print_lines};
use super::wording;
use super::words::Attempt;

/// Settles a sale by hand, once the supervisor's PIN has been typed or read.
pub(super) async fn confirm(
    name: SaleName,
    pin_file: Option<PathBuf>,
    client: &Client,
    world: &mut World<'_>,
    output: Output,
) -> Result<(), Fault> {
    let sale = pick(client, name).await?;
    let pin = read_pin(pin_file.as_deref(), world)?;
    let attempt = Attempt::Confirm(sale);
    let answer = client.post(attempt, &format!("/v1/sales/{sale}/confirm"), json!({ "pin": pin }).to_string()).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let sale: Sale = client.read_as(attempt, &answer)?;
    print_lines(&wording::sale(&sale, world.style), world)
}
