//! The display's own thread: takes the newest scene, finds words for it, draws it, and says what is to be seen.
//!
//! Knows the till's views; decides nothing. Pictures are latest-wins: a scene that was never drawn is not missed.

mod absence;
mod backlight;
mod fingers;
mod glance;
mod heard;
mod light;
mod logo;
mod notice;
mod pace;
mod present;
mod seen;
mod slot;
#[cfg(test)]
mod tests;
mod touch;
mod words;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use till_display::{DrawError, Frame, Keys, Panel, PanelError, PictureError, Size, Theme, Type};
use tokio::sync::{mpsc, watch};

use crate::clock;
use crate::pulse::{Beat, Pulse};
use crate::till::{Code, Generation, Now, Scene, Tick, View};

use absence::{Absence, Health, Undrawn};
use light::Sight;
use pace::Pace;
use seen::Seen;
use slot::{Due, Slot, Work, lock};
use touch::{Touching, measure};

pub use fingers::{Finger, Fingers};
pub use heard::Heard;
pub use light::Light;
pub use logo::{LogoFault, read_logo};
pub use notice::{Notice, NoticeBoard, Obstacle};
pub use present::{Counter, Keypad};
pub use seen::Picture;
pub use touch::TouchScreen;

/// A frame that was drawn before it was wanted is shown if it is not older; a second that is counted stays right.
const FRESH: Duration = Duration::from_millis(100);

/// The driver's end of the display.
#[derive(Debug)]
pub struct Screen {
    slot: Arc<Slot>,
    size: Arc<Mutex<Option<Size>>>,
    seen: Arc<Seen>,
    pulse: Pulse,
    thread: Option<thread::JoinHandle<()>>,
}

impl Screen {
    /// Starts the thread, which shows the start-up screen at once. `pictures` hears the number of each new picture.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        panel: Box<dyn Panel>,
        theme: Theme,
        counter: Counter,
        light: Light,
        touch: TouchScreen,
        heard: mpsc::Sender<Heard>,
        pictures: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        Self::start_paced(panel, theme, (counter, light, touch), heard, pictures, Pace::default())
    }

    fn start_paced(
        mut panel: Box<dyn Panel>,
        theme: Theme,
        (counter, light, touch): (Counter, Light, TouchScreen),
        heard: mpsc::Sender<Heard>,
        pictures: watch::Sender<u64>,
        pace: Pace,
    ) -> std::io::Result<Self> {
        let slot = Arc::new(Slot::default());
        // A panel that is not there yet is told of and tried again by the thread.
        let size = Arc::new(Mutex::new(panel.size().ok()));
        let frame = Frame::new(lock(&size).unwrap_or(Size::SMALLEST));
        let seen = Arc::new(Seen::new(frame.clone(), pictures));
        let painter = Painter {
            beat: Beat::new(),
            panel,
            theme,
            counter,
            light,
            touch: Touching::new(touch),
            letters: Type::new(),
            size: Arc::clone(&size),
            frame,
            seen: Arc::clone(&seen),
            heard,
            pace,
            ready: None,
            confirmed: None,
            health: Health::Unknown,
            absence: Absence::default(),
        };
        let (work, pulse) = (Arc::clone(&slot), painter.beat.pulse());
        let thread = thread::Builder::new().name("display".to_owned()).spawn(move || painter.run(&work))?;
        Ok(Self { slot, size, seen, pulse, thread: Some(thread) })
    }

    /// Wants this scene shown, in place of any that waits.
    pub fn show(&self, scene: Scene) {
        self.slot.change(|wanted| {
            wanted.scene = Some(scene);
            wanted.count += 1;
            wanted.expected = None;
        });
    }

    /// Has this scene drawn, because it will be wanted in a moment if all goes well. Nobody sees it before it is.
    pub fn expect(&self, scene: Scene) {
        self.slot.change(|wanted| wanted.expected = Some(scene));
    }

    /// Offers this code for any amount on the idle display from now on.
    pub fn offer(&self, code: Code) {
        self.slot.change(|wanted| {
            wanted.offered = Some(code);
            // What is shown now is shown again, with the code.
            wanted.count += 1;
        });
    }

    /// Lights the display up, because somebody is there: a key was pressed, perhaps one that changes nothing.
    pub fn wake(&self) {
        self.slot.change(|wanted| wanted.woken = true);
    }

    /// Returns what tells whether the thread hangs. One whose panel does not work goes round all the same.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Returns what tells the display of fingers.
    pub fn fingers(&self) -> Fingers {
        Fingers(Arc::clone(&self.slot))
    }

    /// Returns the size of the panel's pictures, if it has been there.
    pub fn size(&self) -> Option<Size> {
        *lock(&self.size)
    }

    /// Returns a maker of the picture that is to be seen; the making takes milliseconds and may block.
    pub fn picture(&self) -> impl FnOnce() -> Result<Picture, PictureError> + Send + use<> {
        let seen = Arc::clone(&self.seen);
        move || seen.picture()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.slot.change(|wanted| wanted.over = true);
        if let Some(thread) = self.thread.take() {
            // A panicked thread has nothing more to say here.
            let _ = thread.join();
        }
    }
}

/// Draws, on its own thread.
struct Painter {
    /// Given at each look at the panel, too.
    beat: Beat,
    panel: Box<dyn Panel>,
    theme: Theme,
    counter: Counter,
    light: Light,
    touch: Touching,
    letters: Type,
    size: Arc<Mutex<Option<Size>>>,
    frame: Frame,
    seen: Arc<Seen>,
    heard: mpsc::Sender<Heard>,
    pace: Pace,
    /// The scene that the frame shows, if it was drawn before it was wanted, and when.
    ready: Option<(Scene, Now)>,
    /// The newest generation that the driver has been told of.
    confirmed: Option<Generation>,
    health: Health,
    absence: Absence,
}

impl Painter {
    fn run(mut self, slot: &Slot) {
        self.light.begin();
        self.show_start_up();
        let mut seen = 0;
        let mut due = Due { redraw: clock::tick(), check: self.pace.check_at(clock::tick()) };
        while let Some(work) = slot.next(&mut seen, &self.pace, due) {
            self.beat.busy();
            match work {
                Work::Draw(scene) => {
                    let now = clock::now();
                    self.ready = matches!(self.draw(&scene, now), Ok(())).then_some((scene, now));
                }
                Work::Show(scene) => due.redraw = self.show(scene),
                Work::Check => due = self.check(due),
                Work::Offer(code) => {
                    self.counter.open_code = Some(code);
                    self.ready = None;
                }
                Work::Wake => {
                    self.light.wake(clock::tick());
                    if self.is_broken() {
                        due.redraw = self.draw_anew();
                    }
                }
                Work::Touchable(is_there) => {
                    self.touch.unseen();
                    self.touch.is_there = is_there;
                    due.redraw = self.draw_anew();
                }
                Work::Touch(finger) => {
                    self.follow(finger);
                    if self.touch.is_stale() {
                        due.redraw = self.draw_anew();
                    }
                }
            }
        }
        self.light.end();
    }

    /// Looks whether the panel still shows its picture, or whether one that does not may do so again.
    fn check(&mut self, due: Due) -> Due {
        let now = clock::tick();
        if self.is_broken() {
            let may_work = self.absence.may_be_over(self.panel.path());
            return Due { redraw: if may_work { self.draw_anew() } else { due.redraw }, check: self.pace.look_at(now) };
        }
        match self.panel.check() {
            Ok(()) => Due { check: self.pace.check_at(now), ..due },
            Err(error) => {
                self.broken(&error, self.confirmed);
                Due { redraw: self.pace.retry_at(now, self.absence.tries()), check: self.pace.look_at(now) }
            }
        }
    }

    /// Gives up what was drawn before it was wanted; returns when what is shown is to be drawn again: at once, but in a flood.
    fn draw_anew(&mut self) -> Tick {
        self.ready = None;
        clock::tick().max(self.pace.free_at())
    }

    /// Lets a finger do what it does. One that comes down on a display that is dark only lights it: whoever touches it has
    /// seen no key.
    fn follow(&mut self, finger: Finger) {
        let mut finger = finger;
        if let Finger::Down(_) = finger {
            if self.light.is_dark() {
                finger = Finger::Lost;
            }
            self.light.wake(clock::tick());
        }
        if let Some(key) = self.touch.feel(finger, &self.frame) {
            self.touch.press(key);
        }
    }

    fn show_start_up(&mut self) {
        let screen = present::start_up(&self.counter);
        let drawn = self.draw_screen(&screen, None);
        self.conclude(drawn, None);
    }

    /// Shows a scene, as it was drawn before if it was; returns when it is to be drawn again.
    fn show(&mut self, scene: Scene) -> Tick {
        let now = clock::now();
        self.pace.drawn(now.tick);
        // Light first: it takes less time than a picture.
        let sight = Sight::of(&scene.view, self.counter.open_code.is_some());
        let look_again = self.light.follow(sight, now);
        let (drawn, now) = match self.ready.take() {
            Some((ready, at)) if ready == scene && self.is_still_true(at, now) => (Ok(()), at),
            Some(_) | None => (self.draw(&scene, now), now),
        };
        let taken = self.conclude(drawn, Some(scene.generation));
        let due = match taken {
            true if self.touch.is_stale() => self.draw_anew(),
            true => self.pace.repeat_at(now.tick, present::stays_true(&scene.view, now)),
            false => self.pace.retry_at(now.tick, self.absence.tries()),
        };
        look_again.map_or(due, |again| again.min(due))
    }

    /// Tells whether a frame that was drawn at `at`, before it was wanted, can be shown now.
    fn is_still_true(&mut self, at: Now, now: Now) -> bool {
        let same_panel = self.panel.size().is_ok_and(|size| size == self.frame.dimensions());
        same_panel && now.tick.since(at.tick) < FRESH
    }

    /// Brings what was drawn to the panel, or tells why it was not; returns whether the scene is done with for now.
    fn conclude(&mut self, drawn: Result<(), Undrawn>, generation: Option<Generation>) -> bool {
        match (drawn, generation) {
            (Ok(()), generation) => self.hand_over(generation),
            (Err(Undrawn::NoPanel(error)), generation) => self.broken(&error, generation),
            (Err(Undrawn::TooDense), Some(generation)) => {
                self.say(Heard::TooDense { generation });
                true
            }
            (Err(Undrawn::TooDense), None) => true,
        }
    }

    fn draw(&mut self, scene: &Scene, now: Now) -> Result<(), Undrawn> {
        let measured = measure(self.panel.as_mut()).filter(|_| self.touch.is_there);
        let has_room = |(size, millimetres)| till_display::has_room_for_keypad(size, millimetres);
        self.counter.keypad_on_display = measured.is_some_and(has_room);
        let screen = present::screen(&scene.view, &self.counter, now, present::motion(now.tick));
        self.draw_screen(&screen, Some(&scene.view))
    }

    /// Draws into the frame, which is the painter's alone. A code that does not fit leaves it as it was.
    fn draw_screen(&mut self, screen: &till_display::Screen, view: Option<&View>) -> Result<(), Undrawn> {
        let size = self.panel.size().map_err(Undrawn::NoPanel)?;
        if self.frame.dimensions() != size {
            // The panel has come, or has come back as another.
            self.frame = Frame::new(size);
        }
        *lock(&self.size) = Some(size);
        let millimetres = self.panel.millimetres();
        let touch = self.touch.look(&self.counter, millimetres, view);
        let (theme, frame, letters) = (present::theme(self.theme, view), &mut self.frame, &mut self.letters);
        let drawn = match &touch {
            Some(touch) => till_display::draw_touch(screen, touch, theme, frame, letters).map(|(_, keys)| keys),
            None => till_display::draw(screen, theme, frame, letters).map(|_| Keys::default()),
        };
        let keys = drawn.map_err(|DrawError::Code(error)| {
            tracing::error!(%error, "the code does not fit the display");
            Undrawn::TooDense
        })?;
        self.touch.drawn(keys, screen);
        self.touch.judge(size, millimetres);
        Ok(())
    }

    /// Brings the frame to the panel; returns whether it was taken.
    fn hand_over(&mut self, generation: Option<Generation>) -> bool {
        let generation_told = generation.map(|generation| generation.0);
        tracing::debug!(generation = generation_told, at_us = clock::micros(), "a picture goes to the panel");
        match self.panel.show(&self.frame) {
            Ok(()) => {
                self.touch.shown(generation);
                self.seen.note(&self.frame);
                self.shown(generation);
                true
            }
            Err(error) => self.broken(&error, generation),
        }
    }

    fn is_broken(&self) -> bool {
        matches!(self.health, Health::Broken(_))
    }

    /// Tells that the panel does not work, once for each reason; returns that it did not take the picture.
    fn broken(&mut self, error: &PanelError, wanted: Option<Generation>) -> bool {
        self.touch.unseen();
        self.absence.goes_on(wanted, error, self.panel.path());
        let reason = till_settings::tls::whole_chain(error);
        let broken = Health::Broken(reason.clone());
        if self.health != broken {
            self.health = broken;
            self.confirmed = None;
            self.say(Heard::Failed { reason });
        }
        false
    }

    fn shown(&mut self, generation: Option<Generation>) {
        self.health = Health::Works;
        self.absence = Absence::default();
        if let Some(generation) = generation.filter(|new| self.confirmed != Some(*new)) {
            self.confirmed = Some(generation);
            self.say(Heard::Shown { generation });
        }
    }

    fn say(&self, heard: Heard) {
        // The driver is gone only when the process ends.
        let _ = self.heard.blocking_send(heard);
    }
}
