//! Runs many worlds on all cores, until one breaks a promise or somebody has seen enough. It must not know what a world is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::shrink::{Script, shrink};
use crate::{Tally, Without, run};

/// Worlds that are being run, one after the other by each thread.
#[derive(Debug)]
pub struct Night {
    without: Without,
    next: AtomicU64,
    end: u64,
    sum: Mutex<Sum>,
}

/// What the worlds contained so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    /// How many have been run.
    pub worlds: u64,
    /// What was in them.
    pub tally: Tally,
}

impl Night {
    /// Plans so many worlds, beginning with this seed.
    pub fn new(first: u64, worlds: u64, without: Without) -> Self {
        let (next, end) = (AtomicU64::new(first), first.saturating_add(worlds));
        Self { without, next, end, sum: Mutex::new(Sum::default()) }
    }

    /// Runs the worlds on all cores. Returns when all have been run, or it was told to stop.
    ///
    /// # Errors
    /// When a world breaks a promise: the first one, made short.
    pub fn run(&self) -> Result<(), Box<Script>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let found = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    if let Some(seed) = self.run_some() {
                        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                        *found = Some(found.map_or(seed, |other: u64| other.min(seed)));
                    }
                });
            }
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        match found.and_then(|seed| shrink(seed, &self.without)) {
            Some(script) => Err(Box::new(script)),
            None => Ok(()),
        }
    }

    /// Lets every thread finish the world that it is in.
    pub fn stop(&self) {
        self.next.store(self.end, Ordering::Relaxed);
    }

    /// Returns what there has been until now.
    pub fn sum(&self) -> Sum {
        *self.sum.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one world after another, each that no other thread has taken; returns one that breaks a promise.
    fn run_some(&self) -> Option<u64> {
        loop {
            let next = |seed: u64| (seed < self.end).then(|| seed + 1);
            let seed = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
            let Ok(tally) = run(seed, &self.without) else {
                self.stop();
                return Some(seed);
            };
            let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
            sum.worlds += 1;
            sum.tally.add(tally);
        }
    }
}
