//! Whether the judge is worth his name: with each deliberate fault in the till, some world soon breaks a promise.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use simulation::Without;
use tilld::till::mutant::Mutant;

/// A fault that so many worlds do not show is not seen.
const WORLDS: u64 = 2_000;

/// What was broken in which world.
#[derive(Debug)]
struct Caught {
    fault: Mutant,
    seed: u64,
    why: String,
}

/// Runs worlds until one breaks a promise.
fn hunt(fault: Mutant) -> Option<Caught> {
    Mutant::choose(Some(fault));
    let caught = (0..WORLDS).find_map(|seed| {
        let broken = simulation::run(seed, &Without::default()).err()?;
        Some(Caught { fault, seed, why: broken.text() })
    });
    Mutant::choose(None);
    caught
}

#[test]
fn every_deliberate_fault_breaks_a_promise() {
    assert!(Mutant::ALL.len() >= 40, "there are {} faults", Mutant::ALL.len());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let (seen, missed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(fault) = Mutant::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match hunt(*fault) {
                        Some(caught) => seen.lock().expect("no thread panics").push(caught),
                        None => missed.lock().expect("no thread panics").push(*fault),
                    }
                }
            });
        }
    });
    for Caught { fault, seed, why } in seen.into_inner().expect("no thread panics") {
        println!("{fault:?}: world {seed}: {why}");
    }
    let missed = missed.into_inner().expect("no thread panics");
    assert!(missed.is_empty(), "{WORLDS} worlds do not show {missed:?}");
}
