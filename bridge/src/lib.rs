//! The bridge between payment providers and terminals: takes webhooks, makes them durable, and
//! publishes them over MQTT. It knows no orders and no sales; a webhook names its terminal itself.

mod admin;
pub mod arguments;
mod bridge;
mod clock;
pub mod config;
pub mod console;
pub mod enrol;
mod hooks;
mod journal;
mod metrics;
mod mqtt;
mod often;
mod operated;
pub mod register;
mod reload;
mod server;
pub mod service;
mod trace;

pub use bridge::{Bridge, Entrance, RunError, StartError};
pub use journal::OpenError;
pub use reload::Reloader;
