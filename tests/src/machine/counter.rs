//! What a counter is made of. It must not know how it is booted.

use super::emulator::Card;

/// A counter before it is set up.
#[derive(Clone, Debug)]
pub struct Counter {
    /// `display.driver`.
    pub driver: &'static str,
    /// The graphics card.
    pub card: Card,
    /// Its pixels.
    pub pixels: (u32, u32),
    /// What runs beside the till.
    pub system: System,
    /// Whether it can be heard; only the small system has a voice.
    pub has_loudspeaker: bool,
    /// Whether a finger can be had at its display, and commands can be given; the whole system takes commands anyway.
    pub has_finger: bool,
}

/// What runs in a machine beside the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// The till is started by the machine's first process, and has the machine for itself.
    Small,
    /// Debian with systemd, where the till is not yet installed: an installer has what he needs in
    /// [`LUGGAGE`](super::whole::LUGGAGE), and tests may run commands.
    Whole,
    /// The same twice, where the till is set up: RAUC's [slots](super::slots).
    Slots,
}
