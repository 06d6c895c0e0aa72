//! What a play needs of the stage: the cashier, the providers with the customers' banks, and the display. It must not know
//! what runs behind them.

use std::path::PathBuf;

use crate::cashier::Cashier;
use crate::providers::{ProviderName, Providers};

/// The till's number in the fleet.
pub const TERMINAL: u32 = 1017;

/// What there is to see and to touch.
#[derive(Debug)]
pub struct Scene {
    /// The till's API.
    pub cashier: Cashier,
    /// All providers, with the customers' banks and wallets.
    pub providers: Providers,
    /// The one that the till sells over.
    pub provider: ProviderName,
    /// The picture file that is the till's display.
    pub picture: PathBuf,
}
