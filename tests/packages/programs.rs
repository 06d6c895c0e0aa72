//! The programs of the packages: how large they are, what is left in them, and that they sell. P1, P2 on each kind of
//! processor: under an emulator of it, where this machine has another.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tests::disk::succeed;
use tests::package::{Package, all, architectures};
use tests::process::{run, system_program};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::SOON;

/// The most that a program may have, stripped, in bytes: 8 MiB.
const MOST: u64 = 8 << 20;

#[test]
fn a_program_is_small() {
    let mut too_large = Vec::new();
    for package in all() {
        for program in package.programs() {
            let bytes = fs::metadata(&program).expect("the program is there").len();
            println!("{} {}: {bytes} bytes", package.architecture, program.display());
            let sections = readelf(&program, "--section-headers");
            assert!(!sections.contains(".symtab") && !sections.contains(".debug_"), "{program:?} is not stripped");
            if bytes > MOST {
                too_large.push(format!("{program:?}: {bytes}"));
            }
        }
    }
    assert!(too_large.is_empty(), "more than {MOST} bytes: {too_large:#?}");
}

/// A fault in a program is no way to run what somebody sends: its code and its table of functions cannot be written, and it
/// lies elsewhere at each start.
#[test]
fn a_program_is_hardened() {
    for package in all() {
        for program in package.programs() {
            assert!(readelf(&program, "--file-header").contains("DYN (Position-Independent"), "{program:?}");
            let segments = readelf(&program, "--program-headers");
            assert!(segments.contains("GNU_RELRO"), "{program:?}");
            let stack = segments.lines().find(|line| line.contains("GNU_STACK")).unwrap_or_default();
            assert!(stack.contains("RW ") && !stack.contains("RWE"), "{program:?}: {stack}");
            assert!(readelf(&program, "--dynamic").contains("NOW"), "{program:?}");
        }
    }
}

/// Who built it, and where, is nobody's business, and makes other bytes.
#[test]
fn a_program_does_not_tell_where_it_was_built() {
    let home = std::env::var("HOME").unwrap_or_default();
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("it has a path");
    let words = [here.display().to_string(), format!("{home}/.cargo"), format!("{home}/.rustup")];
    for package in all() {
        for program in package.programs() {
            let bytes = fs::read(&program).expect("the program can be read");
            for word in &words {
                let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
                assert!(!found, "{program:?} says {word}");
            }
        }
    }
}

#[test]
fn a_program_says_its_version_and_what_a_new_configuration_lacks() {
    for package in all() {
        for program in package.programs() {
            let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let told = run(package.command(&name).arg("--version"));
            assert_eq!(String::from_utf8_lossy(&told.stdout), format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
        }
        let (name, file) = match package.name {
            "tilld" => ("tilld", "/etc/tilld/tilld.toml"),
            other => (other, "/etc/till-bridge/bridge.toml"),
        };
        let config = package.path(file);
        // The files of secrets that it names are not there before somebody has made them.
        let mut check = package.command(name);
        let told = run(check.env("CREDENTIALS_DIRECTORY", "/nowhere").arg("--config").arg(&config).arg("--check"));
        assert_eq!(told.status.code(), Some(64), "{told:?}");
        assert!(String::from_utf8_lossy(&told.stdout).contains("credential = \"payos-checksum-key\""), "{told:?}");
    }
}

/// P1, P2: the till and the bridge of the packages, and the cashier's command line.
#[test]
fn the_programs_of_the_packages_sell() {
    for architecture in architectures() {
        let (till, bridge) =
            (Package::unpacked("tilld", &architecture), Package::unpacked("till-bridge", &architecture));
        let mut shop: Shop = Shop::open_with_both(
            |plan| {
                plan.launcher = till.launcher();
                plan.program = till.path("/usr/bin/tilld");
            },
            |plan| {
                plan.launcher = bridge.launcher();
                plan.program = bridge.path("/usr/bin/till-bridge");
            },
        );
        checks(&till, &shop);
        shop.assert_sells(50_000);
        // What was proven is there after a start.
        let sold = sells_by_hand(&till, &shop);
        shop.till.kill();
        shop.till.start_again();
        assert_eq!(shop.till.sale(&sold)["state"], "paid");
        shop.till.wait_for_broker();
        shop.assert_sells(25_000);
    }
}

fn checks(till: &Package, shop: &Shop) {
    let told = run(till.command("tilld").arg("--check").arg("--config").arg(&shop.till.config));
    assert_eq!(told.status.code(), Some(0), "{told:?}");
}

/// Sells as a cash-register program does, and returns the sale.
fn sells_by_hand(till: &Package, shop: &Shop) -> String {
    let call = |arguments: &[&str]| {
        let told = run(till.command("till").args(arguments).arg("--config").arg(&shop.till.config));
        assert_eq!(told.status.code(), Some(0), "{arguments:?}: {told:?}");
        serde_json::from_slice::<Value>(&told.stdout).expect("JSON")
    };
    let sale = call(&["sale", "1tr5", "--json"]);
    let id = id_of(&sale).to_owned();
    shop.till.wait_state(&id, "showing", SOON);
    let shown = call(&["show", &id, "--json"]);
    shop.pay(&shown, 1_500_000);
    shop.till.wait_state(&id, "paid", SOON);
    id
}

/// Each emulator of another processor is really used: without it the program would not run at all.
#[test]
fn each_package_is_of_its_own_processor() {
    for package in all() {
        let machine = match package.architecture.as_str() {
            "amd64" => "X86-64",
            "arm64" => "AArch64",
            "armhf" => "ARM",
            other => panic!("which processor is {other}?"),
        };
        for program in package.programs() {
            let header = readelf(&program, "--file-header");
            let line = header.lines().find(|line| line.contains("Machine:")).unwrap_or_default();
            assert!(line.ends_with(machine), "{program:?}: {line}");
        }
    }
}

fn readelf(program: &std::path::Path, what: &str) -> String {
    succeed(Command::new(system_program("readelf", "binutils")).env("LC_ALL", "C").arg("--wide").arg(what).arg(program))
}
