//! Thousands of worlds, each made from a seed: the real till between models of three providers, two replicas of
//! the bridge, a broker that forgets, a disk that fails, a slow panel, a clock that jumps, customers, a cashier, the fleet's operator and power cuts. The promises of the design are the
//! judge. Nothing waits in real time; it must not know who runs the worlds.

mod bridge;
mod broker;
mod calls;
mod cashier;
mod disk;
mod ending;
mod glocal;
mod happening;
mod kinds;
mod life;
mod matching;
mod night;
mod offline;
mod operator;
mod oracle;
mod panel;
mod people;
mod plan;
mod provider;
mod refusal;
mod shrink;
mod sight;
mod steps;
mod story;
mod tally;
mod trouble;
mod without;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use night::{Night, Sum};
pub use shrink::{Script, Size, length, shrink};
pub use story::Story;
pub use tally::Tally;
pub use without::{Decision, Sort, Without};
pub use world::Broken;

use world::{Verdict, World};

/// Lets everything happen in one world, and returns what it contained.
///
/// # Errors
/// When a promise is broken.
pub fn run(seed: u64, without: &Without) -> Result<Tally, Broken> {
    let mut world = World::new(seed, without.clone(), None);
    attempt(&mut world)?;
    Ok(world.facts.tally)
}

/// Runs one world and tells what happened.
pub fn story(seed: u64, without: &Without) -> Story {
    let mut world = World::new(seed, without.clone(), Some(Vec::new()));
    let verdict = attempt(&mut world);
    Story::new(world, verdict)
}

/// Runs a world; a panic breaks the promise that there is none.
fn attempt(world: &mut World) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| world.run())).unwrap_or_else(|_| world::broken("P11", "a panic"))
}
