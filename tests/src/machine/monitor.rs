//! What a person can do at a machine that is emulated: press its keys and photograph its screen, through qemu's monitor
//! (QMP). It must not know what runs in the machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use super::PATIENCE;
use crate::wait::{SOON, wait_for};

/// The longest line that a monitor may say, in bytes.
const LONGEST_LINE: u64 = 256 * 1024;

/// A connection to a monitor.
#[derive(Debug)]
pub struct Monitor {
    line: BufReader<UnixStream>,
}

impl Monitor {
    /// Connects as soon as the emulator listens.
    ///
    /// # Panics
    /// When it does not, or speaks something else.
    pub fn connect(socket: &Path) -> Self {
        let line = wait_for("the emulator's monitor listens", SOON * 2, || {
            UnixStream::connect(socket).map_err(|error| error.to_string())
        });
        let limited = line.set_read_timeout(Some(PATIENCE)).and_then(|()| line.set_write_timeout(Some(PATIENCE)));
        limited.unwrap_or_else(|error| panic!("the monitor's socket takes no limit: {error}"));
        let mut monitor = Self { line: BufReader::new(line) };
        let hello = monitor.hear();
        assert!(hello["QMP"].is_object(), "this is no monitor: {hello}");
        monitor.order("qmp_capabilities", &json!({}));
        monitor
    }

    /// Gives an order and returns its answer.
    ///
    /// # Panics
    /// When the emulator refuses it or says nothing.
    #[track_caller]
    pub fn order(&mut self, name: &str, arguments: &Value) -> Value {
        let order = json!({ "execute": name, "arguments": arguments });
        let given = self.line.get_mut().write_all(format!("{order}\n").as_bytes());
        given.unwrap_or_else(|error| panic!("cannot order `{name}`: {error}"));
        loop {
            // News stands between the answers.
            let mut said = self.hear();
            if said.get("event").is_none() {
                assert!(said.get("error").is_none(), "the emulator refuses {order}: {said}");
                return said["return"].take();
            }
        }
    }

    /// Presses keys one after the other, each for a tenth of a second, by their names in qemu's `QKeyCode`, such as
    /// `kp_7` or `kp_enter`.
    #[track_caller]
    pub fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.order("send-key", &json!({ "keys": [{ "type": "qcode", "data": key }] }));
        }
    }

    /// Writes what the screen shows as a PNG, pixel by pixel.
    #[track_caller]
    pub fn photograph(&mut self, to: &Path) {
        self.order("screendump", &json!({ "filename": to, "format": "png" }));
    }

    #[track_caller]
    fn hear(&mut self) -> Value {
        let mut line = String::new();
        let heard = self.line.by_ref().take(LONGEST_LINE).read_line(&mut line);
        let said = heard.ok().and_then(|_| serde_json::from_str(&line).ok());
        said.unwrap_or_else(|| panic!("the emulator's monitor says `{line}`"))
    }
}
