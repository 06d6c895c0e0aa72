//! Chooses a code's mask: the one of eight whose picture is the easiest to read by the standard's score. The library's
//! own choice is the same and allocates for every module, which took longer than drawing the screen around the code.

use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, QrResult, bits, ec};

/// In the order of their numbers; the first of equals wins.
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Returns the modules of a side, and row by row whether a module is dark, of the smallest code that takes the text.
pub(super) fn encode(text: &[u8], level: EcLevel) -> QrResult<(usize, Vec<bool>)> {
    let bits = bits::encode_auto(text, level)?;
    let version = bits.version();
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    // A code has at least 11 modules a side.
    let width = version.width().unsigned_abs().into();
    let masked = MASKS.map(|mask| {
        let mut canvas = canvas.clone();
        canvas.apply_mask(mask);
        canvas.into_colors().into_iter().map(|module| module == Color::Dark).collect::<Vec<bool>>()
    });
    let best = masked.into_iter().min_by_key(|dark| penalty(width, dark)).unwrap_or_default();
    Ok((width, best))
}

/// The standard's score: long runs, squares of one colour, what looks like a corner mark, too much of one colour.
fn penalty(width: usize, dark: &[bool]) -> usize {
    let columns: Vec<bool> =
        (0..width).flat_map(|x| (0..width).map(move |y| (x, y))).map(|(x, y)| dark[y * width + x]).collect();
    let lines = |modules: &[bool]| modules.chunks(width).map(|line| runs(line) + corner_marks(line)).sum::<usize>();
    let share = dark.iter().filter(|&&dark| dark).count() * 200 / dark.len().max(1);
    lines(dark) + lines(&columns) + squares(width, dark) + share.abs_diff(100)
}

fn runs(line: &[bool]) -> usize {
    let runs = line.chunk_by(|one, next| one == next).map(<[bool]>::len);
    runs.filter(|&length| length >= 5).map(|length| length - 2).sum()
}

fn squares(width: usize, dark: &[bool]) -> usize {
    let pairs = dark.chunks(width).zip(dark.chunks(width).skip(1));
    let found = pairs.map(|(row, below)| {
        let both = row.windows(2).zip(below.windows(2));
        both.filter(|(above, below)| above[0] == above[1] && above == below).count()
    });
    found.sum::<usize>() * 3
}

/// `#.###.#` with four light modules, or the edge, on at least one side.
fn corner_marks(line: &[bool]) -> usize {
    const MARK: u32 = 0b101_1101;
    let mut seen = 0;
    let mut score = 0;
    for (end, &dark) in line.iter().enumerate() {
        seen = (seen << 1 | u32::from(dark)) & 0x7F;
        if end >= 6 && seen == MARK {
            let before = &line[(end - 6).saturating_sub(4)..end - 6];
            let behind = &line[end + 1..(end + 5).min(line.len())];
            if !before.contains(&true) || !behind.contains(&true) {
                score += 40;
            }
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of many lengths and kinds, for codes of many sizes.
    #[test]
    fn the_code_is_the_one_that_the_library_makes() {
        let mut state = 7_u32;
        let mut widths = std::collections::BTreeSet::new();
        for length in (1..60).chain([100, 140, 141, 200, 333, 700, 1500]) {
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b"0123456789ABCDEF$%*+-./:abcxyz"[(state >> 24) as usize % (10 + length % 20)]
                })
                .collect();
            let code = qrcode::QrCode::with_error_correction_level(&text, EcLevel::M).expect("a text that fits");
            let width = code.width();
            let dark: Vec<bool> = code.into_colors().iter().map(|&module| module == Color::Dark).collect();
            assert!(encode(&text, EcLevel::M).expect("a text that fits") == (width, dark), "{length} letters");
            widths.insert(width);
        }
        assert!(widths.len() > 8, "{widths:?}");
    }

    #[test]
    fn scores_are_the_standards() {
        let line = |text: &str| text.chars().map(|letter| letter == '#').collect::<Vec<_>>();
        assert_eq!(runs(&line("#####......#")), 3 + 4);
        assert_eq!(corner_marks(&line("#.###.#....#")), 40);
        assert_eq!(corner_marks(&line("##.#.###.#...#")), 0);
        assert_eq!(squares(3, &line("##.##....")), 3);
    }

    #[test]
    fn a_text_that_no_code_takes_is_an_error() {
        assert!(encode(&[b'x'; 4000], EcLevel::M).is_err());
    }
}
