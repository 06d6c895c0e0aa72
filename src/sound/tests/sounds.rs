//! Chimes and WAV files. It must not start programs.

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use till_wire::Amount;

use crate::sound::Announcement;
use crate::sound::chime::{MONEY, PAID, RATE, SHORT, TONE_MS, UNPAID, of};
use crate::sound::wav::{Pcm, WavError};

const ALL: [u32; 9] = [PAID[0], PAID[1], PAID[2], MONEY[0], MONEY[1], SHORT[0], SHORT[1], UNPAID[0], UNPAID[1]];

/// How much of a tone there is in samples (Goertzel), as a part of the loudest possible.
fn part(samples: &[i16], hertz: u32, rate: u32) -> f64 {
    let turn = TAU * f64::from(hertz) / f64::from(rate);
    let (mut before, mut last) = (0.0, 0.0);
    for sample in samples {
        (before, last) = (last, f64::from(*sample) / 32_768.0 + 2.0 * turn.cos() * last - before);
    }
    let power = last * last + before * before - 2.0 * turn.cos() * last * before;
    2.0 * power.max(0.0).sqrt() / samples.len() as f64
}

#[track_caller]
fn check(announcement: Announcement, tones: &[u32]) {
    let Pcm { rate, samples } = of(announcement);
    assert_eq!((rate, samples.len()), (RATE, tones.len() * (RATE * TONE_MS / 1000) as usize));
    for (piece, tone) in samples.chunks(samples.len() / tones.len()).zip(tones) {
        let parts: Vec<_> = ALL.iter().map(|hertz| (*hertz, part(piece, *hertz, rate))).collect();
        let loudest = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("there are tones");
        assert_eq!(loudest.0, *tone, "{parts:?}");
        assert!(loudest.1 > 0.2, "{parts:?}");
        let second = parts.iter().filter(|(hertz, _)| hertz != tone).map(|(_, part)| *part).fold(0.0, f64::max);
        assert!(loudest.1 > 4.0 * second, "{parts:?}");
        // A tone that begins or ends at once clicks.
        let swing = |edge: &[i16]| edge.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        assert!(swing(&piece[..10]) < 1500 && swing(&piece[piece.len() - 10..]) < 1500);
    }
}

#[test]
fn each_announcement_has_tones_of_its_own() {
    let amount = Amount::vnd(50_000);
    check(Announcement::Paid(amount), &PAID);
    check(Announcement::Money(amount), &MONEY);
    check(Announcement::Short { missing: amount }, &SHORT);
    check(Announcement::Unpaid, &UNPAID);
    assert_eq!(ALL.iter().collect::<BTreeSet<_>>().len(), ALL.len());
}

fn sample() -> Pcm {
    Pcm { rate: 16_000, samples: vec![0, 1, -1, 1000, i16::MAX, i16::MIN, -300] }
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let bytes = sample().write(100);
    assert_eq!(bytes.len(), 44 + 14);
    assert_eq!(Pcm::read(&bytes), Ok(sample()));
    let softer = Pcm::read(&sample().write(50)).expect("it was just written");
    assert_eq!(softer.samples, [0, 0, 0, 500, 16_383, -16_384, -150]);
    let silent = Pcm::read(&sample().write(0)).expect("it was just written");
    assert_eq!(silent.samples, [0; 7]);
    assert_eq!((sample().lasts_ms(), of(Announcement::Unpaid).lasts_ms()), (1, 440));
}

#[test]
fn what_is_there_of_a_file_that_claims_more_is_played() {
    let mut streamed = sample().write(100);
    streamed[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
    assert_eq!(Pcm::read(&streamed), Ok(sample()));
    streamed.push(7);
    assert_eq!(Pcm::read(&streamed), Ok(sample()), "half a sample is none");
}

#[test]
fn chunks_that_nobody_needs_are_passed_over() {
    let bytes = sample().write(100);
    let mut with_more = bytes[..36].to_vec();
    with_more.extend(b"LIST\x03\x00\x00\x00abc\x00");
    with_more.extend(&bytes[36..]);
    assert_eq!(Pcm::read(&with_more), Ok(sample()));
    let mut endless = bytes[..36].to_vec();
    endless.extend(b"LIST\x00\x00\x00\x00".repeat(40));
    endless.extend(&bytes[36..]);
    assert_eq!(Pcm::read(&endless), Err(WavError::NoWav));
}

#[test]
fn files_of_another_form_are_refused() {
    let with = |at: usize, value: u16| {
        let mut bytes = sample().write(100);
        bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        Pcm::read(&bytes)
    };
    assert_eq!(with(22, 2), Err(WavError::Form { form: 1, channels: 2, bits: 16 }));
    assert_eq!(with(34, 8), Err(WavError::Form { form: 1, channels: 1, bits: 8 }));
    assert_eq!(with(20, 3), Err(WavError::Form { form: 3, channels: 1, bits: 16 }));
    assert_eq!(with(24, 4000), Err(WavError::Rate { rate: 4000 }));
    assert_eq!(Pcm::read(&Pcm { rate: 8000, samples: Vec::new() }.write(100)), Err(WavError::Empty));
}

#[test]
fn p11_no_bytes_make_it_stumble() {
    let whole = sample().write(100);
    for length in 0..44 {
        assert_eq!(Pcm::read(&whole[..length]).err(), Some(WavError::NoWav));
    }
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(random.usize(..=bytes.len()));
        // Whatever it says: what is read is no more than what was given.
        if let Ok(read) = Pcm::read(&bytes) {
            assert!(read.samples.len() * 2 <= bytes.len() && (8000..=48_000).contains(&read.rate));
        }
    }
}
