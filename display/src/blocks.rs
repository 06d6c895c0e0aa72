//! Codes as text: two modules in one half block, for whoever reads a code off a terminal. Knows modules, nothing of what
//! the code says.

use crate::qr::{QUIET_ZONE, QrCode};

/// What the letters of a text stand on where it is read, which decides whether a letter is a dark module or a light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Dark letters on a light ground, as on paper: blocks are the dark modules.
    Light,
    /// Light letters on a dark ground, as in most terminals: blocks are the light modules.
    Dark,
}

impl QrCode {
    /// Returns the code with its quiet zone as lines of half blocks, one column a module and two modules a line.
    pub fn half_blocks(&self, ground: Ground) -> Vec<String> {
        half_blocks(&self.rows(), ground)
    }
}

/// Returns a code with its quiet zone as lines of half blocks. `modules` are rows from top to bottom, of equal length;
/// `true` is dark.
fn half_blocks(modules: &[Vec<bool>], ground: Ground) -> Vec<String> {
    let quiet = QUIET_ZONE as usize;
    let (width, height) = (modules.first().map_or(0, Vec::len) + 2 * quiet, modules.len() + 2 * quiet);
    let dark = |x: usize, y: usize| {
        let row = y.checked_sub(quiet).and_then(|y| modules.get(y));
        row.zip(x.checked_sub(quiet)).and_then(|(row, x)| row.get(x)).copied().unwrap_or(false)
    };
    // A height that is odd gets a light row more: the quiet zone may be larger, never smaller.
    let line = |y: usize| (0..width).map(|x| block(dark(x, y), dark(x, y + 1), ground)).collect();
    (0..height).step_by(2).map(line).collect()
}

fn block(upper_dark: bool, lower_dark: bool, ground: Ground) -> char {
    let (upper, lower) = match ground {
        Ground::Light => (upper_dark, lower_dark),
        Ground::Dark => (!upper_dark, !lower_dark),
    };
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_quiet_zone_on_either_ground() {
        let code = [vec![true, false], vec![true, true]];
        let full = "█".repeat(10);
        assert_eq!(half_blocks(&code, Ground::Dark), [&full, &full, "████ ▀████", &full, &full]);
        let empty = " ".repeat(10);
        assert_eq!(half_blocks(&code, Ground::Light), [&empty, &empty, "    █▄    ", &empty, &empty]);
        let odd = half_blocks(&[vec![true]], Ground::Dark);
        let full = "█".repeat(9);
        assert_eq!(odd, [&full, &full, "████▄████", &full, &full]);
    }

    /// The text becomes pixels, 4 by 8 a letter, and a decoder that is not ours reads them.
    #[test]
    fn a_decoder_reads_the_text_back() {
        let payload = "00020101021238570010A00000072701270006970422011311336666888880208QRIBFTTA53037045405500005802VN62140810TL00010170630445DE";
        for payload in [payload, "https://pay.example/1"] {
            let code = QrCode::encode(payload).expect("the text fits");
            for (ground, dark_ink) in [(Ground::Light, true), (Ground::Dark, false)] {
                let lines = code.half_blocks(ground);
                assert!(lines.iter().all(|line| line.chars().count() == code.modules() as usize));
                assert_eq!(read(&lines, dark_ink), payload, "{ground:?}");
            }
        }
    }

    fn read(lines: &[String], dark_ink: bool) -> String {
        let letters: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
        let (width, height) = (letters[0].len() * 4, letters.len() * 8);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            let upper = y % 8 < 4;
            let inked = match letters[y / 8][x / 4] {
                '█' => true,
                '▀' => upper,
                '▄' => !upper,
                _ => false,
            };
            if inked == dark_ink { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        let [grid] = grids.as_slice() else { panic!("{} codes", grids.len()) };
        grid.decode().expect("the code is whole").1
    }
}
