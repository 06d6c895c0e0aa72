//! Fits a text into a width: the largest size of the scale at which its lines fit, else cut with `…`. Knows
//! widths of text, draws nothing.

use super::{Face, Leading, Style, Type};

/// The one scale of sizes in pixels an em; each step is about a fifth larger than the one before.
pub const SCALE: [u16; 19] = [
    10, 12, 14, 17, 20, 24, 29, 35, 42, 50, 60, 72, 86, 104, 125, 150, 180, 216, 260,
];

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
        // The scale has 19 entries.
        Self((count as u8).saturating_sub(1))
    }

    /// Returns the step that is `count` larger, or the largest.
    pub const fn up(self, count: u8) -> Self {
        let step = self.0.saturating_add(count);
        if step < Self::LARGEST.0 {
            Self(step)
        } else {
            Self::LARGEST
        }
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
        let words: String = super::letters(text).collect();
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        let whole = words.join(" ");
        let smallest = fit.smallest.min(fit.largest);
        let steps = || (smallest.0..=fit.largest.0).rev().map(Step);
        if whole.is_empty() {
            return self.setting(Vec::new(), fit, fit.largest);
        }
        for step in steps() {
            let fits = |line: &String| self.width(line, fit.face, step) <= width;
            if fits(&whole) {
                return self.setting(vec![whole], fit, step);
            }
            let lines = self.wrap(&words, fit.face, step, width);
            if lines.len() <= usize::from(fit.lines) && lines.iter().all(fits) {
                return self.setting(
                    self.balance(lines, &words, fit.face, step, width),
                    fit,
                    step,
                );
            }
        }
        self.setting(self.cut(&words, fit, smallest, width), fit, smallest)
    }

    fn setting(&self, lines: Vec<String>, fit: Fit, step: Step) -> Setting {
        let width = lines
            .iter()
            .map(|line| self.width(line, fit.face, step))
            .max()
            .unwrap_or(0);
        let style = Style {
            face: fit.face,
            step,
            leading: fit.leading,
        };
        Setting {
            lines,
            style,
            width,
        }
    }

    /// Breaks at spaces; a word that is wider than the line stands alone on one.
    fn wrap(&self, words: &[&str], face: Face, step: Step, width: u32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in words {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match (longer, lines.last_mut()) {
                (Some(longer), Some(line)) if self.width(&longer, face, step) <= width => {
                    *line = longer
                }
                _ => lines.push((*word).to_owned()),
            }
        }
        lines
    }

    /// Narrows the lines as far as their number stays the same, so that no word is left alone on the last.
    fn balance(
        &self,
        lines: Vec<String>,
        words: &[&str],
        face: Face,
        step: Step,
        width: u32,
    ) -> Vec<String> {
        let mut best = lines;
        for share in (8..16).rev() {
            let narrow = width * share / 16;
            let tried = self.wrap(words, face, step, narrow);
            let fits = tried
                .iter()
                .all(|line| self.width(line, face, step) <= narrow);
            if !fits || tried.len() > best.len() {
                break;
            }
            best = tried;
        }
        best
    }

    /// Keeps the lines that may stay and ends the last, and any word that is too wide, with `…`.
    fn cut(&self, words: &[&str], fit: Fit, step: Step, width: u32) -> Vec<String> {
        let mut lines = self.wrap(words, fit.face, step, width);
        let count = usize::from(fit.lines.max(1));
        if lines.len() > count {
            let rest = lines.split_off(count - 1).join(" ");
            lines.push(rest);
        }
        lines
            .iter()
            .map(|line| self.shorten(line, fit.face, step, width))
            .collect()
    }

    fn shorten(&self, line: &str, face: Face, step: Step, width: u32) -> String {
        if self.width(line, face, step) <= width {
            return line.to_owned();
        }
        let mut kept = line.to_owned();
        while kept.pop().is_some() {
            let shown = format!("{}…", kept.trim_end());
            if self.width(&shown, face, step) <= width {
                return shown;
            }
        }
        String::new()
    }
}
