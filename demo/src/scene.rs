//! What a play needs of the stage: the cashier, payOS with the customers' bank, and the display. It must not know what
//! runs behind them.

use std::path::PathBuf;

use crate::cashier::Cashier;
use crate::payos::Sandbox;

/// The till's number in the fleet.
pub const TERMINAL: u32 = 1017;

/// What there is to see and to touch.
#[derive(Debug)]
pub struct Scene {
    /// The till's API.
    pub cashier: Cashier,
    /// payOS and the customers' bank.
    pub sandbox: Sandbox,
    /// The picture file that is the till's display.
    pub picture: PathBuf,
}
