//! The brokers that tilld runs on, as they are configured for a fleet and in what they differ. It must not know the
//! programs' inside.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod cluster;
mod matrix;
