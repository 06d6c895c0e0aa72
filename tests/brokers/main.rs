//! The brokers that a fleet may have, with the configurations that operators use: who may do what there, in what they differ,
//! and that no payment gets lost on the way. A module for each; it must not know how a till or a bridge works inside.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod cluster;
mod matrix;
mod member;
mod mosquitto;
