//! What a finger does to the picture that is to be seen: a key that it comes down on is held, and counts when the finger is
//! lifted within it. Knows keys and places, not what a key brings about.

use till_display::{Frame, Key, Keys, Panel, Screen, Size, Surface};
use tokio::sync::mpsc;

use super::Counter;
use super::fingers::Finger;
use crate::till::{self, Generation, Told, View};

/// What is touched, and who hears of the keys.
#[derive(Debug)]
pub struct TouchScreen {
    /// How the surface lies over the panel.
    pub surface: Surface,
    /// Hears each key that a finger has pressed.
    pub pressed: mpsc::Sender<till::Key>,
}

/// The finger on the display.
#[derive(Debug)]
pub(super) struct Touching {
    screen: TouchScreen,
    /// Whether there is anything that feels fingers.
    pub(super) is_there: bool,
    hold: Option<Hold>,
    /// What the frame has, which is perhaps not to be seen yet.
    drawn: Board,
    /// What is to be seen.
    shown: Board,
    /// Of which panel it has been said that its keys are too small.
    told_small: Option<(u32, u32)>,
}

/// A key that a finger has come down on.
#[derive(Clone, Copy, Debug)]
struct Hold {
    key: Key,
    /// Where the finger is, in pixels of the frame.
    at: (u32, u32),
    /// Whether that is on the key.
    is_within: bool,
}

/// The keys of a picture.
#[derive(Clone, Debug, Default)]
struct Board {
    keys: Keys,
    /// Whether they are those of the keypad, which stays while an amount is typed.
    is_keypad: bool,
    /// The key that is drawn as held down.
    pressed: Option<Key>,
    generation: Option<Generation>,
}

impl Touching {
    pub(super) fn new(screen: TouchScreen) -> Self {
        let (drawn, shown) = (Board::default(), Board::default());
        Self { screen, is_there: false, hold: None, drawn, shown, told_small: None }
    }

    /// Returns what is to be drawn for a finger, if there is anything that feels one.
    pub(super) fn look(
        &self,
        counter: &Counter,
        millimetres: Option<(u32, u32)>,
        view: Option<&View>,
    ) -> Option<till_display::Touch> {
        let words = counter.words();
        let nobody_waits = matches!(view, Some(View::Code { told: Told::Later, .. }));
        self.is_there.then(|| till_display::Touch {
            millimetres,
            pressed: self.pressed(),
            enter: words.enter.to_owned(),
            next: nobody_waits.then(|| words.next.to_owned()),
            cancel: words.cancel.to_owned(),
        })
    }

    /// Takes note of the keys that were drawn.
    pub(super) fn drawn(&mut self, keys: Keys, screen: &Screen) {
        let is_keypad = matches!(screen, Screen::Idle { .. } | Screen::Typing { .. });
        self.drawn = Board { keys, is_keypad, pressed: self.pressed(), generation: None };
    }

    /// Says once of a panel that its keys are smaller than they should be.
    pub(super) fn judge(&mut self, size: Size, millimetres: Option<(u32, u32)>) {
        let Some(tenths) = self.drawn.keys.shortest_tenths(size, millimetres) else { return };
        if tenths < Keys::LEAST_MM * 10 && self.told_small != millimetres {
            tracing::warn!(
                shortest_mm = f64::from(tenths) / 10.0,
                least_mm = Keys::LEAST_MM,
                "the display is too small for keys that a finger hits alone"
            );
            self.told_small = millimetres;
        }
    }

    /// What was drawn is to be seen. A key stays held only where it is the same key for the same thing: on the keypad, or
    /// while the picture's keys and its code are the same. Whoever was about to cancel must not clear a result instead.
    pub(super) fn shown(&mut self, generation: Option<Generation>) {
        let new = Board { generation, ..self.drawn.clone() };
        let is_same = new.generation == self.shown.generation && new.keys == self.shown.keys;
        let stays = is_same || (new.is_keypad && self.shown.is_keypad);
        self.hold = self.hold.filter(|_| stays).map(|hold| hold.on(&new.keys));
        self.shown = new;
    }

    /// Nothing is to be seen any more.
    pub(super) fn unseen(&mut self) {
        self.hold = None;
        self.shown = Board::default();
    }

    /// Follows the finger; returns the key that it has pressed, if any.
    pub(super) fn feel(&mut self, finger: Finger, frame: &Frame) -> Option<till::Key> {
        let pixel = |place| self.screen.surface.pixel(place, frame.dimensions());
        match finger {
            Finger::Down(place) => {
                let at = pixel(place);
                self.hold = self.shown.keys.at(at).map(|key| Hold { key, at, is_within: true });
                None
            }
            Finger::Moved(place) => {
                let at = pixel(place);
                self.hold = self.hold.map(|hold| Hold { at, ..hold }.on(&self.shown.keys));
                None
            }
            Finger::Lifted => self.hold.take().filter(|hold| hold.is_within).map(|hold| till_key(hold.key)),
            Finger::Lost => {
                self.hold = None;
                None
            }
        }
    }

    /// Passes a key on. One that cannot be taken is as one that was not pressed: whoever touches sees that.
    pub(super) fn press(&self, key: till::Key) {
        if self.screen.pressed.try_send(key).is_err() {
            tracing::warn!("a key on the display was not taken: too many wait");
        }
    }

    /// Tells whether the picture shows another key held down than is held down.
    pub(super) fn is_stale(&self) -> bool {
        self.shown.pressed != self.pressed()
    }

    fn pressed(&self) -> Option<Key> {
        self.hold.filter(|hold| hold.is_within).map(|hold| hold.key)
    }
}

impl Hold {
    /// Judges anew where the finger is.
    fn on(self, keys: &Keys) -> Self {
        Self { is_within: keys.at(self.at) == Some(self.key), ..self }
    }
}

/// Returns how a panel's frames lie on it: their size, and millimetres where it tells them.
pub(super) fn measure(panel: &mut dyn Panel) -> Option<(Size, Option<(u32, u32)>)> {
    let size = panel.size().ok()?;
    Some((size, panel.millimetres()))
}

fn till_key(key: Key) -> till::Key {
    match key {
        Key::Digit(digit) => till::Key::Digit(digit),
        Key::DoubleZero => till::Key::DoubleZero,
        Key::TripleZero => till::Key::TripleZero,
        Key::Plus => till::Key::Plus,
        Key::Times => till::Key::Times,
        Key::Back => till::Key::Back,
        Key::Escape => till::Key::Escape,
        Key::Enter => till::Key::Enter,
    }
}
