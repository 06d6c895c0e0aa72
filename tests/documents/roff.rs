//! Writes manual pages. It must not know what they are about.

use clap_mangen::roff::{Roff, bold, roman};

use crate::commented::{Paragraph, paragraphs};

/// A page that is being written.
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// Begins a page with its name and a line on what it is.
    pub(crate) fn new(name: &str, section: u8, about: &str) -> Self {
        let source = concat!("tilld ", env!("CARGO_PKG_VERSION"));
        let mut page = Self { text: String::new() };
        let number = section.to_string();
        page.add(|roff| {
            roff.control("TH", [name, &number, "", source, ""]);
            // Addresses and examples are longer than what a narrow screen could fill up with spaces.
            roff.control("ad", ["l"]);
            roff.control("nh", []);
            roff.control("SH", ["NAME"]);
            roff.text([roman(format!("{name} - {about}"))]);
        });
        page
    }

    fn add(&mut self, write: impl FnOnce(&mut Roff)) {
        let mut roff = Roff::new();
        write(&mut roff);
        self.text.push_str(&roff.render());
    }

    /// Begins a section.
    pub(crate) fn section(&mut self, title: &str) {
        self.add(|roff| {
            roff.control("SH", [title]);
        });
    }

    /// Begins a section within one.
    pub(crate) fn inner_section(&mut self, title: &str) {
        self.add(|roff| {
            roff.control("SS", [title]);
        });
    }

    /// Adds a paragraph.
    pub(crate) fn words(&mut self, words: &str) {
        self.add(|roff| {
            roff.control("PP", []);
            roff.text([roman(words)]);
        });
    }

    /// Adds lines that stay lines.
    pub(crate) fn lines(&mut self, lines: &[String]) {
        self.add(|roff| {
            roff.control("PP", []);
            roff.control("nf", []);
            for line in lines {
                roff.text([roman(line)]);
            }
            roff.control("fi", []);
        });
    }

    /// Adds a comment of a configuration file.
    pub(crate) fn comment(&mut self, comment: &[String]) {
        for paragraph in paragraphs(comment) {
            match paragraph {
                Paragraph::Text(words) => self.words(&words),
                Paragraph::Lines(lines) => self.lines(&lines),
            }
        }
    }

    /// Adds a name with what it is.
    pub(crate) fn item(&mut self, name: &str, words: &str) {
        self.add(|roff| {
            roff.control("TP", []);
            roff.text([bold(name)]);
            roff.text([roman(words)]);
        });
    }

    /// Goes on below the last item.
    pub(crate) fn below_item(&mut self, comment: &[String]) {
        self.text.push_str(".RS\n");
        self.comment(comment);
        self.text.push_str(".RE\n");
    }

    /// Adds what somebody else has written, without its own section's title.
    pub(crate) fn others(&mut self, text: &str) {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with(".SH") && !line.starts_with(".ie") && !line.starts_with(".el"));
        lines.for_each(|line| {
            self.text.push_str(line);
            self.text.push('\n');
        });
    }

    /// Returns the page.
    pub(crate) fn finish(self) -> String {
        // Each piece brings the preamble along that lets quotes be quotes in every roff; the page needs it once.
        let preamble = Roff::new().render();
        let rest = self.text.replace(&preamble, "");
        format!("{preamble}{rest}")
    }
}
