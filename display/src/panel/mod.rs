//! Where frames go: a panel takes whole frames and can fail at that one step. Knows no screens.

mod drm;
mod fbdev;
mod geometry;
mod millimetres;
mod png;
mod rows;
mod spi;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use crate::frame::Frame;
use crate::picture::PictureError;
use crate::size::Size;

pub use drm::{CardError, DrmPanel};
pub use fbdev::FbdevPanel;
pub use geometry::GeometryError;
pub use png::PngPanel;
pub use spi::{ColourOrder, Controller, Glass, GlassError, Lines, Opened, SpiPanel, Wiring};

/// Something that shows frames.
pub trait Panel: Send {
    /// Returns the size of the frames to draw: the device's, turned as it is mounted. A device that is not open is opened
    /// and asked, and it may have another size then than before.
    ///
    /// # Errors
    /// When the device cannot be had or used; it may be there the next time.
    fn size(&mut self) -> Result<Size, PanelError>;

    /// Returns the width and height of those frames on the device in millimetres, where the device was opened and tells
    /// a size that can be.
    fn millimetres(&mut self) -> Option<(u32, u32)> {
        None
    }

    /// Returns the path of the device's file, where that tells something of the device: that it is there, or is another now.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// Brings a frame to the device, whole.
    ///
    /// # Errors
    /// When the device did not take it; what it shows then is the frame before, or unknown after a fault of the device.
    fn show(&mut self, frame: &Frame) -> Result<(), PanelError>;

    /// Looks whether the device still shows the frame that it has taken, as cheaply as it can. A panel whose frame is
    /// seldom another one is asked every few seconds; one that cannot tell has nothing to say.
    ///
    /// # Errors
    /// When it does not, for example because the display was unplugged.
    fn check(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

/// Why a frame did not reach its panel.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The frame has another size than the panel.
    #[error("a frame of {found} does not fit a panel of {expected}")]
    WrongSize {
        /// The size of frames that the panel takes.
        expected: Size,
        /// The frame's size.
        found: Size,
    },
    /// The picture could not be made.
    #[error("cannot make the picture for `{path}`")]
    Encode {
        /// The panel's file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: PictureError,
    },
    /// The picture could not be written beside its place.
    #[error("cannot write `{path}`")]
    Write {
        /// The file that was written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The picture could not be put in its place.
    #[error("cannot replace `{path}`")]
    Replace {
        /// The panel's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The framebuffer cannot be opened.
    #[error("cannot open `{path}`: there is no such display, or this user may not write it (group `video`)")]
    Open {
        /// The device.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The device is something else.
    #[error("`{path}` is no framebuffer, expected a device such as `/dev/fb0`")]
    NoFramebuffer {
        /// The device.
        path: PathBuf,
    },
    /// The framebuffer does not say what it is.
    #[error("`{path}` does not answer {request}; its driver cannot be used")]
    Ask {
        /// The device.
        path: PathBuf,
        /// The question.
        request: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The framebuffer's pixels cannot be written; another video mode may help.
    #[error("cannot draw on `{path}` in its present video mode")]
    Geometry {
        /// The device.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: GeometryError,
    },
    /// A line to an SPI panel cannot be had.
    #[error("cannot use `{path}` as the panel's {part}")]
    Connect {
        /// The device.
        path: PathBuf,
        /// What it was to be.
        part: String,
        /// What the system said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A device that is to lead to an SPI panel is something else.
    #[error("`{path}` is no {kind}, expected a device such as `{example}`")]
    NotA {
        /// The device.
        path: PathBuf,
        /// What it was to be.
        kind: &'static str,
        /// One that is.
        example: &'static str,
    },
    /// The bus or a line of an SPI panel failed.
    #[error("the panel at `{path}` did not take {what}")]
    Untaken {
        /// The bus.
        path: PathBuf,
        /// What was on its way.
        what: &'static str,
        /// What the system said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The framebuffer has become another, so what was written there is not what is to be seen.
    #[error("`{path}` has another video mode now and is drawn on anew")]
    Changed {
        /// The device.
        path: PathBuf,
    },
    /// There is a card, but no display on it.
    #[error("no display is connected to {output} of `{path}`")]
    Unplugged {
        /// The card.
        path: PathBuf,
        /// Where one could be, by name.
        output: String,
    },
    /// The card does not show pictures.
    #[error("cannot draw on `{path}`")]
    Card {
        /// The device.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: CardError,
    },
}
