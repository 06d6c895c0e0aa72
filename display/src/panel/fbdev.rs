//! The panel that is a framebuffer, written at its places in the file, without mapping memory. Knows no screens.

mod on_file;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::geometry::{Format, Geometry, GeometryError};
use super::rows::changed;
use super::{Panel, PanelError, millimetres};
use crate::frame::Frame;
use crate::size::{Rotation, Size};
use crate::sys;

/// A framebuffer such as `/dev/fb0`. Only rows that have changed are written. After a fault it is opened and asked anew,
/// because a display that was unplugged may come back with another size, and then all of it is written.
pub struct FbdevPanel {
    path: PathBuf,
    rotation: Rotation,
    ask: Ask,
    device: Option<Device>,
}

/// Opens a device and asks what it is; in tests, a file that stands in for it.
type Ask = Box<dyn Fn(&Path) -> Result<(File, Geometry), PanelError> + Send>;

impl FbdevPanel {
    /// Returns a panel whose frames are turned by `rotation` on their way to the device. Touches no device before the
    /// size is asked for.
    pub fn new(path: impl Into<PathBuf>, rotation: Rotation) -> Self {
        Self { path: path.into(), rotation, ask: Box::new(open), device: None }
    }

    fn device(&mut self) -> Result<&mut Device, PanelError> {
        let device = match self.device.take() {
            Some(device) => device,
            None => {
                let (file, geometry) = (self.ask)(&self.path)?;
                // The console may have blanked it. A driver that cannot light it cannot have blanked it either.
                let _ = sys::unblank(&file);
                let unfit = |source| PanelError::Geometry { path: self.path.clone(), source };
                Device::new(file, geometry).map_err(unfit)?
            }
        };
        Ok(self.device.insert(device))
    }
}

impl Panel for FbdevPanel {
    fn size(&mut self) -> Result<Size, PanelError> {
        let rotation = self.rotation;
        Ok(self.device()?.format.size().turned(rotation))
    }

    fn millimetres(&mut self) -> Option<(u32, u32)> {
        let device = self.device.as_ref()?;
        millimetres::of(device.format.size(), device.geometry.millimetres, self.rotation)
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        let expected = self.size()?;
        if frame.dimensions() != expected {
            return Err(PanelError::WrongSize { expected, found: frame.dimensions() });
        }
        let rotation = self.rotation;
        self.device()?.show(frame, rotation).map_err(|source| {
            self.device = None;
            PanelError::Write { path: self.path.clone(), source }
        })
    }

    fn check(&mut self) -> Result<(), PanelError> {
        // The next picture finds out.
        let Some(device) = self.device.take() else { return Ok(()) };
        let (_, geometry) = (self.ask)(&self.path)?;
        if geometry != device.geometry {
            return Err(PanelError::Changed { path: self.path.clone() });
        }
        self.device = Some(device);
        Ok(())
    }
}

impl std::fmt::Debug for FbdevPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FbdevPanel({})", self.path.display())
    }
}

/// Opens a framebuffer and asks what it is. Nothing else is opened: that could set something off, or wait for ever.
fn open(path: &Path) -> Result<(File, Geometry), PanelError> {
    let fault = |source| PanelError::Open { path: path.to_owned(), source };
    if !sys::is_framebuffer(&fs::metadata(path).map_err(fault)?) {
        return Err(PanelError::NoFramebuffer { path: path.to_owned() });
    }
    let file = OpenOptions::new().write(true).open(path).map_err(fault)?;
    let unasked = |request| move |source| PanelError::Ask { path: path.to_owned(), request, source };
    let var = sys::var_info(&file).map_err(unasked("FBIOGET_VSCREENINFO"))?;
    let fix = sys::fix_info(&file).map_err(unasked("FBIOGET_FSCREENINFO"))?;
    Ok((file, Geometry::of(&var, &fix)))
}

/// An open framebuffer and what it shows.
struct Device {
    file: File,
    geometry: Geometry,
    format: Format,
    /// The bytes of the frame that was written; none before the first.
    shown: Vec<u8>,
}

impl Device {
    fn new(file: File, geometry: Geometry) -> Result<Self, GeometryError> {
        Ok(Self { file, format: geometry.format()?, geometry, shown: Vec::new() })
    }

    fn show(&mut self, frame: &Frame, rotation: Rotation) -> io::Result<()> {
        let length = self.format.row_bytes();
        let mut bytes = Vec::new();
        for rows in runs(&changed(frame, &self.shown, rotation), self.format.is_seamless()) {
            bytes.resize(rows.len() * length, 0);
            for (place, row) in bytes.chunks_exact_mut(length).zip(rows.clone()) {
                self.format.fill(place, frame.turned_row(rotation, row));
            }
            self.file.write_all_at(&bytes, self.format.place(rows.start))?;
        }
        self.shown.clear();
        self.shown.extend_from_slice(frame.bytes());
        Ok(())
    }
}

/// Returns the rows to write at once. What lies between two rows may be another program's, so they are joined only where
/// nothing does.
fn runs(changed: &[bool], seamless: bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (row, _) in changed.iter().enumerate().filter(|(_, changed)| **changed) {
        match runs.last_mut() {
            Some(last) if seamless && last.end == row => last.end += 1,
            Some(_) | None => runs.push(row..row + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests;
