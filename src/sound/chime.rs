//! The chimes: a few sine tones for each thing that is announced, so that it is known before a word is said. It must not
//! know when they are heard.

use std::f64::consts::TAU;

use super::Announcement;
use super::wav::Pcm;

/// Samples per second of a chime, which is also what espeak-ng makes.
pub const RATE: u32 = 22_050;
/// The tones of a sale that is paid, in hertz: G5, B5, E6, going up.
pub const PAID: [u32; 3] = [784, 988, 1319];
/// The tones of money without a sale: E5, A5. They must not be taken for those of a sale that is paid.
pub const MONEY: [u32; 2] = [659, 880];
/// The tones of a payment that is short: C5, A♯4.
pub const SHORT: [u32; 2] = [523, 466];
/// The tones of a sale that ended unpaid: G4, D4, going down.
pub const UNPAID: [u32; 2] = [392, 294];

/// The tones of a terminal that is looked for: A5, E5, A5, E5, as no sale's.
pub const HERE: [u32; 4] = [880, 659, 880, 659];

/// How long one tone sounds, in milliseconds. Each fades out before the next begins.
pub const TONE_MS: u32 = 220;
/// How long a tone takes to come, in samples: one that begins at once clicks.
const ATTACK: u32 = RATE / 100;
/// The largest part of the full swing that a tone has: two loud sines are no pleasure on small loudspeakers.
const SWING: f64 = 0.7;

/// Returns the chime of an announcement, at full volume.
pub(super) fn of(announcement: Announcement) -> Pcm {
    let tones: &[u32] = match announcement {
        Announcement::Paid(_) => &PAID,
        Announcement::Money(_) => &MONEY,
        Announcement::Short { .. } => &SHORT,
        Announcement::Unpaid => &UNPAID,
        Announcement::Here => &HERE,
    };
    Pcm { rate: RATE, samples: tones.iter().flat_map(|hertz| tone(*hertz)).collect() }
}

fn tone(hertz: u32) -> impl Iterator<Item = i16> {
    let length = RATE * TONE_MS / 1000;
    (0..length).map(move |at| {
        let attack = f64::from(at.min(ATTACK)) / f64::from(ATTACK);
        let decay = f64::from(length - at) / f64::from(length);
        let swing = attack * decay * SWING * f64::from(i16::MAX);
        let wave = (TAU * f64::from(hertz) * f64::from(at) / f64::from(RATE)).sin();
        // At most 0.7 of the largest sample, so nothing is cut off.
        (wave * swing) as i16
    })
}
