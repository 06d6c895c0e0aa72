//! What a counter has beside its display: keypads, keyboards, barcode scanners and touch screens, found when they are plugged in and
//! taken for the till alone, and a cash register on a serial line. Each asks through the port, as the API does; only what is
//! touched goes to whoever knows what is to be seen there. It must not know what keys do.

mod device;
mod finger;
mod hand;
mod keys;
mod record;
mod scan;
mod seat;
mod serial;
#[cfg(test)]
mod tests;
mod watch;

use till_wire::fleet::MAX_CLAIM;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::config::{Keypad, Settings, TouchScreens};
use crate::port::Port;

pub use finger::Touched;
use seat::{Seats, Use};
use serial::Register;

/// Where Linux keeps its input devices.
const FOLDER: &str = "/dev/input";

/// Listens to what the configuration names for as long as the runtime runs; needs one. `touched` hears of fingers on touch
/// screens; none where there is no display to be touched.
pub fn start(port: &Port, settings: &Settings, touched: Option<mpsc::Sender<Touched>>) {
    if let Some(touched) = touched {
        feel(port, settings, touched);
    }
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

/// Reads texts, as a scanner or a person types them up to Enter, from every keypad and scanner that the configuration
/// names, until the returned tasks are dropped.
pub fn read_texts(settings: &Settings, texts: &mpsc::Sender<String>) -> JoinSet<()> {
    // Nobody asks through this port.
    let (port, _) = crate::port::port();
    let keypads = match &settings.keypad {
        Keypad::None => None,
        Keypad::Auto => Some(Seats::every(FOLDER.into(), settings.scanners.clone())),
        Keypad::Devices(paths) => Some(Seats::named(paths.clone())),
    };
    let scanners = (!settings.scanners.is_empty()).then(|| Seats::named(settings.scanners.clone()));
    let mut tasks = JoinSet::new();
    for seats in keypads.into_iter().chain(scanners) {
        tasks.spawn(seats.listen(Use::Texts(MAX_CLAIM, texts.clone()), port.clone(), device::open, seat::RETRY));
    }
    tasks
}

fn feel(port: &Port, settings: &Settings, touched: mpsc::Sender<Touched>) {
    let seats = match &settings.touch.screens {
        TouchScreens::None => return,
        TouchScreens::Auto => Seats::every(FOLDER.into(), Vec::new()),
        TouchScreens::Devices(paths) => Seats::named(paths.clone()),
    };
    tokio::spawn(seats.listen(Use::Fingers(touched), port.clone(), device::open_touch, seat::RETRY));
}
