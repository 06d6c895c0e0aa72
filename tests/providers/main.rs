//! The real programs with a real broker and the sandboxes of Finan and Smart Glocal: whole sales, money that comes late,
//! twice or too little, answers that are lost at each step. It must not know the programs' inside; what is expected is the
//! contract.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod clocks;
mod double_proof;
mod finan;
mod finan_answers;
mod glocal;
mod glocal_answers;
mod glocal_steps;
mod offline;
mod open_code;
mod wishes;

use serde_json::Value;

/// The flags of a sale or receipt, sorted.
fn flags(json: &Value) -> Vec<&str> {
    let mut flags: Vec<_> = json["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    flags.sort_unstable();
    flags
}
