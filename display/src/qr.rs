//! QR codes of whole pixels. Knows text and modules, nothing of what the text means.

mod mask;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use crate::theme::{BLACK, WHITE};

/// The modules of white that surround a code on every side.
pub const QUIET_ZONE: u32 = 4;
/// The fewest pixels a module may have; below that, phones need luck.
pub const MIN_MODULE: u32 = 3;

/// A code, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    /// The modules of a side without the quiet zone.
    width: u32,
    /// Row by row, whether a module is dark.
    dark: Vec<bool>,
}

impl QrCode {
    /// Encodes a text at error correction M in the smallest version that takes it.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when not even the largest version does.
    pub fn encode(payload: &str) -> Result<Self, QrError> {
        Self::encode_at(payload, qrcode::EcLevel::M)
    }

    /// Encodes a text at error correction L, for long texts that would be too dense at M: at most 2953 bytes.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when not even the largest version takes it.
    pub fn encode_long(payload: &str) -> Result<Self, QrError> {
        Self::encode_at(payload, qrcode::EcLevel::L)
    }

    fn encode_at(payload: &str, level: qrcode::EcLevel) -> Result<Self, QrError> {
        let (width, dark) = mask::encode(payload.as_bytes(), level)
            .map_err(|source| QrError::TooLong { bytes: payload.len(), source })?;
        // A side has at most 177 modules.
        Ok(Self { width: width as u32, dark })
    }

    /// Returns the modules of a side including the quiet zone.
    pub fn modules(&self) -> u32 {
        self.width + 2 * QUIET_ZONE
    }

    /// Returns the modules without the quiet zone as rows from top to bottom; `true` is dark.
    pub(crate) fn rows(&self) -> Vec<Vec<bool>> {
        self.dark.chunks(self.width as usize).map(<[bool]>::to_vec).collect()
    }

    /// Returns the pixels that a module gets on a square of `pixels`.
    ///
    /// # Errors
    /// [`QrError::TooDense`] when that is less than [`MIN_MODULE`].
    pub fn module_in(&self, pixels: u32) -> Result<u32, QrError> {
        let module = pixels / self.modules();
        if module >= MIN_MODULE { Ok(module) } else { Err(QrError::TooDense { modules: self.modules(), pixels }) }
    }

    /// Draws the code with its quiet zone, black on white, its top left corner at `corner`, `module` pixels a module.
    pub fn draw<D>(&self, target: &mut D, corner: Point, module: u32) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let side = self.modules() * module;
        target.fill_solid(&Rectangle::new(corner, Extent::new(side, side)), WHITE)?;
        // Codes have at most 185 modules and frames 4096 pixels.
        let place = |modules: u32| ((QUIET_ZONE + modules) * module) as i32;
        for (row, y) in self.dark.chunks(self.width as usize).zip(0..) {
            for (&dark, x) in row.iter().zip(0..) {
                if dark {
                    let at = corner + Point::new(place(x), place(y));
                    target.fill_solid(&Rectangle::new(at, Extent::new(module, module)), BLACK)?;
                }
            }
        }
        Ok(())
    }
}

/// Why a code cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// A module would have fewer than [`MIN_MODULE`] pixels.
    #[error("a code of {modules} modules needs {} pixels, the panel has {pixels}", modules * MIN_MODULE)]
    TooDense {
        /// The modules of a side including the quiet zone.
        modules: u32,
        /// The side of the largest square that the panel has for it, in pixels.
        pixels: u32,
    },
    /// No version of the code takes a text of this length.
    #[error("cannot encode {bytes} bytes")]
    TooLong {
        /// The length of the text.
        bytes: usize,
        /// What the encoder said.
        #[source]
        source: qrcode::types::QrError,
    },
}
