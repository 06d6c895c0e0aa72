//! What an image needs so that a till in it is heard: the programs that play and speak, and the files that they read; and
//! the same voice on this machine, to compare with. It must not know what is said.

use std::path::Path;
use std::process::Command;

use super::heard::Heard;
use super::image::Image;
use crate::disk::succeed;
use crate::folder::Folder;
use crate::process::system_program;

/// Of ALSA's files, those that a player reads, not the hundreds for cards of phones.
const ALSA: [&str; 4] =
    ["/usr/share/alsa/alsa.conf", "/usr/share/alsa/cards", "/usr/share/alsa/ctl", "/usr/share/alsa/pcm"];

/// Of espeak-ng's files, which have a hundred languages, those of the Vietnamese voice.
const SPEECH: [&str; 6] = ["phondata", "phonindex", "phontab", "intonations", "vi_dict", "lang/aav/vi"];

/// Adds player, mixer and voice.
///
/// # Panics
/// When one is not installed.
pub(super) fn add_voice(image: &mut Image) {
    for (name, package) in [("aplay", "alsa-utils"), ("amixer", "alsa-utils"), ("espeak-ng", "espeak-ng")] {
        image.program(&system_program(name, package), &Path::new("/bin").join(name));
    }
    for path in ALSA {
        image.all(Path::new(path));
    }
    let told = succeed(Command::new(system_program("espeak-ng", "espeak-ng")).arg("--version"));
    let (_, folder) =
        told.trim().split_once("Data at: ").unwrap_or_else(|| panic!("where is espeak-ng's data? {told}"));
    for path in SPEECH {
        image.all(&Path::new(folder).join(path));
    }
}

/// Has this machine's voice say a text in Vietnamese.
///
/// # Panics
/// When it cannot.
#[track_caller]
pub fn say(folder: &Folder, text: &str) -> Heard {
    let file = folder.file("said.wav");
    succeed(Command::new(system_program("espeak-ng", "espeak-ng")).args(["-v", "vi", "-w"]).arg(&file).arg(text));
    Heard::read(&file)
}
