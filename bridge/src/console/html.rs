//! HTML that cannot be spoilt by what stands in it: markup comes from this program's source alone, and everything else
//! is escaped. It must not know what a page says.

use std::fmt::{self, Display, Write};

/// A page as it grows.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

/// Writes what it is given with every character escaped that means something in HTML, in an attribute too.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // They would turn the direction of what follows, or are no text at all.
                c if is_misleading(c) => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

fn is_misleading(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    control || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Html {
    /// Adds markup, which only the source can have.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, also inside an attribute's quotation marks.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        // A String takes everything that is written to it.
        let _infallible = write!(Escaped(&mut self.0), "{text}");
        self
    }

    /// Adds another piece, which was made the same way.
    pub(crate) fn piece(&mut self, piece: &Self) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Returns the markup.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_text_wherever_it_stands() {
        let mut page = Html::default();
        page.raw("<b title=\"").text("\" onload='x'").raw("\">").text("<script>&\u{202e}\u{0}ế\n").raw("</b>");
        let want = "<b title=\"&quot; onload=&#39;x&#39;\">&lt;script&gt;&amp;\u{fffd}\u{fffd}ế\n</b>";
        assert_eq!(page.finish(), want);
    }
}
