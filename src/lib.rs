//! The daemon of a counter terminal that takes money by QR code: a pure till decides, thin adapters do.

pub mod clock;
pub mod config;
pub mod mqtt;
pub mod panel;
pub mod provider;
pub mod till;
