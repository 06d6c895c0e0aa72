//! Plays back what the fuzzers found: every input in `fuzz/corpus` goes through the checks of its target, on every
//! toolchain and without a fuzzer. It must not know what is checked.

// What the fuzzers call must be public there, and is not reachable here.
#![allow(unreachable_pub, reason = "the checks are a library of their own for cargo-fuzz")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/checks/mod.rs"]
mod checks;

use checks::TARGETS;

/// The most inputs that a target keeps, and their bytes together.
const MOST: (usize, usize) = (40, 100_000);

/// The one target that needs more than this package; `bridge/tests/corpus.rs` plays its inputs.
const OF_THE_BRIDGE: &str = "hooks";

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names in a folder, without what follows a point.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let paths = entries.map(|entry| entry.expect("an entry of the folder").path());
    paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

/// The inputs of a target, in the same order everywhere.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fuzz().join("corpus").join(target);
    let entries = fs::read_dir(&folder).expect("every target has a corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an input").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("an input can be read");
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn p11_every_input_that_was_ever_interesting_keeps_every_property() {
    for (target, check) in TARGETS {
        for (path, bytes) in corpus(target) {
            // Told only when the check fails.
            println!("{}", path.display());
            check(&bytes);
        }
    }
}

#[test]
fn p9_the_corpus_stays_small_enough_to_be_kept() {
    for target in TARGETS.map(|(target, _)| target).into_iter().chain([OF_THE_BRIDGE]) {
        let inputs = corpus(target);
        let bytes: usize = inputs.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(
            !inputs.is_empty() && inputs.len() <= MOST.0,
            "{target} has {} inputs, at most {}",
            inputs.len(),
            MOST.0
        );
        assert!(bytes <= MOST.1, "{target} has {bytes} bytes, at most {}", MOST.1);
    }
}

#[test]
fn every_target_has_a_corpus_and_a_fuzzer() {
    let bridge_s = std::iter::once(OF_THE_BRIDGE.to_owned());
    let targets: BTreeSet<_> = TARGETS.iter().map(|(target, _)| (*target).to_owned()).chain(bridge_s).collect();
    assert_eq!(names(&fuzz().join("corpus")), targets);
    assert_eq!(names(&fuzz().join("fuzz_targets")), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the fuzzers' manifest");
    let listed = manifest.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let listed: BTreeSet<_> =
        listed.filter(|name| !["till-fuzz", "checks"].contains(name)).map(str::to_owned).collect();
    assert_eq!(listed, targets);
}
