//! The daemon of a counter terminal that takes money by QR code: a pure till decides, thin adapters do.

pub mod store;
pub mod till;
