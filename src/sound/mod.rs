//! What is heard: a chime and the amount, on a thread of its own, through the programs `aplay` and `espeak-ng`. Nobody
//! ever waits for it, and the newest announcement wins. It decides nothing: what is announced follows from what is to be
//! seen.

mod announcer;
pub mod chime;
mod clips;
mod ear;
mod health;
#[cfg(test)]
mod tests;
mod wav;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use till_wire::Amount;

use crate::config;
use crate::till::View;

use announcer::Announcer;
use ear::Ear;

/// Something to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announcement {
    /// The sale is paid, with this much.
    Paid(Amount),
    /// Money came that is for no sale.
    Money(Amount),
    /// The sale's payment falls short by this much.
    Short {
        /// What is still to be paid.
        missing: Amount,
    },
    /// The sale has ended unpaid.
    Unpaid,
    /// This is the terminal that an operator is looking for.
    Here,
}

/// The programs that make it heard.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Plays a WAV file that it reads, as `aplay` does.
    pub player: PathBuf,
    /// Makes a WAV file of a text that it reads, as `espeak-ng` does.
    pub speaker: PathBuf,
    /// How much longer than what it plays the player may take, and how long the speaker may take.
    pub patience: Duration,
}

impl Default for Programs {
    /// The real ones, found in `PATH`.
    fn default() -> Self {
        Self { player: "aplay".into(), speaker: "espeak-ng".into(), patience: Duration::from_secs(3) }
    }
}

/// The driver's end of the sound.
#[derive(Debug)]
pub struct Sound {
    ear: Ear,
    slot: Arc<Slot>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Slot {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    order: Option<Order>,
    /// What was announced last.
    last: Option<Announcement>,
    /// What keeps it from being heard.
    trouble: Option<String>,
    over: bool,
}

/// What the thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Announce it.
    Say(Announcement),
    /// Say it again, so that nobody takes it for news.
    Repeat(Announcement),
}

impl Sound {
    /// Starts the thread. Programs, cards and clips that are missing keep nobody from selling.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: config::Sound, programs: Programs) -> std::io::Result<Self> {
        let slot = Arc::new(Slot::default());
        let work = Arc::clone(&slot);
        let run = move || Announcer::new(settings, programs).run(&work);
        let thread = thread::Builder::new().name("sound".to_owned()).spawn(run)?;
        Ok(Self { ear: Ear::default(), slot, thread: Some(thread) })
    }

    /// Learns what is to be seen, and has announced what is new about it; returns at once.
    pub fn see(&mut self, view: &View) {
        if let Some(news) = self.ear.see(view) {
            let mut wanted = lock(&self.slot.wanted);
            wanted.order = Some(Order::Say(news));
            // Whoever wants to hear an amount again does not want to hear where he is.
            wanted.last = Some(news).filter(|news| *news != Announcement::Here).or(wanted.last);
            self.slot.changed.notify_one();
        }
    }

    /// Has the last announcement said again, if there was one and it is not still to be said; returns at once.
    pub fn repeat(&self) {
        let mut wanted = lock(&self.slot.wanted);
        if wanted.order.is_none() {
            wanted.order = wanted.last.map(Order::Repeat);
            self.slot.changed.notify_one();
        }
    }

    /// Returns what keeps announcements from being heard as they should be, if anything is known to.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.slot.wanted).trouble.clone()
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        lock(&self.slot.wanted).over = true;
        self.slot.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panicked thread has nothing more to say here.
            let _ = thread.join();
        }
    }
}

impl Slot {
    /// Waits for the next order; `None` when it is over.
    fn next(&self) -> Option<Order> {
        let mut wanted = lock(&self.wanted);
        loop {
            if wanted.over {
                return None;
            }
            if let Some(order) = wanted.order.take() {
                return Some(order);
            }
            wanted = self.changed.wait(wanted).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells whether what is being said gives way to something newer, or to the end.
    fn has_news(&self) -> bool {
        let wanted = lock(&self.wanted);
        wanted.over || wanted.order.is_some()
    }

    fn tell(&self, trouble: Option<String>) {
        lock(&self.wanted).trouble = trouble;
    }
}

/// Returns what the configured sound needs and this machine lacks, one sentence each. Such a terminal sells all the same.
pub fn lacks(settings: &config::Sound, programs: &Programs) -> Vec<String> {
    let player = announcer::player_lacks(programs);
    let clips = announcer::clips_lack(settings);
    let speaker = announcer::speaker_lacks(programs).filter(|_| settings.clips.is_none() || clips.is_some());
    [player, clips, speaker].into_iter().flatten().collect()
}

/// Plays what a paid sale of 50 000 đồng sounds like, and returns what is wrong with it once it is over.
pub fn rehearse(settings: config::Sound, programs: Programs) -> Option<String> {
    let mut announcer = Announcer::new(settings, programs);
    announcer.announce(Order::Say(Announcement::Paid(Amount::vnd(50_000))), &|| false);
    announcer.trouble()
}

/// An order is never left half-changed, so a poisoned lock holds a good value.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
