//! What a counter has beside its display: keypads and keyboards, found when they are plugged in and taken for the till
//! alone, and a cash register on a serial line. Each asks through the port, as the API does. It must not know what keys do.

mod device;
mod hand;
mod keys;
mod record;
mod seat;
mod serial;
#[cfg(test)]
mod tests;
mod watch;

use crate::config::{Keypad, Settings};
use crate::port::Port;

use seat::Seats;
use serial::Register;

/// Where Linux keeps its input devices.
const FOLDER: &str = "/dev/input";

/// Listens to what the configuration names for as long as the runtime runs; needs one.
pub fn start(port: &Port, settings: &Settings) {
    if let Some(register) = Register::of(settings) {
        tokio::spawn(serial::listen(register, port.clone()));
    }
    let seats = match &settings.keypad {
        Keypad::None => return,
        Keypad::Auto => Seats::every(FOLDER.into()),
        Keypad::Devices(paths) => Seats::named(paths.clone()),
    };
    tokio::spawn(seats.listen(port.clone(), device::open, seat::RETRY));
}
