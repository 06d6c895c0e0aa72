//! Tests of type: complete Vietnamese, tabular digits, lines that stay within their height, and fitting.

use std::collections::BTreeSet;

use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use super::{Face, Fit, Leading, Step, Style, Type};
use crate::frame::Frame;
use crate::shape::Ink;
use crate::size::Size;

/// All 134 letters of Vietnamese that are not in ASCII.
const VIETNAMESE: &str = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ\
                          ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ";
const FIGURES: &str = "0123456789.,:+-−₫/% ";
const FACES: [Face; 2] = [Face::Regular, Face::Bold];

/// Returns the rows, relative to the baseline, that a text of the given size puts any ink on.
fn inked_rows(letters: &mut Type, text: &str, style: Style) -> Option<(i32, i32)> {
    let size = Size::new(240, 240).expect("within bounds");
    let mut frame = Frame::new(size);
    let ink = Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK };
    let Ok(()) = letters.draw(&mut frame, text, Point::new(60, 150), style, ink);
    let inked = |row: &u32| (0..240).any(|x| frame.pixel(x, *row) != Some(Rgb888::BLACK));
    let first = (0..240).find(inked)?;
    let last = (0..240).rev().find(inked)?;
    Some((first as i32 - 150, last as i32 - 150))
}

#[test]
fn every_vietnamese_letter_and_the_dong_sign_have_a_picture() {
    let letters: BTreeSet<char> = VIETNAMESE.chars().collect();
    assert_eq!(letters.len(), 134);
    let ascii: String = (' '..='~').collect();
    let letters = Type::new();
    for text in [VIETNAMESE, FIGURES, "₫…–·×", &ascii] {
        for letter in text.chars() {
            assert!(letters.has_all(&letter.to_string()), "`{letter}` has no picture");
        }
    }
    assert!(!letters.has_all("\u{4E2D}"), "a letter that is missing is said to be missing");
}

#[test]
fn vietnamese_letters_are_drawn_unlike_each_other() {
    let mut seen = BTreeSet::new();
    let mut letters = Type::new();
    let style = Style { face: Face::Regular, step: Step::at_most(20), leading: Leading::Text };
    let ink = Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK };
    for letter in VIETNAMESE.chars() {
        let mut frame = Frame::new(Size::new(240, 240).expect("within bounds"));
        let Ok(()) = letters.draw(&mut frame, &letter.to_string(), Point::new(100, 100), style, ink);
        assert!(seen.insert(frame.bytes().to_vec()), "`{letter}` looks like another letter");
    }
}

#[test]
fn digits_are_equally_wide_so_that_clocks_stand_still() {
    let letters = Type::new();
    for face in FACES {
        for px in [12, 24, 104] {
            let widths: BTreeSet<u32> =
                ('0'..='9').map(|digit| letters.width(&digit.to_string().repeat(8), face, Step::at_most(px))).collect();
            assert_eq!(widths.len(), 1, "{face:?} {px}: {widths:?}");
        }
    }
}

#[test]
fn letters_stay_within_the_height_of_their_line() {
    let mut letters = Type::new();
    for face in FACES {
        for px in [12, 17, 24, 60] {
            for (leading, texts) in [(Leading::Text, VIETNAMESE), (Leading::Figures, FIGURES)] {
                let style = Style { face, step: Step::at_most(px), leading };
                let above = style.ascent() as i32;
                let below = style.line_height() as i32 - above;
                for letter in texts.chars().filter(|letter| *letter != ' ') {
                    let rows = inked_rows(&mut letters, &letter.to_string(), style).expect("ink");
                    assert!(
                        rows.0 >= -above && rows.1 < below,
                        "{face:?} {px} `{letter}`: {rows:?} of -{above}..{below}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_text_is_as_wide_as_it_is_measured() {
    let letters = Type::new();
    let step = Step::at_most(26);
    assert_eq!(letters.width("", Face::Regular, step), 0);
    // 1171 units a digit of 2048 an em: 26 × 1171 / 2048 = 14.87, and ten of them 148.7.
    assert_eq!(letters.width("0", Face::Regular, step), 15);
    assert_eq!(letters.width("0000000000", Face::Regular, step), 149);
}

#[test]
fn line_breaks_and_controls_become_spaces_and_direction_marks_vanish() {
    let letters = Type::new();
    let fit = fit_of(21, 21, 1);
    assert_eq!(letters.fit("a\n\tb\u{202E}\u{200B}c\u{7}d", 500, fit).lines, ["a bc d"]);
}

fn fit_of(largest: u32, smallest: u32, lines: u8) -> Fit {
    Fit {
        face: Face::Regular,
        leading: Leading::Text,
        largest: Step::at_most(largest),
        smallest: Step::at_most(smallest),
        lines,
    }
}

#[test]
fn a_text_is_set_at_the_largest_size_that_fits() {
    let letters = Type::new();
    let set = letters.fit("499.999.999 ₫", 300, fit_of(104, 10, 1));
    assert_eq!((set.lines.len(), set.style.step.px()), (1, 42));
    assert!(set.width <= 300);
    assert!(letters.width("499.999.999 ₫", Face::Regular, set.style.step.up(1)) > 300);
}

#[test]
fn a_text_that_is_too_wide_is_broken_at_spaces_into_even_lines() {
    let set = Type::new().fit("Mở ứng dụng ngân hàng và quét mã", 300, fit_of(21, 24, 3));
    assert_eq!(set.lines, ["Mở ứng dụng ngân", "hàng và quét mã"]);
}

#[test]
fn a_sign_stays_on_the_line_of_the_word_before_it() {
    let letters = Type::new();
    for (text, width, want) in [
        ("Đơn …122 · Esc: hủy", 120, ["Đơn …122 ·", "Esc: hủy"]),
        ("trên tổng 50.000 ₫", 150, ["trên tổng", "50.000 ₫"]),
        ("· Quầy Đông –  2", 130, ["· Quầy", "Đông – 2"]),
    ] {
        assert_eq!(letters.fit(text, width, fit_of(21, 21, 2)).lines, want);
    }
}

#[test]
fn what_does_not_fit_at_all_is_cut_with_an_ellipsis() {
    let letters = Type::new();
    let set = letters.fit("Công ty trách nhiệm hữu hạn một thành viên", 120, fit_of(21, 21, 2));
    assert_eq!(set.lines, ["Công ty", "trách nhiệ…"]);
    let set = letters.fit("Nghiêngnghiêngngảngảnghiêng", 120, fit_of(21, 21, 1));
    assert_eq!(set.lines, ["Nghiêngn…"]);
    assert!(set.width <= 120);
}

#[test]
fn no_text_and_no_room_are_no_lines_to_draw() {
    let letters = Type::new();
    assert_eq!(letters.fit(" \n ", 100, fit_of(21, 21, 2)).lines, [""; 0]);
    assert_eq!(letters.fit("a", 0, fit_of(21, 21, 2)).lines, [""; 0]);
}

#[test]
fn a_text_of_a_million_letters_takes_the_time_of_a_short_one() {
    let set = Type::new().fit(&"dài ".repeat(250_000), 300, fit_of(21, 12, 3));
    assert_eq!(set.lines.len(), 3);
    assert!(set.width <= 300);
}

#[test]
fn the_letters_that_are_kept_stay_within_their_bound() {
    let mut letters = Type::new();
    let mut frame = Frame::new(Size::new(800, 480).expect("within bounds"));
    let ink = Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK };
    for px in [60, 86, 125, 180] {
        let style = Style { face: Face::Bold, step: Step::at_most(px), leading: Leading::Text };
        for letter in VIETNAMESE.chars() {
            let Ok(()) = letters.draw(&mut frame, &letter.to_string(), Point::new(9, 200), style, ink);
            assert!(letters.glyphs.stored_bytes() <= 512 * 1024);
        }
    }
}
