//! The documented files in `config/` are TOML, as they are and with every setting in use. Their keys are tested where
//! they are known.

use std::path::Path;

use crate::{Document, Mode};

#[test]
fn the_shipped_files_are_toml_with_and_without_what_is_commented_out() {
    let files = [
        include_str!("../../../config/tilld.toml"),
        include_str!("../../../config/bridge.toml"),
        include_str!("../../../config/enrol.toml"),
    ];
    for text in files {
        let setting = |line: &'static str| {
            let rest = line.strip_prefix('#').unwrap_or(line);
            if rest.starts_with(char::is_whitespace) { line } else { rest }
        };
        let lines: Vec<&str> = text.lines().map(setting).collect();
        for text in [text, &lines.join("\n")] {
            let document = Document::parse(Path::new("f"), text, Mode::Check);
            assert_eq!(document.err(), None);
        }
    }
}
