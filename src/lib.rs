//! The daemon of a counter terminal as a library.

pub mod config;
