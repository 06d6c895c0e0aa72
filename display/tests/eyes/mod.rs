//! Decoders that are not ours, and pictures as a phone's camera takes them. Knows pixels, no screens.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod album;
mod camera;

use till_display::Frame;

pub(crate) use album::Album;
pub(crate) use camera::Photo;

/// A picture of grey alone, one byte a pixel.
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Grey {
    /// Returns a frame's green, which is enough: a code is black on white.
    pub(crate) fn of(frame: &Frame) -> Self {
        let size = frame.dimensions();
        let pixels = frame.bytes().iter().skip(1).step_by(3).copied().collect();
        Self { width: size.width() as usize, height: size.height() as usize, pixels }
    }
}

/// Returns the texts of all codes that `rqrr` reads in a picture. It is made for plain pictures: of photos that ZBar and
/// ZXing read nearly all it missed up to half.
pub(crate) fn rqrr(picture: &Grey) -> Vec<String> {
    let Grey { width, height, pixels } = picture;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(*width, *height, |x, y| pixels[y * width + x]);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
