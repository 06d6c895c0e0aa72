//! A frame as PNG bytes. Knows the file format, no files.

use crate::frame::Frame;
use crate::size::Rotation;

/// How much time may be spent on making the bytes fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// For a picture that is replaced soon.
    Fast,
    /// For a picture that is kept.
    Small,
}

/// Why no PNG could be made.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The encoder refused.
    #[error("cannot encode the picture")]
    Encode(#[source] png::EncodingError),
}

/// Returns the frame, turned clockwise, as the bytes of a PNG: with a palette up to 256 colours, else true colour.
pub fn encode(frame: &Frame, rotation: Rotation, effort: Effort) -> Result<Vec<u8>, PictureError> {
    let size = frame.dimensions().turned(rotation);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(match effort {
        Effort::Fast => png::Compression::Fast,
        Effort::Small => png::Compression::High,
    });
    let body = if let Some((palette, indices)) = indexed(frame, rotation) {
        encoder.set_color(png::ColorType::Indexed);
        // Most rows are like the row above: against it they become zeros, which cost next to nothing.
        encoder.set_filter(match effort {
            Effort::Fast => png::Filter::Up,
            Effort::Small => png::Filter::NoFilter,
        });
        encoder.set_palette(palette);
        indices
    } else {
        encoder.set_color(png::ColorType::Rgb);
        frame.turned_pixels(rotation).flatten().collect()
    };
    let mut writer = encoder.write_header().map_err(PictureError::Encode)?;
    writer.write_image_data(&body).map_err(PictureError::Encode)?;
    writer.finish().map_err(PictureError::Encode)?;
    Ok(bytes)
}

/// Slots for colours by their bits; a power of two, and many more than the 256 colours that are looked for.
const SLOTS: usize = 4096;

/// Returns the colours in order of appearance and for each pixel its colour's place, or `None` above 256 colours.
fn indexed(frame: &Frame, rotation: Rotation) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut palette = Palette { slots: vec![None; SLOTS], colours: Vec::new() };
    let mut indices = Vec::with_capacity(frame.bytes().len() / 3);
    if rotation == Rotation::Deg0 {
        index_rows(frame, &mut palette, &mut indices)?;
    } else {
        index_pixels(frame.turned_pixels(rotation), &mut palette, &mut indices)?;
    }
    Some((palette.colours, indices))
}

/// Most rows are like the row above, and to see that is many times quicker than to look at their pixels.
fn index_rows(frame: &Frame, palette: &mut Palette, indices: &mut Vec<u8>) -> Option<()> {
    let width = frame.dimensions().width() as usize;
    let mut above: &[u8] = &[];
    for row in frame.bytes().chunks_exact(width * 3) {
        if row == above {
            indices.extend_from_within(indices.len() - width..);
        } else {
            index_row(row, palette, indices)?;
            above = row;
        }
    }
    Some(())
}

/// So many pixels are compared at once with as many of the last colour: most rows are of few colours.
const STRIDE: usize = 8;

fn index_row(row: &[u8], palette: &mut Palette, indices: &mut Vec<u8>) -> Option<()> {
    let (mut plain, mut plain_index) = ([0; STRIDE * 3], None);
    let strides = row.chunks_exact(STRIDE * 3);
    let rest = strides.remainder();
    for stride in strides {
        match plain_index {
            Some(index) if stride == plain => indices.extend_from_slice(&[index; STRIDE]),
            Some(_) | None => {
                let last = index_pixels(pixels_of(stride), palette, indices)?;
                for (byte, colour) in plain.iter_mut().zip(last.0.iter().cycle()) {
                    *byte = *colour;
                }
                plain_index = Some(last.1);
            }
        }
    }
    if !rest.is_empty() {
        index_pixels(pixels_of(rest), palette, indices)?;
    }
    Some(())
}

fn pixels_of(bytes: &[u8]) -> impl Iterator<Item = [u8; 3]> + '_ {
    bytes.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]])
}

/// Returns the last pixel and its colour's place.
fn index_pixels(
    pixels: impl Iterator<Item = [u8; 3]>,
    palette: &mut Palette,
    indices: &mut Vec<u8>,
) -> Option<([u8; 3], u8)> {
    let mut last: Option<([u8; 3], u8)> = None;
    for pixel in pixels {
        let index = match last {
            Some((colour, index)) if colour == pixel => index,
            Some(_) | None => palette.index_of(pixel)?,
        };
        last = Some((pixel, index));
        indices.push(index);
    }
    last
}

/// The colours found so far.
struct Palette {
    slots: Vec<Option<([u8; 3], u8)>>,
    /// Three bytes each, in order of appearance.
    colours: Vec<u8>,
}

impl Palette {
    /// Finds a colour or adds it; `None` when it would be the 257th.
    fn index_of(&mut self, colour: [u8; 3]) -> Option<u8> {
        let bits = u32::from_be_bytes([0, colour[0], colour[1], colour[2]]);
        let start = (bits.wrapping_mul(0x9E37_79B1) >> 20) as usize;
        for probe in 0..SLOTS {
            let slot = self.slots.get_mut((start + probe) % SLOTS)?;
            match slot {
                Some((known, index)) if *known == colour => return Some(*index),
                Some(_) => {}
                None => {
                    let index = u8::try_from(self.colours.len() / 3).ok()?;
                    self.colours.extend_from_slice(&colour);
                    *slot = Some((colour, index));
                    return Some(index);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::Pixel;
    use embedded_graphics::draw_target::DrawTarget;
    use embedded_graphics::geometry::Point;
    use embedded_graphics::pixelcolor::Rgb888;

    use super::*;
    use crate::size::Size;

    /// Returns a frame whose pixels walk through `colours` colours.
    fn colourful(colours: u32) -> Frame {
        let mut frame = Frame::new(Size::new(240, 241).expect("within bounds"));
        let places = (0..240 * 241).map(|index| {
            let [_, red, green, blue] = (index as u32 % colours * 65_521).to_be_bytes();
            Pixel(Point::new(index % 240, index / 240), Rgb888::new(red, green, blue))
        });
        let Ok(()) = frame.draw_iter(places);
        frame
    }

    fn decode(bytes: &[u8]) -> (png::ColorType, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
        reader.next_frame(&mut pixels).expect("a whole PNG");
        (reader.info().color_type, pixels)
    }

    #[test]
    fn up_to_256_colours_have_a_palette_and_more_are_true_colour() {
        for (colours, kind) in [
            (1, png::ColorType::Indexed),
            (256, png::ColorType::Indexed),
            (257, png::ColorType::Rgb),
            (50_000, png::ColorType::Rgb),
        ] {
            let frame = colourful(colours);
            for effort in [Effort::Fast, Effort::Small] {
                let bytes = encode(&frame, Rotation::Deg0, effort).expect("a picture");
                assert!(decode(&bytes) == (kind, frame.bytes().to_vec()), "{colours} {effort:?}");
            }
        }
    }

    #[test]
    fn a_picture_is_turned_as_the_frame_would_be() {
        let frame = colourful(50_000);
        for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
            let bytes = encode(&frame, rotation, Effort::Fast).expect("a picture");
            assert!(decode(&bytes).1 == frame.turned(rotation).bytes(), "{rotation:?}");
        }
    }
}
