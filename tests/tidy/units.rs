//! The service files say what the programs count on. It must not know systemd beyond that.

use std::fs;

use crate::sources::top;

#[test]
fn a_service_restarts_after_a_fault_but_not_after_a_bad_configuration() {
    for (path, program) in [("systemd/tilld.service", "tilld"), ("systemd/till-bridge.service", "till-bridge")] {
        let text = fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let value = |key: &str| {
            let mut values = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            values.next().unwrap_or_else(|| panic!("{path} sets {key}")).to_owned()
        };
        assert_eq!(value("Type"), "notify", "{path}");
        assert_eq!(value("Restart"), "always", "{path}");
        assert_eq!(value("RestartPreventExitStatus"), "64", "{path}");
        assert_eq!(value("NoNewPrivileges"), "yes", "{path}");
        assert_eq!(value("ProtectSystem"), "strict", "{path}");
        assert!(value("ExecStart").split(['/', ' ']).any(|word| word == program), "{path}");
        // A secret given in the unit could be read by everybody.
        assert!(!text.contains("Environment=") || !text.to_lowercase().contains("secret="), "{path}");
    }
}

/// A process that is killed cannot give its console back, and one without a terminal of its own cannot even take it.
#[test]
fn the_service_has_a_console_which_comes_back_after_a_crash() {
    let path = "systemd/console.conf";
    let text = fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
    for line in ["TTYPath=/dev/tty1", "StandardInput=tty-force", "TTYReset=yes", "Conflicts=getty@tty1.service"] {
        assert!(text.lines().any(|found| found == line), "{path} has no line {line}");
    }
}
