//! Who may name whom: forbidden words for each folder. It must not know what the folders hold.

use crate::sources::{File, assert_none, has_word, rust};

/// The adapters, which meet in the driver alone.
const ADAPTERS: [&str; 10] =
    ["api", "mqtt", "provider", "store", "panel", "flight", "input", "sound", "enrol", "update"];

/// What adapters share: the records as they are written down, the way to the driver, and the folder of what enrolment
/// gave. It names none of them.
const SHARED: [&str; 3] = ["record", "port", "identity"];

#[test]
fn the_till_decides_and_does_nothing_else() {
    let words = [
        "serde",
        "serde_json",
        "tokio",
        "SystemTime",
        "Instant",
        "rumqttc",
        "reqwest",
        "sled",
        "axum",
        "hyper",
        "tracing",
        "fastrand",
        "rustix",
        "jiff",
    ];
    let paths = ["std::fs", "std::net", "std::env", "std::io", "std::thread", "std::process"];
    let mut findings = named_in("src/till/", &words);
    findings.extend(wrong_lines("src/till/", |line| paths.iter().any(|path| line.contains(path))));
    findings.extend(wrong_lines("src/till/", |line| {
        line.match_indices("crate::").any(|(at, found)| !line[at + found.len()..].starts_with("till"))
    }));
    assert_none("src/till reads no clock, no disk, no network, no JSON and no other module", &findings);
}

#[test]
fn the_wire_formats_wait_for_nothing_and_read_no_clock() {
    let words = ["tokio", "SystemTime", "Instant", "TcpStream", "UdpSocket", "tilld", "till_settings", "till_bridge"];
    let mut findings = named_in("wire/src/", &words);
    findings.extend(wrong_lines("wire/src/", |line| {
        ["std::fs", "std::net", "std::env", "std::thread", "::now("].iter().any(|path| line.contains(path))
    }));
    assert_none("wire knows bytes alone", &findings);
}

#[test]
fn the_display_knows_pixels_and_nothing_of_payments() {
    let words = [
        "till_wire",
        "till_settings",
        "till_bridge",
        "tilld",
        "payos",
        "PayOs",
        "vietqr",
        "VietQr",
        "provider",
        "Provider",
        "webhook",
        "mqtt",
        "broker",
        "OrderRef",
        "SaleId",
    ];
    assert_none("display draws what it is told", &named_in("display/src/", &words));
}

#[test]
fn the_bridge_and_the_shared_crates_know_no_terminal() {
    let mut findings = named_in("bridge/src/", &["tilld", "till_display"]);
    findings.extend(named_in("settings/src/", &["tilld", "till_bridge", "till_display"]));
    let words = ["tilld", "till_bridge", "till_display", "till_settings", "tokio", "std::fs", "SystemTime", "Instant"];
    findings.extend(named_in("authority/src/", &words));
    assert_none("bridge and settings never name the terminal's code", &findings);
}

#[test]
fn the_simulation_reads_nothing_of_this_world() {
    let words = ["tokio", "SystemTime", "Instant", "std::fs", "std::net", "std::env", "till_bridge", "sled"];
    let findings = wrong_lines("simulation/src/", |line| {
        let past_the_till =
            line.match_indices("tilld::").any(|(at, found)| !line[at + found.len()..].starts_with("till"));
        past_the_till || words.iter().any(|word| line.contains(word))
    });
    assert_none("a world is made of its seed and the till alone, so that it can be made again", &findings);
}

#[test]
fn adapters_never_meet_but_in_the_driver() {
    let mut findings = Vec::new();
    for own in ADAPTERS.into_iter().chain(SHARED) {
        let folder = format!("src/{own}/");
        let others: Vec<_> = ADAPTERS.iter().chain(&["driver", "cli"]).filter(|name| **name != own).collect();
        findings.extend(wrong_lines(&folder, |line| {
            line.match_indices("crate::").any(|(at, found)| {
                let rest = &line[at + found.len()..];
                // A group of imports could hide one of the others.
                rest.starts_with('{') || others.iter().any(|other| names(rest, other))
            })
        }));
    }
    assert_none("an adapter names neither another adapter nor the driver", &findings);
}

/// Root's half of updates is in one program, which has nothing else in it that could be talked to; and no other has it.
#[test]
fn what_installs_updates_knows_no_network_and_is_known_to_its_program_alone() {
    let others =
        ADAPTERS.iter().filter(|name| **name != "update").chain(&["driver", "cli", "desired", "record", "port"]);
    let others: Vec<_> = others.collect();
    let mut findings = wrong_lines("src/install/", |line| {
        line.match_indices("crate::").any(|(at, found)| {
            let rest = &line[at + found.len()..];
            rest.starts_with('{') || others.iter().any(|other| names(rest, other))
        })
    });
    findings.extend(named_in("src/install/", &["tokio", "reqwest", "rumqttc", "TcpStream", "UnixStream", "sled"]));
    let files = rust();
    let elsewhere = files.iter().filter(|file| file.path.starts_with("src/") && !file.is_test());
    let elsewhere =
        elsewhere.filter(|file| !file.path.starts_with("src/install/") && file.path != "src/bin/tilld-update.rs");
    findings.extend(
        elsewhere
            .flat_map(|file| lines(file, |line| line.contains("crate::install::") || line.contains("tilld::install"))),
    );
    assert_none("src/install/ is for tilld-update alone", &findings);
}

#[test]
fn each_library_of_the_outside_world_has_one_owner() {
    let owners: [(&str, &[&str]); 10] = [
        ("sled", &["src/store/"]),
        ("rumqttc", &["src/mqtt/", "bridge/src/mqtt", "settings/src/", "src/cli/fleet/line"]),
        ("reqwest", &["src/provider/", "src/cli/", "src/enrol/", "src/update/", "bridge/src/register"]),
        ("embedded_graphics", &["display/src/"]),
        ("mipidsi", &["display/src/panel/spi"]),
        ("linux_embedded_hal", &["display/src/panel/spi"]),
        ("axum", &["src/api/", "bridge/src/"]),
        ("evdev", &["src/input/"]),
        ("rcgen", &["authority/src/"]),
        ("x509_parser", &["authority/src/"]),
    ];
    let files = rust();
    let shipped = || files.iter().filter(|file| is_program(&file.path) && !file.is_test());
    for (library, places) in owners {
        let elsewhere = shipped().filter(|file| !places.iter().any(|place| file.path.starts_with(place)));
        let findings: Vec<_> = elsewhere.flat_map(|file| lines(file, |line| has_word(line, library))).collect();
        assert_none(&format!("{library} is named in {places:?} alone"), &findings);
    }
}

fn is_program(path: &str) -> bool {
    ["src/", "bridge/", "wire/", "settings/", "authority/", "display/"].iter().any(|place| path.starts_with(place))
}

fn names(rest: &str, module: &str) -> bool {
    rest.strip_prefix(module).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn named_in(folder: &str, words: &[&str]) -> Vec<String> {
    wrong_lines(folder, |line| words.iter().any(|word| has_word(line, word)))
}

/// The lines of shipped code in a folder that are wrong. A folder with one source is `src/x.rs`.
fn wrong_lines(folder: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let single = format!("{}.rs", folder.trim_end_matches('/'));
    let files = rust();
    let inside: Vec<_> = files.iter().filter(|file| file.path.starts_with(folder) || file.path == single).collect();
    assert!(!inside.is_empty(), "there is no source in {folder}: this rule checks nothing");
    inside.into_iter().filter(|file| !file.is_test()).flat_map(|file| lines(file, &is_wrong)).collect()
}

fn lines(file: &File, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let wrong = file.code().into_iter().filter(|(_, line)| is_wrong(line));
    wrong.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())).collect()
}
