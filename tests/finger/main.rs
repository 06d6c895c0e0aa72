//! A finger on the display of a machine under test: makes a touch screen of its own through the kernel's `uinput`, and does
//! on it what it is told through a named pipe, a line each. It must not know what is touched.
//!
//!   finger slots|one PIPE
//!
//! `tap X Y`, `down X Y`, `move X Y` and `up`, with X and Y from 0 to 4095. It says when it did what, in microseconds since
//! the machine's start.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::thread;
use std::time::Duration;

use evdev::uinput::VirtualDevice;
use evdev::{AbsInfo, AbsoluteAxisCode, AttributeSet, EventType, InputEvent, KeyCode, PropType, UinputAbsSetup};
use rustix::time::{ClockId, clock_gettime};

/// The largest value of an axis; another number than any screen's pixels, as on most touch screens.
const MOST: i32 = 4095;

/// How many fingers a screen with slots tells apart.
const SLOTS: i32 = 5;

/// How long a finger stays that taps.
const TAP: Duration = Duration::from_millis(60);

/// The touch screen.
struct Surface {
    device: VirtualDevice,
    kind: Kind,
    /// Fingers so far: each has a number of its own.
    fingers: i32,
}

/// What a touch screen tells of its fingers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Several, each in a slot, and the first of them as one alone too, as drivers do for older programs.
    Slots,
    /// One.
    One,
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (kind, pipe) = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["slots", pipe] => (Kind::Slots, (*pipe).to_owned()),
        ["one", pipe] => (Kind::One, (*pipe).to_owned()),
        _ => return Err("expected `slots` or `one`, and a named pipe".into()),
    };
    let mut surface = Surface { device: kind.device()?, kind, fingers: 0 };
    loop {
        // Whoever has said something closes the pipe; the next one opens it again.
        for line in BufReader::new(File::open(&pipe)?).lines() {
            surface.obey(&line?)?;
        }
    }
}

impl Kind {
    fn device(self) -> std::io::Result<VirtualDevice> {
        type Code = AbsoluteAxisCode;
        let axis = |code, most| UinputAbsSetup::new(code, AbsInfo::new(0, 0, most, 0, 0, 0));
        let mut axes = vec![axis(Code::ABS_X, MOST), axis(Code::ABS_Y, MOST)];
        if self == Self::Slots {
            axes.push(axis(Code::ABS_MT_SLOT, SLOTS - 1));
            axes.extend([axis(Code::ABS_MT_POSITION_X, MOST), axis(Code::ABS_MT_POSITION_Y, MOST)]);
            axes.push(axis(Code::ABS_MT_TRACKING_ID, 0xFFFF));
        }
        let builder = VirtualDevice::builder()?.name("A touch screen of the tests");
        let builder = builder.with_keys(&AttributeSet::from_iter([KeyCode::BTN_TOUCH]))?;
        let builder = builder.with_properties(&AttributeSet::from_iter([PropType::DIRECT]))?;
        axes.iter().try_fold(builder, |builder, axis| builder.with_absolute_axis(axis))?.build()
    }
}

impl Surface {
    fn obey(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["tap", x, y] => {
                self.down(x.parse()?, y.parse()?)?;
                thread::sleep(TAP);
                self.up()?;
            }
            ["down", x, y] => self.down(x.parse()?, y.parse()?)?,
            ["move", x, y] => self.place(x.parse()?, y.parse()?, Vec::new())?,
            ["up"] => self.up()?,
            _ => return Err(format!("a finger cannot `{line}`").into()),
        }
        Ok(())
    }

    fn down(&mut self, x: i32, y: i32) -> std::io::Result<()> {
        self.fingers += 1;
        let finger = match self.kind {
            Kind::Slots => vec![event(AbsoluteAxisCode::ABS_MT_TRACKING_ID, self.fingers)],
            Kind::One => Vec::new(),
        };
        println!("finger: down at_us={}", micros());
        self.place(x, y, [finger, vec![touch(1)]].concat())
    }

    fn place(&mut self, x: i32, y: i32, before: Vec<InputEvent>) -> std::io::Result<()> {
        let mut events = before;
        if self.kind == Kind::Slots {
            events
                .extend([event(AbsoluteAxisCode::ABS_MT_POSITION_X, x), event(AbsoluteAxisCode::ABS_MT_POSITION_Y, y)]);
        }
        events.extend([event(AbsoluteAxisCode::ABS_X, x), event(AbsoluteAxisCode::ABS_Y, y)]);
        self.device.emit(&events)
    }

    fn up(&mut self) -> std::io::Result<()> {
        let finger = match self.kind {
            Kind::Slots => vec![event(AbsoluteAxisCode::ABS_MT_TRACKING_ID, -1)],
            Kind::One => Vec::new(),
        };
        println!("finger: up at_us={}", micros());
        self.device.emit(&[finger, vec![touch(0)]].concat())
    }
}

fn event(axis: AbsoluteAxisCode, value: i32) -> InputEvent {
    InputEvent::new(EventType::ABSOLUTE.0, axis.0, value)
}

fn touch(value: i32) -> InputEvent {
    InputEvent::new(EventType::KEY.0, KeyCode::BTN_TOUCH.0, value)
}

/// The clock that the till's log has.
fn micros() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}
