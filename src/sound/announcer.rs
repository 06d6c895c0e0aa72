//! Makes announcements heard, on the sound's own thread. It must not know what they are about.

use std::ffi::OsStr;
use std::time::Duration;

use till_settings::tls::whole_chain;

use super::health::Health;
use super::wav::Pcm;
use super::words::{Language, Word};
use super::{Order, Programs, Slot, chime, clips, words};
use crate::clock;
use crate::config;
use crate::program::{self, Runner, Running, Task, Trouble};

const PLAYER_PACKAGE: &str = "alsa-utils";
const SPEAKER_PACKAGE: &str = "espeak-ng";
/// The most bytes of a voice's WAV file: a minute and a half of what espeak-ng makes.
const MOST_SPEECH: u64 = 4 * 1024 * 1024;
/// The most bytes that a player may print.
const MOST_CHATTER: u64 = 4096;

/// The thread's belongings.
pub(super) struct Announcer {
    settings: config::Sound,
    programs: Programs,
    language: Language,
    runner: Runner,
    player: Health,
    clips: Health,
    speaker: Health,
}

/// The words of an announcement, on their way.
enum Speech {
    /// There is nothing to say, or nobody to say it.
    None,
    /// Recorded words.
    Recorded(Pcm),
    /// A voice is at it.
    Made(Running),
}

impl Announcer {
    pub(super) fn new(settings: config::Sound, programs: Programs) -> Self {
        let language = Language::of_voice(&settings.voice);
        let clips = clips_lack(&settings);
        let needs_speaker = settings.clips.is_none() || clips.is_some();
        Self {
            language,
            runner: Runner::default(),
            player: Health::new("player", player_lacks(&programs)),
            clips: Health::new("clips", clips),
            speaker: Health::new("voice", speaker_lacks(&programs).filter(|_| needs_speaker)),
            settings,
            programs,
        }
    }

    pub(super) fn run(mut self, slot: &Slot) {
        slot.tell(self.trouble());
        while let Some(order) = slot.next() {
            self.announce(order, &|| slot.has_news());
            slot.tell(self.trouble());
        }
    }

    /// Returns what is wrong.
    pub(super) fn trouble(&self) -> Option<String> {
        [&self.player, &self.clips, &self.speaker].into_iter().find_map(Health::trouble).map(str::to_owned)
    }

    /// Plays the chime, while the voice is being made, and then the words. What is repeated has its words alone, where
    /// there are any: they begin by saying that it is no news.
    pub(super) fn announce(&mut self, order: Order, is_over: &dyn Fn() -> bool) {
        if !self.player.is_free(clock::tick()) {
            tracing::debug!(?order, "not announced: the player has failed a moment ago");
            return;
        }
        let (announcement, is_repeated) = match order {
            Order::Say(announcement) => (announcement, false),
            Order::Repeat(announcement) => (announcement, true),
        };
        let mut said = self.language.say(announcement);
        if is_repeated && !said.is_empty() {
            said.insert(0, self.language.again());
        }
        let speech = self.begin(&said);
        let chime = chime::of(announcement);
        let chimes_first = !is_repeated || matches!(speech, Speech::None);
        if chimes_first && !self.play(&chime, is_over) {
            return;
        }
        match self.finish(speech, is_over) {
            Some(speech) => {
                self.play(&speech, is_over);
            }
            None if chimes_first => {}
            None => {
                self.play(&chime, is_over);
            }
        }
    }

    /// Begins with the words: recorded ones, else a voice.
    fn begin(&mut self, said: &[Word]) -> Speech {
        if said.is_empty() {
            return Speech::None;
        }
        if let Some(folder) = &self.settings.clips {
            match clips::say(folder, said) {
                Ok(speech) => {
                    self.clips.works();
                    return Speech::Recorded(speech);
                }
                Err(error) => self.clips.failed(whole_chain(&error), clock::tick()),
            }
        }
        let now = clock::tick();
        if !self.speaker.is_free(now) {
            return Speech::None;
        }
        let text = words::text(said);
        let arguments = ["-v", &self.settings.voice, "--stdin", "--stdout"].map(OsStr::new);
        let started = self.runner.start(&Task {
            program: &self.programs.speaker,
            package: SPEAKER_PACKAGE,
            arguments: &arguments,
            input: text.as_bytes(),
            most: MOST_SPEECH,
            limit: self.programs.patience,
        });
        match started {
            Ok(running) => Speech::Made(running),
            Err(error) => {
                self.speaker.failed(whole_chain(&error), now);
                Speech::None
            }
        }
    }

    fn finish(&mut self, speech: Speech, is_over: &dyn Fn() -> bool) -> Option<Pcm> {
        let running = match speech {
            Speech::None => return None,
            Speech::Recorded(speech) => return Some(speech),
            Speech::Made(running) => running,
        };
        let trouble = match running.finish(is_over).map(|bytes| Pcm::read(&bytes)) {
            Ok(Ok(speech)) => {
                self.speaker.works();
                return Some(speech);
            }
            Ok(Err(error)) => format!("what the voice has made cannot be played: {}", whole_chain(&error)),
            Err(Trouble::Interrupted { .. }) => return None,
            Err(error) => whole_chain(&error),
        };
        self.speaker.failed(trouble, clock::tick());
        None
    }

    /// Returns whether it was heard to its end.
    fn play(&mut self, pcm: &Pcm, is_over: &dyn Fn() -> bool) -> bool {
        if is_over() {
            return false;
        }
        let arguments = ["-q", "-D", &self.settings.device, "-t", "wav", "-"].map(OsStr::new);
        let played = self.runner.start(&Task {
            program: &self.programs.player,
            package: PLAYER_PACKAGE,
            arguments: &arguments,
            input: &pcm.write(self.settings.volume),
            most: MOST_CHATTER,
            limit: Duration::from_millis(pcm.lasts_ms()) + self.programs.patience,
        });
        match played.and_then(|running| running.finish(is_over)) {
            Ok(_) => {
                self.player.works();
                true
            }
            Err(Trouble::Interrupted { .. }) => false,
            Err(error) => {
                let trouble = match &error {
                    Trouble::NotFound { .. } => whole_chain(&error),
                    Trouble::Start { .. }
                    | Trouble::Memory { .. }
                    | Trouble::Failed { .. }
                    | Trouble::Hung { .. }
                    | Trouble::TooMuch { .. }
                    | Trouble::Stuck { .. }
                    | Trouble::Interrupted { .. } => {
                        let device = &self.settings.device;
                        format!("cannot play through `{device}` (aplay -L lists the cards): {}", whole_chain(&error))
                    }
                };
                self.player.failed(trouble, clock::tick());
                false
            }
        }
    }
}

/// Returns what the player lacks.
pub(super) fn player_lacks(programs: &Programs) -> Option<String> {
    let lacks = || format!("`{}` is not found: install the package {PLAYER_PACKAGE}", programs.player.display());
    (!program::is_found(&programs.player)).then(lacks)
}

/// Returns what the voice lacks.
pub(super) fn speaker_lacks(programs: &Programs) -> Option<String> {
    let lacks = || format!("`{}` is not found: install the package {SPEAKER_PACKAGE}", programs.speaker.display());
    (!program::is_found(&programs.speaker)).then(lacks)
}

/// Returns what the folder of recorded words lacks, if there is one.
pub(super) fn clips_lack(settings: &config::Sound) -> Option<String> {
    let words = Language::of_voice(&settings.voice).all();
    let (error, count) = clips::lacks(settings.clips.as_deref()?, &words)?;
    Some(format!(
        "{count} of {} clips cannot be used, and their words come from the voice: {}",
        words.len(),
        whole_chain(&error)
    ))
}
