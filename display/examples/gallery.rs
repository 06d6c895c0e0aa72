//! Writes a contact sheet of every screen for each size and theme as PNG files for people to look at:
//! `cargo run -p till-display --example gallery -- FOLDER [--single] [WIDTHxHEIGHT …]`; `--single` writes each screen
//! as a file of its own too.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::error::Error;
use std::path::Path;

use samples::sheet::{SIZES, Sheet, THEMES, cells};
use till_display::{Effort, Frame, Rotation, Size, Theme, Type, draw, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let single = arguments.iter().any(|argument| argument == "--single");
    arguments.retain(|argument| argument != "--single");
    let Some((folder, sizes)) = arguments.split_first() else {
        return Err("usage: gallery FOLDER [--single] [WIDTHxHEIGHT …]".into());
    };
    let all = SIZES.map(str::to_owned);
    let sizes = if sizes.is_empty() { all.as_slice() } else { sizes };
    std::fs::create_dir_all(folder)?;
    let mut letters = Type::new();
    for size in sizes {
        let size: Size = size.parse()?;
        for (theme, theme_name) in THEMES {
            let sheet = Sheet::draw(size, theme, &mut letters);
            let file = Path::new(folder).join(format!("sheet-{size}-{theme_name}.png"));
            std::fs::write(file, sheet.encode())?;
            if single {
                write_cells(Path::new(folder), size, (theme, theme_name), &mut letters)?;
            }
        }
    }
    Ok(())
}

fn write_cells(
    folder: &Path,
    size: Size,
    (theme, theme_name): (Theme, &str),
    letters: &mut Type,
) -> Result<(), Box<dyn Error>> {
    for (name, screen) in cells(size, theme) {
        let mut frame = Frame::new(size);
        draw(&screen, theme, &mut frame, letters)?;
        let file = folder.join(format!("{name}-{size}-{theme_name}.png"));
        std::fs::write(file, encode(&frame, Rotation::Deg0, Effort::Small)?)?;
    }
    Ok(())
}
