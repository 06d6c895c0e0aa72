//! The rules of this repository that a machine can keep: layers, sizes of files, dependencies, promises that are tested.
//! It must not know what the programs do.

// A rule speaks by failing its test.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod layers;
mod licence;
mod packages;
mod promises;
mod providers;
mod secrets;
mod sources;
mod texts;
mod units;
