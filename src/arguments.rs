//! What can be typed behind `tilld`. It must not know what becomes of it.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Takes money by QR code at a counter.
#[derive(Debug, Parser)]
#[command(name = "tilld", version)]
pub struct Arguments {
    /// The configuration file; without it the one that `TILLD_CONFIG` names, else /etc/tilld/tilld.toml.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Validate the configuration, print one line per fault, and stop.
    #[arg(long)]
    pub check: bool,
    /// Give the text console back that a daemon with this configuration has kept off the display, and stop. For whatever
    /// restarts the daemon, after a crash; systemd does it itself.
    #[arg(long, conflicts_with_all = ["check", "sound"])]
    pub text_console: bool,
    /// Play what a paid sale of 50 000 đồng sounds like with the configured sound, say what is wrong with it, and stop.
    #[arg(long, conflicts_with = "check")]
    pub sound: bool,
    /// What there is to do beside running the daemon.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is to do beside running the daemon.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make this terminal a member of a fleet: make its key, get its certificate, keep both in `fleet.identity`. A running
    /// daemon that waits for it goes on by itself.
    Enrol {
        /// The claim (from `till fleet claim`), or - to read it from standard input
        claim: String,
    },
}
