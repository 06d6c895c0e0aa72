//! Which log lines are written: what `RUST_LOG` says, or else lines of one level and above. It must not know where they
//! go.

use std::env;

use tracing_subscriber::filter::{LevelFilter, Targets};

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

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::LevelFilter;

    use super::read;

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
