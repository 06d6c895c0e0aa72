//! What a change of the screen costs on the bus, in bytes: `cargo test -p till-display --test spi cost -- --nocapture`
//! prints the table of docs/hardware.md.

use till_display::{Controller, Frame, Panel, Rotation, Screen, Theme, Type, draw};

use crate::module::{Module, glass};
use crate::samples::{Language, screens};
use crate::{assert_seen, panel, whole};

/// Returns what a counter shows one after the other, each with how it came.
fn sale() -> Vec<(&'static str, Screen)> {
    let all = screens(Language::Vietnamese);
    let named = |name: &str| all.iter().find(|(own, _)| *own == name).map(|(_, screen)| screen.clone()).expect(name);
    let typed = |digits: &str| {
        let mut screen = named("typing");
        if let Screen::Typing { amount, sum, .. } = &mut screen {
            (*amount, *sum) = (digits.to_owned(), String::new());
        }
        screen
    };
    let later = |ms: u64, time: &str| {
        let mut screen = named("code");
        if let Screen::Code { countdown, .. } = &mut screen {
            (countdown.left_ms, countdown.text) = (countdown.left_ms - ms, format!("Còn {time}"));
        }
        screen
    };
    let moved = |name: &str, steps: u32| {
        let mut screen = named(name);
        if let Screen::Paid { motion, .. } | Screen::Waiting { motion, .. } = &mut screen {
            *motion += steps;
        }
        screen
    };
    vec![
        ("first picture", named("idle")),
        ("idle to typing", typed("5 ₫")),
        ("a digit", typed("50 ₫")),
        ("typing to waiting", named("waiting")),
        ("a step of motion", moved("waiting", 1)),
        ("waiting to code", named("code")),
        ("a second of the countdown", later(1000, "3:31")),
        ("the next second", later(2000, "3:30")),
        ("code to PAID", named("paid")),
        ("a step of PAID", moved("paid", 1)),
        ("PAID to idle", named("idle")),
    ]
}

/// Returns the bytes of each change, and those of a whole picture.
fn costs(controller: Controller, rotation: Rotation) -> (Vec<(&'static str, usize)>, usize) {
    let glass = glass(controller, &whole(controller));
    let module = Module::new(glass.clone(), true);
    let mut panel = panel(&module, glass, rotation);
    let size = panel.size().expect("a size");
    let (mut frame, mut letters) = (Frame::new(size), Type::new());
    let (pixel, hertz) = (module.state().chip.sheet.pixel.bytes(), controller.clock_hz() as usize);
    let picture = size.width() as usize * size.height() as usize * pixel;
    println!("{controller:?} {size}, a picture has {picture} bytes, {} MHz:", hertz / 1_000_000);
    let mut costs = Vec::new();
    for (name, screen) in sale() {
        draw(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
        let before = module.state().chip.bytes;
        panel.show(&frame).expect("the module takes it");
        assert_seen(&module, &frame, rotation);
        let bytes = module.state().chip.bytes - before;
        println!("  {name:26} {bytes:7} bytes {:5} µs", bytes * 8 * 1_000_000 / hertz);
        costs.push((name, bytes));
    }
    (costs, picture)
}

#[test]
fn what_moves_costs_little_of_a_picture() {
    // In thousandths of a picture; what is not named changes all of it.
    let most = [
        ("a digit", 180),
        ("a step of motion", 60),
        ("a second of the countdown", 25),
        ("the next second", 25),
        ("a step of PAID", 120),
    ];
    for (controller, rotation) in [
        (Controller::St7789, Rotation::Deg0),
        (Controller::Ili9341, Rotation::Deg90),
        (Controller::Ili9488, Rotation::Deg0),
        (Controller::Ili9488, Rotation::Deg270),
    ] {
        let (costs, picture) = costs(controller, rotation);
        for (name, most) in most {
            let bytes = costs.iter().find(|(own, _)| *own == name).expect("it is in the sale").1;
            let bounds = 1..=picture * most / 1000;
            assert!(bounds.contains(&bytes), "{controller:?} {rotation:?}: {name} costs {bytes} bytes of {picture}");
        }
    }
}
