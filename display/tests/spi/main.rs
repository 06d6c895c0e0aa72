//! The SPI panels on a bus that is none: the stream of commands is judged by the controllers' data sheets, and what a
//! customer would see is compared with the frame.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod chip;
mod cost;
mod faults;
mod judge;
mod module;
mod pictures;
#[path = "../samples/mod.rs"]
mod samples;
mod sheet;
mod wiring;

use module::Module;
use till_display::{Controller, Frame, Glass, Rotation, SpiPanel};

const CONTROLLERS: [Controller; 3] = [Controller::St7789, Controller::Ili9341, Controller::Ili9488];

const ROTATIONS: [Rotation; 4] = [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270];

/// Returns the size of a controller's whole memory.
fn whole(controller: Controller) -> String {
    let (columns, rows) = controller.memory();
    format!("{columns}x{rows}")
}

/// Returns a panel on this module, which is told the truth about its glass.
fn panel(module: &Module, glass: Glass, rotation: Rotation) -> SpiPanel<Module> {
    SpiPanel::new(module.clone(), glass, rotation).expect("the glass fits")
}

#[track_caller]
fn assert_seen(module: &Module, frame: &Frame, rotation: Rotation) {
    assert_eq!(module.differs(frame, rotation), None);
    assert!(module.is_lit());
    assert_fine(module);
}

#[track_caller]
fn assert_fine(module: &Module) {
    let chip = &module.state().chip;
    assert_eq!(chip.objections, [""; 0]);
    assert!(!chip.lit_too_early, "the light is on before the picture is whole");
}
