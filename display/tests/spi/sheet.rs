//! What the data sheets of the controllers say, written down from their command tables and not from any driver: Sitronix
//! ST7789V V1.3 (chapter 9.1), Ilitek ILI9341 V1.11 (chapters 8 and 15), Ilitek ILI9488 V100 (chapters 5 and 17). Knows no
//! stream.

/// Software Reset. Wait 5 ms before the next command, 120 ms before Sleep Out (ILI9341 8.2.2).
pub(crate) const SWRESET: u8 = 0x01;
/// Sleep In. Wait 5 ms before the next command, 120 ms before Sleep Out.
pub(crate) const SLPIN: u8 = 0x10;
/// Sleep Out. Wait 5 ms before the next command, 120 ms before Sleep In; it takes 120 ms (ILI9341 8.2.12).
pub(crate) const SLPOUT: u8 = 0x11;
/// Normal Display Mode On.
pub(crate) const NORON: u8 = 0x13;
/// Display Inversion Off.
pub(crate) const INVOFF: u8 = 0x20;
/// Display Inversion On.
pub(crate) const INVON: u8 = 0x21;
/// Display Off.
pub(crate) const DISPOFF: u8 = 0x28;
/// Display On.
pub(crate) const DISPON: u8 = 0x29;
/// Column Address Set: first and last column, two bytes each, high byte first.
pub(crate) const CASET: u8 = 0x2a;
/// Row Address Set (Sitronix), Page Address Set (Ilitek).
pub(crate) const RASET: u8 = 0x2b;
/// Memory Write: pixels of the window, row by row.
pub(crate) const RAMWR: u8 = 0x2c;
/// Memory Data Access Control: MY MX MV ML RGB MH 0 0.
pub(crate) const MADCTL: u8 = 0x36;
/// Interface Pixel Format: the low three bits are those of the serial interface, 101 for 16 bits a pixel, 110 for 18.
pub(crate) const COLMOD: u8 = 0x3a;

/// Rows from the bottom to the top.
pub(crate) const MY: u8 = 0x80;
/// Columns from right to left.
pub(crate) const MX: u8 = 0x40;
/// Rows and columns exchanged.
pub(crate) const MV: u8 = 0x20;
/// The glass has blue first.
pub(crate) const BGR: u8 = 0x08;

/// The shortest reset pulse, in ns: tRW of "Reset Timing" (ST7789V 7.4.5, ILI9341 15.4).
pub(crate) const RESET_PULSE_NS: u64 = 10_000;
/// The wait after a reset or a change of sleep before the next command, in ns.
pub(crate) const SHORT_NS: u64 = 5_000_000;
/// The wait between resets and changes of sleep, and from Sleep Out to a display that is lit, in ns.
pub(crate) const LONG_NS: u64 = 120_000_000;

/// One controller.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    /// Its frame memory.
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    /// How a pixel is written over the four-line serial interface.
    pub(crate) pixel: Pixel,
    /// Commands of the second table that only this controller has, with the number of their parameters.
    pub(crate) own: &'static [(u8, usize)],
}

/// How colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pixel {
    /// Two bytes: five bits of red, six of green, five of blue.
    Sixteen,
    /// Three bytes, with six bits at the top of each.
    Eighteen,
}

impl Pixel {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Sixteen => 2,
            Self::Eighteen => 3,
        }
    }

    /// The low bits of COLMOD.
    pub(crate) fn colmod(self) -> u8 {
        match self {
            Self::Sixteen => 0b101,
            Self::Eighteen => 0b110,
        }
    }

    /// The largest red, green and blue.
    pub(crate) fn most(self) -> [u8; 3] {
        match self {
            Self::Sixteen => [31, 63, 31],
            Self::Eighteen => [63; 3],
        }
    }

    pub(crate) fn read(self, bytes: &[u8]) -> [u8; 3] {
        match (self, bytes) {
            (Self::Sixteen, [high, low]) => [high >> 3, (high & 7) << 3 | low >> 5, low & 31],
            (Self::Eighteen, [red, green, blue]) => [red >> 2, green >> 2, blue >> 2],
            (_, other) => panic!("{} bytes are no pixel", other.len()),
        }
    }
}

pub(crate) static ST7789: Sheet = Sheet { name: "ST7789", columns: 240, rows: 320, pixel: Pixel::Sixteen, own: &[] };

/// B4h is Display Inversion Control.
pub(crate) static ILI9341: Sheet =
    Sheet { name: "ILI9341", columns: 240, rows: 320, pixel: Pixel::Sixteen, own: &[(0xb4, 1)] };

/// B6h is Display Function Control, whose third parameter says how many rows are driven: eight times one more. 16 bits a
/// pixel are for its parallel interfaces alone ("DBI Type C" shows 3 and 18).
pub(crate) static ILI9488: Sheet =
    Sheet { name: "ILI9488", columns: 320, rows: 480, pixel: Pixel::Eighteen, own: &[(0xb6, 3)] };

impl Sheet {
    /// Returns how many parameters a command takes; nothing when the data sheet has no such command.
    pub(crate) fn parameters(&self, command: u8) -> Option<usize> {
        Some(match command {
            SWRESET | SLPIN | SLPOUT | NORON | INVOFF | INVON | DISPOFF | DISPON => 0,
            MADCTL | COLMOD => 1,
            CASET | RASET => 4,
            other => self.own.iter().find(|(command, _)| *command == other)?.1,
        })
    }
}
