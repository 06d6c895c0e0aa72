//! What is seen by command of the fleet's operator: his words, which terminal this is, and that nothing is sold. It must not
//! know who commands.

use std::time::Duration;

use till_display::{EndKind, Screen, Theme};

use super::Counter;
use crate::clock;
use crate::till::{Tick, View};

/// How long each half of a flash lasts: slow enough for everybody's eyes (WCAG 2.3.1, at most three flashes a second).
const FLASH_MS: u64 = 400;

/// Chooses the screen; of a view that no command brings about, an empty one.
pub(super) fn by_command(view: &View, counter: &Counter) -> Screen {
    let words = counter.words();
    let notice = |title: String, text: String, staff: String| Screen::Notice { title, text, staff };
    match view {
        View::Message { text } => notice(words.message.to_owned(), text.clone(), String::new()),
        View::Identity { terminal, .. } => {
            let title = format!("{} {terminal}", words.identity);
            notice(title, counter.label.clone(), counter.staff(&[words.staff.identity], ""))
        }
        View::Disabled => Screen::Ended {
            kind: EndKind::Failed,
            title: words.closed.to_owned(),
            amount: String::new(),
            reason: words.disabled.to_owned(),
            staff: counter.staff(&[words.staff.disabled], ""),
        },
        View::Idle { .. }
        | View::Typing { .. }
        | View::Waiting { .. }
        | View::Code { .. }
        | View::Checking { .. }
        | View::Paid { .. }
        | View::Ended { .. }
        | View::Money { .. }
        | View::Last { .. }
        | View::Day { .. }
        | View::StoreFault => notice(String::new(), String::new(), String::new()),
    }
}

/// Returns the theme of a view now: a display that flashes changes it.
pub(in crate::panel) fn theme(theme: Theme, view: Option<&View>) -> Theme {
    let flashes = matches!(view, Some(View::Identity { .. }));
    let is_turned = flashes && clock::tick().0 / FLASH_MS % 2 == 1;
    match (is_turned, theme) {
        (true, Theme::Light) => Theme::Dark,
        (true, Theme::Dark) => Theme::Light,
        (false, theme) => theme,
    }
}

/// Returns how long the half of a flash lasts still.
pub(super) fn until_flash(now: Tick) -> Duration {
    Duration::from_millis(FLASH_MS - now.0 % FLASH_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_flash_ends_when_the_next_begins() {
        let ms = |tick| until_flash(Tick(tick)).as_millis();
        assert_eq!((ms(0), ms(1), ms(399), ms(400), ms(1_000)), (400, 399, 1, 400, 200));
        assert_eq!(theme(Theme::Light, None), Theme::Light);
        assert_eq!(theme(Theme::Dark, Some(&View::Disabled)), Theme::Dark, "nothing else flashes");
    }
}
