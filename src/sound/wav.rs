//! Sound as samples, and as the WAV files that it comes from and goes to: one channel of 16 bits. It must not know what
//! is heard. Source of the form: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991).

use std::ops::RangeInclusive;

/// How many samples per second a file may have.
const RATES: RangeInclusive<u32> = 8000..=48_000;
/// The most chunks that are looked through for the two that count.
const MOST_CHUNKS: usize = 32;
/// The code of plain samples in a `fmt ` chunk.
const PLAIN: u16 = 1;

/// Samples of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pcm {
    /// Samples per second.
    pub(super) rate: u32,
    /// The samples.
    pub(super) samples: Vec<i16>,
}

/// Why bytes are no sound that can be played here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WavError {
    /// They do not begin like a WAV file, or a chunk is cut off.
    #[error("it is no whole WAV file")]
    NoWav,
    /// It has another form.
    #[error("it has {channels} channels of {bits} bits in form {form}; expected 1 channel of 16 bits in form 1 (PCM)")]
    Form {
        /// The code of the form.
        form: u16,
        /// How many channels.
        channels: u16,
        /// How many bits a sample has.
        bits: u16,
    },
    /// It is too fast or too slow.
    #[error("it has {rate} samples a second; expected {} to {}", RATES.start(), RATES.end())]
    Rate {
        /// How many samples a second.
        rate: u32,
    },
    /// There is nothing to be heard.
    #[error("it has no samples")]
    Empty,
}

impl Pcm {
    /// Reads a WAV file. One that is made while it is sent says that it is longer than it is; what is there counts.
    ///
    /// # Errors
    /// When it is none, or not one channel of 16 bits with 8 000 to 48 000 samples a second.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, WavError> {
        let mut rest = match bytes.split_at_checked(12) {
            Some((head, rest)) if head.starts_with(b"RIFF") && head.ends_with(b"WAVE") => rest,
            Some(_) | None => return Err(WavError::NoWav),
        };
        let mut rate = None;
        for _ in 0..MOST_CHUNKS {
            let (head, body) = rest.split_at_checked(8).ok_or(WavError::NoWav)?;
            let length = u32_at(head, 4).and_then(|length| usize::try_from(length).ok()).ok_or(WavError::NoWav)?;
            match (head.get(..4), rate) {
                (Some(b"fmt "), _) => rate = Some(format(body.get(..length).ok_or(WavError::NoWav)?)?),
                (Some(b"data"), Some(rate)) => return Self::of(rate, body.get(..length).unwrap_or(body)),
                (_, _) => {}
            }
            // A chunk of odd length has one byte more.
            rest = body.get(length.saturating_add(length % 2)..).ok_or(WavError::NoWav)?;
        }
        Err(WavError::NoWav)
    }

    fn of(rate: u32, data: &[u8]) -> Result<Self, WavError> {
        let samples: Vec<i16> =
            data.chunks_exact(2).filter_map(|two| two.try_into().ok()).map(i16::from_le_bytes).collect();
        if samples.is_empty() { Err(WavError::Empty) } else { Ok(Self { rate, samples }) }
    }

    /// Makes a WAV file, every sample at `percent` of its swing.
    pub(super) fn write(&self, percent: u8) -> Vec<u8> {
        let length = u32::try_from(self.samples.len() * 2).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(44 + self.samples.len() * 2);
        bytes.extend(b"RIFF");
        bytes.extend(length.saturating_add(36).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.extend(16u32.to_le_bytes());
        bytes.extend(PLAIN.to_le_bytes());
        bytes.extend(1u16.to_le_bytes());
        bytes.extend(self.rate.to_le_bytes());
        bytes.extend((self.rate * 2).to_le_bytes());
        bytes.extend(2u16.to_le_bytes());
        bytes.extend(16u16.to_le_bytes());
        bytes.extend(b"data");
        bytes.extend(length.to_le_bytes());
        let percent = i32::from(percent.min(100));
        let softer = |sample: i16| i16::try_from(i32::from(sample) * percent / 100).unwrap_or(sample);
        bytes.extend(self.samples.iter().flat_map(|sample| softer(*sample).to_le_bytes()));
        bytes
    }

    /// Returns how long it lasts, in milliseconds that have begun.
    pub(super) fn lasts_ms(&self) -> u64 {
        let samples = u64::try_from(self.samples.len()).unwrap_or(u64::MAX);
        samples.saturating_mul(1000).div_ceil(u64::from(self.rate.max(1)))
    }
}

/// Reads a `fmt ` chunk and returns how many samples there are a second.
fn format(chunk: &[u8]) -> Result<u32, WavError> {
    let (Some(form), Some(channels), Some(rate), Some(bits)) =
        (u16_at(chunk, 0), u16_at(chunk, 2), u32_at(chunk, 4), u16_at(chunk, 14))
    else {
        return Err(WavError::NoWav);
    };
    if (form, channels, bits) != (PLAIN, 1, 16) {
        return Err(WavError::Form { form, channels, bits });
    }
    if RATES.contains(&rate) { Ok(rate) } else { Err(WavError::Rate { rate }) }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
