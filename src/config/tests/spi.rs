//! A panel on an SPI bus: its defaults, its keys, and the line of each fault. It must not open anything.

use till_display::{ColourOrder, Controller, Glass, Wiring};

use super::{SMALLEST, settings};
use crate::config::{Driver, Spi};

/// A file with these lines in `[display]` and these in `[display.spi]`.
fn with(display: &[&str], spi: &[&str]) -> String {
    let table = format!("[display]\ndriver = \"spi\"\n{}\n[display.spi]\n{}\n", display.join("\n"), spi.join("\n"));
    SMALLEST.replace("[display]\ndriver = \"none\"\n", &table)
}

fn taken(display: &[&str], spi: &[&str]) -> Result<Spi, Vec<String>> {
    settings(&with(display, spi)).map(|settings| {
        let Driver::Spi(spi) = settings.display.driver else {
            unreachable!("it is an SPI panel");
        };
        spi
    })
}

fn size(text: &str) -> till_display::Size {
    text.parse().expect("a size")
}

#[test]
fn no_console_can_be_seen_on_such_a_panel() {
    let text = with(&["console = \"/dev/tty7\""], &["controller = \"st7789\"", "dc = 25"]);
    let display = settings(&text).expect("it is right").display;
    assert_eq!(display.console.device(&display.driver), None);
}

#[test]
fn a_panel_is_as_most_with_its_controller_are() {
    let st7789 = Spi {
        glass: Glass {
            controller: Controller::St7789,
            size: size("240x320"),
            offset: (0, 0),
            inverted: true,
            mirrored: false,
            colours: ColourOrder::Rgb,
        },
        wiring: Wiring {
            device: "/dev/spidev0.0".into(),
            speed_hz: 15_000_000,
            gpio_chip: "/dev/gpiochip0".into(),
            dc: 25,
            reset: None,
            backlight: None,
        },
    };
    assert_eq!(taken(&[], &["controller = \"st7789\"", "dc = 25"]), Ok(st7789.clone()));
    for (word, controller, pixels, speed_hz) in [
        ("ili9341", Controller::Ili9341, "240x320", 10_000_000),
        ("ili9488", Controller::Ili9488, "320x480", 20_000_000),
    ] {
        let want = Spi {
            glass: Glass {
                controller,
                size: size(pixels),
                inverted: false,
                mirrored: true,
                colours: ColourOrder::Bgr,
                ..st7789.glass.clone()
            },
            wiring: Wiring { speed_hz, ..st7789.wiring.clone() },
        };
        assert_eq!(taken(&[], &[&format!("controller = {word:?}"), "dc = 25"]), Ok(want));
    }
}

#[test]
fn everything_of_a_panel_can_be_said() {
    let display = ["device = \"/dev/spidev1.2\"", "size = \"240x240\""];
    let spi = [
        "controller = \"st7789\"",
        "offset = \"0x80\"",
        "invert = false",
        "mirror = true",
        "colours = \"bgr\"",
        "speed_hz = 40000000",
        "gpio_chip = \"/dev/gpiochip4\"",
        "dc = 0",
        "reset = 24",
        "backlight = 1023",
    ];
    let want = Spi {
        glass: Glass {
            controller: Controller::St7789,
            size: size("240x240"),
            offset: (0, 80),
            inverted: false,
            mirrored: true,
            colours: ColourOrder::Bgr,
        },
        wiring: Wiring {
            device: "/dev/spidev1.2".into(),
            speed_hz: 40_000_000,
            gpio_chip: "/dev/gpiochip4".into(),
            dc: 0,
            reset: Some(24),
            backlight: Some(1023),
        },
    };
    assert_eq!(taken(&display, &spi), Ok(want));
}

#[test]
fn a_panel_needs_a_controller_and_a_data_line() {
    let missing = [
        "f: display.spi.controller = (missing): expected st7789 | ili9341 | ili9488",
        "f: display.spi.dc = (missing): expected a whole number from 0 to 1023",
    ];
    assert_eq!(taken(&[], &[]), Err(missing.map(str::to_owned).to_vec()));
    let without = SMALLEST.replace("driver = \"none\"", "driver = \"spi\"");
    assert_eq!(settings(&without).map(drop), Err(missing.map(str::to_owned).to_vec()));
}

#[test]
fn each_wrong_value_of_a_panel_has_its_line() {
    let offset = "expected COLUMNSxROWS such as \"0x80\", each 0 to 479";
    let cases = [
        ("offset = \"80\"", format!("offset = \"80\": {offset}")),
        ("offset = \"0x480\"", format!("offset = \"0x480\": {offset}")),
        ("offset = \"+1x0\"", format!("offset = \"+1x0\": {offset}")),
        ("invert = 1", "invert = 1: expected true or false".to_owned()),
        ("mirror = \"no\"", "mirror = \"no\": expected true or false".to_owned()),
        ("colours = \"grb\"", "colours = \"grb\": expected rgb | bgr".to_owned()),
        ("speed_hz = 999999", "speed_hz = 999999: expected a whole number from 1000000 to 80000000".to_owned()),
        ("speed_hz = 80000001", "speed_hz = 80000001: expected a whole number from 1000000 to 80000000".to_owned()),
        ("gpio_chip = 0", "gpio_chip = 0: expected a path".to_owned()),
        ("reset = 1024", "reset = 1024: expected a whole number from 0 to 1023".to_owned()),
        ("reset = 25", "reset = 25: expected another line than dc".to_owned()),
        ("backlight = 25", "backlight = 25: expected another line than dc and reset".to_owned()),
        ("backlight = -1", "backlight = -1: expected a whole number from 0 to 1023".to_owned()),
        ("busy = 17", "busy = 17: expected no such key: it is not known here".to_owned()),
    ];
    for (line, said) in cases {
        let faults = taken(&[], &["controller = \"ili9341\"", "dc = 25", line]);
        assert_eq!(faults, Err(vec![format!("f: display.spi.{said}")]));
    }
    let epaper = taken(&[], &["controller = \"epd4in2\"", "dc = 25"]);
    let said = "f: display.spi.controller = \"epd4in2\": expected st7789 | ili9341 | ili9488";
    assert_eq!(epaper, Err(vec![said.to_owned()]));
}

#[test]
fn a_panel_that_its_controller_cannot_hold_is_a_fault() {
    let cases: [(&[&str], &str, &str, &str); 3] = [
        (&["size = \"800x480\""], "0x0", "st7789", "\"800x480\": expected with spi.offset at most 240x320"),
        (&["size = \"320x480\""], "0x1", "ili9488", "\"320x480\": expected with spi.offset at most 320x480"),
        (&[], "0x80", "st7789", "(missing): expected with spi.offset at most 240x320"),
    ];
    for (display, offset, controller, said) in cases {
        let spi = [format!("controller = {controller:?}"), format!("offset = {offset:?}"), "dc = 25".to_owned()];
        let spi: Vec<_> = spi.iter().map(String::as_str).collect();
        let want = format!("f: display.size = {said}, the controller's memory");
        assert_eq!(taken(display, &spi), Err(vec![want]));
    }
}

#[test]
fn another_driver_reads_the_panel_and_leaves_it() {
    let file = with(&["size = \"800x480\""], &["controller = \"st7789\"", "dc = 25"]);
    let file = file.replace("driver = \"spi\"", "driver = \"fbdev\"");
    let driver = settings(&file).map(|settings| settings.display.driver);
    assert_eq!(driver, Ok(Driver::Fbdev { device: "/dev/fb0".into() }));
    let wrong = file.replace("dc = 25", "dc = \"25\"");
    let said = "f: display.spi.dc = \"25\": expected a whole number from 0 to 1023";
    assert_eq!(settings(&wrong).map(drop), Err(vec![said.to_owned()]));
}

#[test]
fn what_the_shipped_file_says_of_a_panel_is_what_it_is_when_nothing_is_said() {
    let (_, rest) = include_str!("../../../config/tilld.toml").split_once("#[display.spi]").expect("it is there");
    let (table, _) = rest.split_once("\n[").expect("it is not the last");
    let keys = table.lines().filter_map(|line| line.strip_prefix('#')).filter(|line| !line.starts_with(' '));
    let keys: Vec<_> = keys.collect();
    assert_eq!(keys.len(), 10, "{keys:?}");
    let bare = taken(&[], &["controller = \"ili9341\"", "dc = 25", "reset = 24", "backlight = 18"]);
    assert_eq!(taken(&[], &keys), bare);
    assert!(bare.is_ok());
}
