//! Which log lines are written, what `RUST_LOG` says, or else lines of one level and above; and how they tell the journal of
//! systemd how grave they are. It must not know where they go.

use std::env;
use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Reads `RUST_LOG`, e.g. `debug` or `info,tilld::panel=debug`; all lines from `otherwise` upwards when it is not set or
/// cannot be read.
///
/// Names of spans and values of fields, which the crate's `EnvFilter` would know too, would cost each daemon half a
/// megabyte of regular expressions.
pub fn wanted(otherwise: LevelFilter) -> Targets {
    let said = env::var("RUST_LOG").ok().and_then(|said| read(&said));
    said.unwrap_or_else(|| Targets::new().with_default(otherwise))
}

fn read(said: &str) -> Option<Targets> {
    said.parse().ok().filter(|_| !said.trim().is_empty())
}

/// Tells whether lines go to the journal, which dates them itself.
pub fn is_for_journal() -> bool {
    env::var_os("JOURNAL_STREAM").is_some()
}

/// Lines for the journal: as they are, behind the number of their priority (sd-daemon(3)), so that
/// `journalctl --priority=warning` finds what somebody should look at.
#[derive(Debug)]
pub struct ForJournal<F>(pub F);

impl<S, N, F> FormatEvent<S, N> for ForJournal<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        out.write_str(priority(*event.metadata().level()))?;
        self.0.format_event(context, out, event)
    }
}

/// The priorities of syslog(3): error, warning, information, debugging.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::filter::LevelFilter;

    use super::{ForJournal, read};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics with it").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_for_the_journal_begins_with_its_priority() {
        let paper = Paper::default();
        let to = paper.clone();
        let format = ForJournal(tracing_subscriber::fmt::format().without_time().with_target(false).with_ansi(false));
        let lines = tracing_subscriber::fmt().event_format(format).with_max_level(LevelFilter::TRACE);
        tracing::subscriber::with_default(lines.with_writer(move || to.clone()).finish(), || {
            tracing::error!("it ends");
            tracing::warn!(sale = "0001017-029727122", "look");
            tracing::info!("paid");
            tracing::debug!("more");
        });
        let written = String::from_utf8(paper.0.lock().expect("as above").clone()).expect("text");
        let lines: Vec<_> = written.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let look = "<4> WARN look sale=\"0001017-029727122\"";
        assert_eq!(lines, ["<3>ERROR it ends", look, "<6> INFO paid", "<7>DEBUG more"]);
    }

    #[test]
    fn levels_are_read_for_all_and_for_one_part() {
        let targets = read("info,tilld::panel=debug").expect("both parts can be read");
        assert_eq!(targets.default_level(), Some(LevelFilter::INFO));
        let debug = LevelFilter::DEBUG.into_level().expect("a level");
        assert!(targets.would_enable("tilld::panel", &debug));
        assert!(!targets.would_enable("tilld::mqtt", &debug));
        assert_eq!(read("debug").and_then(|targets| targets.default_level()), Some(LevelFilter::DEBUG));
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_was_not_set() {
        assert!(read("").is_none() && read(" ").is_none());
        assert!(read("tilld=loud").is_none());
    }
}
