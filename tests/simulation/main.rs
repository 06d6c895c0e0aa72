//! Runs the worlds of the simulation, each made from a seed, in which the promises of the design are the judge.
//!
//! `SIMULATION_SEEDS=n` runs the first n worlds, `SIMULATION_SEED=n` one of them, `SIMULATION_WITHOUT=…` leaves out what a
//! failure has named, and `SIMULATION_TOLD=n` tells the last n things of everything that happened in a world that fails.

// A broken promise is told by a panic.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod mutants;
mod shrinking;

use simulation::{Night, Without};

/// How many worlds a normal run makes.
const WORLDS: u64 = 10_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn without() -> Without {
    let text = std::env::var("SIMULATION_WITHOUT").unwrap_or_default();
    text.parse().unwrap_or_else(|error| panic!("SIMULATION_WITHOUT: {error}"))
}

#[test]
fn every_world_keeps_the_promises() {
    let (first, count) = match setting("SIMULATION_SEED") {
        Some(seed) => (seed, 1),
        None => (0, setting("SIMULATION_SEEDS").unwrap_or(WORLDS)),
    };
    let night = Night::new(first, count, without());
    if let Err(script) = night.run() {
        let told = setting("SIMULATION_TOLD").and_then(|told| usize::try_from(told).ok());
        let all = told.map(|told| simulation::story(script.seed, &script.without).end(told)).unwrap_or_default();
        panic!("{script}\n{all}");
    }
    let sum = night.sum();
    println!("{} worlds: {:?}", sum.worlds, sum.tally);
    if count >= WORLDS {
        assert!(sum.tally.is_rich(), "the worlds contain too little: {:?}", sum.tally);
    }
}
