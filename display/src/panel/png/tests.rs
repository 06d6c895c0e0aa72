//! Tests of the panel that is a file.

use std::sync::atomic::{AtomicBool, Ordering};

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use super::*;
use crate::panel::PanelError;

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("till-display-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the test's folder");
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

fn filled(size: Size, colour: Rgb888) -> Frame {
    let mut frame = Frame::new(size);
    let Ok(()) = frame.clear(colour);
    frame
}

/// Reads a PNG and returns its size and its pixels as red, green, blue.
fn decode(bytes: &[u8]) -> Option<((u32, u32), Vec<u8>)> {
    let mut decoder = png::Decoder::new(io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    reader.finish().ok()?;
    Some(((info.width, info.height), pixels))
}

#[test]
fn a_frame_becomes_a_file_that_everybody_may_read() {
    let folder = Folder::new("plain");
    let path = folder.0.join("screen.png");
    let mut panel = PngPanel::new(&path, size("320x240"), Rotation::Deg0);
    assert_eq!(folder.names(), [""; 0], "no file before the first frame");
    let frame = filled(panel.size(), Rgb888::RED);
    panel.show(&frame).expect("a picture");
    panel.show(&frame).expect("the picture again");
    assert_eq!(folder.names(), ["screen.png"]);
    let found = decode(&fs::read(&path).expect("the picture"));
    assert_eq!(found, Some(((320, 240), frame.bytes().to_vec())));
    let mode = fs::metadata(&path).expect("the picture").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn a_turned_panel_takes_turned_frames_and_writes_the_size_of_the_device() {
    for (rotation, corner) in [
        (Rotation::Deg0, (0, 0)),
        (Rotation::Deg90, (319, 0)),
        (Rotation::Deg180, (319, 239)),
        (Rotation::Deg270, (0, 239)),
    ] {
        let folder = Folder::new(&format!("turned-{}", rotation.degrees()));
        let path = folder.0.join("screen.png");
        let mut panel = PngPanel::new(&path, size("320x240"), rotation);
        let mut frame = Frame::new(panel.size());
        let first = embedded_graphics::Pixel(embedded_graphics::geometry::Point::zero(), Rgb888::WHITE);
        let Ok(()) = frame.draw_iter([first]);
        panel.show(&frame).expect("a picture");
        let mut want = vec![0; 320 * 240 * 3];
        let start = (corner.1 * 320 + corner.0) * 3;
        want[start..start + 3].fill(255);
        let found = decode(&fs::read(&path).expect("the picture"));
        assert!(found == Some(((320, 240), want)), "{rotation:?}");
    }
}

#[test]
fn a_frame_of_another_size_is_refused_and_leaves_no_file() {
    let folder = Folder::new("size");
    let mut panel = PngPanel::new(folder.0.join("screen.png"), size("320x240"), Rotation::Deg90);
    let error = panel.show(&Frame::new(size("320x240"))).expect_err("the size is wrong");
    assert_eq!(error.to_string(), "a frame of 320x240 does not fit a panel of 240x320");
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn what_cannot_be_written_or_replaced_is_an_error_and_leaves_nothing_behind() {
    let folder = Folder::new("fault");
    let frame = Frame::new(size("240x240"));
    let mut panel = PngPanel::new(folder.0.join("absent/screen.png"), size("240x240"), Rotation::Deg0);
    assert!(matches!(panel.show(&frame), Err(PanelError::Write { .. })));
    fs::create_dir_all(folder.0.join("screen.png/in-the-way")).expect("a folder in the file's place");
    let mut panel = PngPanel::new(folder.0.join("screen.png"), size("240x240"), Rotation::Deg0);
    assert!(matches!(panel.show(&frame), Err(PanelError::Replace { .. })));
    assert_eq!(folder.names(), ["screen.png"]);
}

#[test]
fn what_a_crash_left_behind_is_replaced_and_never_written_through() {
    let folder = Folder::new("crash");
    let bystander = folder.0.join("bystander");
    fs::write(&bystander, "untouched").expect("a file");
    std::os::unix::fs::symlink(&bystander, folder.0.join(".screen.png.part")).expect("a link");
    let mut panel = PngPanel::new(folder.0.join("screen.png"), size("240x240"), Rotation::Deg0);
    panel.show(&Frame::new(size("240x240"))).expect("a picture");
    assert_eq!(folder.names(), ["bystander", "screen.png"]);
    assert_eq!(fs::read(&bystander).expect("the file"), b"untouched");
}

#[test]
fn a_reader_never_sees_half_a_picture() {
    let folder = Folder::new("reader");
    let path = folder.0.join("screen.png");
    let mut panel = PngPanel::new(&path, size("320x240"), Rotation::Deg0);
    let frames = [filled(panel.size(), Rgb888::RED), filled(panel.size(), Rgb888::BLUE)];
    panel.show(&frames[0]).expect("a picture");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = 0;
            while !done.load(Ordering::Relaxed) || seen == 0 {
                let bytes = fs::read(&path).expect("there is a picture at every moment");
                let (_, pixels) = decode(&bytes).expect("the picture is whole");
                assert!(frames.iter().any(|frame| frame.bytes() == pixels));
                seen += 1;
            }
            seen
        });
        for frame in frames.iter().cycle().take(200) {
            panel.show(frame).expect("a picture");
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().expect("the reader saw whole pictures only") > 0);
    });
}
