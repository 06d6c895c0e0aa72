//! Measures keys: from before a digit is pressed to the picture that has it. It presses the keys of the API, which go the
//! same way as those of a keypad from the port on; what a keypad's bytes take to get there is in docs/hardware.md.

use std::thread;
use std::time::Duration;

use crate::Fault;
use crate::clock;
use crate::figure::{Figure, Unit};
use crate::terminal::{Counter, wait};

/// The pause of somebody who types: two pictures within it could be of one key.
const PAUSE: Duration = Duration::from_millis(150);
/// So many digits are typed before all are cleared.
const DIGITS: usize = 8;

/// Presses `count` digits after a few that warm up.
pub(crate) fn measure(counter: &Counter, count: usize) -> Result<Vec<Figure>, Fault> {
    let mut running = counter.start();
    running.wait_ready()?;
    let mut panel = Figure::new("key → digit handed to the panel", Unit::Ms);
    let mut file = Figure::new("key → digit in the file", Unit::Ms).aim(33.0);
    let warm_up = count.min(DIGITS);
    for round in 0..warm_up + count {
        if round % DIGITS == 0 {
            running.press("escape")?;
        }
        thread::sleep(PAUSE);
        counter.forget();
        let pressed = clock::now();
        running.press("7")?;
        let seen = wait("the digit is there", || counter.pictures.since(pressed).first().map(|seen| seen.at))?;
        let handed = counter.handed_since(pressed).into_iter().map(|handed| handed.at).find(|at| *at <= seen);
        let handed = handed.ok_or("tilld does not say when it hands pictures to the panel")?;
        if round >= warm_up {
            panel.add(handed.ms_since(pressed));
            file.add(seen.ms_since(pressed));
        }
    }
    running.press("escape")?;
    running.stop();
    Ok(vec![panel, file])
}
