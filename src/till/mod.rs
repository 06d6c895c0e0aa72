//! The till: decides everything, does nothing. It never fails, waits, reads a clock, draws a random number or knows JSON.

mod event;
mod payment;
mod records;
mod rules;
mod sale;
mod seen;
mod step;
mod time;

pub use event::*;
pub use payment::{Payment, Pending, ProviderId, Receipt, Transfer, TransferRef, Via};
pub use records::{Missed, ReceiptsPage, ReceiptsQuery, Records, SalesPage, SalesQuery, StoreAge};
pub use rules::{Account, ChannelRules, Display, Offline, Rules};
pub use sale::*;
pub use step::*;
pub use time::{BootId, Now, Tick};
