//! Where log lines go: standard error, which systemd keeps. Payment texts and secrets are never logged.

use std::io;

use till_settings::log;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins logging: INFO, or what `RUST_LOG` says. Under systemd, which dates lines itself, without times, and each with its
/// priority.
///
/// A second call in the same process changes nothing.
pub fn start() {
    let wanted = log::wanted(LevelFilter::INFO);
    let lines = fmt().with_max_level(LevelFilter::TRACE).with_writer(io::stderr);
    // A line that cannot be written is lost. Telling that on standard error, too, would panic: a full disk or a closed pipe
    // there must not end the daemon.
    let lines = lines.with_target(false).with_ansi(false).log_internal_errors(false);
    let begun = if log::is_for_journal() {
        let format = fmt::format().without_time().with_target(false).with_ansi(false);
        lines.event_format(log::ForJournal(format)).finish().with(wanted).try_init()
    } else {
        lines.finish().with(wanted).try_init()
    };
    // Whoever began before, e.g. the demo, has chosen where lines go.
    drop(begun);
}
