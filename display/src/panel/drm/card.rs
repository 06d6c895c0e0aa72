//! A graphics card as the panel uses it, and the kernel's. It must not decide what is drawn on or when.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::time::Duration;

use drm::buffer::{Buffer as _, DrmFourcc};
use drm::control::{
    Device as _, Event, Mode as Timing, ModeFlags, ModeTypeFlags, PageFlipFlags, ResourceHandles, connector, crtc,
    dumbbuffer::DumbBuffer, framebuffer, from_u32,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::output::{Connector, Mode, Output, Plug};
use super::{CardError, PanelError};

/// What a panel asks of a card. Things of the card go by the kernel's numbers.
pub(super) trait Card: Send {
    /// Lists the connectors, after having them looked at anew.
    fn connectors(&mut self) -> io::Result<Vec<Connector>>;

    /// Tells whether a display is plugged in, as far as the kernel knows without looking.
    fn plug(&mut self, connector: u32) -> io::Result<Plug>;

    /// Tells which buffer a controller shows.
    fn shown(&mut self, crtc: u32) -> io::Result<Option<u32>>;

    /// Makes a buffer of four bytes a pixel.
    fn create(&mut self, width: u32, height: u32) -> io::Result<Buffer>;

    /// Has the bytes of a buffer changed.
    fn write(&mut self, buffer: &Buffer, change: &mut dyn FnMut(&mut [u8])) -> io::Result<()>;

    /// Takes a buffer away.
    fn destroy(&mut self, buffer: Buffer) -> io::Result<()>;

    /// Lights the output with this buffer, in its mode; what the controller showed before is kept for `give_back`.
    fn set(&mut self, output: &Output, buffer: &Buffer) -> io::Result<()>;

    /// Has another buffer of the same size shown from the next picture on; an event says when it is.
    fn flip(&mut self, crtc: u32, buffer: &Buffer) -> io::Result<()>;

    /// Waits for that event; false when it does not come in time.
    fn flipped(&mut self, crtc: u32, within: Duration) -> io::Result<bool>;

    /// Turns a controller off.
    fn turn_off(&mut self, crtc: u32) -> io::Result<()>;

    /// Shows again what was to be seen before `set`, if it is still there.
    fn give_back(&mut self);
}

/// A picture in the card's memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Buffer {
    /// The kernel's number of the framebuffer.
    pub(super) id: u32,
    /// The bytes from a row to the next.
    pub(super) pitch: u32,
}

/// The major number of all graphics cards, and the number of minors that can show something (the others only reckon).
/// Source: Linux, `Documentation/admin-guide/devices.txt`, and `drivers/gpu/drm/drm_drv.c`, `drm_minor_alloc`.
const MAJOR: u32 = 226;
const PRIMARY: u32 = 64;

/// A wait that signals have interrupted this often is given up.
const INTERRUPTIONS: u32 = 100;

/// A card of the kernel's. The kernel takes buffers away when it is closed.
struct KernelCard {
    file: File,
    buffers: Vec<(framebuffer::Handle, DumbBuffer)>,
    /// The modes of each connector, as listed last.
    timings: Vec<(connector::Handle, Vec<Timing>)>,
    /// What the first controller that was set had shown.
    found: Option<(crtc::Info, connector::Handle)>,
}

impl AsFd for KernelCard {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl drm::Device for KernelCard {}

impl drm::control::Device for KernelCard {}

/// Opens a graphics card; whoever is the first to do so may draw on it. Nothing else is opened.
pub(super) fn open(path: &Path) -> Result<Box<dyn Card>, PanelError> {
    let fault = |source| PanelError::Open { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(fault)?;
    let device = metadata.rdev();
    let is_card = rustix::fs::major(device) == MAJOR && rustix::fs::minor(device) < PRIMARY;
    if !metadata.file_type().is_char_device() || !is_card {
        return Err(PanelError::Card { path: path.to_owned(), source: CardError::NoCard });
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(fault)?;
    Ok(Box::new(KernelCard { file, buffers: Vec::new(), timings: Vec::new(), found: None }))
}

impl KernelCard {
    fn connector(&self, info: &connector::Info, resources: &ResourceHandles) -> Connector {
        let encoder = |handle| self.get_encoder(handle).ok();
        let mut crtcs: Vec<u32> = Vec::new();
        for encoder in info.encoders().iter().filter_map(|handle| encoder(*handle)) {
            let possible = resources.filter_crtcs(encoder.possible_crtcs());
            crtcs.extend(possible.into_iter().map(u32::from));
        }
        Connector {
            id: info.handle().into(),
            name: info.to_string(),
            plug: plug(info.state()),
            millimetres: info.size().unwrap_or_default(),
            modes: info.modes().iter().map(mode).collect(),
            crtc: info.current_encoder().and_then(encoder).and_then(|encoder| encoder.crtc()).map(u32::from),
            crtcs,
        }
    }

    fn buffer(&self, buffer: &Buffer) -> io::Result<(usize, framebuffer::Handle)> {
        let place = self.buffers.iter().position(|(handle, _)| u32::from(*handle) == buffer.id);
        place.and_then(|place| Some((place, self.buffers.get(place)?.0))).ok_or(Errno::NOENT.into())
    }

    /// Looks for the event among those that have come.
    fn has_flipped(&self, crtc: u32) -> io::Result<bool> {
        let is_ours = |event: &Event| matches!(event, Event::PageFlip(flip) if u32::from(flip.crtc) == crtc);
        Ok(self.receive_events()?.any(|event| is_ours(&event)))
    }
}

fn plug(state: connector::State) -> Plug {
    match state {
        connector::State::Connected => Plug::Connected,
        connector::State::Disconnected => Plug::Disconnected,
        connector::State::Unknown => Plug::Unknown,
    }
}

fn mode(timing: &Timing) -> Mode {
    let (width, height) = timing.size();
    Mode {
        width: width.into(),
        height: height.into(),
        is_preferred: timing.mode_type().contains(ModeTypeFlags::PREFERRED),
        is_interlaced: timing.flags().contains(ModeFlags::INTERLACE),
    }
}

/// Makes the kernel's number a handle again.
fn handle<T: From<drm::control::RawResourceHandle>>(number: u32) -> io::Result<T> {
    from_u32(number).ok_or(Errno::NOENT.into())
}

impl Card for KernelCard {
    fn connectors(&mut self) -> io::Result<Vec<Connector>> {
        let resources = self.resource_handles()?;
        let mut connectors = Vec::new();
        self.timings.clear();
        for handle in resources.connectors() {
            let info = self.get_connector(*handle, true)?;
            connectors.push(self.connector(&info, &resources));
            self.timings.push((*handle, info.modes().to_vec()));
        }
        Ok(connectors)
    }

    fn plug(&mut self, connector: u32) -> io::Result<Plug> {
        Ok(plug(self.get_connector(handle(connector)?, false)?.state()))
    }

    fn shown(&mut self, crtc: u32) -> io::Result<Option<u32>> {
        Ok(self.get_crtc(handle(crtc)?)?.framebuffer().map(u32::from))
    }

    fn create(&mut self, width: u32, height: u32) -> io::Result<Buffer> {
        let memory = self.create_dumb_buffer((width, height), DrmFourcc::Xrgb8888, 32)?;
        // A depth of 24 bits in pixels of 32 is XRGB8888.
        let handle = match self.add_framebuffer(&memory, 24, 32) {
            Ok(handle) => handle,
            Err(error) => {
                self.destroy_dumb_buffer(memory)?;
                return Err(error);
            }
        };
        self.buffers.push((handle, memory));
        Ok(Buffer { id: handle.into(), pitch: memory.pitch() })
    }

    fn write(&mut self, buffer: &Buffer, change: &mut dyn FnMut(&mut [u8])) -> io::Result<()> {
        let (place, _) = self.buffer(buffer)?;
        let mut memory = self.buffers[place].1;
        change(self.map_dumb_buffer(&mut memory)?.as_mut());
        Ok(())
    }

    fn destroy(&mut self, buffer: Buffer) -> io::Result<()> {
        let (place, handle) = self.buffer(&buffer)?;
        let (_, memory) = self.buffers.swap_remove(place);
        self.destroy_framebuffer(handle)?;
        self.destroy_dumb_buffer(memory)
    }

    fn set(&mut self, output: &Output, buffer: &Buffer) -> io::Result<()> {
        let (_, framebuffer) = self.buffer(buffer)?;
        let (crtc, connector) = (handle(output.crtc)?, handle(output.connector)?);
        let timings = self.timings.iter().find(|(listed, _)| *listed == connector);
        let timing = timings.and_then(|(_, timings)| timings.get(output.mode)).copied();
        let timing = timing.ok_or(Errno::NOENT)?;
        let found = self.get_crtc(crtc)?;
        self.set_crtc(crtc, Some(framebuffer), (0, 0), &[connector], Some(timing))?;
        self.found.get_or_insert((found, connector));
        Ok(())
    }

    fn flip(&mut self, crtc: u32, buffer: &Buffer) -> io::Result<()> {
        let (_, framebuffer) = self.buffer(buffer)?;
        self.page_flip(handle(crtc)?, framebuffer, PageFlipFlags::EVENT, None)
    }

    fn flipped(&mut self, crtc: u32, within: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(within).map_err(|_| Errno::INVAL)?;
        for _ in 0..INTERRUPTIONS {
            let mut descriptors = [PollFd::new(&self.file, PollFlags::IN)];
            match poll(&mut descriptors, Some(&timeout)) {
                Ok(0) => return Ok(false),
                Ok(_) if self.has_flipped(crtc)? => return Ok(true),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    fn turn_off(&mut self, crtc: u32) -> io::Result<()> {
        self.set_crtc(handle(crtc)?, None, (0, 0), &[], None)
    }

    fn give_back(&mut self) {
        if let Some((found, connector)) = self.found.take() {
            // When its buffer is gone, the kernel shows its console as soon as nobody has the card open.
            let mode = found.mode().filter(|_| found.framebuffer().is_some());
            let connectors: &[_] = if mode.is_some() { &[connector] } else { &[] };
            let _ = self.set_crtc(found.handle(), found.framebuffer(), found.position(), connectors, mode);
        }
    }
}
