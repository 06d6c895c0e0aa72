//! Finds a short script of a world that breaks a promise: what can be left out of it so that the same promise still breaks.
//! It must not know what the decisions bring about.

use std::fmt;

use crate::without::{Decision, Sort, Without};
use crate::world::{Broken, World};
use crate::{attempt, story};

/// At most so many worlds are run to shorten one …
const RUNS: u32 = 2_000;
/// … of so many of the till's steps together: a minute or two, unoptimised.
const STEPS: u64 = 1_500_000;

/// How long a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many decisions were made in it before the promise was broken.
    pub decisions: usize,
    /// How many of the till's steps there were.
    pub steps: u64,
}

/// A world that breaks a promise, with all left out that is not needed for it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The world.
    pub seed: u64,
    /// What is left out.
    pub without: Without,
    /// The promise, as the short script breaks it.
    pub broken: Broken,
    /// How long it was at first.
    pub before: Size,
    /// How long it is now.
    pub after: Size,
    /// How many worlds were run to shorten it.
    pub runs: u32,
}

/// A world that was run up to the broken promise.
struct Failure {
    without: Without,
    broken: Broken,
    made: Vec<Decision>,
    steps: u64,
}

impl Failure {
    fn of(seed: u64, without: Without) -> Option<Self> {
        let mut world = World::new(seed, without.clone(), None);
        let broken = attempt(&mut world).err()?;
        Some(Self { without, broken, made: world.made.into_iter().collect(), steps: world.facts.tally.steps })
    }

    fn size(&self) -> Size {
        Size { decisions: self.made.len(), steps: self.steps }
    }
}

/// The search: the shortest failure so far, and what it has cost.
struct Search {
    seed: u64,
    best: Failure,
    runs: u32,
    steps: u64,
}

/// Returns how long a world is up to the promise that it breaks, if it breaks one.
pub fn length(seed: u64, without: &Without) -> Option<Size> {
    Failure::of(seed, without.clone()).map(|failure| failure.size())
}

/// Shortens a world; returns nothing if it breaks no promise.
pub fn shrink(seed: u64, without: &Without) -> Option<Script> {
    let first = Failure::of(seed, without.clone())?;
    let before = first.size();
    let mut search = Search { seed, best: first, runs: 1, steps: 0 };
    search.leave_out_sorts();
    search.leave_out_pieces();
    search.shorten();
    let Search { best, runs, .. } = search;
    let after = best.size();
    Some(Script { seed, without: best.without, broken: best.broken, before, after, runs })
}

impl Search {
    fn may_go_on(&self) -> bool {
        self.runs < RUNS && self.steps < STEPS
    }

    /// Runs the world with these decisions alone; keeps it if it breaks the same promise and is no longer.
    fn tries(&mut self, kept: &[Decision], busy: Option<u64>) -> bool {
        let without = Without { busy, ..Without::all_but(kept) };
        self.runs += 1;
        let Some(failure) = Failure::of(self.seed, without) else {
            self.steps += self.best.steps;
            return false;
        };
        self.steps += failure.steps;
        let same = failure.broken.promise == self.best.broken.promise;
        if same {
            self.best = failure;
        }
        same
    }

    /// All of one sort at once.
    fn leave_out_sorts(&mut self) {
        for sort in Sort::ALL {
            let kept: Vec<Decision> = self.best.made.iter().filter(|made| made.sort != sort).copied().collect();
            if kept.len() < self.best.made.len() {
                self.tries(&kept, self.best.without.busy);
            }
        }
    }

    /// Pieces of the world's time, ever smaller ones, until no single decision can be left out.
    fn leave_out_pieces(&mut self) {
        let mut piece = self.best.made.len().div_ceil(2).max(1);
        loop {
            let (mut place, mut found) = (0, false);
            while place < self.best.made.len() && self.may_go_on() {
                let end = (place + piece).min(self.best.made.len());
                let made = self.best.made.iter().enumerate();
                let kept: Vec<Decision> =
                    made.filter(|(at, _)| !(place..end).contains(at)).map(|(_, made)| *made).collect();
                if self.tries(&kept, self.best.without.busy) {
                    found = true;
                } else {
                    place = end;
                }
            }
            match piece {
                1 if !found || !self.may_go_on() => return,
                _ => piece = piece.div_ceil(2).min(piece.max(2) - 1),
            }
        }
    }

    /// The counter closes after its last act.
    fn shorten(&mut self) {
        let made = self.best.made.clone();
        if let Some(last) = made.iter().filter(|made| made.sort == Sort::Acts).map(|made| made.at).max() {
            self.tries(&made, Some(last + 1));
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, without, broken, before, after, runs } = self;
        writeln!(f, "world {seed} breaks a promise: {}", broken.text())?;
        writeln!(
            f,
            "{} of {} decisions remain and {} of {} steps (after {runs} runs):",
            after.decisions, before.decisions, after.steps, before.steps
        )?;
        writeln!(f, "{}", story(*seed, without).short())?;
        writeln!(f, "to run it again, either of")?;
        writeln!(f, "  cargo run -p demo -- --simulate 1 --seed {seed} --without {without}")?;
        write!(
            f,
            "  SIMULATION_SEED={seed} SIMULATION_WITHOUT={without} cargo test -p tests --test simulation every_world"
        )
    }
}
