//! Looks at a display's picture with two decoders that are not the till's. It must not know what the codes mean.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use demo::eye::{self, Sight};

use crate::process::{run, system_program};

/// Looks at the picture; an error when there is none or it is not a whole PNG.
///
/// # Errors
/// What is wrong with the file, in words.
pub fn look(picture: &Path) -> Result<Sight, String> {
    eye::look_at(picture).map_err(|error| format!("{error}"))
}

/// The one code that both decoders read, or what they see instead.
///
/// # Errors
/// What is seen instead, in words.
pub fn one_code(picture: &Path) -> Result<String, String> {
    let copy = copied(picture)?;
    let sight = look(&copy)?;
    let first: Vec<String> = sight.texts().into_iter().map(str::to_owned).collect();
    let second = zbar(&copy);
    // A copy that cannot be removed goes with the test's folder.
    let _ = std::fs::remove_file(&copy);
    match first.as_slice() {
        [code] if first == second => Ok(code.clone()),
        _ => Err(format!("rqrr reads {first:?} ({} unreadable), zbar reads {second:?}", sight.unreadable)),
    }
}

/// Whether no decoder finds a code, or what they find.
///
/// # Errors
/// What is seen, in words.
pub fn no_code(picture: &Path) -> Result<(), String> {
    if !picture.exists() {
        // Nothing has been drawn at all.
        return Ok(());
    }
    let copy = copied(picture)?;
    let sight = look(&copy)?;
    let second = zbar(&copy);
    let _ = std::fs::remove_file(&copy);
    if sight.is_without_code() && second.is_empty() {
        return Ok(());
    }
    Err(format!("rqrr reads {:?} ({} unreadable), zbar reads {second:?}", sight.texts(), sight.unreadable))
}

/// Both decoders look at the same picture, though the till may replace the file meanwhile.
fn copied(picture: &Path) -> Result<PathBuf, String> {
    let copy = picture.with_extension(format!("{:08x}.png", fastrand::u32(..)));
    std::fs::copy(picture, &copy).map_err(|error| format!("cannot copy {picture:?}: {error}"))?;
    Ok(copy)
}

fn zbar(picture: &Path) -> Vec<String> {
    let mut command = Command::new(system_program("zbarimg", "zbar-tools"));
    command.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(picture);
    let output = run(&mut command);
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// A picture's pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
    /// Red, green and blue of each, row by row.
    bytes: Vec<u8>,
}

/// Decodes a PNG.
///
/// # Errors
/// What is wrong with it, in words.
pub fn pixels(png: &[u8]) -> Result<Pixels, String> {
    let wrong = |error| format!("not a PNG that can be read: {error}");
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(wrong)?;
    let size = reader.output_buffer_size().ok_or("a picture too large for memory")?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(wrong)?;
    bytes.truncate(frame.buffer_size());
    let bytes = match frame.color_type.samples() {
        3 => bytes,
        4 => bytes.chunks_exact(4).flat_map(|pixel| pixel.iter().copied().take(3)).collect(),
        // Shades of grey, with or without how much one sees through.
        samples => {
            bytes.chunks_exact(samples).flat_map(|pixel| [pixel.first().copied().unwrap_or_default(); 3]).collect()
        }
    };
    Ok(Pixels { width: frame.width, height: frame.height, bytes })
}

impl Pixels {
    /// How much of the picture has this colour, from 0 to 1.
    pub fn share_of(&self, colour: [u8; 3]) -> f64 {
        let count = |fits: &dyn Fn(&[u8]) -> bool| {
            let pixels = self.bytes.chunks_exact(3).filter(|pixel| fits(pixel)).count();
            f64::from(u32::try_from(pixels).unwrap_or(u32::MAX))
        };
        count(&|pixel| pixel == colour) / count(&|_| true).max(1.0)
    }

    /// Whether the other picture has the same size and the same pixels.
    ///
    /// # Errors
    /// How they differ, in words.
    pub fn same_as(&self, other: &Self) -> Result<(), String> {
        if (self.width, self.height) != (other.width, other.height) {
            return Err(format!("{}x{} and {}x{}", self.width, self.height, other.width, other.height));
        }
        let pairs = self.bytes.chunks_exact(3).zip(other.bytes.chunks_exact(3)).enumerate();
        let differing: Vec<_> = pairs.filter(|(_, (one, two))| one != two).map(|(at, _)| at).collect();
        let width = usize::try_from(self.width).unwrap_or(usize::MAX).max(1);
        match (differing.first(), differing.last()) {
            (Some(first), Some(last)) => Err(format!(
                "{} pixels differ, from ({}, {}) to ({}, {})",
                differing.len(),
                first % width,
                first / width,
                last % width,
                last / width
            )),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({}x{})", self.width, self.height)
    }
}
