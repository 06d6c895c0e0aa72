//! What RAUC is asked and told on a machine with two slots, and systemd. It must not know why.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::run::{Bench, Task};

/// How long a question may take, and writing a bundle to slow flash.
const ASKING: Duration = Duration::from_secs(60);
const WRITING: Duration = Duration::from_secs(1_800);

/// RAUC.
#[derive(Debug)]
pub(super) struct Slots(Bench);

/// What `rauc status` says, as far as it is asked for.
#[derive(Deserialize)]
struct Status {
    /// What the boot loader calls the slot that runs.
    booted: String,
}

impl Slots {
    /// Names the folder in which the tools work, which is ours alone.
    pub(super) fn new(folder: &Path) -> Self {
        Self(Bench::new(folder))
    }

    fn run(&self, program: &str, arguments: &[&str], limit: Duration) -> Result<String, String> {
        self.0.run(&Task { program, arguments, limit })
    }

    /// Returns what the boot loader calls the slot that runs.
    pub(super) fn booted(&self) -> Result<String, String> {
        let told = self.run("rauc", &["status", "--output-format=json"], ASKING)?;
        let status: Status = serde_json::from_str(&told).map_err(|error| format!("rauc status: {error}"))?;
        Ok(status.booted)
    }

    /// Writes a bundle to the slot that does not run, and has that one started next.
    pub(super) fn write(&self, bundle: &Path) -> Result<(), String> {
        self.run("rauc", &["install", &bundle.display().to_string()], WRITING).map(drop)
    }

    /// Has the boot loader stay with the slot that runs.
    pub(super) fn stay(&self) -> Result<(), String> {
        self.run("rauc", &["status", "mark-good", "booted"], ASKING).map(drop)
    }

    /// Has the boot loader start the other slot, and never this one.
    pub(super) fn leave(&self) -> Result<(), String> {
        self.run("rauc", &["status", "mark-active", "other"], ASKING)?;
        self.run("rauc", &["status", "mark-bad", "booted"], ASKING).map(drop)
    }

    /// Has the machine started again.
    pub(super) fn start_again(&self) -> Result<(), String> {
        self.run("systemctl", &["reboot"], ASKING).map(drop)
    }
}
