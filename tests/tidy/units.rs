//! The service files say what the programs count on. It must not know systemd beyond that.

use std::fs;
use std::process::Command;

use tests::process::system_program;

use crate::sources::top;

#[test]
fn a_service_restarts_after_a_fault_but_not_after_a_bad_configuration() {
    let units = [
        ("systemd/tilld.service", "tilld"),
        ("systemd/till-bridge.service", "till-bridge"),
        ("systemd/till-enrol.service", "till-bridge"),
        ("systemd/till-console.service", "till-bridge"),
    ];
    for (path, program) in units {
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

/// How much each service could do to the rest of the system, in tenths, as systemd reckons: what it may have at most.
/// `tilld-update.service` is root and changes programs, as dpkg does: what it may do is what dpkg needs.
const EXPOSED: [(&str, u32); 5] = [
    ("tilld.service", 15),
    ("tilld-update.service", 21),
    ("till-bridge.service", 12),
    ("till-enrol.service", 12),
    ("till-console.service", 12),
];

#[test]
fn systemd_reckons_that_the_services_can_do_little_harm() {
    for (unit, most) in EXPOSED {
        let mut ask = Command::new(system_program("systemd-analyze", "systemd"));
        // It compares with tenths of what it prints, and tells by its exit code.
        ask.args(["security", "--offline=true", "--no-pager", &format!("--threshold={most}")]);
        let told = ask.arg(top().join("systemd").join(unit)).output().expect("the program can be run");
        let text = String::from_utf8_lossy(&told.stdout);
        let open: Vec<_> = text.lines().filter(|line| line.starts_with(['✗', '→'])).collect();
        assert!(text.contains("Overall exposure level for"), "{unit} is reckoned: {told:?}");
        assert!(told.status.success(), "{unit} is more exposed than {most} tenths: {open:#?}");
    }
}

/// What systemd does not know in a unit it ignores, and a lock that it ignores is open.
#[test]
fn systemd_knows_every_line_of_the_units() {
    for unit in [
        "tilld.service",
        "tilld.socket",
        "tilld-sleep.service",
        "tilld-update.service",
        "tilld-update.path",
        "till-bridge.service",
        "till-enrol.service",
        "till-console.service",
    ] {
        let mut ask = Command::new(system_program("systemd-analyze", "systemd"));
        ask.args(["verify", "--man=no", "--recursive-errors=no"]).arg(top().join("systemd").join(unit));
        let told = ask.output().expect("the program can be run");
        let said = String::from_utf8_lossy(&told.stderr);
        // The programs are installed elsewhere, if at all.
        let faults: Vec<_> = said.lines().filter(|line| !line.contains("is not executable")).collect();
        assert!(faults.is_empty(), "{unit}: {faults:#?}");
    }
}

#[test]
fn the_unix_socket_is_the_one_of_the_configuration_and_waits_for_no_network() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let has = |text: &str, line: &str| text.lines().any(|found| found == line);
    let (socket, unit) = (read("systemd/tilld.socket"), read("systemd/tilld.service"));
    assert!(has(&socket, "ListenStream=/run/tilld/api.sock"), "{socket}");
    assert!(has(&socket, "SocketMode=0660"), "{socket}");
    assert!(read("config/tilld.toml").contains("#socket = \"/run/tilld/api.sock\""), "it is named beside its setting");
    assert!(has(&unit, "Wants=tilld.socket") && has(&unit, "After=tilld.socket"), "{unit}");
    // A folder of the service's goes with the service, and the socket's file with it.
    assert!(!unit.contains("RuntimeDirectory="), "{unit}");
    let order: Vec<_> =
        unit.lines().filter(|line| line.starts_with("After=") || line.starts_with("Requires=")).collect();
    assert_eq!(order, ["After=tilld.socket"], "the display waits for nothing else");
}

/// Services of one program, and all face the internet: what is closed to one is closed to the others.
#[test]
fn enrolment_server_and_console_are_shut_in_as_the_bridge_is() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let bridge = read("systemd/till-bridge.service");
    let start = bridge.lines().position(|line| line == "NoNewPrivileges=yes").expect("the bridge is shut in");
    let closed: Vec<_> = bridge.lines().skip(start).take_while(|line| !line.starts_with("Limit")).collect();
    assert!(closed.len() > 20, "{closed:?}");
    for name in ["enrol", "console"] {
        let path = format!("systemd/till-{name}.service");
        let unit = read(&path);
        for line in &closed {
            assert!(unit.lines().any(|found| found == *line), "{path} has no line {line}");
        }
        let start = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap_or_default();
        assert_eq!(start, format!("ExecStart=/usr/bin/till-bridge {name} --config /etc/till-bridge/{name}.toml"));
        // It has rights and a folder of its own.
        assert!(unit.lines().any(|line| line == format!("StateDirectory=till-{name}")));
    }
}

#[test]
fn the_bridge_is_reloaded_only_with_a_configuration_that_passes_its_check() {
    let path = "systemd/till-bridge.service";
    let text = fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
    let value = |line: &str, key: &str| line.strip_prefix(key).map(str::to_owned);
    let start = text.lines().find_map(|line| value(line, "ExecStart=")).expect("it is started");
    let reload: Vec<_> = text.lines().filter_map(|line| value(line, "ExecReload=")).collect();
    assert_eq!(reload, [format!("{start} --check"), "/bin/kill -HUP $MAINPID".to_owned()]);
}

/// Kinds of devices: as udev's SUBSYSTEM calls them, and as the unit's DeviceAllow does, by their fixed numbers.
const DEVICES: [(&str, &str); 10] = [
    ("drm", "char-226 rw"),
    ("gpio", "char-gpiochip rw"),
    ("graphics", "char-29 rw"),
    ("input", "char-13 r"),
    ("sound", "char-116 rw"),
    ("spidev", "char-153 rw"),
    ("tty", "char-166 rw"),
    ("tty", "char-204 rw"),
    ("tty", "char-4 rw"),
    ("tty", "char-188 rw"),
];

#[test]
fn the_service_may_use_the_devices_that_udev_gives_its_groups() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let unit = read("systemd/tilld.service");
    // The drop-in of those who have an SPI panel: a service with a group that is not there does not start.
    let drop_in = read("systemd/spi.conf");
    assert!(drop_in.lines().any(|line| line == "[Service]"), "a drop-in names its section");
    let groups = unit.lines().chain(drop_in.lines()).filter_map(|line| line.strip_prefix("SupplementaryGroups="));
    let groups: Vec<_> = groups.flat_map(str::split_whitespace).collect();
    let rules = read("systemd/60-tilld.rules");
    let rules: Vec<_> = rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(!rules.is_empty(), "there are rules");
    for rule in rules {
        let value = |key: &str| {
            let mut parts = rule.split(", ").filter_map(|part| part.strip_prefix(key)?.strip_suffix('"'));
            parts.next().unwrap_or_else(|| panic!("{rule} has {key}"))
        };
        assert!(groups.contains(&value("GROUP=\"")), "the service is in the group of {rule}");
        assert_eq!(value("MODE=\""), "0660", "{rule}");
        let subsystem = value("SUBSYSTEM==\"");
        let kinds: Vec<_> = DEVICES.iter().filter(|(name, _)| *name == subsystem).collect();
        assert!(!kinds.is_empty(), "it is known which kinds of devices are those of {rule}");
        for (_, allowed) in kinds {
            assert!(unit.lines().any(|line| line == format!("DeviceAllow={allowed}")), "the unit allows {allowed}");
        }
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

/// systemd/tilld-update.path and systemd/tilld-update.service: the one starts the other for what the terminal hands over where
/// the package puts its store, and each place that is watched is looked at when the machine starts.
#[test]
fn the_installer_is_started_for_what_the_terminal_hands_over_and_is_never_stopped_by_what_it_installs() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (path, unit) = (read("systemd/tilld-update.path"), read("systemd/tilld-update.service"));
    let watched: Vec<_> = path.lines().filter_map(|line| line.strip_prefix("PathExists=")).collect();
    assert!(watched.contains(&"/var/lib/private/tilld/updates/request.jwt"), "{watched:?}");
    for place in watched.iter().chain(&["/var/lib/tilld-update/private/journal.json"]) {
        assert!(unit.lines().any(|line| line == format!("ConditionPathExists=|{place}")), "{place}: {unit}");
    }
    assert!(read("config/tilld.toml").contains("path = \"/var/lib/tilld\""), "the store is where it is watched");
    for line in ["Type=oneshot", "ExecStart=/usr/libexec/tilld-update --config /etc/tilld/tilld.toml"] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
    assert!(!unit.contains("Restart="), "what is refused is not tried again");
    // The package that it installs has this unit too.
    let rules = read("packaging/debian/rules");
    let own: Vec<_> = rules.lines().filter(|line| line.contains("tilld-update.service")).collect();
    assert!(!own.is_empty() && own.iter().all(|line| line.contains("--no-start --no-stop-on-upgrade")), "{own:?}");
}
