//! Documents lead to files that are there, and the index leads to every document. It must not know what they say.

use std::path::Path;

use crate::{read, top};

/// The targets of a document's links to files of the repository, without the place in them.
fn links(document: &str) -> Vec<String> {
    let text = read(document);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    own.map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

fn documents() -> Vec<String> {
    let entries = std::fs::read_dir(top().join("docs")).expect("docs is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".md")).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let mut followed = 0;
    let others = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CHANGELOG.md", "bench/README.md"];
    let documents = documents().into_iter().map(|name| format!("docs/{name}")).chain(others.map(str::to_owned));
    for document in documents {
        let folder = top().join(&document).parent().map(Path::to_owned).unwrap_or_default();
        for link in links(&document) {
            assert!(folder.join(&link).exists(), "{document} leads to {link}, which is not there");
            followed += 1;
        }
    }
    assert!(followed > 40, "{followed} links were found");
}

#[test]
fn the_index_leads_to_every_document() {
    let index = links("docs/README.md");
    let missing: Vec<_> = documents().into_iter().filter(|name| name != "README.md" && !index.contains(name)).collect();
    assert!(missing.is_empty(), "docs/README.md does not lead to {missing:?}");
}
