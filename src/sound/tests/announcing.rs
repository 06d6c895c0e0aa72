//! Announcements through programs that play, hang, fail or are missing. It must not know how a word is spelled.

use std::fs;
use std::process::Command;
use std::time::Duration;

use till_wire::Amount;

use super::stage::{Stage, paid, wait_for};
use crate::sound::wav::Pcm;
use crate::sound::{Announcement, Programs, chime, lacks};

fn chime_of_paid() -> Vec<u8> {
    chime::of(Announcement::Paid(Amount::vnd(0))).write(100)
}

fn ends(what: &str, stage: &Stage, trouble: impl Fn() -> Option<String>, word: &str) {
    let said = wait_for(what, || trouble().filter(|trouble| trouble.contains(word)));
    let want = format!("cannot play through `card` (aplay -L lists the cards): `{}", stage.folder.display());
    assert!(said.starts_with(&want), "{said}");
}

#[test]
fn a_paid_sale_is_heard_once_chime_first_and_then_the_amount() {
    let mut stage = Stage::new();
    stage.settings.volume = 50;
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    sound.see(&paid(1, 50_000));
    let played = stage.wait_given("aplay", 2);
    assert_eq!(played[0], chime::of(Announcement::Paid(Amount::vnd(50_000))).write(50));
    assert_eq!(played[1], stage.voice().write(50));
    assert_eq!(stage.arguments("aplay", 0), ["-q", "-D", "card", "-t", "wav", "-"]);
    assert_eq!(stage.arguments("espeak-ng", 0), ["-v", "vi", "--stdin", "--stdout"]);
    assert_eq!(stage.given("espeak-ng"), ["đã nhận năm mươi nghìn đồng".as_bytes()]);
    drop(sound);
    assert_eq!((stage.starts("aplay"), stage.starts("espeak-ng")), (2, 1));
}

#[test]
fn what_is_repeated_says_that_it_is_no_news_and_has_no_chime() {
    let stage = Stage::new();
    let mut sound = stage.sound();
    sound.repeat();
    sound.see(&paid(1, 50_000));
    stage.wait_given("aplay", 2);
    wait_for("it is over", || (!sound.slot.has_news() && stage.starts("aplay") == 2).then_some(()));
    sound.repeat();
    let played = stage.wait_given("aplay", 3);
    assert_eq!(played[2], stage.voice().write(100));
    assert_eq!(stage.given("espeak-ng")[1], "nhắc lại đã nhận năm mươi nghìn đồng".as_bytes());
    drop(sound);
    assert_eq!(stage.starts("aplay"), 3, "before the first sale there was nothing to repeat");
}

#[test]
fn a_newer_announcement_ends_the_older_one() {
    let stage = Stage::new();
    stage.program("aplay", "[ \"$n\" -gt 0 ] || exec sleep 600");
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    stage.wait_given("aplay", 1);
    // The older one's voice is stopped too: not before it has noted what it was given.
    stage.wait_given("espeak-ng", 1);
    sound.see(&paid(2, 21_000));
    stage.wait_given("aplay", 3);
    let said = stage.given("espeak-ng").pop().unwrap_or_default();
    assert_eq!(said, "đã nhận hai mươi mốt nghìn đồng".as_bytes());
    assert_eq!(sound.trouble(), None, "who gave way to a newer one has not failed");
    drop(sound);
    assert_eq!(stage.starts("aplay"), 3, "the rest of the older one is not played");
}

#[test]
fn a_player_that_hangs_is_stopped_and_left_alone_for_a_while() {
    let mut stage = Stage::new();
    stage.programs.patience = Duration::from_millis(300);
    stage.program("aplay", "echo $$ >FOLDER/pid\nexec sleep 600");
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    ends("it is given up", &stage, || sound.trouble(), "did not end within 0 s and was stopped");
    let pid = fs::read_to_string(stage.folder.join("pid")).expect("it has begun");
    assert!(!fs::exists(format!("/proc/{}", pid.trim())).unwrap_or(true), "it is gone");
    for number in 2..100 {
        sound.see(&paid(number, 50_000));
    }
    drop(sound);
    let starts = stage.starts("aplay");
    assert!(starts <= 3, "a player that has failed is not started a hundred times, but {starts} times");
}

#[test]
fn a_player_that_fails_says_why_and_is_tried_again() {
    let stage = Stage::new();
    let complaint = "ALSA lib pcm.c:2666:(snd_pcm_open_noupdate) Unknown PCM card\naplay: main:831: audio open error: No such file or directory\n";
    stage.program("aplay", &format!("printf '{complaint}' >&2\nhead -c 100000 /dev/zero >&2\nexit 1"));
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    ends("it has failed", &stage, || sound.trouble(), "ended with exit status: 1: ");
    stage.program("aplay", &format!("printf '{complaint}' >&2\nexit 1"));
    let mut number = 1;
    wait_for("it says why", || sound.trouble().filter(|_| stage.starts("aplay") == 1));
    let words = wait_for_next(&mut sound, &mut number, |trouble| trouble.is_some_and(|it| it.contains("open error")));
    assert!(words.is_some_and(|it| it.ends_with("aplay: main:831: audio open error: No such file or directory")));
    stage.program("aplay", "");
    wait_for_next(&mut sound, &mut number, |trouble| trouble.is_none());
}

/// Has one sale after the other paid, until the sound is as it should be. They leave each other time: what gives way to
/// a newer announcement has neither worked nor failed.
fn wait_for_next(
    sound: &mut crate::sound::Sound,
    number: &mut u32,
    fits: impl Fn(Option<&str>) -> bool,
) -> Option<String> {
    for _ in 0..150 {
        *number += 1;
        sound.see(&paid(*number, 50_000));
        std::thread::sleep(Duration::from_millis(300));
        let trouble = sound.trouble();
        if fits(trouble.as_deref()) {
            return trouble;
        }
    }
    unreachable!("waited too long: {:?}", sound.trouble());
}

#[test]
fn missing_programs_are_named_with_their_packages() {
    let mut stage = Stage::new();
    stage.programs =
        Programs { player: "/nowhere/aplay".into(), speaker: "no-such-espeak".into(), ..stage.programs.clone() };
    let player = "`/nowhere/aplay` is not found: install the package alsa-utils";
    let speaker = "`no-such-espeak` is not found: install the package espeak-ng";
    assert_eq!(lacks(&stage.settings, &stage.programs), [player, speaker]);
    let mut sound = stage.sound();
    assert_eq!(wait_for("it says so at the start", || sound.trouble()), player);
    sound.see(&paid(1, 50_000));
    wait_for("it is given up", || (!sound.slot.has_news()).then_some(()));
    assert_eq!(sound.trouble().as_deref(), Some(player));
}

#[test]
fn without_a_voice_there_is_the_chime() {
    for (does, word) in [
        ("exit 3", "ended with exit status: 3"),
        ("echo no sound", "it is no whole WAV file"),
        ("head -c 6000000 /dev/zero", "printed more than 4194304 bytes"),
    ] {
        let stage = Stage::new();
        stage.program("espeak-ng", does);
        let mut sound = stage.sound();
        sound.see(&paid(1, 50_000));
        let trouble = wait_for("the voice has failed", || sound.trouble());
        assert!(trouble.contains(word), "{trouble}");
        drop(sound);
        assert_eq!(stage.given("aplay"), [chime_of_paid()], "{does}");
    }
}

#[test]
fn an_end_stops_what_is_playing() {
    let stage = Stage::new();
    stage.program("aplay", "echo $$ >FOLDER/pid.part\nmv FOLDER/pid.part FOLDER/pid\nexec sleep 600");
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    let pid = wait_for("it plays", || fs::read_to_string(stage.folder.join("pid")).ok());
    drop(sound);
    assert!(!fs::exists(format!("/proc/{}", pid.trim())).unwrap_or(true), "it is gone");
}

/// What our environment holds may be secret.
#[test]
fn programs_see_little_of_the_environment() {
    let stage = Stage::new();
    stage.program("aplay", "env >FOLDER/env.part\nmv FOLDER/env.part FOLDER/env");
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    let seen = wait_for("it has looked", || fs::read_to_string(stage.folder.join("env")).ok());
    assert!(seen.contains("PATH="), "{seen}");
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && !seen.contains("CARGO"), "{seen}");
}

/// The real voice and the real player, which plays into a file: what arrives is speech, and not silence.
#[test]
fn the_real_voice_is_heard_through_the_real_player() {
    for program in ["espeak-ng", "aplay"] {
        let there = Command::new(program).arg("--version").output();
        assert!(there.is_ok(), "the program `{program}` is needed: apt install espeak-ng alsa-utils");
    }
    let mut stage = Stage::new();
    stage.programs.player = "aplay".into();
    stage.programs.speaker = "espeak-ng".into();
    let heard = stage.folder.join("heard.wav");
    stage.settings.device = format!("file:FILE={},FORMAT=wav", heard.display());
    let mut sound = stage.sound();
    sound.see(&paid(1, 50_000));
    let speech = wait_for("speech arrives", || {
        let speech = Pcm::read(&fs::read(&heard).ok()?).ok()?;
        // Three words and more last longer than the chime of three tones, which is played before.
        (speech.samples.len() > 30_000).then_some(speech)
    });
    assert_eq!(sound.trouble(), None);
    let loud = speech.samples.iter().filter(|sample| sample.unsigned_abs() > 1000).count();
    assert!(loud > speech.samples.len() / 10, "{loud} of {} samples are loud", speech.samples.len());
}
