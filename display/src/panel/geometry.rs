//! What a framebuffer says of itself, judged, and made into tables that turn colours into its bytes. Knows numbers; it
//! must not touch a device.

use crate::linux;
use crate::size::{Size, SizeError};

/// What a framebuffer says of itself, as found: the words are those of `<linux/fb.h>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Width and height in millimetres, as the driver has them: often 0 or nonsense.
    pub(super) millimetres: (u32, u32),
    pub(super) x_offset: u32,
    pub(super) y_offset: u32,
    pub(super) line_length: u32,
    pub(super) bits_per_pixel: u32,
    pub(super) grayscale: u32,
    pub(super) nonstd: u32,
    pub(super) kind: u32,
    pub(super) visual: u32,
    pub(super) red: Bitfield,
    pub(super) green: Bitfield,
    pub(super) blue: Bitfield,
    pub(super) transp: Bitfield,
}

/// Where a colour stands in a pixel's value, counted from its lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bitfield {
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) msb_right: u32,
}

pub(super) const PACKED_PIXELS: u32 = 0;
pub(super) const TRUECOLOR: u32 = 2;
/// Like true colour, with a table behind each field, which the kernel sets to a straight line.
pub(super) const DIRECTCOLOR: u32 = 4;
/// The longest field that is taken: 10 bits are the most that hardware has, and 16 that a format names.
const LONGEST: u32 = 16;

/// Why a framebuffer cannot be drawn on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// It is too small or too large.
    #[error("its size cannot be used")]
    Size(#[source] SizeError),
    /// Its pixels have an unusual number of bits.
    #[error("it has {found} bits a pixel, expected 16, 24 or 32")]
    Bits {
        /// How many.
        found: u32,
    },
    /// Its memory is arranged in another way than pixel after pixel.
    #[error("its pixels are not stored one after the other (type {kind}, nonstd {nonstd}), expected 0 and 0")]
    Arrangement {
        /// `FB_TYPE_…`.
        kind: u32,
        /// The driver's own number of its format.
        nonstd: u32,
    },
    /// It has grey or a palette instead of colours.
    #[error(
        "it has no colours of red, green and blue (visual {visual}, grayscale {grayscale}), expected 2 or 4, and 0"
    )]
    Colours {
        /// `FB_VISUAL_…`.
        visual: u32,
        /// 1 for grey, more for a format's four letters.
        grayscale: u32,
    },
    /// A colour's field is not one that can be filled.
    #[error(
        "the field of {colour} has {length} bits from bit {offset} (msb_right {msb_right}), expected 1 to {LONGEST} within \
         the pixel's {bits}, highest bit first"
    )]
    Field {
        /// Which.
        colour: &'static str,
        /// Its lowest bit.
        offset: u32,
        /// How many bits.
        length: u32,
        /// Not 0: its bits are in reverse.
        msb_right: u32,
        /// The bits of a pixel.
        bits: u32,
    },
    /// Two colours share bits.
    #[error("the field of {colour} overlaps with another")]
    Overlap {
        /// The later of both.
        colour: &'static str,
    },
    /// A line is longer than the distance to the next.
    #[error("a line has {needed} bytes, but the next begins {line_length} bytes after it")]
    Line {
        /// What the pixels of a line need, those left of the picture included.
        needed: u64,
        /// What the device says.
        line_length: u32,
    },
}

impl Geometry {
    /// Puts the answers of a device together.
    pub(super) fn of(var: &linux::VarInfo, fix: &linux::FixInfo) -> Self {
        let field = |field: &linux::Bitfield| Bitfield {
            offset: field.offset,
            length: field.length,
            msb_right: field.msb_right,
        };
        Self {
            width: var.xres,
            height: var.yres,
            millimetres: (var.width_mm, var.height_mm),
            x_offset: var.xoffset,
            y_offset: var.yoffset,
            line_length: fix.line_length,
            bits_per_pixel: var.bits_per_pixel,
            grayscale: var.grayscale,
            nonstd: var.nonstd,
            kind: fix.kind,
            visual: fix.visual,
            red: field(&var.red),
            green: field(&var.green),
            blue: field(&var.blue),
            transp: field(&var.transp),
        }
    }

    /// Returns what every graphics card and nearly every framebuffer can be, XRGB8888: a picture of this size whose rows
    /// begin `pitch` bytes apart.
    pub(super) fn xrgb8888(size: Size, pitch: u32) -> Self {
        let field = |offset| Bitfield { offset, length: 8, msb_right: 0 };
        Self {
            millimetres: (0, 0),
            width: size.width(),
            height: size.height(),
            x_offset: 0,
            y_offset: 0,
            line_length: pitch,
            bits_per_pixel: 32,
            grayscale: 0,
            nonstd: 0,
            kind: PACKED_PIXELS,
            visual: TRUECOLOR,
            red: field(16),
            green: field(8),
            blue: field(0),
            transp: Bitfield::default(),
        }
    }

    /// Judges all of it.
    pub(super) fn format(&self) -> Result<Format, GeometryError> {
        let size = Size::new(self.width, self.height).map_err(GeometryError::Size)?;
        let pixel = match self.bits_per_pixel {
            16 => Pixel::Two,
            24 => Pixel::Three,
            32 => Pixel::Four,
            found => return Err(GeometryError::Bits { found }),
        };
        if self.kind != PACKED_PIXELS || self.nonstd != 0 {
            return Err(GeometryError::Arrangement { kind: self.kind, nonstd: self.nonstd });
        }
        if ![TRUECOLOR, DIRECTCOLOR].contains(&self.visual) || self.grayscale != 0 {
            return Err(GeometryError::Colours { visual: self.visual, grayscale: self.grayscale });
        }
        let opaque = self.opaque()?;
        let left = u64::from(self.x_offset) * pixel.bytes() as u64;
        let needed = left + u64::from(self.width) * pixel.bytes() as u64;
        if needed > u64::from(self.line_length) {
            return Err(GeometryError::Line { needed, line_length: self.line_length });
        }
        Ok(Format {
            size,
            pixel,
            start: u64::from(self.y_offset) * u64::from(self.line_length) + left,
            line_length: u64::from(self.line_length),
            red: self.red.table(opaque),
            green: self.green.table(0),
            blue: self.blue.table(0),
        })
    }

    /// Judges the four fields; returns the bits of transparency, all of them, which mean opaque.
    fn opaque(&self) -> Result<u32, GeometryError> {
        let colours = [("red", self.red), ("green", self.green), ("blue", self.blue)];
        let transp = ("transparency", self.transp);
        let mut taken = 0;
        for (colour, field) in colours.into_iter().chain((self.transp.length > 0).then_some(transp)) {
            let mask = field.mask(self.bits_per_pixel).ok_or(GeometryError::Field {
                colour,
                offset: field.offset,
                length: field.length,
                msb_right: field.msb_right,
                bits: self.bits_per_pixel,
            })?;
            if taken & mask != 0 {
                return Err(GeometryError::Overlap { colour });
            }
            taken |= mask;
        }
        let colours = colours.iter().filter_map(|(_, field)| field.mask(self.bits_per_pixel)).fold(0, |all, m| all | m);
        Ok(taken & !colours)
    }
}

impl Bitfield {
    /// Returns the field's bits, all set, if it is a field of such pixels.
    fn mask(self, bits: u32) -> Option<u32> {
        let inside = self.offset.checked_add(self.length).is_some_and(|end| end <= bits);
        let plain = (1..=LONGEST).contains(&self.length) && self.msb_right == 0;
        (inside && plain).then(|| self.most() << self.offset)
    }

    /// Returns the field's largest value.
    fn most(self) -> u32 {
        (1 << self.length) - 1
    }

    /// Returns for each strength of a colour its bits in a pixel, rounded to what the field can tell apart, with `more`.
    fn table(self, more: u32) -> Table {
        std::array::from_fn(|strength| {
            // An index below 256.
            let scaled = (strength as u32 * self.most() + 127) / 255;
            scaled << self.offset | more
        })
    }
}

type Table = [u32; 256];

/// A framebuffer's pixels, ready to be made.
pub(super) struct Format {
    size: Size,
    pixel: Pixel,
    start: u64,
    line_length: u64,
    /// Also sets the bits that mean opaque.
    red: Table,
    green: Table,
    blue: Table,
}

/// How many bytes a pixel has.
#[derive(Clone, Copy)]
enum Pixel {
    Two,
    Three,
    Four,
}

impl Pixel {
    fn bytes(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

impl Format {
    /// Returns the size of the picture as the device has it.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Returns the bytes of a row's pixels.
    pub(super) fn row_bytes(&self) -> usize {
        self.size.width() as usize * self.pixel.bytes()
    }

    /// Returns where a row begins.
    pub(super) fn place(&self, row: usize) -> u64 {
        self.start + row as u64 * self.line_length
    }

    /// Returns whether a row begins where the one before ends, so that both can be written at once.
    pub(super) fn is_seamless(&self) -> bool {
        self.line_length == self.row_bytes() as u64
    }

    /// Makes a row. Pixels of 16 and 32 bits are numbers of the machine; those of 24 have their lowest byte first.
    pub(super) fn fill(&self, row: &mut [u8], colours: impl Iterator<Item = [u8; 3]>) {
        let values = colours.map(|[red, green, blue]| {
            self.red[usize::from(red)] | self.green[usize::from(green)] | self.blue[usize::from(blue)]
        });
        match self.pixel {
            // No bit of such a pixel's value lies beyond the 16th or the 24th, by `Bitfield::mask`.
            Pixel::Two => put(row, values.map(|value| (value as u16).to_ne_bytes())),
            Pixel::Three => put(row, values.map(|value| [value as u8, (value >> 8) as u8, (value >> 16) as u8])),
            Pixel::Four => put(row, values.map(u32::to_ne_bytes)),
        }
    }
}

fn put<const N: usize>(row: &mut [u8], pixels: impl Iterator<Item = [u8; N]>) {
    for (place, pixel) in row.chunks_exact_mut(N).zip(pixels) {
        place.copy_from_slice(&pixel);
    }
}

#[cfg(test)]
mod tests;
