//! Which keys of `tilld.toml` may be changed from afar, and what each takes. It must not know where they are written down.

use till_settings::{Kind, Table, parsed, switch, text, whole};
use till_wire::{ChannelId, GroupName, MAX_VND};

/// What a key takes.
#[derive(Clone, Copy, Debug)]
enum Takes {
    /// A text of so many characters.
    Text(usize, usize),
    /// A whole number.
    Whole(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    Switch,
    Channel,
    Voice,
    Night,
    /// The groups that a terminal belongs to.
    Groups,
}

/// Everything that may be changed from afar: its table, its key, and what it takes. Never secrets, devices, addresses, trusted
/// keys.
const KEYS: [(&str, &[(&str, Takes)]); 6] = [
    ("terminal", &[("label", Takes::Text(1, 40)), ("locale", Takes::Word(&["vi", "en"]))]),
    (
        "sale",
        &[
            ("channel", Takes::Channel),
            ("expire_s", Takes::Whole(15, 3_600)),
            ("request_s", Takes::Whole(5, 300)),
            ("max_amount", Takes::Whole(1, MAX_VND)),
            ("result_s", Takes::Whole(1, 60)),
        ],
    ),
    (
        "offline",
        &[
            ("mode", Takes::Word(&["refuse", "wait", "vietqr"])),
            ("wait_s", Takes::Whole(1, 3_600)),
            ("max_amount", Takes::Whole(1, MAX_VND)),
            ("max_total", Takes::Whole(1, 1_000_000_000_000)),
            ("max_count", Takes::Whole(1, 1_000)),
            ("max_age_h", Takes::Whole(1, 720)),
        ],
    ),
    ("sound", &[("driver", Takes::Word(&["none", "alsa"])), ("voice", Takes::Voice), ("volume", Takes::Whole(0, 100))]),
    (
        "display",
        &[
            ("theme", Takes::Word(&["light", "dark"])),
            ("shift", Takes::Switch),
            ("dim_after_s", Takes::Whole(10, 86_400)),
            ("dim_percent", Takes::Whole(1, 100)),
            ("night", Takes::Night),
        ],
    ),
    ("fleet", &[("groups", Takes::Groups)]),
];

/// The most groups of a terminal.
const MOST_GROUPS: usize = 32;

/// Whose file is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's, or a group's.
    Several,
    /// One terminal's, which alone says to which groups it belongs.
    Terminal,
}

/// Checks the tables of a file: each key that may be changed from afar takes its value, and there is no other.
pub(super) fn check(root: &Table, whose: Whose) {
    for (name, keys) in KEYS {
        let Some(table) = root.optional_table(name) else { continue };
        for (key, takes) in keys {
            check_key(&table, key, *takes, whose);
        }
    }
}

fn check_key(table: &Table, key: &'static str, takes: Takes, whose: Whose) {
    match takes {
        Takes::Text(least, most) => read(table, key, text(least..=most)),
        Takes::Whole(least, most) => read(table, key, whole(least..=most)),
        Takes::Word(words) => read(table, key, parsed(words.join(" | "), move |text| known(text, words))),
        Takes::Switch => read(table, key, switch()),
        Takes::Channel => read(table, key, parsed("a channel's id (1 to 32 of a-z, 0-9, _ and -)", ChannelId::new)),
        Takes::Voice => read(table, key, parsed("a voice such as \"vi\" (a-z, 0-9, - and _, the first no -)", voice)),
        Takes::Night => read(table, key, parsed("two different times such as \"22:00-06:00\"", night)),
        Takes::Groups => {
            let group = parsed("a group's name (1 to 32 of a-z, 0-9, _ and -)", GroupName::new);
            table.list(key, MOST_GROUPS, group);
            if whose == Whose::Several && table.has(key) {
                table.fault(key, "no groups here: a terminal's own file says to which it belongs");
            }
        }
    }
}

/// Notes a fault where the key has another value.
fn read<T: 'static>(table: &Table, key: &'static str, kind: Kind<T>) {
    table.optional(key, kind);
}

fn known(text: &str, words: &[&str]) -> Option<()> {
    words.contains(&text).then_some(())
}

fn voice(name: &str) -> Option<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    ((1..=32).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-')).then_some(())
}

fn night(text: &str) -> Option<()> {
    let (from, until) = text.split_once('-')?;
    let is_time = |text: &str| {
        let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'd' } else { byte });
        shape.eq(*b"dd:dd") && text < "24:00" && text.get(3..).is_some_and(|minutes| minutes < "60")
    };
    (is_time(from) && is_time(until) && from != until).then_some(())
}

#[cfg(test)]
mod tests {
    use super::KEYS;
    use crate::config::CHANGEABLE;

    #[test]
    fn the_keys_are_those_that_a_terminal_lets_be_changed() {
        let named = |table: &str| {
            let mut keys: Vec<_> = KEYS
                .iter()
                .filter(|(name, _)| *name == table)
                .flat_map(|(_, keys)| *keys)
                .map(|(key, _)| *key)
                .collect();
            keys.sort_unstable();
            keys
        };
        for (table, keys) in CHANGEABLE {
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            assert_eq!(named(table), keys, "{table}");
        }
        assert_eq!(KEYS.len(), CHANGEABLE.len());
    }
}
