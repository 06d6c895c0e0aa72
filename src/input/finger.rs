//! The finger on a touch screen: where it comes down, moves and is lifted, out of the kernel's events. It must not know what is
//! to be seen there. Source: Linux, Documentation/input/multi-touch-protocol.rst (type B) and event-codes.rst.

use evdev::{AbsoluteAxisCode, EventType, KeyCode, SynchronizationCode};

use super::record::Record;

/// What a touch screen tells. Places are shares of the surface's width and height from its top left, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touched {
    /// There is a touch screen.
    Found,
    /// There is none any more.
    Gone,
    /// A finger has come down here.
    Down(f32, f32),
    /// It is here now.
    Moved(f32, f32),
    /// It was lifted where it was last.
    Lifted,
    /// Nobody knows where it is.
    Lost,
}

/// The values of an axis, from one side of the surface to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    least: i32,
    most: i32,
    /// What it was when the device was opened.
    value: i32,
}

impl Axis {
    /// Returns an axis; none when it has no length.
    pub(super) fn new(least: i32, most: i32, value: i32) -> Option<Self> {
        (least < most).then_some(Self { least, most, value })
    }

    /// Returns where the middle of a value lies, from 0 to 1.
    fn share(self, value: i32) -> f32 {
        let value = i64::from(value.clamp(self.least, self.most)) - i64::from(self.least);
        let count = i64::from(self.most) - i64::from(self.least) + 1;
        ((value as f64 + 0.5) / count as f64) as f32
    }
}

/// Where fingers can be on a device, and how it tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axes {
    /// Several fingers, each in a slot; which slot was told of last when the device was opened.
    Slots { across: Axis, down: Axis, slot: i32 },
    /// One finger.
    One { across: Axis, down: Axis },
}

impl Axes {
    /// Judges by a device's axes, and by whether it tells that it is touched; none when it is no touch screen.
    pub(super) fn of(axis: impl Fn(AbsoluteAxisCode) -> Option<Axis>, has_touch: bool) -> Option<Self> {
        type Code = AbsoluteAxisCode;
        let both = |across, down| Some((axis(across)?, axis(down)?));
        let slots = both(Code::ABS_MT_POSITION_X, Code::ABS_MT_POSITION_Y).zip(axis(Code::ABS_MT_SLOT));
        if let Some(((across, down), slot)) = slots {
            return Some(Self::Slots { across, down, slot: slot.value });
        }
        let (across, down) = both(Code::ABS_X, Code::ABS_Y).filter(|_| has_touch)?;
        Some(Self::One { across, down })
    }
}

/// The most slots whose places are kept; what more fingers do is not heard.
const SLOTS: usize = 16;

/// The first finger on a device, until it is lifted; others count for nothing meanwhile.
#[derive(Debug)]
pub(super) struct Finger {
    axes: Axes,
    /// Which slot is told of. A device of one finger has this one alone.
    slot: usize,
    /// Where each slot was last: the kernel does not say again what has not changed.
    places: [Place; SLOTS],
    /// The slot that is followed.
    followed: Option<usize>,
    /// What has been told of it.
    told: Told,
    /// Whether something has changed since the last report.
    changed: Changed,
    /// Whether the kernel had no room for what happened: what comes until the next report is torn.
    torn: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    across: Option<i32>,
    down: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Up,
    Down,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    Nothing,
    /// Its place.
    Place,
    /// It is another finger in the same slot.
    Finger,
}

impl Finger {
    pub(super) fn new(axes: Axes) -> Self {
        let mut places = [Place::default(); SLOTS];
        let slot = match axes {
            Axes::Slots { slot, .. } => usize::try_from(slot).unwrap_or(SLOTS),
            Axes::One { across, down } => {
                places[0] = Place { across: Some(across.value), down: Some(down.value) };
                0
            }
        };
        Self { axes, slot, places, followed: None, told: Told::Up, changed: Changed::Nothing, torn: false }
    }

    /// Takes note of an event; returns what it completes, if anything.
    pub(super) fn feels(&mut self, event: Record) -> Option<Touched> {
        let Record { kind, code, value } = event;
        match EventType(kind) {
            EventType::SYNCHRONIZATION if code == SynchronizationCode::SYN_DROPPED.0 => self.tear(),
            EventType::SYNCHRONIZATION if code == SynchronizationCode::SYN_REPORT.0 => {
                if std::mem::take(&mut self.torn) { None } else { self.report() }
            }
            _ if self.torn => None,
            EventType::ABSOLUTE => {
                self.axis(AbsoluteAxisCode(code), value);
                None
            }
            EventType::KEY if KeyCode(code) == KeyCode::BTN_TOUCH && matches!(self.axes, Axes::One { .. }) => {
                self.contact(value != 0);
                None
            }
            _ => None,
        }
    }

    fn axis(&mut self, code: AbsoluteAxisCode, value: i32) {
        type Code = AbsoluteAxisCode;
        match (code, self.axes) {
            (Code::ABS_MT_SLOT, Axes::Slots { .. }) => self.slot = usize::try_from(value).unwrap_or(SLOTS),
            // Each finger has a number of its own; -1 is none.
            (Code::ABS_MT_TRACKING_ID, Axes::Slots { .. }) => self.contact(value >= 0),
            (Code::ABS_MT_POSITION_X, Axes::Slots { .. }) | (Code::ABS_X, Axes::One { .. }) => {
                self.moves(|place| place.across = Some(value));
            }
            (Code::ABS_MT_POSITION_Y, Axes::Slots { .. }) | (Code::ABS_Y, Axes::One { .. }) => {
                self.moves(|place| place.down = Some(value));
            }
            _ => {}
        }
    }

    /// A finger has come into the slot that is told of, or has left it.
    fn contact(&mut self, is_down: bool) {
        if self.slot >= SLOTS {
            return;
        }
        match (self.followed, is_down) {
            (None, true) => self.followed = Some(self.slot),
            (Some(slot), true) if slot == self.slot => self.changed = Changed::Finger,
            (Some(slot), false) if slot == self.slot => self.followed = None,
            (Some(_) | None, _) => {}
        }
    }

    fn moves(&mut self, change: impl FnOnce(&mut Place)) {
        let Some(place) = self.places.get_mut(self.slot) else { return };
        change(place);
        if self.followed == Some(self.slot) && self.changed == Changed::Nothing {
            self.changed = Changed::Place;
        }
    }

    fn report(&mut self) -> Option<Touched> {
        let changed = std::mem::replace(&mut self.changed, Changed::Nothing);
        let place = self.followed.and_then(|slot| self.place(slot));
        match (self.told, self.followed, changed) {
            (Told::Down, None, _) => {
                self.told = Told::Up;
                Some(Touched::Lifted)
            }
            (Told::Down, Some(_), Changed::Place) => place.map(|(across, down)| Touched::Moved(across, down)),
            (Told::Up, Some(_), _) | (Told::Down, Some(_), Changed::Finger) => {
                let (across, down) = place?;
                self.told = Told::Down;
                Some(Touched::Down(across, down))
            }
            (Told::Down, Some(_), Changed::Nothing) | (Told::Up, None, _) => None,
        }
    }

    fn place(&self, slot: usize) -> Option<(f32, f32)> {
        let (Axes::Slots { across, down, .. } | Axes::One { across, down }) = self.axes;
        let place = self.places.get(slot)?;
        Some((across.share(place.across?), down.share(place.down?)))
    }

    /// Forgets everything that may have changed unheard; a finger that is down now is heard of when it comes down again.
    fn tear(&mut self) -> Option<Touched> {
        self.torn = true;
        self.followed = None;
        self.changed = Changed::Nothing;
        self.places = [Place::default(); SLOTS];
        (std::mem::replace(&mut self.told, Told::Up) == Told::Down).then_some(Touched::Lost)
    }
}
