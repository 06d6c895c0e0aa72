//! What runs when a package comes and goes, and what a shell completes. `tests/machine/packages.rs` sees it happen.

use std::process::Command;

use tests::package::{NAMES, Package, all, architectures};
use tests::process::{run, system_program};

#[test]
fn scripts_of_a_package_are_scripts() {
    for package in all() {
        for name in ["postinst", "prerm", "postrm"] {
            let script = package.control(name);
            assert!(script.starts_with("#!/bin/sh\nset -e\n"), "{name}: {script}");
            assert!(!script.contains("#DEBHELPER#"), "{name}: {script}");
            let judged = run(Command::new(system_program("sh", "dash")).arg("-n").arg("-c").arg(&script));
            assert!(judged.status.success(), "{name}: {}", String::from_utf8_lossy(&judged.stderr));
        }
        // The store is a record of money.
        let purge = package.control("postrm");
        assert!(purge.contains("_PURGE:-}\" = store ]"), "a purge keeps the store: {purge}");
    }
}

/// The update runs while the package is installed that it installs.
#[test]
fn no_script_stops_the_update_that_runs_it() {
    for architecture in architectures() {
        let package = Package::unpacked("tilld", &architecture);
        let scripts: Vec<_> = ["postinst", "prerm", "postrm"].map(|name| package.control(name)).into();
        let lines = scripts.iter().flat_map(|script| script.lines()).map(str::trim);
        let started: Vec<_> =
            lines.filter(|line| line.starts_with("deb-systemd-invoke") && line.contains("tilld-update")).collect();
        let told = |action: &str| format!("deb-systemd-invoke {action} 'tilld-update.path' >/dev/null || true");
        assert_eq!(started, [told("start"), told("stop")]);
    }
}

#[test]
fn a_shell_takes_the_completions() {
    for architecture in architectures() {
        let package = Package::unpacked("tilld", &architecture);
        let bash = package.path("/usr/share/bash-completion/completions/till");
        let taken = "source \"$0\" && complete -p till";
        let output = run(Command::new(system_program("bash", "bash")).args(["-c", taken]).arg(&bash));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("-F _till till"), "{output:?}");
        assert!(package.text("/usr/share/zsh/vendor-completions/_till").starts_with("#compdef till\n"));
        assert!(package.text("/usr/share/fish/vendor_completions.d/till.fish").contains("complete -c till"));
    }
}

#[test]
fn manual_pages_are_those_of_the_repository() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/man");
    let mut count = 0;
    for package in all() {
        for entry in package.entries() {
            let Some(name) = entry.path.rsplit('/').next().filter(|_| entry.path.starts_with("/usr/share/man/")) else {
                continue;
            };
            let Some(name) = name.strip_suffix(".gz") else { continue };
            let ours =
                std::fs::read_to_string(top.join(name)).unwrap_or_else(|error| panic!("docs/man/{name}: {error}"));
            assert_eq!(package.text(&entry.path), ours, "{name}");
            count += 1;
        }
    }
    let ours = std::fs::read_dir(&top).expect("docs/man is there").count();
    assert_eq!(count, ours * architectures().len(), "each page is in one of {NAMES:?}");
}
