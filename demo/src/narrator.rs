//! Tells the user what happens, with the milliseconds since the start. It must not know what is told.

use std::time::Instant;

/// Prints one line per step.
#[derive(Clone, Copy, Debug)]
pub struct Narrator {
    start: Instant,
}

impl Narrator {
    /// A story that starts now.
    pub fn begin() -> Self {
        Self { start: Instant::now() }
    }

    /// When the story started.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// Prints a step with its time.
    pub fn say(&self, step: impl AsRef<str>) {
        println!("{:>7} ms  {}", self.start.elapsed().as_millis(), step.as_ref());
    }

    /// Prints what belongs to the step before.
    pub fn add(&self, detail: impl AsRef<str>) {
        println!("            {}", detail.as_ref());
    }
}
