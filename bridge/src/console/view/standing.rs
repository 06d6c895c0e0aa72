//! How a terminal stands by what the console has heard of it and when. It must not know how that is said.

use till_wire::standing::{ailments, judge as judge_words, silence};
use till_wire::{Presence, Standing, UnixTime, Why};

use super::terminal::Terminal;

/// Judges a terminal.
pub(crate) fn judge(terminal: &Terminal, now: UnixTime) -> (Standing, Vec<Why<'_>>) {
    let health = terminal.health.as_ref();
    let mut whys = judge_words(terminal.presence, health.map(|health| ailments(&health.status, now)));
    if terminal.presence.is_some_and(|said| said.state == Presence::Ready) {
        whys.extend(health.and_then(|health| silence(health.heard, now)));
    }
    (Standing::of(&whys), whys)
}
