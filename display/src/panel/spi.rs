//! The panel on an SPI bus: an ST7789, ILI9341 or ILI9488, written where the picture has changed. Knows no screens.

mod bus;
mod changes;
mod glass;
mod wiring;

use std::error::Error;
use std::path::Path;

use embedded_graphics::pixelcolor::Rgb888;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use mipidsi::interface::{Interface, InterfacePixelFormat};
use mipidsi::models::{ILI9341Rgb565, ILI9488Rgb666, Model, ST7789};
use mipidsi::options::{ColorInversion, ColorOrder, Orientation};
use mipidsi::{Builder, Display, InitError};

use super::{Panel, PanelError};
use crate::frame::Frame;
use crate::size::{Rotation, Size};
use bus::{Bus, Fault};
use changes::{Area, changes};

pub use glass::{ColourOrder, Controller, Glass, GlassError};
pub use wiring::{Lines, Opened, Wiring};

/// How long a controller needs after a reset until it can be woken, at the most.
const RESET_MS: u32 = 120;

/// A panel on an SPI bus. Such a panel cannot be asked anything: its size is what it is said to be, and one that is not
/// there takes every picture. After a fault of the bus or a line it is reset and written whole. Its backlight is dark until
/// the first picture is whole, after a fault, and at the end.
pub struct SpiPanel<L: Lines = Wiring> {
    lines: L,
    glass: Glass,
    extent: (u16, u16),
    rotation: Rotation,
    device: Option<Device<L::Pin>>,
}

impl<L: Lines> SpiPanel<L> {
    /// Returns a panel whose frames are turned by `rotation` on their way to the glass. Touches nothing before the first
    /// frame is shown.
    ///
    /// # Errors
    /// When the glass does not fit its controller.
    pub fn new(lines: L, glass: Glass, rotation: Rotation) -> Result<Self, GlassError> {
        Ok(Self { lines, extent: glass.extent()?, glass, rotation, device: None })
    }

    fn open(&self) -> Result<Device<L::Pin>, PanelError> {
        let Opened { spi, dc, reset, backlight, delay } = self.lines.open()?;
        let (bus, mut pause) = (Bus::new(spi, dc, delay.clone()), delay.clone());
        let memory = match self.glass.controller {
            Controller::St7789 => self.wake(ST7789, bus, reset, delay),
            Controller::Ili9341 => self.wake(ILI9341Rgb565, bus, reset, delay),
            Controller::Ili9488 => self.wake(ILI9488Rgb666, bus, reset, delay),
        };
        let memory = memory.map_err(|source| {
            // The caller may try again at once, and a controller that was just reset does not hear it.
            pause.delay_ms(RESET_MS);
            self.untaken("its first commands", source)
        })?;
        Ok(Device { memory, backlight, is_lit: false, shown: Vec::new() })
    }

    /// Resets the controller and has it show its memory.
    fn wake<M>(
        &self,
        model: M,
        bus: Bus<L::Spi, L::Pin, L::Delay>,
        reset: Option<L::Pin>,
        mut delay: L::Delay,
    ) -> Result<Box<dyn Memory>, Fault>
    where
        M: Model<ColorFormat: InterfacePixelFormat<u8> + From<Rgb888>> + Send + 'static,
    {
        let builder = Builder::new(model, bus)
            .display_size(self.extent.0, self.extent.1)
            .display_offset(self.glass.offset.0, self.glass.offset.1)
            .invert_colors(if self.glass.inverted { ColorInversion::Inverted } else { ColorInversion::Normal })
            .color_order(match self.glass.colours {
                ColourOrder::Rgb => ColorOrder::Rgb,
                ColourOrder::Bgr => ColorOrder::Bgr,
            })
            .orientation(if self.glass.mirrored { Orientation::new().flip_horizontal() } else { Orientation::new() });
        Ok(match reset {
            Some(pin) => {
                let display = builder.reset_pin(pin).init(&mut delay).map_err(why)?;
                Box::new(Awake { display, delay })
            }
            None => {
                let display = builder.init(&mut delay).map_err(why)?;
                Box::new(Awake { display, delay })
            }
        })
    }

    fn untaken(&self, what: &'static str, source: Fault) -> PanelError {
        PanelError::Untaken { path: self.lines.path().to_owned(), what, source }
    }
}

impl<L: Lines> Panel for SpiPanel<L> {
    fn size(&mut self) -> Result<Size, PanelError> {
        Ok(self.glass.size.turned(self.rotation))
    }

    fn path(&self) -> Option<&Path> {
        Some(self.lines.path())
    }

    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let expected = self.size()?;
        if frame.dimensions() != expected {
            return Err(PanelError::WrongSize { expected, found: frame.dimensions() });
        }
        // Until all is done the device is nobody's, so that a fault closes it.
        let mut device = match self.device.take() {
            Some(device) => device,
            None => self.open()?,
        };
        device.write(frame, self.rotation).map_err(|source| self.untaken("the picture", source))?;
        device.light().map_err(|source| self.untaken("the word to light up", source))?;
        self.device = Some(device);
        Ok(())
    }
}

impl<L: Lines> std::fmt::Debug for SpiPanel<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpiPanel({}, {:?})", self.lines.path().display(), self.glass)
    }
}

/// A controller that was woken, and what it shows.
struct Device<P: OutputPin> {
    memory: Box<dyn Memory>,
    backlight: Option<P>,
    is_lit: bool,
    /// The bytes of the frame that was written; none before the first.
    shown: Vec<u8>,
}

impl<P: OutputPin<Error: Error + Send + Sync + 'static>> Device<P> {
    fn write(&mut self, frame: &Frame, rotation: Rotation) -> Result<(), Fault> {
        for area in changes(frame, &self.shown) {
            let area = area.turned(frame.dimensions(), rotation);
            let row = |row| frame.turned_row(rotation, row).skip(area.columns.start).take(area.columns.len());
            self.memory.write(&area, &mut area.rows.clone().flat_map(row))?;
        }
        self.shown.clear();
        self.shown.extend_from_slice(frame.bytes());
        Ok(())
    }

    fn light(&mut self) -> Result<(), Fault> {
        if let (Some(backlight), false) = (&mut self.backlight, self.is_lit) {
            backlight.set_high()?;
        }
        self.is_lit = true;
        Ok(())
    }
}

impl<P: OutputPin> Drop for Device<P> {
    fn drop(&mut self) {
        // What is shown may be wrong from now on. A bus that has failed may fail here too; there is nothing more to do.
        if let Some(backlight) = &mut self.backlight {
            let _ = backlight.set_low();
        }
        let _ = self.memory.sleep();
    }
}

/// A controller's memory, whichever the controller is.
trait Memory: Send {
    /// Writes the pixels of an area, row by row, as red, green and blue.
    fn write(&mut self, area: &Area, pixels: &mut dyn Iterator<Item = [u8; 3]>) -> Result<(), Fault>;

    /// Has the controller show nothing any more.
    fn sleep(&mut self) -> Result<(), Fault>;
}

struct Awake<I, M, R, D>
where
    I: Interface,
    M: Model<ColorFormat: InterfacePixelFormat<I::Word>>,
    R: OutputPin,
{
    display: Display<I, M, R>,
    delay: D,
}

impl<S, P, D, M, R> Memory for Awake<Bus<S, P, D>, M, R, D>
where
    S: SpiDevice<Error: Error + Send + Sync + 'static> + Send,
    P: OutputPin<Error: Error + Send + Sync + 'static> + Send,
    D: DelayNs + Send,
    M: Model<ColorFormat: InterfacePixelFormat<u8> + From<Rgb888>> + Send,
    R: OutputPin + Send,
{
    fn write(&mut self, area: &Area, pixels: &mut dyn Iterator<Item = [u8; 3]>) -> Result<(), Fault> {
        let (left, right) = (u16::try_from(area.columns.start)?, u16::try_from(area.columns.end - 1)?);
        let (top, bottom) = (u16::try_from(area.rows.start)?, u16::try_from(area.rows.end - 1)?);
        let colours = pixels.map(|[red, green, blue]| M::ColorFormat::from(Rgb888::new(red, green, blue)));
        self.display.set_pixels(left, top, right, bottom, colours)
    }

    fn sleep(&mut self) -> Result<(), Fault> {
        self.display.sleep(&mut self.delay)
    }
}

fn why<E: Error + Send + Sync + 'static>(error: InitError<Fault, E>) -> Fault {
    match error {
        InitError::Interface(fault) => fault,
        InitError::ResetPin(fault) => fault.into(),
        InitError::InvalidConfiguration(fault) => format!("mipidsi refuses the panel: {fault:?}").into(),
    }
}
