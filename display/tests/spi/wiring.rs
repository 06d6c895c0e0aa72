//! The real lines, where there are none.

use std::error::Error;

use till_display::{Controller, Frame, Panel, PanelError, Rotation, SpiPanel, Wiring};

use crate::module::glass;

fn wiring(device: &str, gpio_chip: &str) -> Wiring {
    Wiring {
        device: device.into(),
        speed_hz: 10_000_000,
        gpio_chip: gpio_chip.into(),
        dc: 25,
        reset: Some(24),
        backlight: None,
    }
}

fn refused(wiring: Wiring) -> PanelError {
    let glass = glass(Controller::St7789, "240x320");
    let mut panel = SpiPanel::new(wiring, glass, Rotation::Deg0).expect("the glass fits");
    let frame = Frame::new(panel.size().expect("it is what it is said to be"));
    panel.show(&frame).expect_err("there is no panel")
}

#[test]
fn p11_what_is_no_bus_is_neither_opened_nor_written() {
    let plain = std::env::temp_dir().join(format!("till-spi-{}", std::process::id()));
    std::fs::write(&plain, "precious").expect("a file");
    for path in ["/dev/null", "/dev", plain.to_str().expect("a path")] {
        let said = refused(wiring(path, "/dev/gpiochip0")).to_string();
        assert_eq!(said, format!("`{path}` is no SPI bus, expected a device such as `/dev/spidev0.0`"));
    }
    assert_eq!(std::fs::read(&plain).expect("the file"), b"precious");
    std::fs::remove_file(&plain).expect("the file");
}

#[test]
fn a_bus_that_is_not_there_is_an_error_that_says_what_to_do() {
    let error = refused(wiring("/dev/till-spidev-absent", "/dev/gpiochip0"));
    let said = error.to_string();
    assert!(said.contains("`/dev/till-spidev-absent`") && said.contains("group `spi`"), "{said}");
    assert!(error.source().is_some_and(|source| source.to_string().contains("No such file")), "{error:?}");
}

#[test]
fn a_glass_that_its_controller_cannot_hold_is_refused() {
    let cases = [
        (
            Controller::St7789,
            "320x240",
            (0, 0),
            "a panel of 320x240 at 0x0 does not fit the 240x320 pixels of its controller",
        ),
        (
            Controller::Ili9341,
            "240x320",
            (0, 1),
            "a panel of 240x320 at 0x1 does not fit the 240x320 pixels of its controller",
        ),
        (
            Controller::Ili9488,
            "320x480",
            (65535, 0),
            "a panel of 320x480 at 65535x0 does not fit the 320x480 pixels of its controller",
        ),
        (
            Controller::Ili9488,
            "4096x480",
            (0, 0),
            "a panel of 4096x480 at 0x0 does not fit the 320x480 pixels of its controller",
        ),
    ];
    for (controller, size, offset, said) in cases {
        let mut glass = glass(controller, size);
        glass.offset = offset;
        let error =
            SpiPanel::new(wiring("/dev/null", "/dev/null"), glass, Rotation::Deg0).expect_err("it does not fit");
        assert_eq!(error.to_string(), said);
    }
}
