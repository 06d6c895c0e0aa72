//! The daemon of a counter terminal that takes money by QR code: a pure till decides, thin adapters do.

pub mod again;
pub mod api;
pub mod arguments;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desired;
pub mod driver;
pub mod enrol;
pub mod flight;
pub mod identity;
pub mod input;
pub mod install;
pub mod log;
pub mod mqtt;
pub mod panel;
pub mod pin;
pub mod port;
mod program;
pub mod provider;
pub mod pulse;
mod record;
pub mod signals;
pub mod sound;
pub mod store;
pub mod till;
mod update;

pub use driver::{Daemon, StartError};
