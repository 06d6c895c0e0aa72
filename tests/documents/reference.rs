//! The reference of the configuration, as a document and as manual pages: what the reader takes, what the shipped file says
//! of it. It must not know any key.

use till_settings::asked::{Asked, LeftOut};

use crate::commented::{Block, Paragraph, Section, paragraphs};
use crate::must_be;
use crate::roff::Page;
use crate::schema::{Schema, Which};

impl Which {
    /// Where it lies on a machine, and who reads it.
    fn about(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tilld => ("tilld.toml", "/etc/tilld/tilld.toml", "the settings of a terminal, read by tilld"),
            Self::Bridge => {
                ("bridge.toml", "/etc/till-bridge/bridge.toml", "the settings of the bridge, read by till-bridge")
            }
            Self::Enrol => (
                "enrol.toml",
                "/etc/till-bridge/enrol.toml",
                "the settings of the enrolment server, read by till-bridge enrol",
            ),
            Self::Console => (
                "console.toml",
                "/etc/till-bridge/console.toml",
                "the settings of the fleet console, read by till-bridge console",
            ),
            Self::Fleet => {
                ("fleet.toml", "~/.config/till/fleet.toml", "the settings of whoever runs a fleet, read by till fleet")
            }
        }
    }
}

impl Which {
    /// The name of its manual page, which stands beside those of everybody's programs.
    fn page(self) -> &'static str {
        match self {
            Self::Tilld => "tilld.toml",
            Self::Bridge => "till-bridge.toml",
            Self::Enrol => "till-enrol.toml",
            Self::Console => "till-console.toml",
            Self::Fleet => "till-fleet.toml",
        }
    }
}

/// One key's line: its name, what it takes, and what holds when it is left out.
struct Line {
    name: String,
    takes: String,
    left_out: String,
}

/// The lines of one key, with those of the inline table that it may be.
fn lines(schema: &Schema, section: &Section, (key, value): &(String, String)) -> Vec<Line> {
    let full = format!("{}.{key}", section.place);
    let asked = &schema.asked[&full];
    let left_out = match asked.left_out {
        LeftOut::Default { .. } => format!("when left out {value}"),
        LeftOut::Fault | LeftOut::Nothing if schema.required.contains(&full) => format!("required, such as {value}"),
        LeftOut::Fault | LeftOut::Nothing => format!("may be left out; such as {value}"),
    };
    let mut lines = vec![Line { name: key.clone(), takes: asked.takes.clone(), left_out }];
    let below = format!("{full}.");
    for (inner, asked) in schema.asked.iter().filter(|(inner, _)| inner.starts_with(&below)) {
        let name = format!("{key}.{}", &inner[below.len()..]);
        lines.push(Line { name, takes: asked.takes.clone(), left_out: inner_left_out(asked).to_owned() });
    }
    lines
}

fn inner_left_out(asked: &Asked) -> &'static str {
    match asked.left_out {
        LeftOut::Fault => "required in that table",
        LeftOut::Nothing | LeftOut::Default { .. } => "may be left out",
    }
}

fn title(section: &Section) -> String {
    match section.provider() {
        Some(provider) => format!("{}, provider = \"{provider}\"", section.header),
        None => section.header.clone(),
    }
}

fn markdown_text(text: &mut String, comment: &[String]) {
    for paragraph in paragraphs(comment) {
        match paragraph {
            Paragraph::Text(words) => text.push_str(&format!("{}\n\n", words.replace('<', "\\<").replace('*', "\\*"))),
            Paragraph::Lines(lines) => text.push_str(&format!("```text\n{}\n```\n\n", lines.join("\n"))),
        }
    }
}

fn markdown_block(text: &mut String, schema: &Schema, section: &Section, block: &Block) {
    for line in block.keys.iter().flat_map(|key| lines(schema, section, key)) {
        // Values are the last words of a line, or there are none.
        let left_out = line.left_out.replacen("left out ", "left out `", 1).replacen("such as ", "such as `", 1);
        let end = if left_out.contains('`') { "`" } else { "" };
        text.push_str(&format!(
            "* **`{}`**: {}; {left_out}{end}\n",
            line.name,
            line.takes.replace('*', "\\*").replace('<', "\\<")
        ));
    }
    if !block.keys.is_empty() {
        text.push('\n');
    }
    markdown_text(text, &block.comment);
}

#[test]
fn the_reference_is_what_the_programs_read() {
    let mut text = "# Every setting\n\n<!-- Made by tests/documents/reference.rs; do not edit: \
                    UPDATE_DOCS=1 cargo test -p tests --test documents -->\n\n\
                    What a key takes is said in the words of the program that reads it, as `--check` says them; what it is for, in \
                    those of the files in [config/](../config). A key that is not known is a mistake.\n\n"
        .to_owned();
    for which in Which::ALL {
        let (name, path, about) = which.about();
        text.push_str(&format!("* [{name}](#{}): {about}; `{path}`\n", name.replace('.', "")));
    }
    text.push('\n');
    for which in Which::ALL {
        let schema = which.schema();
        text.push_str(&format!("## {}\n\n", which.about().0));
        markdown_text(&mut text, &schema.file.preamble);
        for section in &schema.file.sections {
            text.push_str(&format!("### `{}`\n\n", title(section)));
            markdown_text(&mut text, &section.intro);
            for block in &section.blocks {
                markdown_block(&mut text, &schema, section, block);
            }
        }
    }
    must_be("docs/configure.md", &format!("{}\n", text.trim_end()));
}

#[test]
fn the_manual_pages_of_the_files_are_what_the_programs_read() {
    for which in Which::ALL {
        let (_, path, about) = which.about();
        let name = which.page();
        let schema = which.schema();
        let mut page = Page::new(name, 5, about);
        page.section("DESCRIPTION");
        page.words(path);
        page.comment(&schema.file.preamble);
        for section in &schema.file.sections {
            page.section(&title(section));
            page.comment(&section.intro);
            for block in &section.blocks {
                for line in block.keys.iter().flat_map(|key| lines(&schema, section, key)) {
                    page.item(&line.name, &format!("{}; {}", line.takes, line.left_out));
                }
                page.below_item(&block.comment);
            }
        }
        page.section("SEE ALSO");
        page.words(match which {
            Which::Tilld => "tilld(8), till(1)",
            Which::Bridge | Which::Enrol | Which::Console => "till-bridge(8)",
            Which::Fleet => "till(1)",
        });
        must_be(&format!("docs/man/{name}.5"), &page.finish());
    }
}
