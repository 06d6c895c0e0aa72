//! A sound with programs that are shell scripts in a folder of their own, which note what they were given. It must not
//! know what is announced.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use till_wire::{Amount, SaleId};

use crate::config;
use crate::sound::{Programs, Sound};
use crate::till::{Link, View};

/// What anything here takes at most on a machine that does much else.
const SOON: Duration = Duration::from_secs(20);

/// A folder with the programs and what they noted.
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    pub(super) settings: config::Sound,
    pub(super) programs: Programs,
}

/// Notes what it reads, under a number that grows, and its arguments.
const NOTES: &str = r#"#!/bin/sh
set -u
at=FOLDER/NAME
n=$(ls FOLDER | grep -c '^NAME-[0-9]*\.args$')
printf '%s\n' "$@" >"$at-$n.args"
cat >"$at-$n.part"
mv "$at-$n.part" "$at-$n.in"
"#;

impl Stage {
    /// A player that plays to its end, and a speaker that makes a WAV file.
    pub(super) fn new() -> Self {
        let name = format!("till-sound-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let settings = config::Sound { device: "card".to_owned(), voice: "vi".to_owned(), clips: None, volume: 100 };
        let programs = Programs {
            player: folder.join("aplay"),
            speaker: folder.join("espeak-ng"),
            patience: Duration::from_secs(15),
        };
        let stage = Self { folder, settings, programs };
        stage.program("aplay", "");
        fs::write(stage.folder.join("voice.wav"), stage.voice().write(100)).expect("a voice");
        stage.program("espeak-ng", "cat FOLDER/voice.wav");
        stage
    }

    /// What the speaker makes.
    pub(super) fn voice(&self) -> crate::sound::wav::Pcm {
        crate::sound::wav::Pcm { rate: 16_000, samples: (0..800).map(|n| n * 20).collect() }
    }

    /// Puts a program there, which notes what it is given and then does this.
    pub(super) fn program(&self, name: &str, does: &str) {
        let text =
            format!("{NOTES}{does}\n").replace("FOLDER", &self.folder.display().to_string()).replace("NAME", name);
        // A program that is written to while it runs cannot be started.
        let part = self.folder.join("part");
        fs::write(&part, text).expect("a program");
        fs::set_permissions(&part, fs::Permissions::from_mode(0o755)).expect("a mode");
        fs::rename(&part, self.folder.join(name)).expect("a name");
    }

    /// Starts the sound, which has seen an idle display.
    pub(super) fn sound(&self) -> Sound {
        let mut sound = Sound::start(self.settings.clone(), self.programs.clone()).expect("a thread");
        sound.see(&View::Idle { link: Link::Up, barrier: None });
        sound
    }

    /// What a program was given, each time that it was started and has read all.
    pub(super) fn given(&self, name: &str) -> Vec<Vec<u8>> {
        let file = |n: usize| fs::read(self.folder.join(format!("{name}-{n}.in"))).ok();
        (0..).map_while(file).collect()
    }

    /// How often a program was started.
    pub(super) fn starts(&self, name: &str) -> usize {
        (0..).take_while(|n| self.folder.join(format!("{name}-{n}.args")).exists()).count()
    }

    /// With which arguments a program was started.
    pub(super) fn arguments(&self, name: &str, n: usize) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join(format!("{name}-{n}.args"))).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until a program was given so many things.
    #[track_caller]
    pub(super) fn wait_given(&self, name: &str, count: usize) -> Vec<Vec<u8>> {
        let what = format!("{name} is given {count} things");
        wait_for(&what, || Some(self.given(name)).filter(|given| given.len() >= count))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's place for temporary files, and is cleared with it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Waits for something, with a limit.
#[track_caller]
pub(super) fn wait_for<T>(what: &str, condition: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(start.elapsed() < SOON, "waited too long for: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A sale that is paid.
pub(super) fn paid(number: u32, amount: u64) -> View {
    let sale: SaleId = format!("0001017-{number:09}").parse().expect("a sale's id");
    View::Paid { sale, amount: Amount::vnd(amount), paid: Amount::vnd(amount) }
}
