//! A graphics card that is none: it keeps to the kernel's rules, says when the panel breaks one, and can be unplugged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use super::super::output::{Connector, Mode, Plug};
use super::*;

/// The number of the buffer that the kernel's console has.
pub(super) const CONSOLE: u32 = 1;

/// The first number of other programs' buffers.
pub(super) const FOREIGN_BUFFERS: u32 = 1000;

/// What stands in rows that the panel does not write.
const FOREIGN: u8 = 0xa5;

/// More bytes a row than the pixels need, as cards have it.
const PADDING: u32 = 64;

/// The test's end of the card.
#[derive(Clone)]
pub(super) struct Kernel(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) connectors: Vec<Connector>,
    pub(super) buffers: BTreeMap<u32, Memory>,
    next: u32,
    /// What the controller shows; none when it is off.
    pub(super) shown: Option<u32>,
    /// What it will show when the flip is done.
    pending: Option<u32>,
    pub(super) is_master: bool,
    /// Whether flips are never said to be done.
    pub(super) loses_events: bool,
    /// How often the card was opened.
    pub(super) opened: usize,
    pub(super) is_open: bool,
    /// How often the controller was set and flipped.
    pub(super) sets: usize,
    pub(super) flips: usize,
    /// How often the panel has shown again what was there before, without waiting for the kernel to do it.
    pub(super) given_back: usize,
    /// The rows that were written last.
    pub(super) written: Vec<usize>,
}

#[derive(Clone)]
pub(super) struct Memory {
    pub(super) size: (u32, u32),
    pub(super) bytes: Vec<u8>,
}

/// The panel's end of the card.
struct Handle {
    kernel: Kernel,
    /// What the controller showed before the panel came.
    found: Option<u32>,
}

pub(in crate::panel::drm) fn mode(width: u32, height: u32) -> Mode {
    Mode { width, height, is_preferred: false, is_interlaced: false }
}

pub(in crate::panel::drm) fn connector(id: u32, name: &str, modes: &[(u32, u32)]) -> Connector {
    let modes = modes.iter().map(|(width, height)| mode(*width, *height)).collect();
    let (name, millimetres) = (name.to_owned(), (154, 86));
    Connector { id, name, plug: Plug::Connected, millimetres, modes, crtc: None, crtcs: vec![40, 41] }
}

impl Kernel {
    /// A card with one output, whose display prefers the first of these sizes.
    pub(super) fn new(modes: &[(u32, u32)]) -> Self {
        let memory = Memory { size: (1, 1), bytes: vec![FOREIGN; 4 + PADDING as usize] };
        Self(Arc::new(Mutex::new(State {
            connectors: vec![connector(30, "HDMI-A-1", modes)],
            buffers: BTreeMap::from([(CONSOLE, memory)]),
            next: CONSOLE + 1,
            shown: Some(CONSOLE),
            pending: None,
            is_master: true,
            loses_events: false,
            opened: 0,
            is_open: false,
            sets: 0,
            flips: 0,
            given_back: 0,
            written: Vec::new(),
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A test that has failed lets go of its panel all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn panel(&self, rotation: Rotation) -> DrmPanel {
        let kernel = self.clone();
        let open = move |_: &Path| {
            let mut state = kernel.state();
            assert!(!state.is_open, "the card is opened once at a time");
            state.opened += 1;
            state.is_open = true;
            drop(state);
            Ok(Box::new(Handle { kernel: kernel.clone(), found: None }) as Box<dyn Card>)
        };
        DrmPanel { open: Box::new(open), ..DrmPanel::new("/dev/dri/card0", None, None, rotation) }
    }

    /// Returns how often the controller was set, how often it was flipped, and how often the card was opened.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let state = self.state();
        (state.sets, state.flips, state.opened)
    }

    pub(super) fn plug(&self, plug: Plug) {
        self.state().connectors[0].plug = plug;
    }

    /// Returns the colours that are to be seen, row by row.
    pub(super) fn picture(&self) -> Option<Vec<u8>> {
        let state = self.state();
        let memory = &state.buffers[&state.shown?];
        let (width, height) = (memory.size.0 as usize, memory.size.1 as usize);
        let pitch = width * 4 + PADDING as usize;
        assert!(memory.bytes.chunks(pitch).all(|line| line[width * 4..].iter().all(|byte| *byte == FOREIGN)));
        assert_eq!(memory.bytes.len(), pitch * height);
        let pixels = memory.bytes.chunks(pitch).flat_map(|line| line[..width * 4].chunks(4));
        Some(pixels.flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect())
    }
}

impl State {
    fn as_master(&self) -> io::Result<()> {
        if self.is_master { Ok(()) } else { Err(Errno::ACCESS.into()) }
    }

    fn memory(&mut self, id: u32) -> io::Result<&mut Memory> {
        self.buffers.get_mut(&id).ok_or(Errno::NOENT.into())
    }
}

impl Card for Handle {
    fn connectors(&mut self) -> io::Result<Vec<Connector>> {
        Ok(self.kernel.state().connectors.clone())
    }

    fn plug(&mut self, connector: u32) -> io::Result<Plug> {
        let state = self.kernel.state();
        let found = state.connectors.iter().find(|listed| listed.id == connector);
        found.map(|connector| connector.plug).ok_or(Errno::NOENT.into())
    }

    fn shown(&mut self, crtc: u32) -> io::Result<Option<u32>> {
        assert_eq!(crtc, 40);
        Ok(self.kernel.state().shown)
    }

    fn create(&mut self, width: u32, height: u32) -> io::Result<Buffer> {
        let mut state = self.kernel.state();
        let (id, pitch) = (state.next, width * 4 + PADDING);
        state.next += 1;
        state.buffers.insert(id, Memory { size: (width, height), bytes: vec![FOREIGN; (pitch * height) as usize] });
        let ours = state.buffers.keys().filter(|id| is_ours(**id)).count();
        assert!(ours <= 2, "two buffers are enough");
        Ok(Buffer { id, pitch })
    }

    fn write(&mut self, buffer: &Buffer, change: &mut dyn FnMut(&mut [u8])) -> io::Result<()> {
        let mut state = self.kernel.state();
        assert_ne!(state.shown, Some(buffer.id), "what is to be seen is not drawn on");
        assert_ne!(state.pending, Some(buffer.id), "what will be to be seen is not drawn on");
        let memory = state.memory(buffer.id)?;
        let mut paper = vec![FOREIGN; memory.bytes.len()];
        change(&mut paper);
        let rows = paper.chunks(buffer.pitch as usize).enumerate();
        let written = rows.filter(|(_, line)| line.iter().any(|byte| *byte != FOREIGN)).map(|(row, _)| row).collect();
        change(&mut memory.bytes);
        state.written = written;
        Ok(())
    }

    fn destroy(&mut self, buffer: Buffer) -> io::Result<()> {
        let mut state = self.kernel.state();
        assert_ne!(state.shown, Some(buffer.id), "a buffer that is shown would leave the display in disorder");
        state.buffers.remove(&buffer.id).map(|_| ()).ok_or(Errno::NOENT.into())
    }

    fn set(&mut self, output: &Output, buffer: &Buffer) -> io::Result<()> {
        let mut state = self.kernel.state();
        state.as_master()?;
        assert_eq!((output.crtc, output.connector), (40, 30));
        let size = state.memory(buffer.id)?.size;
        let mode = &state.connectors[0].modes[output.mode];
        assert_eq!(size, (mode.width, mode.height), "the buffer has the size of the mode");
        self.found = self.found.or(state.shown);
        state.shown = Some(buffer.id);
        state.sets += 1;
        Ok(())
    }

    fn flip(&mut self, crtc: u32, buffer: &Buffer) -> io::Result<()> {
        assert_eq!(crtc, 40);
        let mut state = self.kernel.state();
        state.as_master()?;
        let size = state.memory(buffer.id)?.size;
        assert_eq!(state.pending, None, "one flip at a time");
        let shown = state.shown.and_then(|shown| state.buffers.get(&shown)).map(|memory| memory.size);
        assert_eq!(shown, Some(size), "a flip needs a buffer of the same size");
        state.pending = Some(buffer.id);
        state.flips += 1;
        Ok(())
    }

    fn flipped(&mut self, crtc: u32, _: Duration) -> io::Result<bool> {
        assert_eq!(crtc, 40);
        let mut state = self.kernel.state();
        if state.loses_events {
            return Ok(false);
        }
        let pending = state.pending.take();
        assert!(pending.is_some(), "an event that nothing brings is waited for");
        state.shown = pending;
        Ok(true)
    }

    fn turn_off(&mut self, crtc: u32) -> io::Result<()> {
        assert_eq!(crtc, 40);
        let mut state = self.kernel.state();
        state.as_master()?;
        state.shown = None;
        Ok(())
    }

    fn give_back(&mut self) {
        let mut state = self.kernel.state();
        if let (Some(found), Ok(())) = (self.found.take(), state.as_master()) {
            state.shown = Some(found);
            state.given_back += 1;
        }
    }
}

impl Drop for Handle {
    /// The kernel takes back what belonged to whoever has closed the card, and shows its console when nobody is left.
    fn drop(&mut self) {
        let mut state = self.kernel.state();
        state.is_open = false;
        state.pending = None;
        state.buffers.retain(|id, _| !is_ours(*id));
        if state.shown.is_none_or(is_ours) && state.is_master {
            state.shown = Some(CONSOLE);
        }
    }
}

/// Whether a buffer is the panel's.
fn is_ours(id: u32) -> bool {
    id != CONSOLE && id < FOREIGN_BUFFERS
}
