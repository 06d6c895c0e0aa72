//! The framebuffer's panel on files that stand in for the device.

mod device;
mod formats;
mod properties;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use super::super::geometry::{Bitfield, PACKED_PIXELS, TRUECOLOR};
use super::*;

/// What stands in the file before anything is written.
const FOREIGN: u8 = 0xa5;

/// A file of this test's own that stands in for a device, removed at its end.
struct Paper(PathBuf);

impl Paper {
    fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("till-fbdev-{}-{number}-{name}", std::process::id())))
    }

    /// Fills as much of the file as a device of this geometry would have.
    fn blank(&self, geometry: &Geometry) {
        let lines = (geometry.y_offset + geometry.height) as usize;
        fs::write(&self.0, vec![FOREIGN; lines * geometry.line_length as usize]).expect("room for a small file");
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.0).expect("the file")
    }

    /// Returns a panel on this file, and how often it was opened.
    fn panel(&self, geometry: &Geometry, rotation: Rotation) -> (FbdevPanel, Arc<AtomicUsize>) {
        let opened = Arc::new(AtomicUsize::new(0));
        let (count, geometry) = (Arc::clone(&opened), geometry.clone());
        let ask = move |path: &Path| {
            count.fetch_add(1, Ordering::Relaxed);
            let file = OpenOptions::new().write(true).open(path);
            let file = file.map_err(|source| PanelError::Open { path: path.to_owned(), source })?;
            Ok((file, geometry.clone()))
        };
        (FbdevPanel { path: self.0.clone(), rotation, ask: Box::new(ask), device: None }, opened)
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn field(offset: u32, length: u32) -> Bitfield {
    Bitfield { offset, length, msb_right: 0 }
}

/// A geometry of these fields, each (offset, length), without anything between the rows.
fn geometry(bits: u32, [red, green, blue, transp]: [(u32, u32); 4]) -> Geometry {
    let field = |(offset, length)| field(offset, length);
    Geometry {
        width: 320,
        height: 240,
        millimetres: (70, 53),
        x_offset: 0,
        y_offset: 0,
        line_length: 320 * bits / 8,
        bits_per_pixel: bits,
        grayscale: 0,
        nonstd: 0,
        kind: PACKED_PIXELS,
        visual: TRUECOLOR,
        red: field(red),
        green: field(green),
        blue: field(blue),
        transp: field(transp),
    }
}

fn rgb565() -> Geometry {
    geometry(16, [(11, 5), (5, 6), (0, 5), (0, 0)])
}

fn frame(size: Size, colour: [u8; 3]) -> Frame {
    let mut frame = Frame::new(size);
    let [red, green, blue] = colour;
    let Ok(()) = frame.clear(Rgb888::new(red, green, blue));
    frame
}

fn fill(frame: &mut Frame, rows: Range<i32>, colour: Rgb888) {
    let area = Rectangle::new(Point::new(0, rows.start), Extent::new(10, (rows.end - rows.start) as u32));
    let Ok(()) = frame.fill_solid(&area, colour);
}
