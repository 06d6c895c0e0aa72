//! The panel that is a file: a PNG, replaced as a whole at every frame. Knows files, no screens.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Panel, PanelError};
use crate::frame::Frame;
use crate::picture::{Effort, encode};
use crate::size::{Rotation, Size};

/// A panel that is a PNG file, replaced as a whole at every frame: a reader sees the old picture or the new one.
#[derive(Debug)]
pub struct PngPanel {
    path: PathBuf,
    part: PathBuf,
    device: Size,
    rotation: Rotation,
}

impl PngPanel {
    /// Returns a panel of the device's size, whose frames are turned by `rotation` on their way to the file.
    /// Touches no file before the first frame.
    pub fn new(path: impl Into<PathBuf>, device: Size, rotation: Rotation) -> Self {
        let path = path.into();
        let part = part_of(&path);
        Self { path, part, device, rotation }
    }

    /// Returns the size of the frames to draw.
    pub fn size(&self) -> Size {
        self.device.turned(self.rotation)
    }

    /// Returns the file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a new file beside the old one; what a crash has left there is removed first, and never written through.
    fn write_part(&self, bytes: &[u8]) -> io::Result<()> {
        match fs::remove_file(&self.part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&self.part)?;
        // The process's mask may have taken bits away, and the picture is meant for other programs.
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(bytes)
    }

    /// Removes the unfinished file; that it stays behind is harmless, the next frame removes it.
    fn forget_part(&self) {
        let _ = fs::remove_file(&self.part);
    }
}

impl Panel for PngPanel {
    fn size(&mut self) -> Result<Size, PanelError> {
        Ok(self.device.turned(self.rotation))
    }

    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let expected = Self::size(self);
        if frame.dimensions() != expected {
            return Err(PanelError::WrongSize { expected, found: frame.dimensions() });
        }
        let bytes = encode(frame, self.rotation, Effort::Fast)
            .map_err(|source| PanelError::Encode { path: self.path.clone(), source })?;
        self.write_part(&bytes).map_err(|source| {
            self.forget_part();
            PanelError::Write { path: self.part.clone(), source }
        })?;
        fs::rename(&self.part, &self.path).map_err(|source| {
            self.forget_part();
            PanelError::Replace { path: self.path.clone(), source }
        })
    }
}

/// Returns the hidden name beside a file under which its next content is written.
fn part_of(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests;
