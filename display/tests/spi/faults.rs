//! A bus or a line that fails, at every single transfer: the panel says so, is dark, and comes back whole.

use std::error::Error;

use till_display::{Panel, PanelError, Rotation};

use crate::module::{Module, glass};
use crate::pictures::{fill, noise};
use crate::{CONTROLLERS, assert_fine, assert_seen, panel};

/// Shows two frames with a fault at one transfer; returns whether it was reached.
fn shows_in_spite_of_a_fault_at(transfer: usize, module: &Module, glass: till_display::Glass) -> bool {
    let mut panel = panel(module, glass, Rotation::Deg180);
    let size = panel.size().expect("a size");
    module.state().fails_at = Some(transfer);
    let mut failed = 0;
    let whole = noise(size, 1);
    let mut part = whole.clone();
    fill(&mut part, 20, 30, 50, 40);
    for frame in [whole, part] {
        if let Err(error) = panel.show(&frame) {
            failed += 1;
            let PanelError::Untaken { path, source, .. } = &error else { panic!("{error}") };
            assert_eq!(
                (path.to_str(), source.to_string().as_str()),
                (Some("/dev/spidev-module"), "the line is broken")
            );
            assert!(!module.is_lit(), "transfer {transfer}: what is on the glass is not known");
            panel.show(&frame).expect("the module takes it");
        }
        assert_seen(module, &frame, Rotation::Deg180);
    }
    assert!(failed <= 1);
    failed == 1
}

#[test]
fn after_a_fault_at_any_transfer_the_panel_is_dark_and_then_whole_again() {
    for (controller, has_reset) in CONTROLLERS.into_iter().zip([true, false, true]) {
        let glass = glass(controller, "240x240");
        let mut reached = 0;
        while shows_in_spite_of_a_fault_at(reached, &Module::new(glass.clone(), has_reset), glass.clone()) {
            reached += 1;
        }
        // A whole picture alone takes 29 transfers of 4096 bytes at two bytes a pixel.
        assert!(reached > 70, "only {reached} transfers were tried");
    }
}

#[test]
fn a_module_whose_lines_another_holds_is_tried_again() {
    let glass = glass(CONTROLLERS[0], "240x240");
    let module = Module::new(glass.clone(), true);
    let mut other = panel(&module, glass.clone(), Rotation::Deg0);
    let frame = noise(other.size().expect("a size"), 1);
    other.show(&frame).expect("the module takes it");
    let mut panel = panel(&module, glass, Rotation::Deg0);
    for _ in 0..2 {
        let error = panel.show(&frame).expect_err("the lines are held");
        assert_eq!(error.to_string(), "cannot use `/dev/spidev-module` as the panel's lines");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("busy"));
    }
    drop(other);
    panel.show(&frame).expect("the lines are free");
    assert_seen(&module, &frame, Rotation::Deg0);
    drop(panel);
    assert_fine(&module);
}
