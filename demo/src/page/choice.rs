//! What the till sells over, chosen on the page: its configuration is written anew and it is started again, as whoever
//! installs a terminal would do it. It must not know what a sale is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Desk;
use super::board::Board;
use super::faults::{Fault, Switches};
use super::line::{Party, What};
use crate::agree::chain;
use crate::providers::ProviderName;
use crate::shop::{ChoiceError, Shop};

/// What the page's visitor chose.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    provider: ProviderName,
}

/// Why nothing was changed.
enum Refusal {
    /// A sale is requesting or showing.
    Selling,
    /// The till has no power.
    NoPower,
    /// What the system says.
    Failed(String),
}

/// Chooses; the page hears of it with the other news. 409 while a sale is open, 503 while the till has no power.
pub(super) async fn choose(
    State(desk): State<Arc<Desk>>,
    Json(choice): Json<Choice>,
) -> Result<StatusCode, (StatusCode, String)> {
    match desk.switches.choose(choice.provider).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(Refusal::Selling) => Err((StatusCode::CONFLICT, "a sale is open\n".to_owned())),
        Err(Refusal::NoPower) => Err((StatusCode::SERVICE_UNAVAILABLE, "the till has no power\n".to_owned())),
        Err(Refusal::Failed(reason)) => Err((StatusCode::INTERNAL_SERVER_ERROR, format!("{reason}\n"))),
    }
}

impl Switches {
    /// A sale that begins between the look and the stop goes on after the start, over the provider that it began with.
    async fn choose(&self, provider: ProviderName) -> Result<(), Refusal> {
        let mut held = self.shop.clone().lock_owned().await;
        if held.0.wishes.provider == provider {
            return Ok(());
        }
        if held.1.contains(&Fault::Power) {
            return Err(Refusal::NoPower);
        }
        if self.board.is_selling() {
            return Err(Refusal::Selling);
        }
        self.board.tell(Party::You, Party::Till, What::Choose { provider }, "sale.channel");
        let board = self.board.clone();
        // Stopping and starting a process waits for the system.
        let moved = tokio::task::spawn_blocking(move || {
            let (shop, faults) = &mut *held;
            let moved = apply(shop, &board, provider);
            if let Err(ChoiceError::Start(_)) = &moved {
                // The switch says how it is, and is the way to try again.
                faults.push(Fault::Power);
                board.note_faults(faults.clone());
            }
            moved.map_err(|error| Refusal::Failed(chain(&error)))
        });
        moved.await.unwrap_or_else(|error| Err(Refusal::Failed(error.to_string())))
    }
}

fn apply(shop: &mut Shop, board: &Board, provider: ProviderName) -> Result<(), ChoiceError> {
    shop.configure(provider)?;
    board.note_provider(provider);
    board.till_is_off();
    let address = shop.restart()?;
    board.till_is_on(address);
    Ok(())
}
