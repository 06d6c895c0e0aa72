//! What a counter has beside its display: keypads, keyboards and barcode scanners, found when they are plugged in and
//! taken for the till alone, and a cash register on a serial line. Each asks through the port, as the API does. It must not know what keys do.

mod device;
mod hand;
mod keys;
mod record;
mod scan;
mod seat;
mod serial;
#[cfg(test)]
mod tests;
mod watch;

use crate::config::{Keypad, Settings};
use crate::port::Port;

use seat::{Seats, Use};
use serial::Register;

/// Where Linux keeps its input devices.
const FOLDER: &str = "/dev/input";

/// Listens to what the configuration names for as long as the runtime runs; needs one.
pub fn start(port: &Port, settings: &Settings) {
    if let Some(register) = Register::of(settings) {
        tokio::spawn(serial::listen(register, port.clone()));
    }
    if !settings.scanners.is_empty() {
        let scanners = Seats::named(settings.scanners.clone());
        tokio::spawn(scanners.listen(Use::References, port.clone(), device::open, seat::RETRY));
    }
    let seats = match &settings.keypad {
        Keypad::None => return,
        Keypad::Auto => Seats::every(FOLDER.into(), settings.scanners.clone()),
        Keypad::Devices(paths) => Seats::named(paths.clone()),
    };
    tokio::spawn(seats.listen(Use::Keys, port.clone(), device::open, seat::RETRY));
}
