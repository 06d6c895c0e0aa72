//! The faults that can be switched on: cables pulled, a slow provider, a till without power. It must not know the page.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::Desk;
use super::board::Board;
use super::line::{Party, What};
use crate::agree::chain;
use crate::providers::ProviderName;
use crate::relay::Relay;
use crate::shop::Shop;

/// How late a slow provider answers.
const SLOW: Duration = Duration::from_secs(4);

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fault {
    /// Nobody reaches the broker.
    Broker,
    /// Every provider answers late.
    Provider,
    /// The till reaches neither the providers nor the broker.
    Network,
    /// The till has no power.
    Power,
}

/// A switch as the page moves it.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    fault: Fault,
    on: bool,
}

/// All switches. One is moved at a time.
pub(super) struct Switches {
    pub(super) board: Arc<Board>,
    pub(super) shop: Arc<Mutex<(Shop, Vec<Fault>)>>,
}

/// Moves a switch; the page hears of it with the other news.
pub(super) async fn switch(
    State(desk): State<Arc<Desk>>,
    Json(change): Json<Change>,
) -> Result<StatusCode, (StatusCode, String)> {
    match desk.switches.set(change).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(reason) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"))),
    }
}

impl Switches {
    pub(super) fn new(shop: Shop, board: Arc<Board>) -> Self {
        Self { board, shop: Arc::new(Mutex::new((shop, Vec::new()))) }
    }

    async fn set(&self, Change { fault, on }: Change) -> Result<(), String> {
        let mut held = self.shop.clone().lock_owned().await;
        if held.1.contains(&fault) == on {
            return Ok(());
        }
        self.board.tell(Party::You, fault.meets(self.board.provider()), What::Fault { fault, on }, "");
        let board = self.board.clone();
        // Starting and killing a process waits for the system.
        let moved = tokio::task::spawn_blocking(move || {
            let (shop, faults) = &mut *held;
            apply(shop, &board, fault, on)?;
            faults.retain(|other| *other != fault);
            faults.extend(on.then_some(fault));
            board.note_faults(faults.clone());
            Ok(())
        });
        moved.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

fn apply(shop: &mut Shop, board: &Board, fault: Fault, on: bool) -> Result<(), String> {
    match (fault, on) {
        (Fault::Broker, true) => shop.cables.broker.pull(),
        (Fault::Broker, false) => shop.cables.broker.plug(),
        (Fault::Network, true) => {
            shop.cables.till_to_broker.pull();
            shop.cables.till_to_provider.map(Relay::pull);
        }
        (Fault::Network, false) => {
            shop.cables.till_to_broker.plug();
            shop.cables.till_to_provider.map(Relay::plug);
        }
        (Fault::Provider, true) => shop.providers.slow_down(SLOW),
        (Fault::Provider, false) => shop.providers.be_well(),
        (Fault::Power, true) => {
            shop.machine.cut_power();
            board.till_is_off();
        }
        (Fault::Power, false) => {
            let address = shop.machine.power_on().map_err(|error| chain(&error))?;
            board.till_is_on(address);
        }
    }
    Ok(())
}

impl Fault {
    /// Whom it meets, while the till sells over `provider`.
    fn meets(self, provider: ProviderName) -> Party {
        match self {
            Self::Broker => Party::Bridge,
            Self::Provider => Party::of(provider),
            Self::Network | Self::Power => Party::Till,
        }
    }
}
