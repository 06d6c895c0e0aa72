//! Looks at a display's picture with two decoders that are not the till's. It must not know what the codes mean.

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
