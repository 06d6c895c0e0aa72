//! What a package says that it is made of: the SBOM, Debian's copyright file and the licences, against the programs
//! themselves. It must not know how they are written.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tests::package::{Package, all};

/// Where the programs say that a library's source was.
const SOURCES: &[u8] = b"/usr/src/cargo/registry/src/";

fn sbom(package: &Package) -> Value {
    let text = package.text(&format!("/usr/share/{}/sbom.cdx.json", package.name));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", package.file.display()))
}

fn components(sbom: &Value) -> Vec<Value> {
    sbom["components"].as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A library and its version, as a folder of sources is named.
fn folder(component: &Value) -> String {
    format!("{}-{}", text(&component["name"]), text(&component["version"]))
}

/// The libraries whose sources a program names, as it does wherever it could stop with a fault.
fn named(program: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = program;
    while let Some(at) = rest.windows(SOURCES.len()).position(|window| window == SOURCES) {
        rest = &rest[at + SOURCES.len()..];
        // The index's folder, and then the library's.
        let mut parts = rest.splitn(3, |byte| *byte == b'/').skip(1);
        found.extend(parts.next().map(|name| String::from_utf8_lossy(name).into_owned()));
    }
    found
}

/// CycloneDX 1.5, sections `components` and `dependencies`: the fields that scanners of vulnerabilities read.
#[test]
fn an_sbom_names_every_library_that_its_programs_name() {
    for package in all() {
        let sbom = sbom(&package);
        assert_eq!((text(&sbom["bomFormat"]), text(&sbom["specVersion"])), ("CycloneDX", "1.5"));
        assert_eq!(text(&sbom["metadata"]["component"]["name"]), package.name);
        assert!(text(&sbom["serialNumber"]).starts_with("urn:uuid:"));
        let told: BTreeSet<_> = components(&sbom).iter().map(folder).collect();
        let mut seen = BTreeSet::new();
        for program in package.programs() {
            seen.extend(named(&fs::read(&program).expect("the program can be read")));
        }
        assert!(seen.len() >= 20, "{} names only {seen:?}", package.file.display());
        let missing: Vec<_> = seen.difference(&told).collect();
        assert!(missing.is_empty(), "{}'s SBOM lacks {missing:?}", package.file.display());
    }
}

#[test]
fn every_library_of_an_sbom_can_be_looked_up() {
    for package in all() {
        let sbom = sbom(&package);
        let mut refs = BTreeSet::from([text(&sbom["metadata"]["component"]["bom-ref"]).to_owned()]);
        for component in components(&sbom) {
            let place = format!("{}: {component}", package.file.display());
            assert!(refs.insert(text(&component["bom-ref"]).to_owned()), "twice: {place}");
            assert!(text(&component["purl"]).starts_with("pkg:"), "{place}");
            assert!(!text(&component["licenses"][0]["expression"]).is_empty(), "{place}");
            let ours = text(&component["name"]).starts_with("till") || text(&component["name"]) == "rust-std";
            let hash = text(&component["hashes"][0]["content"]);
            assert!(ours || hash.len() == 64, "{place}");
        }
        let edges = sbom["dependencies"].as_array().cloned().unwrap_or_default();
        let from: BTreeSet<_> = edges.iter().map(|edge| text(&edge["ref"]).to_owned()).collect();
        assert_eq!(from, refs, "each one says what it needs");
        let to = edges.iter().flat_map(|edge| edge["dependsOn"].as_array().cloned().unwrap_or_default());
        let strangers: Vec<_> = to.filter(|to| !refs.contains(text(to))).collect();
        assert!(strangers.is_empty(), "{strangers:?}");
    }
}

/// Debian's copyright format 1.0: each library has its paragraph, and each licence too; the texts are beside it.
#[test]
fn every_library_has_its_owner_and_its_licence() {
    for package in all() {
        let docs = format!("/usr/share/doc/{}", package.name);
        let copyright = package.text(&format!("{docs}/copyright"));
        assert!(copyright.starts_with("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"));
        let paragraphs: Vec<_> = copyright.split("\n\n").collect();
        let licences: BTreeSet<_> =
            paragraphs.iter().filter_map(|paragraph| paragraph.strip_prefix("License: ")?.lines().next()).collect();
        for component in components(&sbom(&package)) {
            let head = format!("Files: {}/*\nCopyright: ", folder(&component));
            let own = paragraphs.iter().find_map(|paragraph| paragraph.strip_prefix(&head));
            let own = own.unwrap_or_else(|| panic!("{docs}/copyright says nothing of {}", folder(&component)));
            let licence = own.lines().find_map(|line| line.strip_prefix("License: ")).unwrap_or_default();
            assert!(licences.contains(licence), "{docs}/copyright does not say what `{licence}` is");
        }
        let name = if package.root.join(&docs[1..]).join("licences.gz").exists() { "licences.gz" } else { "licences" };
        let texts = package.text(&format!("{docs}/{name}"));
        for word in ["Apache License", "Permission is hereby granted, free of charge", "SIL OPEN FONT LICENSE"] {
            let of_a_font = word.starts_with("SIL") && package.name != "tilld";
            assert!(of_a_font || texts.contains(word), "{docs}/{name} lacks `{word}`");
        }
    }
}
