//! What the programs are built from: licences, sources, versions, and the libraries that were asked for. It must not
//! know the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::licence::is_allowed;
use crate::sources::{assert_none, top};

/// What terminals and the cloud run.
const PROGRAMS: [&str; 2] = ["tilld", "till-bridge"];

/// Our own crates in those programs.
const SHIPPED: [&str; 6] = ["tilld", "till-bridge", "till-wire", "till-settings", "till-authority", "till-display"];

/// The libraries that were asked for.
const ASKED_FOR: [&str; 10] =
    ["tokio", "rumqttc", "reqwest", "rustls", "qrcode", "embedded-graphics", "serde", "sled", "hmac", "sha2"];

/// The packages and how they hang together, as cargo tells.
struct Graph {
    packages: BTreeMap<String, Value>,
    uses: BTreeMap<String, Vec<String>>,
}

fn rules() -> toml::Table {
    let text = fs::read_to_string(top().join("deny.toml")).expect("deny.toml is there");
    toml::from_str(&text).expect("deny.toml is TOML")
}

/// The exceptions of a list of deny.toml: what they are about, and why.
fn exceptions(table: &str, list: &str, about: &str) -> Vec<(String, String)> {
    let rules = rules();
    let list = rules.get(table).and_then(|table| table.get(list)).and_then(toml::Value::as_array);
    let entries = list.unwrap_or_else(|| panic!("deny.toml has [{table}] {list:?}"));
    let text =
        |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    entries.iter().map(|entry| (text(entry, about), text(entry, "reason"))).collect()
}

#[test]
fn every_exception_has_a_reason() {
    for (table, list, about) in [("advisories", "ignore", "id"), ("bans", "skip", "crate"), ("bans", "deny", "crate")] {
        let exceptions = exceptions(table, list, about);
        assert!(!exceptions.is_empty(), "[{table}] {list} is empty");
        let bare = exceptions.iter().filter(|(about, why)| about.is_empty() || why.split_whitespace().count() < 5);
        let bare: Vec<_> = bare.map(|(about, why)| format!("[{table}] {list}: `{about}`: `{why}`")).collect();
        assert_none("every exception of deny.toml names what it is about, and why", &bare);
    }
}

/// The reason of an advisory that is put up with begins with the library that it is about.
#[test]
fn an_advisory_is_put_up_with_only_while_its_library_is_there() {
    let names: BTreeSet<_> = graph().names(graph().packages.keys()).into_iter().collect();
    let ignored = exceptions("advisories", "ignore", "id");
    let cured = ignored.iter().filter(|(_, why)| !names.contains(why.split(' ').next().unwrap_or_default()));
    let cured: Vec<_> = cured.map(|(id, why)| format!("{id}: {why}")).collect();
    assert_none("these are about libraries that are gone: take them off the list", &cured);
}

#[test]
fn every_licence_is_on_the_list() {
    let rules = rules();
    let list = rules.get("licenses").and_then(|table| table.get("allow")).and_then(toml::Value::as_array);
    let list: BTreeSet<_> = list.expect("deny.toml lists licences").iter().filter_map(toml::Value::as_str).collect();
    let graph = graph();
    let findings: Vec<_> = graph
        .packages
        .values()
        .filter(|package| {
            let licence = package["license"].as_str().unwrap_or_default();
            !is_allowed(licence, &|one| list.contains(one))
        })
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect();
    assert_none("every package's licence is allowed by deny.toml", &findings);
}

#[test]
fn every_package_is_from_crates_io_or_our_own() {
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    let foreign: Vec<_> = graph()
        .packages
        .values()
        .filter(|package| !package["source"].is_null() && package["source"] != registry)
        .map(|package| format!("{}: {}", package["name"], package["source"]))
        .collect();
    assert_none("packages come from crates.io", &foreign);
    let banned = ["openssl-sys", "aws-lc-sys", "native-tls"];
    let found: Vec<_> = graph().names(graph().packages.keys()).into_iter().filter(|n| banned.contains(&&**n)).collect();
    assert_none("TLS is rustls with ring, so that terminals cross-compile", &found);
}

#[test]
fn the_libraries_that_were_asked_for_are_in_the_programs() {
    let packages = graph().packages.values();
    let ours = packages.filter(|package| SHIPPED.iter().any(|name| package["name"] == *name));
    let direct: BTreeSet<_> = ours
        .flat_map(|package| package["dependencies"].as_array().cloned().unwrap_or_default())
        .filter(|dependency| dependency["kind"].is_null())
        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
        .collect();
    let missing: Vec<_> = ASKED_FOR.iter().filter(|name| !direct.contains(**name)).map(ToString::to_string).collect();
    assert_none("our own shipped crates depend on these", &missing);
}

#[test]
fn nothing_is_in_a_program_twice_without_a_reason() {
    let (graph, known) = (graph(), exceptions("bans", "skip", "crate"));
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for id in graph.behind(&PROGRAMS) {
        let Some(package) = graph.packages.get(&id) else { continue };
        let (name, version) = (package["name"].as_str(), package["version"].as_str());
        let (name, version) = (name.unwrap_or_default(), version.unwrap_or_default());
        versions.entry(name.to_owned()).or_default().insert(version.to_owned());
    }
    let doubled: Vec<_> = versions.iter().filter(|(_, versions)| versions.len() > 1).collect();
    let unexplained: Vec<_> = doubled
        .iter()
        .filter(|(name, _)| !known.iter().any(|(known, _)| known == *name))
        .map(|(name, versions)| format!("{name}: {versions:?}"))
        .collect();
    assert_none("a package in two versions has a written reason in deny.toml, [bans] skip", &unexplained);
    let cured = known.iter().filter(|(known, _)| !doubled.iter().any(|(name, _)| *name == known));
    let cured: Vec<_> = cured.map(|(known, _)| known.clone()).collect();
    assert_none("these are no longer doubled: take them off the list", &cured);
}

#[test]
fn pure_crates_have_pure_dependencies() {
    let waiting = ["tokio", "mio", "socket2", "hyper", "rustls", "reqwest", "rumqttc", "chrono", "time", "async-std"];
    for (own, more) in [("till-wire", [].as_slice()), ("till-display", ["till-wire", "till-settings"].as_slice())] {
        let behind = graph().names(graph().behind(&[own]).iter());
        let found: Vec<_> =
            behind.into_iter().filter(|name| waiting.contains(&&**name) || more.contains(&&**name)).collect();
        assert_none(&format!("{own} is built without these"), &found);
    }
}

#[test]
fn our_own_crates_import_one_way() {
    let may: [(&str, &[&str]); 7] = [
        ("till-wire", &[]),
        ("till-display", &[]),
        ("till-settings", &["till-wire"]),
        ("till-authority", &["till-wire"]),
        ("till-bridge", &["till-wire", "till-settings", "till-authority"]),
        ("tilld", &["till-wire", "till-settings", "till-authority", "till-display"]),
        ("simulation", &["tilld", "till-wire", "till-settings", "till-authority", "till-display"]),
    ];
    for (own, allowed) in may {
        let behind = graph().names(graph().behind(&[own]).iter());
        let others = behind.into_iter().filter(|name| SHIPPED.contains(&&**name) && name != own);
        let wrong: Vec<_> = others.filter(|name| !allowed.contains(&&**name)).collect();
        assert_none(&format!("{own} imports {allowed:?} of ours"), &wrong);
    }
}

fn graph() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(Graph::ask)
}

impl Graph {
    /// Asks cargo, without the network, for what is built on this kind of machine.
    fn ask() -> Self {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform"]);
        command.arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH)).current_dir(top());
        let output = command.output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).expect("cargo tells JSON");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let packages = list(&told["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
        let nodes = list(&told["resolve"]["nodes"]);
        let uses = nodes.iter().map(|node| {
            let used = list(&node["deps"]).into_iter().filter(|dep| {
                // Libraries for tests are in no program.
                list(&dep["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev")
            });
            (text(&node["id"]), used.map(|dep| text(&dep["pkg"])).collect())
        });
        Self { packages, uses: uses.collect() }
    }

    /// The ids of everything that these packages are built from, themselves included.
    fn behind(&self, names: &[&str]) -> BTreeSet<String> {
        let own = self
            .packages
            .iter()
            .filter(|(_, package)| package["source"].is_null() && names.iter().any(|name| package["name"] == *name));
        let mut waiting: Vec<_> = own.map(|(id, _)| id.clone()).collect();
        assert_eq!(waiting.len(), names.len(), "the workspace has {names:?}");
        let mut found = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if found.insert(id.clone()) {
                waiting.extend(self.uses.get(&id).cloned().unwrap_or_default());
            }
        }
        found
    }

    fn names<'a>(&self, ids: impl Iterator<Item = &'a String>) -> Vec<String> {
        let packages = ids.filter_map(|id| self.packages.get(id));
        packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
    }
}
