//! What is seen on every controller, however the glass hangs and is turned; and when nothing is written.

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;
use till_display::{ColourOrder, Controller, Frame, Panel, PanelError, Rotation, Size};

use crate::module::{Module, glass};
use crate::sheet::{CASET, RAMWR, RASET, SLPIN, SWRESET};
use crate::{CONTROLLERS, ROTATIONS, assert_fine, assert_seen, panel, whole};

/// Returns a frame in which every place has a colour of its own, nearly.
pub(crate) fn noise(size: Size, seed: u32) -> Frame {
    let mut frame = Frame::new(size);
    let all = Rectangle::new(Point::zero(), Extent::new(size.width(), size.height()));
    let mut state = seed | 1;
    let colours = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        Rgb888::new(red, green, blue)
    });
    let Ok(()) = frame.fill_contiguous(&all, colours.take((size.width() * size.height()) as usize));
    frame
}

/// Fills a rectangle.
pub(crate) fn fill(frame: &mut Frame, x: i32, y: i32, width: u32, height: u32) {
    let Ok(()) = frame.fill_solid(&Rectangle::new(Point::new(x, y), Extent::new(width, height)), Rgb888::RED);
}

#[test]
fn every_controller_shows_the_frame_however_it_is_turned() {
    for controller in CONTROLLERS {
        for rotation in ROTATIONS {
            for has_reset in [true, false] {
                let glass = glass(controller, &whole(controller));
                let module = Module::new(glass.clone(), has_reset);
                let mut panel = panel(&module, glass, rotation);
                let mut frame = noise(panel.size().expect("a size"), 7);
                assert!(!module.is_lit());
                panel.show(&frame).expect("the module takes it");
                assert_seen(&module, &frame, rotation);
                fill(&mut frame, 3, 5, 40, 30);
                fill(&mut frame, 100, 200, 7, 9);
                panel.show(&frame).expect("the module takes it");
                assert_seen(&module, &frame, rotation);
                assert_eq!(module.state().chip.commands.contains(&SWRESET), !has_reset);
            }
        }
    }
}

#[test]
fn the_glass_may_be_a_part_of_the_memory_and_hang_as_it_likes() {
    let cases = [
        (Controller::St7789, "240x240", (0, 80)),
        (Controller::St7789, "240x280", (0, 20)),
        (Controller::Ili9341, "240x300", (0, 7)),
        (Controller::Ili9488, "300x420", (15, 33)),
    ];
    for (controller, size, offset) in cases {
        for bits in 0..8 {
            let mut glass = glass(controller, size);
            glass.offset = offset;
            glass.inverted = bits & 1 != 0;
            glass.mirrored = bits & 2 != 0;
            glass.colours = if bits & 4 != 0 { ColourOrder::Bgr } else { ColourOrder::Rgb };
            let module = Module::new(glass.clone(), true);
            let mut panel = panel(&module, glass, Rotation::Deg90);
            let frame = noise(panel.size().expect("a size"), bits + 1);
            panel.show(&frame).expect("the module takes it");
            assert_seen(&module, &frame, Rotation::Deg90);
        }
    }
}

#[test]
fn a_panel_that_is_told_wrong_of_its_glass_shows_something_else() {
    let truth = glass(Controller::St7789, "240x240");
    let wrong = [
        ("offset", till_display::Glass { offset: (0, 1), ..truth.clone() }),
        ("inverted", till_display::Glass { inverted: false, ..truth.clone() }),
        ("mirrored", till_display::Glass { mirrored: true, ..truth.clone() }),
        ("colours", till_display::Glass { colours: ColourOrder::Bgr, ..truth.clone() }),
    ];
    for (key, told) in wrong {
        let module = Module::new(truth.clone(), true);
        let mut panel = panel(&module, told, Rotation::Deg0);
        let frame = noise(panel.size().expect("a size"), 3);
        panel.show(&frame).expect("the module takes it");
        assert!(module.differs(&frame, Rotation::Deg0).is_some(), "{key} makes no difference");
    }
}

#[test]
fn a_frame_that_is_shown_already_writes_nothing() {
    let glass = glass(Controller::Ili9341, "240x320");
    let module = Module::new(glass.clone(), true);
    let mut panel = panel(&module, glass, Rotation::Deg270);
    let mut frame = noise(panel.size().expect("a size"), 5);
    panel.show(&frame).expect("the module takes it");
    let sent = module.state().sent;
    let bytes = module.state().chip.bytes;
    panel.show(&frame).expect("it is there");
    assert_eq!(module.state().sent, sent, "neither a byte nor a level");
    fill(&mut frame, 50, 60, 1, 1);
    panel.show(&frame).expect("the module takes it");
    let state = module.state();
    assert_eq!(state.chip.commands.get(state.chip.commands.len() - 3..), Some([CASET, RASET, RAMWR].as_slice()));
    assert_eq!(state.chip.bytes - bytes, 5 + 5 + 1 + 2, "one pixel and where it goes");
}

#[test]
fn the_glass_is_dark_once_nobody_draws_any_more() {
    for controller in CONTROLLERS {
        let glass = glass(controller, "240x320");
        let module = Module::new(glass.clone(), false);
        let mut panel = panel(&module, glass, Rotation::Deg0);
        let size = panel.size().expect("a size");
        panel.show(&noise(size, 5)).expect("the module takes it");
        assert!(module.is_lit());
        drop(panel);
        assert!(!module.is_lit());
        assert_eq!(module.state().chip.commands.last(), Some(&SLPIN));
        assert!(!module.state().chip.is_lit, "the light is off");
        assert_fine(&module);
    }
}

#[test]
fn a_frame_of_another_size_is_refused_and_nothing_sent() {
    let glass = glass(Controller::Ili9341, "240x320");
    let module = Module::new(glass.clone(), true);
    let mut panel = panel(&module, glass, Rotation::Deg90);
    let error = panel.show(&noise("240x320".parse().expect("a size"), 1)).expect_err("it is turned");
    assert!(matches!(error, PanelError::WrongSize { .. }), "{error}");
    assert_eq!(error.to_string(), "a frame of 240x320 does not fit a panel of 320x240");
    assert_eq!(module.state().sent, 0);
}
