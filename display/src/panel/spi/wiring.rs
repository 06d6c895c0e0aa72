//! The real lines to an SPI panel: spidev for the bus, the GPIO character device for the rest. Knows no controller.

use std::error::Error;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use linux_embedded_hal::gpio_cdev::{Chip, LineRequestFlags};
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{CdevPin, SpidevDevice};

use super::bus::Fault;
use crate::panel::PanelError;

/// Where the lines to a panel are had. The tests' lines lead to a controller that is none.
pub trait Lines: Send {
    /// The bus, with this panel selected.
    type Spi: SpiDevice<Error: Error + Send + Sync + 'static> + Send + 'static;
    /// A line that is high or low.
    type Pin: OutputPin<Error: Error + Send + Sync + 'static> + Send + 'static;
    /// Waits.
    type Delay: DelayNs + Clone + Send + 'static;

    /// Opens the bus and the lines: the data/command line low, the reset line high, the backlight's low.
    ///
    /// # Errors
    /// When one of them cannot be had; it may be there the next time.
    fn open(&self) -> Result<Opened<Self>, PanelError>;

    /// Returns the bus's device, for errors to name.
    fn path(&self) -> &Path;
}

/// Lines that are open. They close when this is dropped.
pub struct Opened<L: Lines + ?Sized> {
    /// The bus.
    pub spi: L::Spi,
    /// Low for commands, high for data.
    pub dc: L::Pin,
    /// Low resets the controller; without it a command does.
    pub reset: Option<L::Pin>,
    /// High lights the glass.
    pub backlight: Option<L::Pin>,
    /// Waits.
    pub delay: L::Delay,
}

/// How a panel is wired to this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// The bus and chip select, such as `/dev/spidev0.0`.
    pub device: PathBuf,
    /// The bus's clock in Hz; the kernel may choose a slower one.
    pub speed_hz: u32,
    /// Where the other lines are, such as `/dev/gpiochip0`.
    pub gpio_chip: PathBuf,
    /// The number of the data/command line there.
    pub dc: u32,
    /// The number of the reset line, if it is wired.
    pub reset: Option<u32>,
    /// The number of the line that switches the backlight, if one does.
    pub backlight: Option<u32>,
}

/// Waits by sleeping; [`linux_embedded_hal::Delay`], of which there can be two.
#[derive(Clone, Copy, Debug)]
pub struct Sleep;

impl DelayNs for Sleep {
    fn delay_ns(&mut self, ns: u32) {
        linux_embedded_hal::Delay.delay_ns(ns);
    }
}

impl Lines for Wiring {
    type Spi = SpidevDevice;
    type Pin = CdevPin;
    type Delay = Sleep;

    fn open(&self) -> Result<Opened<Self>, PanelError> {
        check_kind(
            &self.device,
            Kind { subsystem: "spidev", name: "SPI bus", example: "/dev/spidev0.0", group: "spi" },
        )?;
        let chip = Kind { subsystem: "gpio", name: "GPIO chip", example: "/dev/gpiochip0", group: "gpio" };
        check_kind(&self.gpio_chip, chip)?;
        let spi = self.bus().map_err(|source| self.refused(&self.device, "SPI bus".to_owned(), source))?;
        Ok(Opened {
            spi,
            dc: self.line("dc", self.dc, 0)?,
            reset: self.reset.map(|line| self.line("reset", line, 1)).transpose()?,
            backlight: self.backlight.map(|line| self.line("backlight", line, 0)).transpose()?,
            delay: Sleep,
        })
    }

    fn path(&self) -> &Path {
        &self.device
    }
}

impl Wiring {
    fn bus(&self) -> Result<SpidevDevice, Fault> {
        let mut spi = SpidevDevice::open(&self.device)?;
        let mut options = SpidevOptions::new();
        options.bits_per_word(8).max_speed_hz(self.speed_hz).mode(SpiModeFlags::SPI_MODE_0);
        spi.configure(&options.build())?;
        Ok(spi)
    }

    /// Takes a line for ourselves, with this value from the first moment on.
    fn line(&self, role: &str, number: u32, value: u8) -> Result<CdevPin, PanelError> {
        let take = || -> Result<CdevPin, Fault> {
            let line = Chip::new(&self.gpio_chip)?.get_line(number)?;
            Ok(CdevPin::new(line.request(LineRequestFlags::OUTPUT, value, "till-display")?)?)
        };
        take().map_err(|source| self.refused(&self.gpio_chip, format!("{role} line, number {number}"), source))
    }

    fn refused(&self, path: &Path, part: String, source: Fault) -> PanelError {
        PanelError::Connect { path: path.to_owned(), part, source }
    }
}

/// A kind of device file.
struct Kind {
    /// As the kernel calls it.
    subsystem: &'static str,
    name: &'static str,
    example: &'static str,
    /// Who may usually use it.
    group: &'static str,
}

/// Refuses what is no such device: opening another could set something off, or wait for ever.
fn check_kind(path: &Path, kind: Kind) -> Result<(), PanelError> {
    let fault = |source: io::Error| {
        let part = format!("{}: there is none, or this user may not use it (group `{}`)", kind.name, kind.group);
        PanelError::Connect { path: path.to_owned(), part, source: source.into() }
    };
    let metadata = fs::metadata(path).map_err(fault)?;
    let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
    let link = fs::read_link(format!("/sys/dev/char/{major}:{minor}/subsystem"));
    let is_one = link.is_ok_and(|link| link.file_name().is_some_and(|name| name == kind.subsystem));
    if metadata.file_type().is_char_device() && is_one {
        return Ok(());
    }
    Err(PanelError::NotA { path: path.to_owned(), kind: kind.name, example: kind.example })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_device_is_known_by_its_place_in_the_kernel() {
        let kind = |subsystem| Kind { subsystem, name: "GPIO chip", example: "/dev/gpiochip0", group: "gpio" };
        let said = check_kind(Path::new("/dev/null"), kind("gpio")).expect_err("it is none").to_string();
        assert_eq!(said, "`/dev/null` is no GPIO chip, expected a device such as `/dev/gpiochip0`");
        check_kind(Path::new("/dev/null"), kind("mem")).expect("that is what it is");
    }
}
