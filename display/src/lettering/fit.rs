//! Fits a text into a width: the largest size of the scale at which its lines fit, else cut with `…`. Knows
//! widths of text, draws nothing.

use super::{Face, Leading, Style, Type};

/// The one scale of sizes in pixels an em; each step is about a quarter larger than the one before.
pub const SCALE: [u16; 17] = [10, 13, 16, 21, 26, 33, 42, 53, 66, 83, 104, 130, 163, 204, 255, 319, 399];

/// A place on the scale of sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(u8);

impl Step {
    /// The smallest size.
    pub const SMALLEST: Self = Self(0);
    /// The largest size.
    pub const LARGEST: Self = Self(SCALE.len() as u8 - 1);

    /// Returns the largest step that is not above `px`, or the smallest step.
    pub fn at_most(px: u32) -> Self {
        let count = SCALE.iter().filter(|&&size| u32::from(size) <= px).count();
        // The scale has 17 entries.
        Self((count as u8).saturating_sub(1))
    }

    /// Returns the step that is `count` larger, or the largest.
    pub const fn up(self, count: u8) -> Self {
        let step = self.0.saturating_add(count);
        if step < Self::LARGEST.0 { Self(step) } else { Self::LARGEST }
    }

    /// Returns the step that is `count` smaller, or the smallest.
    pub fn down(self, count: u8) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// Returns the size in pixels an em.
    pub fn px(self) -> u16 {
        // `up`, `down` and `at_most` stay on the scale.
        SCALE[usize::from(self.0)]
    }
}

/// What a text may become to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The weight.
    pub face: Face,
    /// The height of a line.
    pub leading: Leading,
    /// The size that it has if there is room.
    pub largest: Step,
    /// The size that it is never set below.
    pub smallest: Step,
    /// The most lines that it may take.
    pub lines: u8,
}

/// A text that was fitted: its lines and how they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The lines from top to bottom.
    pub lines: Vec<String>,
    /// Face, size and leading of all lines.
    pub style: Style,
    /// The width of the longest line in pixels.
    pub width: u32,
}

impl Setting {
    /// Returns the height of all lines in pixels.
    pub fn height(&self) -> u32 {
        // At most `Fit::lines` lines.
        self.lines.len() as u32 * self.style.line_height()
    }
}

impl Type {
    /// Fits a text into a width of `width` pixels: at the largest size at which it fits on one line or, broken at
    /// spaces, on at most `fit.lines` lines; where there is none, at the smallest size and cut with `…`.
    pub fn fit(&self, text: &str, width: u32, fit: Fit) -> Setting {
        let text: String = super::letters(text).collect();
        let words = Words::of(self, &text, fit.face);
        let smallest = fit.smallest.min(fit.largest);
        for step in (smallest.0..=fit.largest.0).rev().map(Step) {
            let most = units_in(width, step);
            let lines = words.wrap(most);
            let few = lines.len() <= usize::from(fit.lines.max(1));
            if few && lines.iter().all(|line| line.units <= most) {
                let lines = words.balance(lines, most);
                let lines = lines.iter().map(|line| words.text(line)).collect();
                return self.setting(lines, fit, step);
            }
        }
        let most = units_in(width, smallest);
        let lines = words.cut(most, usize::from(fit.lines.max(1)));
        let shown = lines.iter().map(|line| self.shorten(line, fit.face, most));
        let shown = shown.filter(|line| !line.is_empty()).collect();
        self.setting(shown, fit, smallest)
    }

    fn setting(&self, lines: Vec<String>, fit: Fit, step: Step) -> Setting {
        let widths = lines.iter().map(|line| self.width(line, fit.face, step));
        let width = widths.max().unwrap_or(0);
        let style = Style { face: fit.face, step, leading: fit.leading };
        Setting { lines, style, width }
    }

    /// Returns as much of a line as fits with `…` behind it, or the line itself when it fits.
    fn shorten(&self, line: &str, face: Face, most: u32) -> String {
        let units = |letter: char| self.glyphs.advance(face, letter);
        if line.chars().map(units).sum::<u32>() <= most {
            return line.to_owned();
        }
        let mut taken = units('…');
        let fitting = line.chars().take_while(|&letter| {
            taken += units(letter);
            taken <= most
        });
        let kept: String = fitting.collect();
        if kept.is_empty() {
            return kept;
        }
        format!("{}…", kept.trim_end())
    }
}

/// Returns the font units that fit into a width: the inverse of the rounding in [`Type::width`].
fn units_in(width: u32, step: Step) -> u32 {
    let (width, px) = (u64::from(width), u64::from(step.px()));
    let em = u64::from(super::UNITS);
    // width × 4 quarters, and the half that rounding gives away; far below 2^32 on panels of any size.
    ((width * 4 * em + em / 2).saturating_sub(1) / (px * 4)) as u32
}

/// The words of a text and their widths in font units, so that every size is tried without measuring again.
struct Words<'a> {
    words: Vec<(&'a str, u32)>,
    space: u32,
}

/// Signs that never begin a line: they stay with the word before them.
const CLINGING: [&str; 4] = ["·", "–", "₫", "×"];

/// Words that stand on one line: `from` is the first, `until` the one behind the last.
#[derive(Clone, Copy)]
struct Run {
    from: usize,
    until: usize,
    units: u32,
}

impl<'a> Words<'a> {
    fn of(letters: &Type, text: &'a str, face: Face) -> Self {
        let units = |letter: char| letters.glyphs.advance(face, letter);
        let mut words: Vec<&'a str> = Vec::new();
        let mut begun = 0;
        for (at, word) in text.split(' ').scan(0, |at, word| Some((std::mem::replace(at, *at + word.len() + 1), word)))
        {
            if word.is_empty() {
                continue;
            }
            match words.last_mut() {
                Some(last) if CLINGING.contains(&word) => *last = text.get(begun..at + word.len()).unwrap_or(last),
                Some(_) | None => {
                    begun = at;
                    words.push(word);
                }
            }
        }
        let words = words.into_iter().map(|word| (word, word.chars().map(units).sum()));
        Self { words: words.collect(), space: units(' ') }
    }

    fn text(&self, line: &Run) -> String {
        let words = self.words.iter().take(line.until).skip(line.from);
        words.map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    }

    /// Breaks at spaces; a word that is wider than the line stands alone on one.
    fn wrap(&self, most: u32) -> Vec<Run> {
        let mut lines: Vec<Run> = Vec::new();
        for (index, (_, units)) in self.words.iter().enumerate() {
            match lines.last_mut() {
                Some(line) if line.units + self.space + units <= most => {
                    line.units += self.space + units;
                    line.until = index + 1;
                }
                Some(_) | None => lines.push(Run { from: index, until: index + 1, units: *units }),
            }
        }
        lines
    }

    /// Narrows the lines as far as their number stays the same, so that no word is left alone on the last.
    fn balance(&self, lines: Vec<Run>, most: u32) -> Vec<Run> {
        let mut best = lines;
        for share in (8..16).rev() {
            let narrow = most / 16 * share;
            let tried = self.wrap(narrow);
            let fits = tried.iter().all(|line| line.units <= narrow);
            if !fits || tried.len() > best.len() {
                break;
            }
            best = tried;
        }
        best
    }

    /// Breaks into at most `count` lines, of which the last has all the rest.
    fn cut(&self, most: u32, count: usize) -> Vec<String> {
        let mut lines = self.wrap(most);
        if let Some(last) = lines.get(count - 1).copied() {
            lines.truncate(count - 1);
            lines.push(Run { until: self.words.len(), ..last });
        }
        lines.iter().map(|line| self.text(line)).collect()
    }
}
