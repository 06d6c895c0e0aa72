//! The display's own thread: takes the newest scene, finds words for it, draws it, and says what is to be seen.
//!
//! Knows the till's views; decides nothing. Pictures are latest-wins: a scene that was never drawn is not missed.

mod pace;
mod present;
mod seen;
#[cfg(test)]
mod tests;
mod words;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use till_display::{DrawError, Frame, Panel, PanelError, PictureError, Size, Theme, Type};
use tokio::sync::{mpsc, watch};

use crate::clock;
use crate::till::{Generation, Scene, Tick};

use pace::Pace;
use seen::Seen;

pub use present::Counter;
pub use seen::Picture;

/// What the display's thread has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A picture of this generation is to be seen.
    Shown {
        /// Which.
        generation: Generation,
    },
    /// The code of this generation does not fit this panel.
    TooDense {
        /// Which.
        generation: Generation,
    },
    /// The panel cannot be written.
    Failed {
        /// Why, for the log.
        reason: String,
    },
}

/// The driver's end of the display.
#[derive(Debug)]
pub struct Screen {
    slot: Arc<Slot>,
    size: Arc<Mutex<Option<Size>>>,
    seen: Arc<Seen>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Slot {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    scene: Option<Scene>,
    /// Counts the scenes, so that the thread knows a new one.
    count: u64,
    over: bool,
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
        heard: mpsc::Sender<Heard>,
        pictures: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        Self::start_paced(panel, theme, counter, heard, pictures, Pace::default())
    }

    fn start_paced(
        mut panel: Box<dyn Panel>,
        theme: Theme,
        counter: Counter,
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
            panel,
            theme,
            counter,
            letters: Type::new(),
            size: Arc::clone(&size),
            frame,
            seen: Arc::clone(&seen),
            heard,
            pace,
            confirmed: None,
            health: Health::Unknown,
        };
        let work = Arc::clone(&slot);
        let thread = thread::Builder::new().name("display".to_owned()).spawn(move || painter.run(&work))?;
        Ok(Self { slot, size, seen, thread: Some(thread) })
    }

    /// Wants this scene shown, in place of any that waits.
    pub fn show(&self, scene: Scene) {
        let mut wanted = lock(&self.slot.wanted);
        wanted.scene = Some(scene);
        wanted.count += 1;
        self.slot.changed.notify_one();
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
        lock(&self.slot.wanted).over = true;
        self.slot.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panicked thread has nothing more to say here.
            let _ = thread.join();
        }
    }
}

/// Draws, on its own thread.
struct Painter {
    panel: Box<dyn Panel>,
    theme: Theme,
    counter: Counter,
    letters: Type,
    size: Arc<Mutex<Option<Size>>>,
    frame: Frame,
    seen: Arc<Seen>,
    heard: mpsc::Sender<Heard>,
    pace: Pace,
    /// The newest generation that the driver has been told of.
    confirmed: Option<Generation>,
    health: Health,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Unknown,
    Works,
    Broken,
}

impl Painter {
    fn run(mut self, slot: &Slot) {
        let screen = present::start_up(&self.counter);
        self.flush(&screen, None);
        let mut seen = 0;
        let mut due = clock::tick();
        loop {
            let Some(scene) = next(slot, &mut seen, &self.pace, due) else { return };
            let now = clock::now();
            self.pace.drawn(now.tick);
            let screen = present::screen(&scene.view, &self.counter, now, present::motion(now.tick));
            due = if self.flush(&screen, Some(scene.generation)) {
                self.pace.repeat_at(now.tick, present::stays_true(&scene.view, now))
            } else {
                self.pace.retry_at(now.tick)
            };
        }
    }

    /// Draws and shows one screen; returns whether the panel took it.
    fn flush(&mut self, screen: &till_display::Screen, generation: Option<Generation>) -> bool {
        let size = match self.panel.size() {
            Ok(size) => size,
            Err(error) => return self.broken(&error),
        };
        if self.frame.dimensions() != size {
            // The panel has come, or has come back as another.
            self.frame = Frame::new(size);
        }
        *lock(&self.size) = Some(size);
        // A code that does not fit leaves the frame as it was.
        if let Err(DrawError::Code(error)) = till_display::draw(screen, self.theme, &mut self.frame, &mut self.letters)
        {
            tracing::error!(%error, "the code does not fit the display");
            if let Some(generation) = generation {
                self.say(Heard::TooDense { generation });
            }
            return true;
        }
        let generation_told = generation.map(|generation| generation.0);
        tracing::debug!(generation = generation_told, at_us = clock::micros(), "a picture goes to the panel");
        match self.panel.show(&self.frame) {
            Ok(()) => {
                self.seen.note(&self.frame);
                self.shown(generation);
                true
            }
            Err(error) => self.broken(&error),
        }
    }

    /// Tells once that the panel does not work; returns that it did not take the picture.
    fn broken(&mut self, error: &PanelError) -> bool {
        if self.health != Health::Broken {
            self.health = Health::Broken;
            self.confirmed = None;
            self.say(Heard::Failed { reason: till_settings::tls::whole_chain(error) });
        }
        false
    }

    fn shown(&mut self, generation: Option<Generation>) {
        self.health = Health::Works;
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

/// Waits for a new scene, or until the picture has to be drawn again at `due`; `None` when it is over.
fn next(slot: &Slot, seen: &mut u64, pace: &Pace, due: Tick) -> Option<Scene> {
    let mut wanted = lock(&slot.wanted);
    loop {
        if wanted.over {
            return None;
        }
        let now = clock::tick();
        let at = if wanted.count != *seen { pace.free_at() } else { due };
        let pause = match &wanted.scene {
            Some(scene) if at <= now => {
                *seen = wanted.count;
                return Some(scene.clone());
            }
            Some(_) => at.since(now),
            None => Duration::from_secs(60),
        };
        wanted = slot.changed.wait_timeout(wanted, pause).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// A picture or a wish is never left half-changed, so a poisoned lock holds a good value.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
