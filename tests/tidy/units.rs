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

#[test]
fn the_service_may_write_the_brightness_files_that_its_program_writes() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rules = read("systemd/61-tilld-backlight.rules");
    let program = read("src/panel/backlight.rs");
    for file in ["brightness", "bl_power"] {
        assert!(program.contains(&format!("\"{file}\"")), "the program writes {file}");
        let rule = rules.lines().find(|line| line.contains(&format!("TEST==\"{file}\"")));
        let rule = rule.unwrap_or_else(|| panic!("a rule for {file}"));
        for step in ["chgrp video", "chmod g+w"] {
            assert!(rule.contains(&format!("{step} $sys$devpath/{file}\"")), "{rule}");
        }
    }
    // The rules help only a service in that group, for which /sys is not read-only there.
    let unit = read("systemd/tilld.service");
    let groups = unit.lines().find(|line| line.starts_with("SupplementaryGroups=")).unwrap_or_default();
    assert!(groups.split(['=', ' ']).any(|group| group == "video"), "{groups}");
    assert!(unit.lines().any(|line| line == "ReadWritePaths=-/sys/devices"), "the unit lets it write in /sys");
}
