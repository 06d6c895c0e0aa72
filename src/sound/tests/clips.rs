//! A folder of recorded words. It must not know the programs.

use std::fs;
use std::path::Path;

use super::stage::{Stage, paid, wait_for};
use crate::sound::lacks;
use crate::sound::wav::Pcm;
use crate::sound::words::Language;

/// Records every word as its number in the list.
fn record(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    for (number, word) in Language::Vietnamese.all().into_iter().enumerate() {
        let samples = vec![number as i16 + 1; 100];
        fs::write(folder.join(format!("{}.wav", word.clip)), Pcm { rate: 8000, samples }.write(100)).expect("a clip");
    }
}

fn stage_with_clips() -> Stage {
    let mut stage = Stage::new();
    let clips = stage.folder.join("clips");
    record(&clips);
    stage.settings.clips = Some(clips);
    stage
}

#[test]
fn recorded_words_are_played_one_behind_the_other() {
    let stage = stage_with_clips();
    assert_eq!(lacks(&stage.settings, &stage.programs), Vec::<String>::new());
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    let played = stage.wait_given("aplay", 2);
    let heard = Pcm::read(&played[1]).expect("a WAV file");
    let all = Language::Vietnamese.all();
    let number = |clip: &str| all.iter().position(|word| word.clip == clip).map(|at| at as i16 + 1);
    let want = ["da-nhan", "nam", "muoi-ngang", "nghin", "dong"].map(|clip| number(clip).expect("it is a word"));
    let words: Vec<i16> = heard.samples.chunks(100).map(|word| word[0]).collect();
    assert_eq!((heard.rate, words), (8000, want.to_vec()));
    drop(sound);
    assert_eq!((stage.starts("espeak-ng"), stage.starts("aplay")), (0, 2));
}

/// Two pieces of what is said about a clip that was spoilt, and how it is spoilt.
type Spoilt = (&'static str, &'static str, fn(&Path));

#[test]
fn what_is_not_recorded_well_is_said_by_the_voice() {
    let spoilt: [Spoilt; 4] = [
        ("cannot read the clip", "No such file", |clip| fs::remove_file(clip).expect("it was there")),
        ("cannot be used", "it is no whole WAV file", |clip| fs::write(clip, "words").expect("it is written")),
        ("has 16000 samples a second, the one before it 8000", "", |clip| {
            fs::write(clip, Pcm { rate: 16_000, samples: vec![1; 9] }.write(100)).expect("it is written");
        }),
        ("cannot read the clip", "larger than 262144 bytes", |clip| {
            fs::write(clip, Pcm { rate: 8000, samples: vec![1; 200_000] }.write(100)).expect("it is written");
        }),
    ];
    for (first, second, spoil) in spoilt {
        let stage = stage_with_clips();
        spoil(&stage.folder.join("clips/nghin.wav"));
        let mut sound = stage.sound();
        sound.see(&paid(1, 50_000));
        let played = stage.wait_given("aplay", 2);
        assert_eq!(played[1], stage.voice().write(100), "{first}");
        let trouble = wait_for("it is told", || sound.trouble());
        assert!(trouble.contains(first) && trouble.contains(second) && trouble.contains("nghin.wav"), "{trouble}");
    }
}

#[test]
fn a_folder_that_lacks_clips_is_told_before_a_sale_needs_them() {
    let stage = stage_with_clips();
    for clip in ["mot-sac", "ty"] {
        fs::remove_file(stage.folder.join(format!("clips/{clip}.wav"))).expect("it was there");
    }
    let said = lacks(&stage.settings, &stage.programs);
    let path = stage.folder.join("clips/mot-sac.wav").display().to_string();
    let want = format!(
        "2 of 25 clips cannot be used, and their words come from the voice: cannot read the clip {path}: No such file or directory (os error 2)"
    );
    assert_eq!(said, [want]);
}
