//! Thousands of worlds, each made from a seed: the real till between models of three providers, a bridge, a broker that
//! forgets, a slow panel, a clock that jumps, customers, a cashier and power cuts. The promises of the design are the
//! judge. Nothing waits in real time; it must not know who runs the worlds.

mod broker;
mod calls;
mod disk;
mod ending;
mod glocal;
mod kinds;
mod life;
mod matching;
mod offline;
mod oracle;
mod panel;
mod people;
mod plan;
mod provider;
mod sight;
mod steps;
mod story;
mod tally;
mod trouble;
mod world;

pub use tally::Tally;
pub use world::Broken;

use world::World;

/// Lets everything happen in one world, and returns what it contained.
///
/// # Errors
/// When a promise is broken.
pub fn run(seed: u64) -> Result<Tally, Broken> {
    let mut world = World::new(seed, None);
    world.run()?;
    Ok(world.facts.tally)
}

/// Runs one world and tells its last lines, at most so many, behind its rules.
pub fn story(seed: u64, lines: usize) -> String {
    let mut world = World::new(seed, Some(Vec::new()));
    let verdict = world.run().err().map_or_else(String::new, |broken| broken.text());
    let story = world.log.unwrap_or_default();
    let last = story.get(story.len().saturating_sub(lines)..).unwrap_or_default();
    format!("{verdict}\n{:?}\n{}", world.plan, last.join("\n"))
}
