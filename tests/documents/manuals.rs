//! The manual pages of the programs, from their own command lines, and whether a machine can show them. It must not know what a
//! command does.

use std::process::Command as Process;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::roff::Page;
use crate::{must_be, top};
use tests::process::{run, system_program};

/// What a page says beside the command line: a section's title with its lines.
type More<'m> = &'m [(&'m str, &'m [&'m str])];

const EXIT: &str = "EXIT STATUS";

/// The exit codes of both daemons.
const DAEMONS_CODES: &[&str] = &[
    "0    done, or told to stop",
    "1    fault",
    "2    usage",
    "64   the configuration is missing or broken; systemd does not restart on it",
];

fn rendered(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("memory can be written");
    String::from_utf8(bytes).expect("a page is UTF-8")
}

fn page(command: Command, section: u8, more: More) -> String {
    let name = command.get_name().to_owned();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut page = Page::new(&name, section, about.trim_end_matches('.'));
    let after = command.get_after_help().map(ToString::to_string);
    let inner = command.clone();
    let man = Man::new(command.disable_help_subcommand(true));
    page.section("SYNOPSIS");
    page.others(&rendered(|to| man.render_synopsis_section(to)));
    page.section("OPTIONS");
    page.others(&rendered(|to| man.render_options_section(to)));
    page.section("COMMANDS");
    for command in inner.get_subcommands() {
        commands(&mut page, &name, command);
    }
    if let Some(after) = after {
        page.section(EXIT);
        page.lines(&after.lines().skip(1).map(|line| line.trim_start().to_owned()).collect::<Vec<_>>());
    }
    for (title, lines) in more {
        page.section(title);
        page.lines(&lines.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    page.finish()
}

/// A command and those below it, each a section of its own: a page for each would be thirty.
fn commands(page: &mut Page, above: &str, command: &Command) {
    let name = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        return command.get_subcommands().for_each(|inner| commands(page, &name, inner));
    }
    page.inner_section(&name);
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone().bin_name(&name).disable_help_flag(true).disable_version_flag(true));
    page.others(&rendered(|to| man.render_synopsis_section(to)));
    page.words(&format!("{}.", about.trim_end_matches('.')));
    page.others(&rendered(|to| man.render_options_section(to)));
}

#[test]
fn the_manual_pages_are_what_the_command_lines_say() {
    let till: More = &[
        (
            "ENVIRONMENT",
            &[
                "TILLD_CONFIG   the terminal's configuration",
                "TILL_LANG      the language",
                "NO_COLOR       no colours",
            ],
        ),
        ("FILES", &["/etc/tilld/tilld.toml", "~/.config/till/fleet.toml"]),
        ("SEE ALSO", &["tilld(8), tilld.toml(5), till-fleet.toml(5)"]),
    ];
    must_be("docs/man/till.1", &page(tilld::cli::command(), 1, till));
    let tilld: More = &[
        (EXIT, DAEMONS_CODES),
        (
            "ENVIRONMENT",
            &[
                "TILLD_CONFIG            the configuration",
                "CREDENTIALS_DIRECTORY   where systemd puts secrets",
                "RUST_LOG                what is logged, such as debug",
            ],
        ),
        ("FILES", &["/etc/tilld/tilld.toml", "/var/lib/tilld"]),
        ("SEE ALSO", &["till(1), tilld.toml(5), till-bridge(8)"]),
    ];
    must_be("docs/man/tilld.8", &page(tilld::arguments::Arguments::command(), 8, tilld));
    let bridge: More = &[
        (EXIT, DAEMONS_CODES),
        (
            "ENVIRONMENT",
            &[
                "TILL_BRIDGE_CONFIG      the bridge's configuration",
                "TILL_ENROL_CONFIG       the enrolment server's",
                "TILL_CONSOLE_CONFIG     the console's",
                "CREDENTIALS_DIRECTORY   where systemd puts secrets",
                "RUST_LOG                what is logged, such as debug",
            ],
        ),
        ("FILES", &["/etc/till-bridge/bridge.toml", "/etc/till-bridge/enrol.toml", "/etc/till-bridge/console.toml"]),
        ("SEE ALSO", &["till-bridge.toml(5), till-enrol.toml(5), till-console.toml(5), tilld(8)"]),
    ];
    must_be("docs/man/till-bridge.8", &page(till_bridge::arguments::Arguments::command(), 8, bridge));
}

#[test]
fn every_manual_page_can_be_shown_without_a_warning() {
    let groff = system_program("groff", "groff-base");
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(top().join("docs/man")).expect("docs/man is there") {
        let file = entry.expect("an entry").path();
        // So wide, because the hash of a PIN cannot be broken.
        let wide = ["-ww", "-man", "-K", "utf8", "-T", "utf8", "-r", "LL=120n", "-P", "-cbu"];
        let shown = run(Process::new(&groff).args(wide).arg(&file));
        let warnings = String::from_utf8_lossy(&shown.stderr);
        assert!(shown.status.success() && warnings.is_empty(), "{file:?}: {warnings}");
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(text.contains("NAME") && text.lines().count() > 20, "{file:?}: {text}");
        seen.push(file.file_name().expect("a file has a name").to_string_lossy().into_owned());
    }
    seen.sort();
    let want = [
        "till-bridge.8",
        "till-bridge.toml.5",
        "till-console.toml.5",
        "till-enrol.toml.5",
        "till-fleet.toml.5",
        "till.1",
        "tilld.8",
        "tilld.toml.5",
    ];
    assert_eq!(seen, want);
}
