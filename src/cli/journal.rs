//! How a sale came to be what it is. It must not know how a journal is kept.

use serde::Deserialize;
use till_wire::{OrderRef, SaleState, UnixTime};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::pick::{SaleName, pick};
use super::verbs::{Output, print_json, print_lines};
use super::wording;
use super::words::Attempt;

/// The journal of a sale, oldest first. Words that a newer terminal may add to are read as texts.
#[derive(Deserialize)]
pub(super) struct Journal {
    pub(super) entries: Vec<Entry>,
    pub(super) dropped: u64,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) revision: u64,
    pub(super) at: UnixTime,
    pub(super) state: SaleState,
    pub(super) flags: Vec<String>,
    pub(super) cause: Cause,
    pub(super) counted: Vec<Proof>,
}

#[derive(Deserialize)]
pub(super) struct Cause {
    pub(super) kind: String,
    pub(super) said: Option<String>,
    #[serde(default)]
    pub(super) why: Option<String>,
    pub(super) order: Option<OrderRef>,
    pub(super) envelope: Option<String>,
    pub(super) transfer: Option<Transfer>,
}

#[derive(Deserialize)]
pub(super) struct Transfer {
    pub(super) provider_ref: String,
    pub(super) amount: u64,
}

#[derive(Deserialize)]
pub(super) struct Proof {
    pub(super) provider_ref: String,
    pub(super) amount: u64,
    pub(super) via: String,
}

/// Tells how a sale came to be what it is.
pub(super) async fn journal(
    name: SaleName,
    client: &Client,
    world: &mut World<'_>,
    output: Output,
) -> Result<(), Fault> {
    let id = pick(client, name).await?;
    let attempt = Attempt::Journal(id);
    let answer = client.get(attempt, &format!("/v1/sales/{id}/journal")).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let journal: Journal = client.read_as(attempt, &answer)?;
    print_lines(&wording::journal(&journal, id, world.style), world)
}
