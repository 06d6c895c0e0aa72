//! What an SPI panel is: its controller, and how its glass hangs on the controller's memory. Knows no bus.

use crate::size::Size;

/// A display controller that is spoken to over four lines: clock, data, chip select and data/command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Sitronix ST7789, 16 bits a pixel.
    St7789,
    /// Ilitek ILI9341, 16 bits a pixel.
    Ili9341,
    /// Ilitek ILI9488, 24 bits a pixel: over SPI it takes 18-bit colours in three bytes and nothing of 16 bits.
    Ili9488,
}

impl Controller {
    /// Returns the columns and rows of its memory, in pixels.
    pub fn memory(self) -> (u16, u16) {
        match self {
            Self::St7789 | Self::Ili9341 => (240, 320),
            Self::Ili9488 => (320, 480),
        }
    }

    /// Returns the fastest clock that its data sheet allows for writing over four lines, in Hz: a period of 66 ns (ST7789V
    /// V1.3, 7.4), 100 ns (ILI9341, 18.3) and 50 ns (ILI9488, 17.4). Many modules take more.
    pub fn clock_hz(self) -> u32 {
        match self {
            Self::St7789 => 15_000_000,
            Self::Ili9341 => 10_000_000,
            Self::Ili9488 => 20_000_000,
        }
    }
}

/// The order of red, green and blue on the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourOrder {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
}

/// A piece of glass and its controller. Modules with one and the same controller differ in all the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// Which controller it has.
    pub controller: Controller,
    /// Its pixels, before rotation.
    pub size: Size,
    /// The columns and rows of the memory, in pixels, that lie left of the glass and above it.
    pub offset: (u16, u16),
    /// Whether the controller has to invert every colour to make it right, as most IPS glass wants.
    pub inverted: bool,
    /// Whether the glass has its columns from right to left.
    pub mirrored: bool,
    /// The order of its colours.
    pub colours: ColourOrder,
}

/// A glass that its controller cannot drive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a panel of {size} at {}x{} does not fit the {}x{} pixels of its controller", offset.0, offset.1, memory.0, memory.1)]
pub struct GlassError {
    size: Size,
    offset: (u16, u16),
    memory: (u16, u16),
}

impl Glass {
    /// Sees that the controller can hold the glass.
    ///
    /// # Errors
    /// When its memory is too small for the size at that offset.
    pub fn check(&self) -> Result<(), GlassError> {
        self.extent().map(drop)
    }

    /// Returns the width and height in the controller's own units.
    ///
    /// # Errors
    /// When the memory is too small for them at that offset.
    pub(super) fn extent(&self) -> Result<(u16, u16), GlassError> {
        let memory = self.controller.memory();
        let fits = |length: u32, start: u16, most: u16| {
            u16::try_from(length).ok().filter(|length| length.checked_add(start).is_some_and(|end| end <= most))
        };
        let width = fits(self.size.width(), self.offset.0, memory.0);
        let height = fits(self.size.height(), self.offset.1, memory.1);
        width.zip(height).ok_or(GlassError { size: self.size, offset: self.offset, memory })
    }
}
