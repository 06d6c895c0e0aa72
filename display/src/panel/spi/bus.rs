//! How commands and pixels go over the bus: with the data/command line low and high, and with the waits of the data
//! sheets. Knows no panel.

use std::error::Error;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use mipidsi::interface::{Interface, InterfaceKind};

/// What went wrong on a line or on the bus.
pub(super) type Fault = Box<dyn Error + Send + Sync>;

/// The most that goes over the bus at once: what the kernel's spidev takes as long as nobody has raised its `bufsiz`.
const MOST: usize = 4096;

/// "Sleep Out", in the data sheets of all controllers.
const SLEEP_OUT: u8 = 0x11;
/// How long a controller wakes. It takes no command for 5 ms, and its voltages are there after 120 ms (ST7789V 9.1.12,
/// ILI9341 8.2.12, ILI9488 5.2.13). mipidsi gives an ILI9488 its next command at once.
const AWAKE_AFTER_MS: u32 = 120;

/// A bus, the line that tells commands from data, and a clock to wait by. mipidsi's own has a buffer that it borrows, so it
/// could not be kept beside its display.
pub(super) struct Bus<S, P, D> {
    spi: S,
    dc: P,
    delay: D,
    buffer: Vec<u8>,
}

impl<S, P, D> Bus<S, P, D> {
    pub(super) fn new(spi: S, dc: P, delay: D) -> Self {
        Self { spi, dc, delay, buffer: Vec::with_capacity(MOST) }
    }
}

impl<S, P, D> Interface for Bus<S, P, D>
where
    S: SpiDevice<Error: Error + Send + Sync + 'static>,
    P: OutputPin<Error: Error + Send + Sync + 'static>,
    D: DelayNs,
{
    type Word = u8;
    type Error = Fault;

    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, parameters: &[u8]) -> Result<(), Fault> {
        self.dc.set_low()?;
        self.spi.write(&[command])?;
        if !parameters.is_empty() {
            self.dc.set_high()?;
            self.spi.write(parameters)?;
        }
        if command == SLEEP_OUT {
            self.delay.delay_ms(AWAKE_AFTER_MS);
        }
        Ok(())
    }

    fn send_pixels<const N: usize>(&mut self, pixels: impl IntoIterator<Item = [u8; N]>) -> Result<(), Fault> {
        self.dc.set_high()?;
        self.buffer.clear();
        for pixel in pixels {
            if self.buffer.len() + N > MOST {
                self.spi.write(&self.buffer)?;
                self.buffer.clear();
            }
            self.buffer.extend_from_slice(&pixel);
        }
        if !self.buffer.is_empty() {
            self.spi.write(&self.buffer)?;
        }
        Ok(())
    }

    fn send_repeated_pixel<const N: usize>(&mut self, pixel: [u8; N], count: u32) -> Result<(), Fault> {
        self.send_pixels((0..count).map(|_| pixel))
    }
}
