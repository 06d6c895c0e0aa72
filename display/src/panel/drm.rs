//! The panel that is an output of a graphics card: two buffers, of which one is shown while the other is drawn on. Knows
//! no screens.

mod card;
mod output;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::geometry::{Geometry, GeometryError};
use super::rows::changed;
use super::{Panel, PanelError, millimetres};
use crate::frame::Frame;
use crate::size::{Rotation, Size};

use card::{Buffer, Card};
use output::{Output, Plug, Wish};

/// How long the kernel may take to show a picture. The slowest displays make 24 pictures a second.
const FLIP: Duration = Duration::from_secs(1);

/// An output of a graphics card such as `/dev/dri/card0`. A frame is drawn where nobody sees it, only where it differs
/// from what is there, and then shown as a whole. After a fault the card is opened anew; while no display is plugged in
/// it stays open, so that nobody else draws there, and dark, so that the next display does not show an old picture.
pub struct DrmPanel {
    path: PathBuf,
    rotation: Rotation,
    wish: Wish,
    open: Open,
    device: Option<Device>,
}

/// Opens a card; in tests, a card that is none.
type Open = Box<dyn Fn(&Path) -> Result<Box<dyn Card>, PanelError> + Send>;

/// Why a card does not show a picture.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The device is something else.
    #[error("it is no graphics card with outputs, expected a device such as `/dev/dri/card0`")]
    NoCard,
    /// No display is plugged in.
    #[error("no display is connected to {output}")]
    Unplugged {
        /// Where one could be, by name.
        output: String,
    },
    /// The card has no output of this name.
    #[error("it has no output `{wanted}`, only: {found}")]
    NoSuchOutput {
        /// The name in the configuration.
        wanted: String,
        /// The names of those that there are.
        found: String,
    },
    /// The display does not offer a mode that can be used.
    #[error(
        "the display on {output} has no mode {}, only: {offered}",
        wanted.map_or("that screens can be laid out on".to_owned(), |size| size.to_string())
    )]
    NoMode {
        /// Where the display is.
        output: String,
        /// The mode's size, if there is one in the configuration.
        wanted: Option<Size>,
        /// The sizes that there are.
        offered: String,
    },
    /// The card cannot drive this output.
    #[error("it has no controller for {output}")]
    NoController {
        /// The output.
        output: String,
    },
    /// The card's buffers cannot be drawn on.
    #[error("its buffers cannot be drawn on")]
    Geometry(#[source] GeometryError),
    /// Another program draws on the card.
    #[error("another program draws on it; it can be used when that program has closed it")]
    NotMaster {
        /// What was wanted of the card.
        request: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another program's picture is to be seen.
    #[error("another program shows its own picture on {output}")]
    Taken {
        /// Where.
        output: String,
    },
    /// The card does not do what it is asked to.
    #[error("it refuses {request}")]
    Refused {
        /// What was wanted of the card.
        request: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The card does not say that it shows the picture.
    #[error("it has not shown the picture within {} s", FLIP.as_secs())]
    Late,
}

impl CardError {
    /// Returns what turns a refusal into an error.
    fn of(request: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            // EACCES and EPERM are what whoever is not the card's master gets.
            let is_master = source.kind() != io::ErrorKind::PermissionDenied;
            if is_master { Self::Refused { request, source } } else { Self::NotMaster { request, source } }
        }
    }
}

impl DrmPanel {
    /// Returns a panel on this card: on the output of this name such as `HDMI-A-1`, or without a name on the first to
    /// which a display is connected; in the display's mode of this size, or without one in the mode that it prefers.
    /// Frames are turned by `rotation` on their way. Touches no device before the size is asked for.
    pub fn new(path: impl Into<PathBuf>, connector: Option<String>, mode: Option<Size>, rotation: Rotation) -> Self {
        let wish = Wish { connector, mode };
        Self { path: path.into(), rotation, wish, open: Box::new(card::open), device: None }
    }

    /// Does something with the card, opened and with an output chosen. After a fault it is closed, or, when only the
    /// display is missing, dark.
    fn with<T>(&mut self, work: impl FnOnce(&mut dyn Card, &mut Lit) -> Result<T, CardError>) -> Result<T, PanelError> {
        let mut device = match self.device.take() {
            Some(device) => device,
            None => Device { card: (self.open)(&self.path)?, lit: None },
        };
        let lit = match device.lit.take() {
            Some(lit) => Ok(lit),
            None => device.light(&self.wish),
        };
        let done = lit.and_then(|mut lit| {
            let done = work(device.card.as_mut(), &mut lit);
            device.lit = Some(lit);
            done
        });
        match done {
            Ok(done) => {
                self.device = Some(device);
                Ok(done)
            }
            Err(CardError::Unplugged { output }) => {
                let path = self.path.clone();
                // Whoever cannot even turn it off begins again.
                self.device = device.darken().is_ok().then_some(device);
                Err(PanelError::Unplugged { path, output })
            }
            Err(source) => Err(PanelError::Card { path: self.path.clone(), source }),
        }
    }
}

impl Panel for DrmPanel {
    fn size(&mut self) -> Result<Size, PanelError> {
        let rotation = self.rotation;
        self.with(|_, lit| Ok(lit.output.size.turned(rotation)))
    }

    fn millimetres(&mut self) -> Option<(u32, u32)> {
        let output = &self.device.as_ref()?.lit.as_ref()?.output;
        millimetres::of(output.size, output.millimetres, self.rotation)
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
        self.with(|card, lit| lit.show(card, frame, rotation))
    }

    fn check(&mut self) -> Result<(), PanelError> {
        match &self.device {
            Some(Device { lit: Some(_), .. }) => self.with(|card, lit| lit.check(card)),
            // The next picture finds out.
            Some(_) | None => Ok(()),
        }
    }
}

impl std::fmt::Debug for DrmPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DrmPanel({})", self.path.display())
    }
}

/// An open card.
struct Device {
    card: Box<dyn Card>,
    lit: Option<Lit>,
}

impl Device {
    /// Chooses an output and makes its buffers. Nothing is to be seen before the first frame.
    fn light(&mut self, wish: &Wish) -> Result<Lit, CardError> {
        let connectors = self.card.connectors().map_err(CardError::of("DRM_IOCTL_MODE_GETCONNECTOR"))?;
        let output = wish.choose(&connectors)?;
        let (width, height) = (output.size.width(), output.size.height());
        let mut buffer = || self.card.create(width, height).map_err(CardError::of("DRM_IOCTL_MODE_CREATE_DUMB"));
        let (front, back) = (buffer()?, buffer()?);
        Ok(Lit { output, front, back, shown: Vec::new(), stale: vec![true; height as usize] })
    }

    /// Turns the output off and forgets it.
    fn darken(&mut self) -> io::Result<()> {
        let Some(lit) = self.lit.take() else { return Ok(()) };
        self.card.turn_off(lit.output.crtc)?;
        self.card.destroy(lit.front)?;
        self.card.destroy(lit.back)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.card.give_back();
    }
}

/// An output with its two buffers.
struct Lit {
    output: Output,
    /// What is shown, after the first frame.
    front: Buffer,
    /// What is drawn on.
    back: Buffer,
    /// The bytes of the frame that is shown; none before the first.
    shown: Vec<u8>,
    /// The rows in which the back is not what is shown.
    stale: Vec<bool>,
}

impl Lit {
    /// Returns when the frame is to be seen, and the one before it is not any more.
    fn show(&mut self, card: &mut dyn Card, frame: &Frame, rotation: Rotation) -> Result<(), CardError> {
        let is_first = self.shown.is_empty();
        let changed = changed(frame, &self.shown, rotation);
        if !changed.contains(&true) {
            return Ok(());
        }
        let wanted: Vec<_> = changed.iter().zip(&self.stale).map(|(changed, stale)| *changed || *stale).collect();
        self.draw(card, frame, rotation, &wanted)?;
        if is_first {
            card.set(&self.output, &self.back).map_err(CardError::of("DRM_IOCTL_MODE_SETCRTC"))?;
        } else {
            let crtc = self.output.crtc;
            card.flip(crtc, &self.back).map_err(CardError::of("DRM_IOCTL_MODE_PAGE_FLIP"))?;
            if !card.flipped(crtc, FLIP).map_err(CardError::of("poll and read"))? {
                return Err(CardError::Late);
            }
        }
        std::mem::swap(&mut self.front, &mut self.back);
        // The back now has the frame before, or nothing yet.
        self.stale = changed;
        self.shown.clear();
        self.shown.extend_from_slice(frame.bytes());
        Ok(())
    }

    /// Draws these rows of the back.
    fn draw(
        &mut self,
        card: &mut dyn Card,
        frame: &Frame,
        rotation: Rotation,
        wanted: &[bool],
    ) -> Result<(), CardError> {
        let geometry = Geometry::xrgb8888(self.output.size, self.back.pitch);
        let format = geometry.format().map_err(CardError::Geometry)?;
        let (pitch, length) = (self.back.pitch as usize, format.row_bytes());
        let mut draw = |bytes: &mut [u8]| {
            let lines = bytes.chunks_exact_mut(pitch).zip(wanted).enumerate();
            for (row, (line, _)) in lines.filter(|(_, (_, wanted))| **wanted) {
                format.fill(&mut line[..length], frame.turned_row(rotation, row));
            }
        };
        card.write(&self.back, &mut draw).map_err(CardError::of("DRM_IOCTL_MODE_MAP_DUMB"))
    }

    /// Looks whether the display is still plugged in and shows what it was given.
    fn check(&mut self, card: &mut dyn Card) -> Result<(), CardError> {
        let output = || self.output.name.clone();
        let plug = card.plug(self.output.connector).map_err(CardError::of("DRM_IOCTL_MODE_GETCONNECTOR"))?;
        if plug == Plug::Disconnected {
            return Err(CardError::Unplugged { output: output() });
        }
        let shown = card.shown(self.output.crtc).map_err(CardError::of("DRM_IOCTL_MODE_GETCRTC"))?;
        match shown == Some(self.front.id) || self.shown.is_empty() {
            true => Ok(()),
            false => Err(CardError::Taken { output: output() }),
        }
    }
}

#[cfg(test)]
mod tests;
