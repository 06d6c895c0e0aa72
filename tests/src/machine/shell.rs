//! Commands for a machine whose system has a shell on the second serial line (`whole/shell.sh`). It must not know what is
//! commanded.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::PATIENCE;
use crate::wait::{SOON, wait_for};

/// The longest commands, in bytes: what the line takes without losing any.
const LONGEST: usize = 4096;

/// The most that is heard of what commands print and of what they complain, in bytes each; more is cut off.
pub const MOST_HEARD: u64 = 65_536;

/// The shell of a machine.
#[derive(Debug)]
pub struct Shell {
    line: BufReader<UnixStream>,
    ready: bool,
}

/// How commands ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The exit code of the last; 124 when they took more than 100 s.
    pub status: i32,
    /// What they printed, at most [`MOST_HEARD`] bytes.
    pub printed: String,
    /// What they complained (stderr), at most as much.
    pub complained: String,
}

impl Shell {
    /// Connects to the line, as soon as the emulator has it.
    ///
    /// # Panics
    /// When there is none.
    pub fn connect(socket: &Path) -> Self {
        let line = wait_for("the emulator has a second serial line", SOON * 2, || {
            UnixStream::connect(socket).map_err(|error| error.to_string())
        });
        let limited = line.set_read_timeout(Some(PATIENCE)).and_then(|()| line.set_write_timeout(Some(PATIENCE)));
        limited.unwrap_or_else(|error| panic!("the line's socket takes no limit: {error}"));
        Self { line: BufReader::new(line), ready: false }
    }

    /// Runs commands as root, with `sh`, and returns how they ended. Waits for the system to boot that far.
    ///
    /// # Panics
    /// When the machine does not answer.
    #[track_caller]
    pub fn run(&mut self, commands: &str) -> Output {
        assert!(commands.len() <= LONGEST, "commands are at most {LONGEST} bytes long: {commands}");
        while !self.ready {
            self.ready = self.hear_line("the shell begins") == "ready";
        }
        let word = format!("{:08x}", fastrand::u32(..));
        let said = write!(self.line.get_mut(), "{word} {}\n{commands}", commands.len());
        said.unwrap_or_else(|error| panic!("cannot tell the machine `{commands}`: {error}"));
        loop {
            let line = self.hear_line(commands);
            let mut parts = line.split(' ');
            if parts.next() == Some(&word) {
                let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
                let numbers = (number(), number(), number());
                let (Some(status), Some(printed), Some(complained)) = numbers else {
                    panic!("the machine answers `{line}` to `{commands}`")
                };
                let (printed, complained) = (self.hear(printed, commands), self.hear(complained, commands));
                return Output { status: i32::try_from(status).unwrap_or(i32::MAX), printed, complained };
            }
        }
    }

    /// Runs commands that must end well, and returns what they printed, without the last line's end.
    ///
    /// # Panics
    /// When they do not end well.
    #[track_caller]
    pub fn succeed(&mut self, commands: &str) -> String {
        let output = self.run(commands);
        assert_eq!(output.status, 0, "`{commands}` fails in the machine: {output:?}");
        output.printed.trim_end().to_owned()
    }

    #[track_caller]
    fn hear_line(&mut self, awaited: &str) -> String {
        let mut line = String::new();
        let heard = self.line.by_ref().take(MOST_HEARD).read_line(&mut line);
        assert!(matches!(heard, Ok(1..)), "the machine's shell is silent ({heard:?}), waiting for: {awaited}");
        line.trim_end().to_owned()
    }

    #[track_caller]
    fn hear(&mut self, length: u32, commands: &str) -> String {
        let length = u64::from(length).min(MOST_HEARD);
        let mut bytes = Vec::new();
        let heard = self.line.by_ref().take(length).read_to_end(&mut bytes);
        assert!(heard.is_ok(), "the machine's answer to `{commands}` breaks off: {heard:?}");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
