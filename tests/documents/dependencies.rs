//! `docs/dependencies.md` names every library that we asked for, where it is, and why. It must not know what libraries do.

use std::collections::{BTreeMap, BTreeSet};

use crate::read;

/// The folders whose crates are in what terminals and the cloud run; the top one is `tilld`.
const SHIPPED: [(&str, &str); 6] = [
    ("tilld", "Cargo.toml"),
    ("wire", "wire/Cargo.toml"),
    ("settings", "settings/Cargo.toml"),
    ("authority", "authority/Cargo.toml"),
    ("display", "display/Cargo.toml"),
    ("bridge", "bridge/Cargo.toml"),
];

const OTHERS: [&str; 5] =
    ["simulation/Cargo.toml", "demo/Cargo.toml", "tests/Cargo.toml", "bench/Cargo.toml", "fuzz/Cargo.toml"];

/// What stands for the place of a library that only tests, the demo and the bench use.
const NOT_SHIPPED: &str = "not shipped";

fn names(file: &str, table: &str) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let names = manifest.get(table).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
    let ours = [
        "till-wire",
        "till-settings",
        "till-authority",
        "till-display",
        "till-bridge",
        "tilld",
        "simulation",
        "demo",
        "tests",
    ];
    names.filter(|name| !ours.contains(&name.as_str())).cloned().collect()
}

/// Each library with the folders of ours that are shipped with it.
fn used() -> BTreeMap<String, BTreeSet<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (folder, file) in SHIPPED {
        for name in names(file, "dependencies") {
            used.entry(name).or_default().insert(folder.to_owned());
        }
        for name in names(file, "dev-dependencies") {
            used.entry(name).or_default();
        }
    }
    for file in OTHERS {
        for name in names(file, "dependencies").into_iter().chain(names(file, "dev-dependencies")) {
            used.entry(name).or_default();
        }
    }
    used
}

#[test]
fn the_table_of_libraries_and_the_manifests_agree() {
    let document = read("docs/dependencies.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "));
    let mut told = BTreeMap::new();
    for (name, rest) in rows {
        let (places, purpose) = rest.split_once(" | ").unwrap_or_else(|| panic!("the row of {name} has three cells"));
        assert!(purpose.split_whitespace().count() >= 3, "{name}: `{purpose}` says nothing");
        let places: BTreeSet<_> = places.split(", ").filter(|place| *place != NOT_SHIPPED).map(str::to_owned).collect();
        assert!(told.insert(name.to_owned(), places).is_none(), "{name} stands there twice");
    }
    assert!(told.len() > 30, "{told:?}");
    let used = used();
    let missing: Vec<_> = used.iter().filter(|(name, places)| told.get(*name) != Some(places)).collect();
    assert!(missing.is_empty(), "docs/dependencies.md has no row, or another one, for {missing:#?}");
    let gone: Vec<_> = told.keys().filter(|name| !used.contains_key(*name)).collect();
    assert!(gone.is_empty(), "docs/dependencies.md tells of {gone:?}, which nobody uses");
}
