//! `[display.spi]`: the panel on an SPI bus, and the lines to it. It must not open them.

use std::path::PathBuf;

use till_display::{ColourOrder, Controller, Glass, Wiring};
use till_settings::{Table, one_of, parsed, path, switch, whole};

use super::Size;

/// A panel on an SPI bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spi {
    /// What it is; it fits its controller.
    pub glass: Glass,
    /// How it is connected; no line has two tasks.
    pub wiring: Wiring,
}

/// The clocks that are taken, in Hz: below, a picture takes seconds; above, no such controller is sold.
const SPEED_HZ: std::ops::RangeInclusive<u64> = 1_000_000..=80_000_000;

/// The highest number of a line; a chip has some dozens or a few hundred.
const HIGHEST_LINE: u64 = 1023;

impl Spi {
    /// Takes the table. The size is that of the controller until [`Spi::with_size`] is told another.
    pub(super) fn take(table: &Table, device: PathBuf) -> Option<Self> {
        let controllers =
            [("st7789", Controller::St7789), ("ili9341", Controller::Ili9341), ("ili9488", Controller::Ili9488)];
        let controller = table.required("controller", one_of(controllers));
        // As most modules with this controller are.
        let is_st7789 = controller == Some(Controller::St7789);
        let offset = table.or("offset", (0, 0), parsed("COLUMNSxROWS such as \"0x80\", each 0 to 479", offset));
        let inverted = table.or("invert", is_st7789, switch());
        let mirrored = table.or("mirror", !is_st7789, switch());
        let orders = [("rgb", ColourOrder::Rgb), ("bgr", ColourOrder::Bgr)];
        let usual = if is_st7789 { ColourOrder::Rgb } else { ColourOrder::Bgr };
        let colours = table.or("colours", usual, one_of(orders));
        let usual = controller.unwrap_or(Controller::St7789).clock_hz();
        let speed_hz = table.or("speed_hz", usual, whole(SPEED_HZ).then(|hertz| u32::try_from(hertz).ok()));
        let gpio_chip = table.or("gpio_chip", "/dev/gpiochip0", path());
        let line = || whole(0..=HIGHEST_LINE).then(|number| u32::try_from(number).ok());
        let dc = table.required("dc", line());
        let (reset, backlight) = (table.optional("reset", line()), table.optional("backlight", line()));
        if reset.is_some() && reset == dc {
            table.fault("reset", "another line than dc");
        }
        if backlight.is_some() && (backlight == dc || backlight == reset) {
            table.fault("backlight", "another line than dc and reset");
        }
        let controller = controller?;
        let (width, height) = controller.memory();
        let size = till_display::Size::new(width.into(), height.into()).ok()?;
        let glass = Glass { controller, size, offset, inverted, mirrored, colours };
        Some(Self { glass, wiring: Wiring { device, speed_hz, gpio_chip, dc: dc?, reset, backlight } })
    }

    /// Gives the panel this size, if one is written, and sees that its controller can hold it.
    pub(super) fn with_size(mut self, display: &Table, size: Option<Size>) -> Option<Self> {
        if let Some(Size { width, height }) = size {
            self.glass.size = till_display::Size::new(width, height).ok()?;
        }
        let (columns, rows) = self.glass.controller.memory();
        if self.glass.check().is_err() {
            display.fault("size", format!("with spi.offset at most {columns}x{rows}, the controller's memory"));
            return None;
        }
        Some(self)
    }
}

fn offset(text: &str) -> Option<(u16, u16)> {
    let number = |digits: &str| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| plain && *number < 480)
    };
    let (columns, rows) = text.split_once('x')?;
    Some((number(columns)?, number(rows)?))
}
