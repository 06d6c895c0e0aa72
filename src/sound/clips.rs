//! A folder of recorded words, put together to what is to be said. It must not know why it is said.

use std::io;
use std::path::{Path, PathBuf};

use till_settings::read_bounded;

use super::wav::{Pcm, WavError};
use super::words::Word;

/// The largest recording of one word, in bytes: more than two seconds at the highest rate.
const LARGEST: u64 = 256 * 1024;

/// Why recordings cannot be played.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClipError {
    /// It cannot be read, or is too long for a word.
    #[error("cannot read the clip {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is no sound that can be played here.
    #[error("the clip {} cannot be used", path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: WavError,
    },
    /// It does not go with the others.
    #[error("the clip {} has {rate} samples a second, the one before it {before}; all must have the same", path.display())]
    Mixed {
        /// Which.
        path: PathBuf,
        /// How many it has.
        rate: u32,
        /// How many the one before it has.
        before: u32,
    },
}

/// Puts the recordings of words one behind the other; there must be at least one word.
///
/// # Errors
/// When one is missing, is no WAV file of one channel with 16 bits, or has another rate than the others.
pub(super) fn say(folder: &Path, words: &[Word]) -> Result<Pcm, ClipError> {
    let mut said: Option<Pcm> = None;
    for word in words {
        let path = path_of(folder, *word);
        let clip = read(&path)?;
        match &mut said {
            None => said = Some(clip),
            Some(said) if said.rate == clip.rate => said.samples.extend(clip.samples),
            Some(said) => return Err(ClipError::Mixed { path, rate: clip.rate, before: said.rate }),
        }
    }
    Ok(said.unwrap_or(Pcm { rate: super::chime::RATE, samples: Vec::new() }))
}

fn read(path: &Path) -> Result<Pcm, ClipError> {
    let bytes = read_bounded(path, LARGEST).map_err(|source| ClipError::Read { path: path.to_owned(), source })?;
    Pcm::read(&bytes).map_err(|source| ClipError::Form { path: path.to_owned(), source })
}

fn path_of(folder: &Path, word: Word) -> PathBuf {
    folder.join(word.clip).with_extension("wav")
}

/// Returns the first recording that cannot be used, and how many there are of that kind.
pub(super) fn lacks(folder: &Path, words: &[Word]) -> Option<(ClipError, usize)> {
    let mut bad: Vec<ClipError> = words.iter().filter_map(|word| read(&path_of(folder, *word)).err()).collect();
    let count = bad.len();
    (count > 0).then(|| (bad.swap_remove(0), count))
}
