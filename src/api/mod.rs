//! The HTTP interface of the terminal: checks what comes in, asks the driver through its port, and writes what comes out.
//! It must not know the store, the broker, providers or the panel.

mod answers;
mod basket;
mod body;
mod day;
mod desk;
mod events;
mod fields;
mod flight;
mod guard;
mod journal;
mod keypad;
mod ledger;
mod metrics;
mod openapi;
mod order;
mod picture;
mod pin_gate;
mod problem;
mod query;
mod queue;
mod receipts;
mod report;
mod routes;
mod sales;
mod screen;
mod server;
mod socket;
mod strict;
mod takings;
mod terminal;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

pub use desk::{ApiRules, ChannelLimits, ScreenRules};
pub use report::report_of_day;
pub use server::{Api, ApiError};
pub use socket::handed_over;
pub use takings::takings;
