//! What a machine's loudspeaker played, as the emulator wrote it down: which tones are in it, how long somebody spoke, and
//! how much it is like another recording. It must not know what either means.

use std::f64::consts::TAU;
use std::path::Path;
use std::time::Duration;

use super::read;

/// How long the pieces are in which a tone is looked for.
const PIECE: Duration = Duration::from_millis(40);

/// How much of a piece's energy must be at one frequency, so that it counts as that tone. Where one tone ends and the
/// next begins, a piece has less of both; what is spoken has many frequencies at once.
const MOSTLY: f64 = 0.6;

/// Quieter pieces are silence, in parts of the full swing.
const SILENCE: f64 = 0.005;

/// Where a voice is, in hertz, in steps as wide as a piece can tell apart. Noise has most of its energy elsewhere.
const VOICE: (u32, u32, usize) = (100, 4000, 25);

/// How much of a piece's energy must be there, so that it counts as spoken.
const NEARLY_ALL: f64 = 0.8;

/// How long the moments are whose sound is compared, and how far apart they begin.
const MOMENT: Duration = Duration::from_millis(20);
const HOP: Duration = Duration::from_millis(10);

/// Where words are compared, in hertz.
const SPECTRUM: (usize, usize, usize) = (150, 4000, 150);

/// What is fainter is not compared, in parts of the loudest power.
const FAINT: f64 = 1e-4;

/// A recording.
#[derive(Debug)]
pub struct Heard {
    rate: f64,
    /// From -1 to 1; of several channels the first.
    samples: Vec<f64>,
}

impl Heard {
    /// Reads a WAV with samples of 16 bits. Its length is that of the file, because an emulator writes it into the head
    /// when it ends in order, which one without power does not.
    ///
    /// # Panics
    /// When it is another kind of file.
    pub fn read(path: &Path) -> Self {
        let bytes = read(path);
        if bytes.is_empty() {
            // The emulator writes some thousand bytes at a time, so the head comes with the first sound.
            return Self { rate: 1.0, samples: Vec::new() };
        }
        let number = |at: usize, length: usize| {
            let part = bytes.get(at..at + length).unwrap_or_default();
            part.iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
        };
        let sound = bytes.starts_with(b"RIFF") && bytes.get(8..16) == Some(b"WAVEfmt ") && number(34, 2) == 16;
        assert!(sound && bytes.get(36..40) == Some(b"data"), "{path:?} is no WAV of 16 bits");
        let channels = usize::try_from(number(22, 2)).unwrap_or(1).max(1);
        let frames = bytes.get(44..).unwrap_or_default().chunks_exact(channels * 2);
        let samples = frames.filter_map(|frame| frame.first_chunk()).map(|two| i16::from_le_bytes(*two));
        Self { rate: f64::from(number(24, 4)), samples: samples.map(|sample| f64::from(sample) / 32_768.0).collect() }
    }

    /// How many seconds it has.
    pub fn length_s(&self) -> f64 {
        self.samples.len() as f64 / self.rate
    }

    /// How many seconds of it are no silence.
    pub fn audible_s(&self) -> f64 {
        self.seconds(self.pieces().filter(|piece| is_audible(piece)).count())
    }

    /// Returns which of these tones are heard, in hertz, one after the other; one that goes on is one.
    pub fn tones(&self, hertz: &[u32]) -> Vec<u32> {
        let mut tones: Vec<_> = self.pieces().filter_map(|piece| self.tone(piece, hertz)).collect();
        tones.dedup();
        tones
    }

    /// How many seconds of it are spoken, after the last of these tones.
    pub fn spoken_after_s(&self, hertz: &[u32]) -> f64 {
        let rest = self.after(hertz);
        self.seconds(rest.pieces().filter(|piece| is_audible(piece) && self.voice_in(piece) > NEARLY_ALL).count())
    }

    /// Returns what comes after the last of these tones.
    #[must_use]
    pub fn after(&self, hertz: &[u32]) -> Self {
        let tones: Vec<_> = self.pieces().map(|piece| self.tone(piece, hertz)).collect();
        let begin = tones.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let samples = self.pieces().skip(begin).flatten().copied().collect();
        Self { rate: self.rate, samples }
    }

    /// Returns what was recorded after this many seconds.
    #[must_use]
    pub fn since_s(&self, seconds: f64) -> Self {
        let begin = (seconds * self.rate) as usize;
        Self { rate: self.rate, samples: self.samples.get(begin..).unwrap_or_default().to_vec() }
    }

    /// How much the part of this recording that is most like another one is like it, from -1 to 1: the correlation of
    /// their loudness, in decibels, over all frequencies of a voice and all moments. How loud they are as a whole does
    /// not count.
    pub fn likeness(&self, words: &Heard) -> f64 {
        let (all, words) = (self.spectrum(), words.trimmed().spectrum());
        let places = (all.len() + 1).saturating_sub(words.len()).min(all.len());
        let parts = (0..places).filter_map(|begin| all.get(begin..begin + words.len()));
        parts.map(|part| correlation(part, &words)).fold(-1.0, f64::max)
    }

    /// How loud it is, in decibels below the loudest, at each frequency of a voice, one moment after the other.
    fn spectrum(&self) -> Vec<Vec<f64>> {
        let (lowest, highest, step) = SPECTRUM;
        let (length, hop) = ((self.rate * MOMENT.as_secs_f64()) as usize, (self.rate * HOP.as_secs_f64()) as usize);
        let moments = self.samples.windows(length.max(1)).step_by(hop.max(1));
        let power = |piece: &[f64], hertz: usize| match share_of(piece, hertz as f64 / self.rate) * energy(piece) {
            power if power.is_finite() => power,
            _ => 0.0,
        };
        let powers: Vec<Vec<f64>> =
            moments.map(|piece| (lowest..highest).step_by(step).map(|hertz| power(piece, hertz)).collect()).collect();
        let most = powers.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
        let decibels = |power: f64| 10.0 * (power / most).max(FAINT).log10();
        powers.into_iter().map(|moment| moment.into_iter().map(decibels).collect()).collect()
    }

    /// Leaves out the silence before and after.
    fn trimmed(&self) -> Heard {
        let is_loud = |sample: &f64| sample.abs() > SILENCE;
        let begin = self.samples.iter().position(is_loud).unwrap_or_default();
        let end = self.samples.iter().rposition(is_loud).map_or(0, |last| last + 1);
        Self { rate: self.rate, samples: self.samples.get(begin..end).unwrap_or_default().to_vec() }
    }

    fn tone(&self, piece: &[f64], hertz: &[u32]) -> Option<u32> {
        let is_tone = |tone: &&u32| share_of(piece, f64::from(**tone) / self.rate) > MOSTLY;
        if is_audible(piece) { hertz.iter().find(is_tone).copied() } else { None }
    }

    fn voice_in(&self, piece: &[f64]) -> f64 {
        let (lowest, highest, step) = VOICE;
        (lowest..highest).step_by(step).map(|hertz| share_of(piece, f64::from(hertz) / self.rate)).sum()
    }

    fn pieces(&self) -> impl Iterator<Item = &[f64]> {
        let length = (self.rate * PIECE.as_secs_f64()) as usize;
        self.samples.chunks_exact(length.max(1))
    }

    fn seconds(&self, pieces: usize) -> f64 {
        pieces as f64 * PIECE.as_secs_f64()
    }
}

fn is_audible(piece: &[f64]) -> bool {
    energy(piece) > piece.len() as f64 * SILENCE * SILENCE
}

fn energy(piece: &[f64]) -> f64 {
    piece.iter().map(|sample| sample * sample).sum()
}

/// Which part of a piece's energy is at a frequency, given in turns per sample: one term of its Fourier transform, by
/// Goertzel's recurrence.
fn share_of(piece: &[f64], turns: f64) -> f64 {
    let twice_cosine = 2.0 * (TAU * turns).cos();
    let (one, two) = piece.iter().fold((0.0, 0.0), |(one, two), sample| (sample + twice_cosine * one - two, one));
    let power = one * one + two * two - twice_cosine * one * two;
    // A pure tone has the square of half its swing in this term, and half the square of its swing as energy.
    2.0 * power / (energy(piece) * piece.len() as f64)
}

/// Pearson's, of two spectra of the same size.
fn correlation(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    let pairs = || one.iter().flatten().zip(other.iter().flatten());
    let count = pairs().count().max(1) as f64;
    let (x, y) = pairs().fold((0.0, 0.0), |(x, y), (one, other)| (x + one / count, y + other / count));
    let (mut both, mut ones, mut others) = (0.0, 0.0, 0.0);
    for (one, other) in pairs() {
        let (one, other) = (one - x, other - y);
        both += one * other;
        ones += one * one;
        others += other * other;
    }
    if ones > 0.0 && others > 0.0 { both / (ones * others).sqrt() } else { -1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::voice::say;
    use super::*;
    use crate::folder::Folder;

    const RATE: f64 = 44_100.0;

    /// Half a second of sines.
    fn sines(hertz: &[f64]) -> Vec<f64> {
        let sum = |at: i32| hertz.iter().map(|hertz| (TAU * hertz * f64::from(at) / RATE).sin() * 0.2).sum();
        (0..22_050).map(sum).collect()
    }

    fn heard(parts: &[Vec<f64>]) -> Heard {
        Heard { rate: RATE, samples: parts.concat() }
    }

    #[track_caller]
    fn near(seconds: f64, wanted: f64) {
        assert!((seconds - wanted).abs() < 0.09, "{seconds} s");
    }

    #[test]
    fn tones_come_in_their_order_and_others_are_not_heard() {
        let heard = heard(&[sines(&[]), sines(&[784.0]), sines(&[988.0]), sines(&[784.0])]);
        assert_eq!(heard.tones(&[659, 784, 880, 988]), [784, 988, 784]);
        near(heard.audible_s(), 1.5);
        assert_eq!(heard.tones(&[659, 880]), [0; 0]);
    }

    #[test]
    fn a_voice_is_neither_a_tone_nor_silence_nor_noise() {
        let voice = sines(&[120.0, 240.0, 360.0, 840.0, 2400.0]);
        let noise = std::iter::repeat_with(|| fastrand::f64() - 0.5).take(22_050).collect();
        let heard = heard(&[voice.clone(), sines(&[1319.0]), noise, sines(&[]), voice.clone(), voice]);
        near(heard.spoken_after_s(&[784, 1319]), 1.0);
        assert_eq!(heard.tones(&[784, 1319]), [1319]);
    }

    #[test]
    fn words_are_like_themselves_and_not_like_other_words() {
        let folder = Folder::make();
        let amounts = ["năm mươi", "bốn mươi", "hai mươi lăm", "năm mươi lăm", "một trăm năm mươi"];
        let said = amounts.map(|amount| say(&folder, &format!("đã nhận {amount} nghìn đồng")));
        let first = &said[0];
        let quieter = first.samples.iter().map(|sample| sample * 0.4).collect();
        let heard = Heard { rate: first.rate, samples: [vec![0.0; 3_333], quieter, vec![0.0; 9_999]].concat() };
        let likeness: Vec<_> = said.iter().map(|words| heard.likeness(words)).collect();
        let heard_nothing = Heard { rate: first.rate, samples: vec![0.0; 99_999] };
        let right = likeness[0];
        assert!(right > 0.85 && likeness[1..].iter().all(|other| *other < right - 0.05), "{likeness:?}");
        assert!(heard_nothing.likeness(first) < 0.1);
    }

    #[test]
    fn nothing_is_heard_of_an_empty_recording() {
        let heard = heard(&[]);
        assert_eq!((heard.audible_s(), heard.tones(&[784]), heard.spoken_after_s(&[784])), (0.0, Vec::new(), 0.0));
    }
}
