//! A file of `config/` as a person reads it: sections, and in each the comments with the keys that they explain. It must not
//! know what any key means.

/// A commented configuration file.
pub(crate) struct Commented {
    /// What stands before the first section.
    pub(crate) preamble: Vec<String>,
    /// Its sections, in order.
    pub(crate) sections: Vec<Section>,
}

/// A table of the file.
pub(crate) struct Section {
    /// Its header, such as `[sale]` or `[[channel]]`.
    pub(crate) header: String,
    /// The dotted way to it, such as `sale` or `channel[0]`.
    pub(crate) place: String,
    /// What is said of the whole of it.
    pub(crate) intro: Vec<String>,
    /// Its keys, together with what is said of them.
    pub(crate) blocks: Vec<Block>,
}

/// Keys that stand together, and the lines of the comment above them.
pub(crate) struct Block {
    /// Without the `#` and one space.
    pub(crate) comment: Vec<String>,
    /// Each with the value that it is shown with.
    pub(crate) keys: Vec<(String, String)>,
}

impl Section {
    /// What `provider` is shown as, which tells channels apart.
    pub(crate) fn provider(&self) -> Option<&str> {
        let mut keys = self.blocks.iter().flat_map(|block| &block.keys);
        keys.find(|(key, _)| key == "provider").map(|(_, value)| value.trim_matches('"'))
    }
}

/// A line without the `#` that switches it off; nothing where it is a comment.
fn setting(line: &str) -> Option<&str> {
    let Some(rest) = line.strip_prefix('#') else { return Some(line) };
    rest.starts_with(|c: char| !c.is_whitespace()).then_some(rest)
}

/// The file with every setting switched on.
pub(crate) fn switched_on(text: &str) -> String {
    text.lines().map(|line| setting(line).unwrap_or(line)).flat_map(|line| [line, "\n"]).collect()
}

/// Reads a file.
pub(crate) fn parse(text: &str) -> Commented {
    let mut file = Commented { preamble: Vec::new(), sections: Vec::new() };
    let mut comment: Vec<String> = Vec::new();
    let mut keys = Vec::new();
    let mut channels = 0;
    for line in text.lines().chain([""]) {
        match setting(line) {
            None => comment.push(line.trim_start_matches('#').strip_prefix(' ').unwrap_or_default().to_owned()),
            Some("") => {
                end_block(&mut file, &mut comment, &mut keys);
            }
            Some(header) if header.starts_with('[') => {
                let name = header.trim_matches(['[', ']']);
                let place = if header.starts_with("[[") { format!("{name}[{channels}]") } else { name.to_owned() };
                channels += usize::from(header.starts_with("[["));
                // A comment that stood alone, right before, is about the whole section.
                let mut intro = std::mem::take(&mut comment);
                if intro.is_empty() {
                    intro = file.sections.last_mut().and_then(remark).unwrap_or_default();
                }
                file.sections.push(Section { header: header.to_owned(), place, intro, blocks: Vec::new() });
            }
            Some(line) => {
                let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("`{line}` is no setting"));
                keys.push((key.to_owned(), value.to_owned()));
            }
        }
    }
    file
}

/// Takes a comment without keys off the end of a section.
fn remark(section: &mut Section) -> Option<Vec<String>> {
    let is_alone = section.blocks.last().is_some_and(|block| block.keys.is_empty());
    if is_alone { section.blocks.pop().map(|block| block.comment) } else { None }
}

fn end_block(file: &mut Commented, comment: &mut Vec<String>, keys: &mut Vec<(String, String)>) {
    let block = Block { comment: std::mem::take(comment), keys: std::mem::take(keys) };
    if block.comment.is_empty() && block.keys.is_empty() {
        return;
    }
    match file.sections.last_mut() {
        Some(section) => section.blocks.push(block),
        None => {
            if !file.preamble.is_empty() {
                file.preamble.push(String::new());
            }
            file.preamble.extend(block.comment);
        }
    }
}

/// A comment's lines as paragraphs; what is set in by two spaces or more stands line by line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Paragraph {
    Text(String),
    Lines(Vec<String>),
}

/// Joins the lines of a comment.
pub(crate) fn paragraphs(lines: &[String]) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut is_open = false;
    for line in lines {
        let is_set_in = line.starts_with("  ");
        match found.last_mut().filter(|_| is_open) {
            _ if line.trim().is_empty() => is_open = false,
            Some(Paragraph::Lines(lines)) if is_set_in => lines.push(line.trim().to_owned()),
            Some(Paragraph::Text(text)) if !is_set_in => {
                text.push(' ');
                text.push_str(line.trim());
            }
            Some(_) | None => {
                is_open = true;
                let line = line.trim().to_owned();
                found.push(if is_set_in { Paragraph::Lines(vec![line]) } else { Paragraph::Text(line) });
            }
        }
    }
    found
}

#[test]
fn comments_go_to_what_they_explain() {
    let text = "# Top.\n\n[a]\n# One\n# and more.\n#x = 1\ny = 2\n\n# Of b.\n#[a.b]\n#z = 3\n\n# Of all.\n\n[[c]]\nid = \"q\"\n";
    let file = parse(text);
    let places: Vec<_> = file.sections.iter().map(|section| (&*section.place, section.intro.join("|"))).collect();
    let want = [("a", ""), ("a.b", "Of b."), ("c[0]", "Of all.")].map(|(place, intro)| (place, intro.to_owned()));
    assert_eq!(places, want);
    let block = &file.sections[0].blocks[0];
    assert_eq!(paragraphs(&block.comment), [Paragraph::Text("One and more.".to_owned())]);
    assert_eq!(block.keys, [("x".to_owned(), "1".to_owned()), ("y".to_owned(), "2".to_owned())]);
    assert_eq!(file.preamble, ["Top."]);
    assert!(switched_on(text).contains("\nx = 1\ny = 2\n"));
}
