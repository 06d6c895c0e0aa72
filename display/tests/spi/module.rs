//! A panel as it is sold: a controller and its glass, wired to lines that can fail. Knows no commands.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, OutputPin};
use embedded_hal::spi::{self, Operation, SpiDevice};
use till_display::{ColourOrder, Controller, Frame, Glass, Lines, Opened, PanelError, Rotation, Size};

use crate::chip::Chip;
use crate::sheet::{BGR, ILI9341, ILI9488, LONG_NS, ST7789, Sheet};

/// A module on the desk; its copies are the same module.
#[derive(Clone)]
pub(crate) struct Module {
    state: Arc<Mutex<State>>,
    /// What the glass is in truth.
    glass: Glass,
    has_reset: bool,
}

pub(crate) struct State {
    pub(crate) chip: Chip,
    /// How many of its lines are held by somebody.
    held: usize,
    /// How often a byte or a level was sent.
    pub(crate) sent: usize,
    /// Which of them fails, counted from the first; half of its bytes arrive, of one byte all.
    pub(crate) fails_at: Option<usize>,
}

/// What the system says when a line fails.
#[derive(Debug)]
pub(crate) struct Broken;

impl Module {
    pub(crate) fn new(glass: Glass, has_reset: bool) -> Self {
        let mut chip = Chip::new(sheet(glass.controller));
        // A machine starts for longer than its display.
        chip.now += LONG_NS;
        let (width, height) = (glass.size.width() as usize, glass.size.height() as usize);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        chip.seen = places.map(|(x, y)| place(&chip, &glass, x, y)).collect();
        let state = State { chip, held: 0, sent: 0, fails_at: None };
        Self { state: Arc::new(Mutex::new(state)), glass, has_reset }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the light is on, and the controller lets it through.
    pub(crate) fn is_lit(&self) -> bool {
        let chip = &self.state().chip;
        chip.is_lit && chip.is_on && !chip.is_asleep
    }

    /// Returns the first place at which somebody in front of the glass sees something else than this frame.
    pub(crate) fn differs(&self, frame: &Frame, rotation: Rotation) -> Option<String> {
        let mut state = self.state();
        state.chip.settle();
        let chip = &state.chip;
        let turned = frame.turned(rotation);
        let most = chip.sheet.pixel.most();
        let pixels = turned.bytes().chunks_exact(3).zip(&chip.seen).enumerate();
        for (count, (want, place)) in pixels {
            // Light by light, rounded to what the controller has.
            let round = |(value, most): (&u8, u8)| ((u32::from(*value) * u32::from(most) * 2 + 255) / 510) as u8;
            let want: Vec<u8> = want.iter().zip(most).map(round).collect();
            let mut seen = chip.stored(*place);
            if (chip.madctl & BGR != 0) != (self.glass.colours == ColourOrder::Bgr) {
                seen.reverse();
            }
            if chip.is_inverted != self.glass.inverted {
                seen = [most[0] - seen[0], most[1] - seen[1], most[2] - seen[2]];
            }
            if *want != seen {
                return Some(format!("pixel {count}: {want:?} is wanted, {seen:?} is seen"));
            }
        }
        None
    }
}

fn sheet(controller: Controller) -> &'static Sheet {
    match controller {
        Controller::St7789 => &ST7789,
        Controller::Ili9341 => &ILI9341,
        Controller::Ili9488 => &ILI9488,
    }
}

fn place(chip: &Chip, glass: &Glass, x: usize, y: usize) -> usize {
    let x = if glass.mirrored { glass.size.width() as usize - 1 - x } else { x };
    chip.place(x + usize::from(glass.offset.0), y + usize::from(glass.offset.1))
}

/// A glass as most modules with this controller have.
pub(crate) fn glass(controller: Controller, size: &str) -> Glass {
    let is_st7789 = controller == Controller::St7789;
    Glass {
        controller,
        size: size.parse::<Size>().expect("a size"),
        offset: (0, 0),
        inverted: is_st7789,
        mirrored: !is_st7789,
        colours: if is_st7789 { ColourOrder::Rgb } else { ColourOrder::Bgr },
    }
}

impl Lines for Module {
    type Spi = Line;
    type Pin = Line;
    type Delay = Waits;

    fn open(&self) -> Result<Opened<Self>, PanelError> {
        let held = self.state().held;
        if held > 0 {
            // As the kernel does with lines that have an owner.
            return Err(PanelError::Connect { path: self.path().into(), part: "lines".into(), source: "busy".into() });
        }
        let line = |role| Line::new(self, role);
        Ok(Opened {
            spi: line(Role::Bus),
            dc: line(Role::Data),
            reset: self.has_reset.then(|| line(Role::Reset)),
            backlight: Some(line(Role::Light)),
            delay: Waits(self.clone()),
        })
    }

    fn path(&self) -> &Path {
        Path::new("/dev/spidev-module")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Bus,
    Data,
    Reset,
    Light,
}

/// One line to the module, held as long as this lives.
pub(crate) struct Line {
    module: Module,
    role: Role,
}

impl Line {
    fn new(module: &Module, role: Role) -> Self {
        module.state().held += 1;
        Self { module: module.clone(), role }
    }

    /// Returns the module for one thing to be sent, unless that fails.
    fn send(&self) -> (MutexGuard<'_, State>, Result<(), Broken>) {
        let mut state = self.module.state();
        let fails = state.fails_at == Some(state.sent);
        state.sent += 1;
        (state, if fails { Err(Broken) } else { Ok(()) })
    }

    fn level(&self, high: bool) -> Result<(), Broken> {
        let (mut state, result) = self.send();
        if result.is_err() {
            state.chip.excuse();
            return result;
        }
        match self.role {
            Role::Bus => panic!("the bus has no level"),
            Role::Data => state.chip.data_line(high),
            Role::Reset => state.chip.reset_line(high),
            Role::Light => state.chip.light_line(high),
        }
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.module.state().held -= 1;
    }
}

impl SpiDevice for Line {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Broken> {
        assert!(self.role == Role::Bus, "only the bus takes bytes");
        for operation in operations {
            let Operation::Write(bytes) = operation else { panic!("{operation:?} on a bus without a way back") };
            assert!((1..=4096).contains(&bytes.len()), "{} bytes in one transfer of spidev", bytes.len());
            let (mut state, result) = self.send();
            if result.is_err() {
                state.chip.take(&bytes[..bytes.len().div_ceil(2)]);
                state.chip.excuse();
                return result;
            }
            state.chip.take(bytes);
        }
        Ok(())
    }
}

impl OutputPin for Line {
    fn set_low(&mut self) -> Result<(), Broken> {
        self.level(false)
    }

    fn set_high(&mut self) -> Result<(), Broken> {
        self.level(true)
    }
}

/// Lets the module's time pass.
#[derive(Clone)]
pub(crate) struct Waits(Module);

impl DelayNs for Waits {
    fn delay_ns(&mut self, ns: u32) {
        self.0.state().chip.now += u64::from(ns);
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the line is broken")
    }
}

impl std::error::Error for Broken {}

impl spi::Error for Broken {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

impl digital::Error for Broken {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

impl spi::ErrorType for Line {
    type Error = Broken;
}

impl digital::ErrorType for Line {
    type Error = Broken;
}
