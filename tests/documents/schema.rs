//! What each program reads of its configuration file, heard from its own reader, beside what the file of `config/` shows.
//! It must not know what any key means.

use std::collections::BTreeMap;
use std::path::Path;

use till_bridge::config::Settings as BridgeSettings;
use till_bridge::console::Settings as ConsoleSettings;
use till_bridge::enrol::Settings as EnrolSettings;
use till_settings::Mode;
use till_settings::asked::{Asked, LeftOut, listen};
use tilld::cli::check_fleet_settings;
use tilld::config::Settings;

use crate::commented::{Commented, parse, switched_on};
use crate::read;
use tests::folder::Folder;

/// A configuration file of one of the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Tilld,
    Bridge,
    Enrol,
    Console,
    Fleet,
}

/// A file, with what its reader says.
pub(crate) struct Schema {
    pub(crate) file: Commented,
    /// By the dotted way to the key; the words in which the reader says what it takes.
    pub(crate) asked: BTreeMap<String, Asked>,
    /// The keys that cannot be left out.
    pub(crate) required: Vec<String>,
}

/// Keys that a reader knows only to say that they have no place there.
const REFUSED: [&str; 1] = ["http.trusted_proxies"];

/// What any `[[channel]]` may have, and is shown at the first one.
const OF_ANY_CHANNEL: [&str; 1] = ["ca"];

impl Which {
    pub(crate) const ALL: [Self; 5] = [Self::Tilld, Self::Bridge, Self::Enrol, Self::Console, Self::Fleet];

    /// Its path in the repository.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Tilld => "config/tilld.toml",
            Self::Bridge => "config/bridge.toml",
            Self::Enrol => "config/enrol.toml",
            Self::Console => "config/console.toml",
            Self::Fleet => "config/fleet.toml",
        }
    }

    /// The folders with its reader.
    fn sources(self) -> &'static [&'static str] {
        match self {
            Self::Tilld => &["src/config"],
            Self::Bridge => &["bridge/src/config", "bridge/src/config.rs"],
            Self::Enrol => &["bridge/src/enrol/config.rs"],
            Self::Console => &["bridge/src/console/config.rs"],
            Self::Fleet => &["src/cli/fleet/settings.rs"],
        }
    }

    /// What its reader has more of: calls for a key, and defaults.
    fn fewest(self) -> (usize, usize) {
        match self {
            Self::Tilld | Self::Bridge | Self::Enrol | Self::Console => (8, 3),
            Self::Fleet => (5, 0),
        }
    }

    /// Forms of a setting that exclude the shown one.
    fn variants(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Tilld => &[(
                "static_qr = { channel = \"finan\" }",
                "static_qr = { account = { bin = \"970422\", number = \"1\", name = \"A\" } }",
            )],
            Self::Bridge | Self::Enrol | Self::Console | Self::Fleet => &[],
        }
    }

    /// Reads a text; returns what was asked for, and the keys that were missed.
    fn hear(self, text: &str) -> (Vec<Asked>, Vec<String>) {
        let folder = Folder::make();
        let path = folder.write("file.toml", text);
        let path: &Path = &path;
        let (read, asked) = listen(|| match self {
            Self::Tilld => Settings::read(path, Mode::Check).map(|_| ()),
            Self::Bridge => BridgeSettings::check(path).map(|_| ()),
            Self::Enrol => EnrolSettings::check(path).map(|_| ()),
            Self::Console => ConsoleSettings::check(path).map(|_| ()),
            Self::Fleet => check_fleet_settings(path),
        });
        let faults = read.err().map(|faults| faults.0).unwrap_or_default();
        let unknown: Vec<_> = faults.iter().filter(|fault| fault.expected.starts_with("no such key")).collect();
        assert!(unknown.is_empty(), "{} shows what nobody reads: {unknown:?}", self.path());
        let missed = faults.iter().filter(|fault| fault.value == "(missing)").map(|fault| fault.key.clone());
        (asked, missed.collect())
    }

    /// Asks the reader, and holds the shipped file against what it says.
    pub(crate) fn schema(self) -> Schema {
        let text = read(self.path());
        let file = parse(&text);
        let whole = switched_on(&text);
        let mut asked = BTreeMap::new();
        for (shown, other) in [("", "")].iter().chain(self.variants()) {
            let (heard, missed) = self.hear(&whole.replace(shown, other));
            assert!(missed.is_empty(), "{} lacks {missed:?}", self.path());
            for one in heard {
                asked.entry(one.key.clone()).or_insert(one);
            }
        }
        let required = self.required(&whole, &file);
        Schema { file, asked, required }
    }

    /// Takes away one line after the other, and sees whether it is missed.
    fn required(self, whole: &str, file: &Commented) -> Vec<String> {
        let lines: Vec<&str> = whole.lines().collect();
        let mut required = Vec::new();
        let mut place = 0;
        for section in &file.sections {
            place += lines[place..].iter().position(|line| *line == section.header).expect("the section is there");
            for (key, value) in section.blocks.iter().flat_map(|block| &block.keys) {
                let setting = format!("{key} = {value}");
                let at = lines[place..].iter().position(|line| *line == setting).expect("the setting is there") + place;
                let without: Vec<_> =
                    lines.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, line)| *line).collect();
                let full = format!("{}.{key}", section.place);
                let (_, missed) = self.hear(&without.join("\n"));
                if missed.contains(&full) {
                    required.push(full);
                }
            }
        }
        required
    }
}

#[test]
fn every_key_that_is_read_is_documented() {
    let of_any = |key: &str| {
        let inside = key.strip_prefix("channel[").and_then(|rest| rest.split_once("].")).map(|(_, inside)| inside);
        inside.is_some_and(|inside| OF_ANY_CHANNEL.contains(&inside))
    };
    for which in Which::ALL {
        let Schema { file, asked, .. } = which.schema();
        let shown: Vec<String> = file
            .sections
            .iter()
            .flat_map(|section| {
                section.blocks.iter().flat_map(|block| &block.keys).map(|(key, _)| format!("{}.{key}", section.place))
            })
            .collect();
        let sections: Vec<_> = file.sections.iter().map(|section| section.place.as_str()).collect();
        let is_shown = |key: &str| {
            // What stands in an inline table is shown with it.
            let mut ways = key.match_indices('.').map(|(at, _)| &key[..at]).chain([key]);
            ways.any(|way| shown.iter().any(|shown| shown == way))
                || sections.iter().any(|section| section.starts_with(key))
        };
        let hidden: Vec<_> =
            asked.keys().filter(|key| !is_shown(key) && !of_any(key) && !REFUSED.contains(&key.as_ref())).collect();
        assert!(hidden.is_empty(), "{} does not show {hidden:?}", which.path());
        let unread: Vec<_> = shown.iter().filter(|key| !asked.contains_key(*key)).collect();
        assert!(unread.is_empty(), "{} shows what was not asked for: {unread:?}", which.path());
    }
}

/// The reader may take other ways than through the files that are read here, so its source is looked through too.
#[test]
fn every_key_in_the_readers_source_was_heard() {
    const CALLS: [&str; 12] = [
        "required",
        "optional",
        "optional_hidden",
        "or",
        "or_made",
        "list",
        "array_or",
        "secret",
        "optional_secret",
        "secret_if_readable",
        "optional_table",
        "take",
    ];
    for which in Which::ALL {
        let Schema { asked, .. } = which.schema();
        let heard = |key: &str| asked.keys().any(|full| full.rsplit('.').next() == Some(key));
        let mut found = 0;
        for (path, text) in which.sources().iter().flat_map(|place| sources(place)) {
            for (at, _) in text.match_indices("(\"").chain(text.match_indices("(table, \"")) {
                let called = text[..at].rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
                let key = text[at..].split('"').nth(1).unwrap_or_default();
                if CALLS.contains(&called) && text[..at].ends_with(&format!(".{called}")) {
                    found += 1;
                    assert!(
                        heard(key) || REFUSED.iter().any(|refused| refused.ends_with(key)),
                        "{path} reads `{key}`, which {} does not show",
                        which.path()
                    );
                }
            }
        }
        assert!(found > which.fewest().0, "{found} keys were found in the source");
    }
}

fn sources(place: &str) -> Vec<(String, String)> {
    if place.ends_with(".rs") {
        return vec![(place.to_owned(), read(place))];
    }
    let entries =
        std::fs::read_dir(crate::top().join(place)).unwrap_or_else(|error| panic!("cannot list {place}: {error}"));
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let names = names.filter(|name| !name.starts_with("tests"));
    names.flat_map(|name| sources(&format!("{place}/{name}"))).collect()
}

#[test]
fn a_documented_default_is_the_real_one() {
    for which in Which::ALL {
        let Schema { asked, .. } = which.schema();
        let defaults = asked.values().filter_map(|asked| match asked.left_out {
            LeftOut::Default { is_shown } => Some((&asked.key, is_shown)),
            LeftOut::Fault | LeftOut::Nothing => None,
        });
        let defaults: Vec<_> = defaults.collect();
        assert!(defaults.len() > which.fewest().1, "{defaults:?}");
        let wrong: Vec<_> = defaults.iter().filter(|(_, is_shown)| *is_shown != Some(true)).collect();
        assert!(wrong.is_empty(), "{} shows another value than the default: {wrong:?}", which.path());
    }
}
