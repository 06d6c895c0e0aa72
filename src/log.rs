//! Where log lines go: standard error, which systemd keeps. Payment texts and secrets are never logged.

use std::env;
use std::io;

use tracing_subscriber::EnvFilter;

/// Begins logging: INFO, or what `RUST_LOG` says. Under systemd, which dates lines itself, without times.
///
/// A second call in the same process changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).with_ansi(false);
    let begun =
        if env::var_os("JOURNAL_STREAM").is_some() { lines.without_time().try_init() } else { lines.try_init() };
    // Whoever began before, e.g. the demo, has chosen where lines go.
    drop(begun);
}
