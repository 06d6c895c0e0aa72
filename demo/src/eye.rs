//! Looks at a picture as a customer's phone does: finds QR codes in a PNG and reads them with a decoder that is not the
//! till's. It must not know what the texts mean.

use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use rqrr::{BitGrid, PreparedImage};
use thiserror::Error;

/// Larger pictures are refused: no display of ours has as many pixels.
const MOST_PIXELS: usize = 64 * 1024 * 1024;

/// What was seen in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// The codes that could be read.
    pub codes: Vec<Code>,
    /// How many things looked like a code and could not be read.
    pub unreadable: usize,
}

/// A code that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its text.
    pub text: String,
    /// Its modules as the picture shows them, row by row without the quiet zone; `true` is dark.
    pub modules: Vec<Vec<bool>>,
}

/// Why a picture could not be looked at.
#[derive(Debug, Error)]
pub enum EyeError {
    /// The file cannot be read.
    #[error("cannot read the picture `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is not a whole PNG.
    #[error("cannot decode the picture as PNG")]
    Decode(#[source] png::DecodingError),
    /// It has more pixels than any display.
    #[error("the picture has {width} × {height} pixels, more than 64 Mi")]
    TooLarge {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
}

impl Sight {
    /// The texts of all codes that could be read.
    pub fn texts(&self) -> Vec<&str> {
        self.codes.iter().map(|code| code.text.as_str()).collect()
    }

    /// Whether nothing in the picture is a code or looks like one.
    pub fn is_without_code(&self) -> bool {
        self.codes.is_empty() && self.unreadable == 0
    }
}

/// Looks at a PNG file.
///
/// # Errors
/// See [`EyeError`].
pub fn look_at(path: &Path) -> Result<Sight, EyeError> {
    let bytes = fs::read(path).map_err(|source| EyeError::Read { path: path.to_owned(), source })?;
    look(&bytes)
}

/// Looks at the bytes of a PNG.
///
/// # Errors
/// `Decode` and `TooLarge`.
pub fn look(png: &[u8]) -> Result<Sight, EyeError> {
    let picture = Picture::decode(png)?;
    let mut image =
        PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| picture.brightness(x, y));
    let grids = image.detect_grids();
    let mut sight = Sight { width: picture.width, height: picture.height, codes: Vec::new(), unreadable: 0 };
    for grid in grids {
        match grid.decode() {
            Ok((_, text)) => sight.codes.push(Code { text, modules: modules(&grid.grid) }),
            Err(_) => sight.unreadable += 1,
        }
    }
    Ok(sight)
}

fn modules(grid: &impl BitGrid) -> Vec<Vec<bool>> {
    (0..grid.size()).map(|y| (0..grid.size()).map(|x| grid.bit(y, x)).collect()).collect()
}

/// Pixels of one to four bytes: grey, grey with alpha, colours, colours with alpha.
struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    bytes: Vec<u8>,
}

impl Picture {
    fn decode(png: &[u8]) -> Result<Self, EyeError> {
        let mut decoder = png::Decoder::new(Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(EyeError::Decode)?;
        let (width, height) = reader.info().size();
        let too_large = EyeError::TooLarge { width, height };
        let (Ok(width), Ok(height)) = (usize::try_from(width), usize::try_from(height)) else {
            return Err(too_large);
        };
        let (Some(pixels), Some(size)) = (width.checked_mul(height), reader.output_buffer_size()) else {
            return Err(too_large);
        };
        if pixels > MOST_PIXELS {
            return Err(too_large);
        }
        let mut bytes = vec![0; size];
        let frame = reader.next_frame(&mut bytes).map_err(EyeError::Decode)?;
        Ok(Self { width, height, channels: frame.color_type.samples(), bytes })
    }

    /// 0 is black, 255 is white. Whether a pixel is see-through does not count.
    fn brightness(&self, x: usize, y: usize) -> u8 {
        let at = (y * self.width + x) * self.channels;
        match self.bytes.get(at..at + self.channels) {
            Some([r, g, b, ..]) => {
                let sum = u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114;
                u8::try_from(sum / 1000).unwrap_or(u8::MAX)
            }
            Some([grey, ..]) => *grey,
            Some([]) | None => u8::MAX,
        }
    }
}

#[cfg(test)]
mod tests;
