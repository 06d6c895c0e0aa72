//! Golden pictures: one contact sheet per size and theme with every screen, pixel for pixel. `UPDATE_GOLDEN=1` writes
//! them anew.

mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use samples::Language;
use samples::sheet::{SIZES, Sheet, THEMES, cells};
use till_display::{Effort, Frame, Rotation, Size, Theme, Type, draw, encode};

#[test]
fn every_screen_looks_as_it_was_approved_in_the_light_theme() {
    check(THEMES[0]);
}

#[test]
fn every_screen_looks_as_it_was_approved_in_the_dark_theme() {
    check(THEMES[1]);
}

fn check((theme, theme_name): (Theme, &str)) {
    let mut letters = Type::new();
    let mut faults = Vec::new();
    for size in SIZES.map(|text| text.parse::<Size>().expect("a size")) {
        let file = format!("sheet-{size}-{theme_name}.png");
        if update() {
            write(&file, &Sheet::draw(size, theme, &mut letters));
            continue;
        }
        let golden = read(&file);
        for (cell, (name, screen)) in cells(size, theme).iter().enumerate() {
            let mut frame = Frame::new(size);
            draw(screen, theme, &mut frame, &mut letters).expect("the code fits");
            if !golden.as_ref().is_some_and(|golden| golden.shows(cell, size, &frame)) {
                let actual = keep(&format!("{name}-{size}-{theme_name}"), &frame);
                faults.push(format!("{name} differs in {file}; see {}", actual.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}\nUPDATE_GOLDEN=1 approves what is drawn now", faults.join("\n"));
}

#[test]
fn a_screen_looks_as_it_was_approved_on_a_panel_that_is_mounted_in_any_way() {
    let mut letters = Type::new();
    // Both ways round fit into a square cell.
    let cell: Size = "480x480".parse().expect("a size");
    let device: Size = "480x320".parse().expect("a size");
    let (_, screen) = samples::screens(Language::Vietnamese).swap_remove(10);
    let rotations = [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270];
    let turned = rotations.map(|rotation| {
        let mut frame = Frame::new(device.turned(rotation));
        draw(&screen, Theme::Light, &mut frame, &mut letters).expect("the code fits");
        frame.turned(rotation)
    });
    let file = "sheet-480x320-rotations.png";
    if update() {
        let mut sheet = Sheet::empty(cell, turned.len());
        for (index, frame) in turned.iter().enumerate() {
            sheet.put(index, cell, frame);
        }
        return write(file, &sheet);
    }
    let golden = read(file).expect("a golden picture of the rotations");
    for (index, frame) in turned.iter().enumerate() {
        let same = golden.shows(index, cell, frame);
        assert!(same, "{:?} differs in {file}; see {}", rotations[index], keep("rotation", frame).display());
    }
}

fn update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn write(file: &str, sheet: &Sheet) {
    fs::create_dir_all(folder()).expect("the folder of golden pictures");
    fs::write(folder().join(file), sheet.encode()).expect("the golden folder takes files");
}

fn read(file: &str) -> Option<Sheet> {
    Sheet::decode(&fs::read(folder().join(file)).ok()?)
}

/// Writes what was drawn where a person can look at it.
fn keep(name: &str, frame: &Frame) -> PathBuf {
    let path = std::env::temp_dir().join(format!("actual-{name}.png"));
    let bytes = encode(frame, Rotation::Deg0, Effort::Fast).expect("a picture");
    fs::write(&path, bytes).expect("the temporary folder takes files");
    path
}
