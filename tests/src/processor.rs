//! The processors of terminals: what runs a program for one of them here, and where such a program is that is not packaged.
//! It must not know what the program does.

use std::path::PathBuf;

use crate::package::own_architecture;
use crate::process::{program_folder, system_program};

/// What stands in front of a program for this kind of machine: an emulator of its processor, where this machine has another.
///
/// # Panics
/// When that is not installed.
pub fn launcher(architecture: &str) -> Vec<String> {
    let (emulator, libraries) = match architecture {
        own if own == own_architecture() => return Vec::new(),
        "arm64" => ("qemu-aarch64-static", "/usr/aarch64-linux-gnu"),
        "armhf" => ("qemu-arm-static", "/usr/arm-linux-gnueabihf"),
        other => panic!("no emulator is known for {other}"),
    };
    let emulator = system_program(emulator, "qemu-user-static");
    vec![emulator.display().to_string(), "-L".to_owned(), libraries.to_owned()]
}

/// The till for this kind of machine, as `packaging/cargo` built it of the profile of all tests.
///
/// # Panics
/// When it has not been built.
pub fn tilld_for(architecture: &str) -> PathBuf {
    let triple = match architecture {
        "amd64" => "x86_64-unknown-linux-gnu",
        "arm64" => "aarch64-unknown-linux-gnu",
        "armhf" => "armv7-unknown-linux-gnueabihf",
        other => panic!("no compiler is known for {other}"),
    };
    let build = program_folder();
    let path = build.parent().unwrap_or(&build).join("packaged").join(triple).join("debug/tilld");
    assert!(path.is_file(), "{path:?} is not built: run `packaging/cargo {architecture} build -p tilld --bin tilld`");
    path
}
