//! Plays back the inputs of the fuzz target `hooks`, each as it is and with changes that a seed decides: on every toolchain
//! and without a fuzzer. It must not know what is checked.

// What the fuzzer calls must be public there, and is not reachable here.
#![allow(unreachable_pub, reason = "the checks are a library of their own for cargo-fuzz")]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/checks/hooks.rs"]
mod checks;

/// How often each input is changed; `FUZZ_CHANGES` says otherwise.
const CHANGES: usize = 12;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/hooks");
    let entries = fs::read_dir(folder).expect("the target has a corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an input").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("an input can be read");
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Cuts, doubles, moves and replaces, as a fuzzer would.
fn changed(bytes: &[u8], other: &[u8], dice: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..dice.usize(1..4) {
        let at = dice.usize(0..=bytes.len());
        let end = dice.usize(at..=bytes.len().min(at + 40));
        let byte = *dice.choice(b"\r\n \t:;,0aF\0{}\"\xff").expect("there are some");
        match dice.u8(0..5) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.insert(at, byte),
            2 => bytes.truncate(at),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let from = dice.usize(0..=other.len());
                bytes.splice(at..end, other[from..other.len().min(from + 60)].to_vec());
            }
        }
    }
    bytes
}

#[test]
fn p11_no_input_takes_a_webhook_that_nobody_has_signed() {
    let inputs = corpus();
    assert!(inputs.len() >= 30, "{} inputs", inputs.len());
    for (path, bytes) in &inputs {
        // Told only when the check fails.
        println!("{}", path.display());
        checks::hooks(bytes);
    }
    let changes = std::env::var("FUZZ_CHANGES").ok().and_then(|count| count.parse().ok()).unwrap_or(CHANGES);
    let mut dice = fastrand::Rng::with_seed(20_261_129);
    for _ in 0..changes {
        for (path, bytes) in &inputs {
            let (_, other) = dice.choice(&inputs).expect("there are inputs");
            let input = changed(bytes, other, &mut dice);
            println!("{} changed: {}", path.display(), input.escape_ascii());
            checks::hooks(&input);
        }
    }
}
