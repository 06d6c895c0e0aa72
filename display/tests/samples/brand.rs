//! The picture of a shop that does not exist, as PNG bytes with opacity: a disc and two lines of type. Knows pixels only.

use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use till_display::{Face, Frame, Ink, Leading, Shape, Size, Spot, Step, Style, Type};

const BROWN: Rgb888 = Rgb888::new(0x9C, 0x4A, 0x1A);
const CREAM: Rgb888 = Rgb888::new(0xF7, 0xE8, 0xD0);
const WIDTH: u32 = 1400;
const HEIGHT: u32 = 440;

/// Returns the picture: 1400 by 440 pixels.
pub(crate) fn png() -> Vec<u8> {
    let mut letters = Type::new();
    let disc = layer(|frame| {
        let unit = Spot::UNIT;
        let shape = Shape::Disc { centre: Spot::new(220 * unit, 220 * unit), radius: 210 * unit };
        shape.draw(frame, ink())
    });
    let monogram = layer(|frame| letters.draw(frame, "NH", Point::new(78, 292), style(200), ink()));
    let words = layer(|frame| {
        letters.draw(frame, "NGUYỄN HUỆ", Point::new(480, 235), style(150), ink())?;
        letters.draw(frame, "CÀ PHÊ RANG XAY", Point::new(484, 370), style(92), ink())
    });
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 4) as usize);
    for ((disc, monogram), words) in disc.iter().zip(&monogram).zip(&words) {
        let part = |brown: u8, cream: u8| {
            ((u32::from(brown) * (255 - u32::from(*monogram)) + u32::from(cream) * u32::from(*monogram)) / 255) as u8
        };
        pixels.extend([part(BROWN.r(), CREAM.r()), part(BROWN.g(), CREAM.g()), part(BROWN.b(), CREAM.b())]);
        pixels.push(*disc.max(words));
    }
    encode((WIDTH, HEIGHT), png::ColorType::Rgba, &pixels)
}

/// Returns how much of each pixel is covered by what is drawn.
fn layer(draw: impl FnOnce(&mut Frame) -> Result<(), std::convert::Infallible>) -> Vec<u8> {
    let mut frame = Frame::new(Size::new(WIDTH, HEIGHT).expect("within bounds"));
    let Ok(()) = draw(&mut frame);
    frame.bytes().iter().step_by(3).copied().collect()
}

fn ink() -> Ink {
    Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK }
}

fn style(px: u32) -> Style {
    Style { face: Face::Bold, step: Step::at_most(px), leading: Leading::Text }
}

/// Returns a PNG of 8 bits a sample.
pub(crate) fn encode((width, height): (u32, u32), colours: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(colours);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().expect("memory takes all bytes");
    writer.write_image_data(samples).expect("as many samples as pixels");
    writer.finish().expect("memory takes all bytes");
    bytes
}

/// Returns the samples of a PNG without opacity, three for each pixel; `None` where the bytes are something else.
pub(crate) fn pixels(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut pixels).ok()?;
    Some(pixels)
}
