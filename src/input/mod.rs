//! What a counter has beside its display: keypads and keyboards, found when they are plugged in and taken for the till
//! alone. Presses keys through the port, as the API does. It must not know what keys do.

mod device;
mod hand;
mod keys;
mod record;
mod seat;
#[cfg(test)]
mod tests;
mod watch;

use crate::config::Keypad;
use crate::port::Port;

use seat::Seats;

/// Where Linux keeps its input devices.
const FOLDER: &str = "/dev/input";

/// Listens to the keypads of the configuration for as long as the runtime runs; needs one.
pub fn start(port: Port, keypad: &Keypad) {
    let seats = match keypad {
        Keypad::None => return,
        Keypad::Auto => Seats::every(FOLDER.into()),
        Keypad::Devices(paths) => Seats::named(paths.clone()),
    };
    tokio::spawn(seats.listen(port, device::open, seat::RETRY));
}
