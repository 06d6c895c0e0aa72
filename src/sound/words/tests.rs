//! Numbers against tables that were not made by this program, and the phrases around them. It must not play anything.

use std::collections::BTreeSet;

use till_wire::Amount;

use super::{LARGEST, Language, text};
use crate::sound::Announcement;

const VIETNAMESE: &str = include_str!("tests/vi.txt");
const ENGLISH: &str = include_str!("tests/en.txt");

#[track_caller]
fn check(language: Language, table: &str, least: usize) {
    let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() >= least, "the table has {} numbers", lines.len());
    for line in lines {
        let (number, words) = line.split_once(' ').expect("a number, a space and its words");
        let number: u64 = number.parse().expect("a number");
        assert_eq!(text(&language.number(number)), words, "{number}");
    }
}

#[test]
fn numbers_are_said_in_vietnamese_as_the_table_says() {
    check(Language::Vietnamese, VIETNAMESE, 300);
}

#[test]
fn numbers_are_said_in_english_as_the_table_says() {
    check(Language::English, ENGLISH, 100);
}

#[test]
fn no_two_numbers_sound_alike_and_one_too_large_has_no_words() {
    for language in [Language::Vietnamese, Language::English] {
        let some = (0..3000).chain((0..400).map(|n| n * 99_991 + 7)).chain((0..400).map(|n| n * 1_005_000));
        let some: BTreeSet<u64> = some.collect();
        let said: BTreeSet<String> = some.iter().map(|number| text(&language.number(*number))).collect();
        assert_eq!(said.len(), some.len(), "{language:?}");
        assert!(!language.number(LARGEST).is_empty());
        assert_eq!((language.number(LARGEST + 1), language.number(u64::MAX)), (Vec::new(), Vec::new()));
    }
}

#[test]
fn each_announcement_has_its_phrase() {
    let fifty = Amount::vnd(50_000);
    let say = |language: Language, announcement| text(&language.say(announcement));
    let vi = |announcement| say(Language::Vietnamese, announcement);
    assert_eq!(vi(Announcement::Paid(fifty)), "đã nhận năm mươi nghìn đồng");
    assert_eq!(vi(Announcement::Money(fifty)), "có tiền về năm mươi nghìn đồng");
    assert_eq!(vi(Announcement::Short { missing: Amount::vnd(21_000) }), "còn thiếu hai mươi mốt nghìn đồng");
    assert_eq!(vi(Announcement::Unpaid), "");
    assert_eq!(vi(Announcement::Paid(Amount::vnd(u64::MAX))), "");
    let en = |announcement| say(Language::English, announcement);
    assert_eq!(en(Announcement::Paid(fifty)), "received fifty thousand dong");
    assert_eq!(en(Announcement::Money(fifty)), "money has come in fifty thousand dong");
    assert_eq!(en(Announcement::Short { missing: fifty }), "still missing fifty thousand dong");
}

#[test]
fn the_voice_chooses_the_language() {
    let of = Language::of_voice;
    assert_eq!(["vi", "vi-vn-x-south"].map(of), [Language::Vietnamese; 2]);
    assert_eq!(["en", "en-us", "vietnam", "fr"].map(of), [Language::English; 4]);
}

/// A folder of clips that has all of these has every word that is ever said; each has a name of its own.
#[test]
fn every_word_has_a_clip_of_its_own() {
    for (language, count) in [(Language::Vietnamese, 25), (Language::English, 37)] {
        let all = language.all();
        let clips: BTreeSet<&str> = all.iter().map(|word| word.clip).collect();
        let texts: BTreeSet<&str> = all.iter().map(|word| word.text).collect();
        assert_eq!((all.len(), clips.len(), texts.len()), (count, count, count), "{language:?}");
        let plain = |clip: &str| clip.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(clips.iter().all(|clip| plain(clip)), "{clips:?}");
        let said = (0..2000).map(|n| n * 7_654_321).flat_map(|number| language.number(number));
        assert!(said.map(|word| word.clip).all(|clip| clips.contains(clip)));
    }
}

#[test]
fn the_documentation_lists_every_clip() {
    let page = include_str!("../../../docs/hardware.md");
    for word in Language::Vietnamese.all().into_iter().chain(Language::English.all()) {
        assert!(page.contains(&format!("`{}`", word.clip)), "docs/hardware.md does not name the clip `{}`", word.clip);
    }
    for word in Language::Vietnamese.all() {
        assert!(page.contains(word.text), "docs/hardware.md does not say what to record: {}", word.text);
    }
}
