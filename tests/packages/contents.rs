//! Which files are in a package, where, and whose they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tests::package::{Package, all};

/// What an installer, a cashier's shell and an auditor look for. Documents are compared with the repository's folder.
const TILLD: &[&str] = &[
    "/etc/tilld/tilld.toml",
    "/lib/systemd/system/tilld-sleep.service",
    "/lib/systemd/system/tilld-update.path",
    "/lib/systemd/system/tilld-update.service",
    "/lib/systemd/system/tilld.service",
    "/lib/systemd/system/tilld.socket",
    "/lib/udev/rules.d/60-tilld.rules",
    "/lib/udev/rules.d/61-tilld-backlight.rules",
    "/usr/bin/till",
    "/usr/bin/tilld",
    "/usr/lib/sysusers.d/tilld.conf",
    "/usr/lib/tmpfiles.d/tilld.conf",
    "/usr/libexec/tilld-update",
    "/usr/share/bash-completion/completions/till",
    "/usr/share/fish/vendor_completions.d/till.fish",
    "/usr/share/man/man1/till.1.gz",
    "/usr/share/man/man5/till-fleet.toml.5.gz",
    "/usr/share/man/man5/tilld.toml.5.gz",
    "/usr/share/man/man8/tilld.8.gz",
    "/usr/share/tilld/console.conf",
    "/usr/share/tilld/fleet.toml",
    "/usr/share/tilld/sbom.cdx.json",
    "/usr/share/tilld/spi.conf",
    "/usr/share/zsh/vendor-completions/_till",
];
const BRIDGE: &[&str] = &[
    "/etc/till-bridge/bridge.toml",
    "/etc/till-bridge/console.toml",
    "/etc/till-bridge/enrol.toml",
    "/lib/systemd/system/till-bridge.service",
    "/lib/systemd/system/till-console.service",
    "/lib/systemd/system/till-enrol.service",
    "/usr/bin/till-bridge",
    "/usr/lib/tmpfiles.d/till-bridge.conf",
    "/usr/share/man/man5/till-bridge.toml.5.gz",
    "/usr/share/man/man5/till-console.toml.5.gz",
    "/usr/share/man/man5/till-enrol.toml.5.gz",
    "/usr/share/man/man8/till-bridge.8.gz",
    "/usr/share/till-bridge/sbom.cdx.json",
];

/// Where only the rules above say what may be there.
fn is_judged(path: &str) -> bool {
    !path.ends_with('/')
        && !path.starts_with("/usr/share/doc/")
        && !path.starts_with("/usr/share/till-bridge/mosquitto/")
        && !path.starts_with("/usr/share/till-bridge/nats/")
}

#[test]
fn a_package_has_what_a_terminal_or_a_bridge_needs_and_nothing_else() {
    for package in all() {
        let wanted: BTreeSet<_> = if package.name == "tilld" { TILLD } else { BRIDGE }.iter().copied().collect();
        let entries = package.entries();
        let found: BTreeSet<_> =
            entries.iter().map(|entry| entry.path.as_str()).filter(|path| is_judged(path)).collect();
        assert_eq!(found, wanted, "{}", package.file.display());
        assert_documents(&package);
    }
}

/// The documents link to each other, so all of them are there, and licences.
fn assert_documents(package: &Package) {
    let docs = format!("/usr/share/doc/{}", package.name);
    for name in ["README.md", "SECURITY.md", "changelog.gz", "copyright", "licences"] {
        let found = [name.to_owned(), format!("{name}.gz")];
        let is_there = found.iter().any(|name| package.root.join(&docs[1..]).join(name).exists());
        assert!(is_there, "{} has no {docs}/{name}", package.file.display());
    }
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for entry in fs::read_dir(ours).expect("docs is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            let folder = package.path(&format!("{docs}/docs"));
            assert!(folder.join(&name).exists() || folder.join(format!("{name}.gz")).exists(), "{docs}/docs/{name}");
        }
    }
}

#[test]
fn everything_in_a_package_is_roots_and_nobody_else_may_write_it() {
    for package in all() {
        for entry in package.entries() {
            let place = format!("{}: {entry:?}", package.file.display());
            assert_eq!(entry.owner, "root/root", "{place}");
            if entry.mode.starts_with('l') {
                continue;
            }
            assert!(!entry.mode[5..].contains('w'), "{place}");
            // No program that takes other rights than its caller's.
            assert!(!entry.mode.contains(['s', 't']), "{place}");
        }
    }
}

/// What an operator changes in `/etc` survives an upgrade: dpkg knows which files those are.
#[test]
fn what_an_operator_changes_is_a_conffile() {
    for package in all() {
        let entries = package.entries();
        let ours: BTreeSet<_> = entries
            .iter()
            .map(|entry| entry.path.as_str())
            .filter(|path| path.starts_with("/etc/") && !path.ends_with('/'))
            .collect();
        let told = package.control("conffiles");
        let told: BTreeSet<_> = told.lines().collect();
        assert_eq!(told, ours, "{}", package.file.display());
        assert!(!ours.is_empty(), "{}", package.file.display());
    }
}

/// The units, rules and defaults are those that the other tests try.
#[test]
fn what_is_configured_is_the_repositorys() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let same = |package: &Package, place: &str, ours: &Path| {
        let ours = fs::read_to_string(ours).unwrap_or_else(|error| panic!("cannot read {ours:?}: {error}"));
        assert_eq!(package.text(place), ours, "{place}");
    };
    for package in all() {
        for entry in package.entries() {
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            if entry.path.starts_with("/lib/") && !entry.path.ends_with('/') {
                same(&package, &entry.path, &top.join("systemd").join(name));
            } else if entry.path.starts_with("/etc/") && !entry.path.ends_with('/') {
                same(&package, &entry.path, &top.join("config").join(name));
            }
        }
    }
}

#[test]
fn a_package_says_what_it_needs() {
    for package in all() {
        assert_eq!(package.field("Version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(package.field("Architecture"), package.architecture);
        let needs = package.field("Depends");
        for need in ["libc6 (>= 2.36)", "libgcc-s1", "ca-certificates", "systemd (>= 250)"] {
            assert!(needs.contains(need), "{} needs {need}: {needs}", package.file.display());
        }
        // Names of a cross compiler's own libraries are of no use on a terminal.
        assert!(!needs.contains("-cross"), "{needs}");
        assert!(!needs.contains(":arm"), "{needs}");
    }
}
