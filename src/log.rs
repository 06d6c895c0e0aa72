//! Where log lines go: standard error, which systemd keeps. Payment texts and secrets are never logged.

use std::io;
use std::sync::OnceLock;

use till_settings::log;
use till_wire::fleet::LogLevel;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins logging: INFO, or what `RUST_LOG` says. Under systemd, which dates lines itself, without times, and each with its
/// priority.
///
/// A second call in the same process changes nothing.
pub fn start() {
    let usual = log::wanted(LevelFilter::INFO);
    let lines = fmt().with_max_level(LevelFilter::TRACE).with_writer(io::stderr);
    // A line that cannot be written is lost. Telling that on standard error, too, would panic: a full disk or a closed pipe
    // there must not end the daemon.
    let lines = lines.with_target(false).with_ansi(false).log_internal_errors(false);
    let change: Change = if log::is_for_journal() {
        let format = fmt::format().without_time().with_target(false).with_ansi(false);
        let (wanted, handle) = reload::Layer::new(usual.clone());
        let begun = lines.event_format(log::ForJournal(format)).finish().with(wanted).try_init();
        Box::new(move |targets| begun.is_ok() && handle.reload(targets).is_ok())
    } else {
        let (wanted, handle) = reload::Layer::new(usual.clone());
        let begun = lines.finish().with(wanted).try_init();
        // Whoever began before, e.g. the demo, has chosen where lines go.
        Box::new(move |targets| begun.is_ok() && handle.reload(targets).is_ok())
    };
    // A second call has begun nothing.
    let _ = LEVEL.set((usual, change));
}

/// Chooses other lines from now on; returns whether it could.
type Change = Box<dyn Fn(Targets) -> bool + Send + Sync>;

/// What is written usually, and the way to change it.
static LEVEL: OnceLock<(Targets, Change)> = OnceLock::new();

/// Writes lines of our own of this level and above. Those of libraries stay at INFO at most: below it they may tell what
/// they send, and secrets are sent. Returns whether it could: it cannot where another program has begun logging.
pub fn set_level(level: LogLevel) -> bool {
    LEVEL.get().is_some_and(|(_, change)| change(targets(level)))
}

/// Writes what is written usually again.
pub fn set_usual_level() {
    if let Some((usual, change)) = LEVEL.get() {
        change(usual.clone());
    }
}

fn targets(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let ours = ["tilld", "till_wire", "till_settings", "till_display", "till_authority"];
    Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets(ours.map(|name| (name, level)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_lower_level_is_for_our_own_lines_alone() {
        let told = |level, target: &str, line| targets(level).would_enable(target, &line);
        assert!(told(LogLevel::Debug, "tilld::mqtt", Level::DEBUG));
        assert!(!told(LogLevel::Debug, "tilld::mqtt", Level::TRACE));
        assert!(told(LogLevel::Trace, "till_display::panel", Level::TRACE));
        assert!(!told(LogLevel::Trace, "hyper::proto", Level::DEBUG), "it may tell what it sends");
        assert!(told(LogLevel::Trace, "hyper::proto", Level::INFO));
        assert!(!told(LogLevel::Warn, "hyper::proto", Level::INFO) && !told(LogLevel::Warn, "tilld", Level::INFO));
    }
}
