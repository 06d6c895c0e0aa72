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
fn the_groups_that_own_the_devices_are_those_of_the_service() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let unit = read("systemd/tilld.service");
    let groups = unit.lines().find_map(|line| line.strip_prefix("SupplementaryGroups=")).expect("the unit has groups");
    let rules = read("systemd/60-tilld.rules");
    let rules: Vec<_> = rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(rules.len(), 4, "{rules:?}");
    for rule in rules {
        let group =
            rule.split("GROUP=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a rule gives a group");
        assert!(groups.split(' ').any(|own| own == group), "{group} is none of `{groups}`");
        assert!(rule.starts_with("SUBSYSTEM==\"") && rule.ends_with("MODE=\"0660\""), "{rule}");
    }
}
