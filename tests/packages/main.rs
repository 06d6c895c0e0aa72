//! The Debian packages as they are shipped: what is in them, what that is made of, and that their programs sell. Which
//! ones is said by the variable `ARCHITECTURES`; this machine's own without it. And the till for the terminals' other processors,
//! of the profile of all tests, which is made sooner than a package. It must not know how they are made.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod contents;
mod inside;
mod processors;
mod programs;
mod scripts;
