//! What is owed to others. It must not know how it is paid off.

use serde::Deserialize;
use till_wire::{OrderRef, ReceiptKey, SaleId};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::verbs::{Output, print_json, print_lines};
use super::wording;
use super::words::Attempt;

/// What is owed, oldest first.
#[derive(Deserialize)]
pub(super) struct Queue {
    pub(super) count: u64,
    /// Of an older terminal they are not known.
    pub(super) bytes: Option<u64>,
    pub(super) max_bytes: Option<u64>,
    pub(super) entries: Vec<Entry>,
}

/// One thing that is owed.
#[derive(Deserialize)]
pub(super) struct Entry {
    /// A newer terminal may know more of them.
    pub(super) kind: String,
    pub(super) destination: String,
    pub(super) sale: Option<SaleId>,
    pub(super) receipt: Option<ReceiptKey>,
    pub(super) order: Option<OrderRef>,
    pub(super) age_s: Option<u64>,
    pub(super) tries: Option<u32>,
}

/// Lists what is owed to others.
pub(super) async fn queue(client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let answer = client.get(Attempt::Queue, "/v1/queue").await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let queue: Queue = client.read_as(Attempt::Queue, &answer)?;
    print_lines(&wording::queue(&queue, world.style), world)
}
