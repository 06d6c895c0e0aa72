//! Writes every screen, in both languages and both themes, and a contact sheet per size, as PNG files for people to
//! look at: `cargo run -p till-display --example gallery -- FOLDER [WIDTHxHEIGHT …]`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::error::Error;
use std::path::Path;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use samples::{Language, screens};
use till_display::{Effort, Frame, Rotation, Size, Theme, Type, draw, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: gallery FOLDER [WIDTHxHEIGHT …]")?;
    let mut sizes = arguments.map(|text| text.parse()).collect::<Result<Vec<Size>, _>>()?;
    if sizes.is_empty() {
        sizes = vec![Size::new(800, 480)?, Size::new(480, 320)?];
    }
    std::fs::create_dir_all(&folder)?;
    let mut letters = Type::new();
    for size in sizes {
        let frames = write_all(Path::new(&folder), size, &mut letters)?;
        let sheet = contact_sheet(&frames, size)?;
        let bytes = encode(&sheet, Rotation::Deg0, Effort::Small)?;
        std::fs::write(Path::new(&folder).join(format!("sheet-{size}.png")), bytes)?;
    }
    Ok(())
}

fn write_all(folder: &Path, size: Size, letters: &mut Type) -> Result<Vec<Frame>, Box<dyn Error>> {
    let mut frames = Vec::new();
    for (theme, theme_name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for language in Language::BOTH {
            for (name, screen) in screens(language) {
                let mut frame = Frame::new(size);
                draw(&screen, theme, &mut frame, letters)?;
                let file = format!("{name}-{size}-{}-{theme_name}.png", language.name());
                std::fs::write(folder.join(file), encode(&frame, Rotation::Deg0, Effort::Small)?)?;
                frames.push(frame);
            }
        }
    }
    Ok(frames)
}

/// Puts all frames side by side, shrunk by averaging so that the sheet stays within the bounds of a frame.
fn contact_sheet(frames: &[Frame], size: Size) -> Result<Frame, Box<dyn Error>> {
    let (columns, gap) = (7, 8);
    let shrink = (size.width() * columns).div_ceil(2400).max(1);
    let (width, height) = (size.width() / shrink, size.height() / shrink);
    let rows = (frames.len() as u32).div_ceil(columns);
    let sheet_size =
        Size::new((width + gap) * columns + gap, ((height + gap) * rows + gap).clamp(Size::MIN, Size::MAX))?;
    let mut sheet = Frame::new(sheet_size);
    sheet.clear(Rgb888::new(0x80, 0x80, 0x80))?;
    for (frame, index) in frames.iter().zip(0..) {
        let left = gap + (index % columns) * (width + gap);
        let top = gap + (index / columns) * (height + gap);
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        sheet.draw_iter(pixels.map(|(x, y)| {
            let place = Point::new((left + x) as i32, (top + y) as i32);
            Pixel(place, mean(frame, x * shrink, y * shrink, shrink))
        }))?;
    }
    Ok(sheet)
}

fn mean(frame: &Frame, left: u32, top: u32, side: u32) -> Rgb888 {
    let mut sums = [0, 0, 0];
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        let colour = frame.pixel(left + x, top + y).unwrap_or(Rgb888::BLACK);
        for (sum, part) in sums.iter_mut().zip([colour.r(), colour.g(), colour.b()]) {
            *sum += u32::from(part);
        }
    }
    let [red, green, blue] = sums.map(|sum| (sum / (side * side)) as u8);
    Rgb888::new(red, green, blue)
}
