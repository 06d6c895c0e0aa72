//! The shop's own picture for the idle screen: bounded before it is decoded, made smaller to fit, never larger. Knows
//! the file format and pixels, no files and no screens.

mod scale;

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Size as Extent;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;

use scale::Raster;

/// A picture that was decoded, with what it is made of where it is not opaque. Copies share the pixels.
#[derive(Clone)]
pub struct Logo {
    raster: Arc<Raster>,
    /// The last size that was drawn: an idle screen asks for the same one every minute.
    fitted: Arc<Mutex<Option<Arc<Raster>>>>,
}

/// Why bytes are no logo.
#[derive(Debug, thiserror::Error)]
pub enum LogoError {
    /// The file is longer than it may be; it was not decoded.
    #[error("it has {found} bytes, expected at most {}", Logo::MAX_BYTES)]
    Bytes {
        /// Its length in bytes.
        found: usize,
    },
    /// The picture has more pixels than it may have; they were not decoded.
    #[error("it has {width}x{height} pixels, expected at most {0}x{0}", Logo::MAX_SIDE)]
    Pixels {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// The bytes are not a whole PNG.
    #[error("it is not a whole PNG picture")]
    Decode(#[source] png::DecodingError),
}

impl Logo {
    /// The longest file that is decoded, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The longest side that is decoded, in pixels.
    pub const MAX_SIDE: u32 = 2048;
    /// The longest side that is kept, in pixels: no screen has more room for it, and it bounds the memory to 4 MiB.
    const KEPT_SIDE: u32 = 1024;
    /// What decoding may take beside the pixels themselves, in bytes.
    const DECODER_BYTES: usize = 4 << 20;

    /// Decodes a PNG of any colour type; colour profiles are not applied, of a moving picture the first is taken.
    ///
    /// # Errors
    /// When there are more bytes or pixels than [`Logo::MAX_BYTES`] and [`Logo::MAX_SIDE`], or no whole PNG.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogoError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(LogoError::Bytes { found: bytes.len() });
        }
        let limits = png::Limits { bytes: Self::DECODER_BYTES };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let header = decoder.read_header_info().map_err(LogoError::Decode)?;
        let (width, height) = (header.width, header.height);
        if width > Self::MAX_SIDE || height > Self::MAX_SIDE {
            return Err(LogoError::Pixels { width, height });
        }
        let mut reader = decoder.read_info().map_err(LogoError::Decode)?;
        let length = reader.output_buffer_size().ok_or(LogoError::Pixels { width, height })?;
        let mut samples = vec![0; length];
        reader.next_frame(&mut samples).map_err(LogoError::Decode)?;
        let pixels = premultiplied(&samples, reader.output_color_type().0);
        drop(samples);
        let decoded = Raster { width, height, pixels };
        let (width, height) = fitting((width, height), (Self::KEPT_SIDE, Self::KEPT_SIDE));
        Ok(Self { raster: Arc::new(decoded.shrunk(width, height)), fitted: Arc::default() })
    }

    /// Returns the size in pixels at which the logo fills a room of so many pixels without being distorted, cut or made
    /// larger; each side is at least 1.
    pub(crate) fn fit(&self, width: u32, height: u32) -> (u32, u32) {
        fitting((self.raster.width, self.raster.height), (width, height))
    }

    /// Draws the logo over a ground of one colour, scaled into a box as [`Logo::fit`] gives it.
    pub(crate) fn draw<D>(&self, target: &mut D, area: Rectangle, ground: Rgb888) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let fitted = self.fitted(area.size.width, area.size.height);
        let area = Rectangle::new(area.top_left, Extent::new(fitted.width, fitted.height));
        let colours = fitted.pixels.chunks_exact(4).map(|pixel| over(ground, pixel));
        target.fill_contiguous(&area, colours)
    }

    fn fitted(&self, width: u32, height: u32) -> Arc<Raster> {
        // A raster is never left half-made, so a poisoned lock holds a good one.
        let mut kept = self.fitted.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(fitted) if (fitted.width, fitted.height) == (width, height) => Arc::clone(fitted),
            Some(_) | None => Arc::clone(kept.insert(Arc::new(self.raster.shrunk(width, height)))),
        }
    }
}

impl PartialEq for Logo {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.raster, &other.raster) || self.raster == other.raster
    }
}

impl Eq for Logo {}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({}x{})", self.raster.width, self.raster.height)
    }
}

/// Returns the largest size of the same shape that is within a room, and not larger than it is.
fn fitting((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    let (wide, high) = (u64::from(width), u64::from(height));
    let (room_wide, room_high) = (u64::from(most_width.min(width)), u64::from(most_height.min(height)));
    let rounded = |part: u64, of: u64, by: u64| ((2 * part * of + by) / (2 * by)).max(1) as u32;
    if room_wide * high <= room_high * wide {
        (room_wide.max(1) as u32, rounded(high, room_wide, wide))
    } else {
        (rounded(wide, room_high, high), room_high.max(1) as u32)
    }
}

/// Makes samples of 8 bits to red, green, blue and opacity, the colours multiplied by the opacity: what cannot be seen
/// then weighs nothing when pixels are mixed.
fn premultiplied(samples: &[u8], colours: png::ColorType) -> Vec<u8> {
    let times = |part: u8, share: u8| ((u32::from(part) * u32::from(share) + 127) / 255) as u8;
    let pixel =
        |[red, green, blue]: [u8; 3], alpha: u8| [times(red, alpha), times(green, alpha), times(blue, alpha), alpha];
    match colours {
        png::ColorType::Grayscale => samples.iter().flat_map(|&grey| pixel([grey; 3], 255)).collect(),
        png::ColorType::GrayscaleAlpha => samples.chunks_exact(2).flat_map(|s| pixel([s[0]; 3], s[1])).collect(),
        png::ColorType::Rgba => samples.chunks_exact(4).flat_map(|s| pixel([s[0], s[1], s[2]], s[3])).collect(),
        // Palettes have been expanded to colours.
        png::ColorType::Rgb | png::ColorType::Indexed => {
            samples.chunks_exact(3).flat_map(|s| pixel([s[0], s[1], s[2]], 255)).collect()
        }
    }
}

/// Lays a premultiplied pixel over a colour.
fn over(ground: Rgb888, pixel: &[u8]) -> Rgb888 {
    let &[red, green, blue, alpha] = pixel else {
        return ground;
    };
    let through = 255 - u32::from(alpha);
    let part = |part: u8, behind: u8| (u32::from(part) + (u32::from(behind) * through + 127) / 255).min(255) as u8;
    Rgb888::new(part(red, ground.r()), part(green, ground.g()), part(blue, ground.b()))
}

#[cfg(test)]
mod tests;
