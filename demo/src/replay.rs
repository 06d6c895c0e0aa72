//! `--replay FILE`: a recording of a till is run through a till again, and every step is printed. It must not know how
//! a till decides.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use tilld::flight::{Difference, Ends, Outcome, Replayed, Stop, Verdict, read, replay};

use crate::agree::chain;

/// Every step went the same way.
const SAME: u8 = 0;
/// A step went another way.
const DIFFERENT: u8 = 1;
/// The recording cannot be read, or not be replayed.
const UNREADABLE: u8 = 2;

/// Runs a recording and prints every step; the exit code says whether all went the same way.
pub fn run(file: &Path) -> ExitCode {
    ExitCode::from(print(file, &mut io::stdout().lock()))
}

/// Does it into any writer. One who stops listening does not change what comes of it.
pub(crate) fn print(file: &Path, out: &mut dyn Write) -> u8 {
    let flight = match read(file) {
        Ok(flight) => flight,
        Err(error) => {
            eprintln!("till-demo: {}", chain(&error));
            return UNREADABLE;
        }
    };
    // Nobody reads a panic that is expected twice; the last line says it.
    let _ = writeln!(out, "recorded by tilld {}, replayed by tilld {}", flight.program, env!("CARGO_PKG_VERSION"));
    let replayed = replay(flight, |stop| drop(print_stop(stop, out)));
    let _ = print_end(&replayed, out);
    match replayed.verdict {
        Verdict::Different(_) => DIFFERENT,
        Verdict::Same if replayed.skipped > 0 && replayed.steps == 0 => UNREADABLE,
        Verdict::Same => SAME,
    }
}

fn print_stop(stop: &Stop, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>5}  {}", stop.line, stop.what)?;
    stop.did.as_ref().map_or(Ok(()), |did| print_outcome(did, out))
}

fn print_outcome(did: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for write in &did.writes {
        writeln!(out, "         write    {write}")?;
    }
    for effect in &did.effects {
        writeln!(out, "         do       {effect}")?;
    }
    writeln!(out, "         display  {}", did.display)
}

fn print_end(replayed: &Replayed, out: &mut dyn Write) -> io::Result<()> {
    let Replayed { steps, skipped, torn, unfinished, verdict } = replayed;
    writeln!(out)?;
    if let Some(line) = torn {
        writeln!(out, "line {line} is not whole (the power went, or the disk was full): all before it was replayed")?;
    }
    if *skipped > 0 {
        writeln!(out, "{skipped} events could not be replayed: the terminal knew more than a recording holds")?;
    }
    match unfinished.map(|unfinished| (unfinished.line, unfinished.now)) {
        Some((line, Ends::Badly)) => writeln!(out, "line {line} ended the program, and does so again")?,
        Some((line, Ends::Well)) => writeln!(out, "the recording ends before the outcome of line {line}")?,
        None => {}
    }
    match verdict {
        Verdict::Same => writeln!(out, "every one of {steps} steps went the same way"),
        Verdict::Different(difference) => print_difference(difference, out),
    }
}

fn print_difference(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let Difference { line, then, now } = difference;
    writeln!(out, "then, at line {line}:")?;
    print_outcome(then, out)?;
    writeln!(out, "now:")?;
    match now {
        Some(now) => print_outcome(now, out)?,
        None => writeln!(out, "         the till panicked")?,
    }
    writeln!(out, "not every step went the same way: line {line} went another")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn case() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/flight/tests/cases/paid_by_webhook.jsonl")
    }

    fn printed(file: &Path) -> (u8, String) {
        let mut out = Vec::new();
        let code = print(file, &mut out);
        (code, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_kept_case_goes_the_same_way() {
        let (code, said) = printed(&case());
        assert!(code == SAME && said.trim_end().ends_with("steps went the same way"), "{said}");
    }

    #[test]
    fn another_outcome_is_printed_beside_the_first() {
        let text =
            fs::read_to_string(case()).expect("the case is there").replace("\"display\":\"paid", "\"display\":\"idle");
        let file = std::env::temp_dir().join(format!("till-demo-replay-{}.jsonl", std::process::id()));
        fs::write(&file, text).expect("the system has room");
        let (code, said) = printed(&file);
        drop(fs::remove_file(&file));
        assert!(code == DIFFERENT && said.contains("then, at line") && said.contains("now:"), "{said}");
        assert_eq!(printed(&file).0, UNREADABLE);
    }
}
