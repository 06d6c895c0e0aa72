//! Golden pictures: every screen at the two sizes that are common on counters, pixel for pixel. `UPDATE_GOLDEN=1`
//! writes them anew.

mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use samples::{Language, screens};
use till_display::{Effort, Frame, Rotation, Size, Theme, Type, draw, encode};

/// The screens of which the dark theme is kept too.
const DARK: [&str; 2] = ["code", "paid"];

#[test]
fn every_screen_looks_as_it_was_approved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut letters = Type::new();
    let mut faults = Vec::new();
    for size in ["800x480", "480x320"] {
        let size: Size = size.parse().expect("a size");
        for language in Language::BOTH {
            for (name, screen) in screens(language) {
                for (theme, theme_name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                    if theme == Theme::Dark && !DARK.contains(&name) {
                        continue;
                    }
                    let mut frame = Frame::new(size);
                    draw(&screen, theme, &mut frame, &mut letters).expect("the code fits");
                    let file = format!("{name}-{size}-{}-{theme_name}.png", language.name());
                    if update {
                        let bytes = encode(&frame, Rotation::Deg0, Effort::Small).expect("a picture");
                        fs::write(folder.join(&file), bytes).expect("the golden folder takes files");
                    } else if read(&folder.join(&file)).as_deref() != Some(frame.bytes()) {
                        faults.push(format!("{file} differs; see {}", keep(&file, &frame).display()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_GOLDEN=1 approves what is drawn now", faults.join("\n"));
}

/// Writes what was drawn where a person can look at it.
fn keep(file: &str, frame: &Frame) -> PathBuf {
    let path = std::env::temp_dir().join(format!("actual-{file}"));
    let bytes = encode(frame, Rotation::Deg0, Effort::Fast).expect("a picture");
    fs::write(&path, bytes).expect("the temporary folder takes files");
    path
}

/// Returns a picture's pixels as red, green, blue, or `None` when there is no such picture.
fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut pixels).ok()?;
    Some(pixels)
}
