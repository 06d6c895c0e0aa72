//! What can be typed behind `till-bridge`. It must not know what becomes of it.

#![allow(rustdoc::bare_urls, reason = "what is said here is read in a terminal")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::console::Role;
use crate::register::HookUrl;

/// Takes webhooks of payment providers and relays them over MQTT to the terminals.
#[derive(Debug, Parser)]
#[command(name = "till-bridge", version)]
pub struct Arguments {
    /// The configuration [default: $TILL_BRIDGE_CONFIG, else /etc/till-bridge/bridge.toml; for `enrol`:
    /// $TILL_ENROL_CONFIG, else /etc/till-bridge/enrol.toml; for `console`: $TILL_CONSOLE_CONFIG, else
    /// /etc/till-bridge/console.toml]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Check the configuration, print one line for each fault, and exit
    #[arg(long, global = true)]
    pub check: bool,
    /// What there is to do beside running the bridge.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is to do beside running the bridge.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell a payOS channel where its webhooks go; the bridge must be running, since payOS tests the address
    Register {
        /// The id of the channel in the configuration
        channel: String,
        /// The address as payOS reaches it, e.g. https://hooks.example/hooks/payos
        #[arg(value_parser = hook_url)]
        url: HookUrl,
    },
    /// Give terminals their certificates: a server of its own, with its own configuration, which relays no webhooks
    Enrol,
    /// Show the fleet in the browser: a server of its own, with its own configuration, users and rights
    Console {
        /// What there is to do beside running it.
        #[command(subcommand)]
        command: Option<ConsoleCommand>,
    },
}

/// What there is to do beside running the console.
#[derive(Debug, Subcommand)]
pub enum ConsoleCommand {
    /// Print the line by which somebody may sign in, for the users' file; the password is typed, or the first line of
    /// standard input
    User {
        /// The name: 1 to 32 of a-z, 0-9, `.`, `_` and `-`
        name: String,
        /// What the user may do: a viewer sees the fleet, an operator also sends harmless commands
        #[arg(long, value_parser = role)]
        role: Role,
    },
}

fn hook_url(text: &str) -> Result<HookUrl, &'static str> {
    HookUrl::new(text).ok_or("expected an https:// address without user and fragment (http:// only on loopback)")
}

fn role(text: &str) -> Result<Role, &'static str> {
    Role::of(text).ok_or("expected viewer or operator")
}
