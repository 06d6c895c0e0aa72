//! Contact sheets: every screen of a size at full size in a grid, as one picture with a palette. Knows cells and
//! colours, not what a screen shows.

use std::collections::HashMap;

use till_display::{Frame, Screen, Size, Theme, Type, draw};

use super::{Language, screens};

/// The sizes of panels that are looked at.
pub(crate) const SIZES: [&str; 9] =
    ["240x240", "240x320", "320x240", "480x320", "480x800", "800x480", "1024x600", "1280x800", "1920x1080"];

/// Both themes with their names.
pub(crate) const THEMES: [(Theme, &str); 2] = [(Theme::Light, "light"), (Theme::Dark, "dark")];

/// Cells in a row.
const COLUMNS: usize = 5;
/// Pixels around each cell.
const GAP: usize = 8;
const GREY: [u8; 3] = [0x80; 3];

/// Returns the languages of a sheet: both, but one a theme where the pictures are large.
pub(crate) fn languages(size: Size, theme: Theme) -> &'static [Language] {
    match (size.width() < 1024, theme) {
        (true, Theme::Light | Theme::Dark) => &[Language::Vietnamese, Language::English],
        (false, Theme::Light) => &[Language::Vietnamese],
        (false, Theme::Dark) => &[Language::English],
    }
}

/// Returns the screens of a sheet with their names.
pub(crate) fn cells(size: Size, theme: Theme) -> Vec<(String, Screen)> {
    let of = |&language: &Language| {
        screens(language).into_iter().map(move |(name, screen)| (format!("{name}-{}", language.name()), screen))
    };
    languages(size, theme).iter().flat_map(of).collect()
}

/// A picture of at most 256 colours.
pub(crate) struct Sheet {
    pub(crate) width: usize,
    pub(crate) height: usize,
    palette: Vec<[u8; 3]>,
    known: HashMap<[u8; 3], u8>,
    indices: Vec<u8>,
}

impl Sheet {
    /// Draws all cells of a sheet.
    pub(crate) fn draw(size: Size, theme: Theme, letters: &mut Type) -> Self {
        let cells = cells(size, theme);
        let mut sheet = Self::empty(size, cells.len());
        for (index, (_, screen)) in cells.iter().enumerate() {
            let mut frame = Frame::new(size);
            draw(screen, theme, &mut frame, letters).expect("the code fits");
            sheet.put(index, size, &frame);
        }
        sheet
    }

    /// Returns a sheet for so many cells of a size.
    pub(crate) fn empty(size: Size, cells: usize) -> Self {
        let width = COLUMNS * (size.width() as usize + GAP) + GAP;
        let height = cells.div_ceil(COLUMNS) * (size.height() as usize + GAP) + GAP;
        let mut sheet =
            Self { width, height, palette: Vec::new(), known: HashMap::new(), indices: vec![0; width * height] };
        sheet.index(GREY);
        sheet
    }

    /// Puts a frame into a cell.
    pub(crate) fn put(&mut self, cell: usize, size: Size, frame: &Frame) {
        let (left, top) = corner(cell, size);
        let (mut last, mut index) = (GREY, 0);
        for (row, y) in frame.bytes().chunks_exact(frame.dimensions().width() as usize * 3).zip(top..) {
            for (pixel, x) in row.chunks_exact(3).zip(left..) {
                let colour = [pixel[0], pixel[1], pixel[2]];
                if colour != last {
                    (last, index) = (colour, self.index(colour));
                }
                self.indices[y * self.width + x] = index;
            }
        }
    }

    /// Returns whether a cell shows just this frame.
    pub(crate) fn shows(&self, cell: usize, size: Size, frame: &Frame) -> bool {
        let (left, top) = corner(cell, size);
        let width = frame.dimensions().width() as usize;
        frame.bytes().chunks_exact(width * 3).zip(top..).all(|(row, y)| {
            let from = y * self.width + left;
            let shown = self.indices.get(from..from + width);
            shown.is_some_and(|shown| {
                row.chunks_exact(3).zip(shown).all(|(pixel, &index)| {
                    self.palette.get(usize::from(index)).is_some_and(|colour| colour.as_slice() == pixel)
                })
            })
        })
    }

    fn index(&mut self, colour: [u8; 3]) -> u8 {
        let palette = &mut self.palette;
        *self.known.entry(colour).or_insert_with(|| {
            palette.push(colour);
            u8::try_from(palette.len() - 1).expect("a sheet has at most 256 colours")
        })
    }

    /// Returns the sheet as a PNG.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(self.palette.concat());
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("memory takes all bytes");
        writer.write_image_data(&self.indices).expect("as many bytes as pixels");
        writer.finish().expect("memory takes all bytes");
        bytes
    }

    /// Reads a sheet that was written by [`Sheet::encode`]; `None` where the bytes are something else.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().ok()?;
        let mut indices = vec![0; reader.output_buffer_size()?];
        reader.next_frame(&mut indices).ok()?;
        let info = reader.info();
        if info.color_type != png::ColorType::Indexed || info.bit_depth != png::BitDepth::Eight {
            return None;
        }
        let palette = info.palette.as_ref()?.chunks_exact(3).map(|part| [part[0], part[1], part[2]]).collect();
        let (width, height) = (info.width as usize, info.height as usize);
        Some(Self { width, height, palette, known: HashMap::new(), indices })
    }
}

fn corner(cell: usize, size: Size) -> (usize, usize) {
    let place = |index: usize, side: u32| index * (side as usize + GAP) + GAP;
    (place(cell % COLUMNS, size.width()), place(cell / COLUMNS, size.height()))
}
