//! Runs the worlds of the simulation, each made from a seed, in which the promises of the design are the judge.
//!
//! `SIMULATION_SEEDS=n` runs the first n worlds, `SIMULATION_SEED=n` runs one of them.

// A broken promise is told by a panic.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod mutants;

use std::sync::atomic::{AtomicU64, Ordering};

use simulation::Tally;

/// How many worlds a normal run makes.
const WORLDS: u64 = 10_000;
/// How many of the last events a failure tells, unless `SIMULATION_TOLD=n` asks for more.
const TOLD: u64 = 60;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs one world; when it breaks a promise, runs it again with its story.
fn check(seed: u64) -> Result<Tally, String> {
    let told = usize::try_from(setting("SIMULATION_TOLD").unwrap_or(TOLD)).unwrap_or(usize::MAX);
    simulation::run(seed).map_err(|first| {
        let again = simulation::run(seed).err().map(|again| again.text());
        let replayed = if again == Some(first.text()) { "" } else { " (and the same seed went another way!)" };
        format!("seed {seed}{replayed}\n{}", simulation::story(seed, told))
    })
}

/// Runs one world after another, each that no other thread has taken, until one breaks a promise.
fn check_all(next: &AtomicU64, end: u64) -> Result<Tally, String> {
    let mut sum = Tally::default();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return Ok(sum);
        }
        match check(seed) {
            Ok(tally) => sum.add(tally),
            Err(story) => {
                next.store(end, Ordering::Relaxed);
                return Err(story);
            }
        }
    }
}

#[test]
fn every_world_keeps_the_promises() {
    let seeds = match setting("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("SIMULATION_SEEDS").unwrap_or(WORLDS),
    };
    let count = seeds.end - seeds.start;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(seeds.start);
    let shares: Vec<Result<Tally, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| check_all(&next, seeds.end))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err("a world panicked".to_owned()))).collect()
    });
    let mut sum = Tally::default();
    for share in shares {
        match share {
            Ok(tally) => sum.add(tally),
            Err(story) => panic!("a promise was broken in the world of {story}"),
        }
    }
    println!("{count} worlds: {sum:?}");
    if count >= WORLDS {
        assert!(sum.is_rich(), "the worlds contain too little: {sum:?}");
    }
}
