//! A framebuffer's panel without a framebuffer: the same bytes go to a plain file, for measuring and for looking at them.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use super::FbdevPanel;
use crate::panel::PanelError;
use crate::panel::geometry::{Bitfield, Geometry, PACKED_PIXELS, TRUECOLOR};
use crate::size::{Rotation, Size};

impl FbdevPanel {
    /// Returns a panel on a plain file, which is made or overwritten: pixels of 32 bits (blue, green, red and nothing, on
    /// most machines), row after row without anything between, as the commonest framebuffers have them.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn on_file(path: impl Into<PathBuf>, device: Size, rotation: Rotation) -> io::Result<Self> {
        let path = path.into();
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        file.set_len(u64::from(device.width()) * u64::from(device.height()) * 4)?;
        let ask = move |path: &Path| {
            let file = OpenOptions::new().write(true).open(path);
            let file = file.map_err(|source| PanelError::Open { path: path.to_owned(), source })?;
            Ok((file, plain(device)))
        };
        Ok(Self { ask: Box::new(ask), ..Self::new(path, rotation) })
    }
}

fn plain(device: Size) -> Geometry {
    let field = |offset| Bitfield { offset, length: 8, msb_right: 0 };
    Geometry {
        width: device.width(),
        height: device.height(),
        millimetres: (0, 0),
        x_offset: 0,
        y_offset: 0,
        line_length: device.width() * 4,
        bits_per_pixel: 32,
        grayscale: 0,
        nonstd: 0,
        kind: PACKED_PIXELS,
        visual: TRUECOLOR,
        red: field(16),
        green: field(8),
        blue: field(0),
        transp: Bitfield { offset: 0, length: 0, msb_right: 0 },
    }
}
