//! How bright the display is: full while there is anything to be seen, less while nobody pays, dark at night. Decides by
//! what is shown and what time it is; the writing is `backlight`'s.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::backlight::Backlight;
use crate::clock;
use crate::config::{Dimming, Looks, Night};
use crate::till::{Now, Tick, View};

/// How long an idle display that something has lit up stays so at night.
const LINGER: Duration = Duration::from_secs(60);

/// The display's light, and what it follows.
#[derive(Debug)]
pub struct Light {
    rules: Dimming,
    timezone: TimeZone,
    backlight: Backlight,
    /// Since when nothing but the idle screen has been shown and no key was pressed; none while something else is shown.
    quiet_since: Option<Tick>,
}

/// What is shown, as far as the light follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nobody pays, and there is nothing to pay.
    Idle,
    /// Nobody pays, but whoever wants to can scan the code for any amount.
    IdleCode,
    /// Anything else: a sale, an amount that is being typed, a message.
    Busy,
}

/// How bright the display is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// As bright as it can be.
    Full,
    /// So many hundredths of that, at least one.
    Dimmed(u8),
    /// Dark.
    Off,
}

impl Sight {
    pub(super) fn of(view: &View, has_open_code: bool) -> Self {
        match view {
            View::Idle { .. } if has_open_code => Self::IdleCode,
            View::Idle { .. } | View::Disabled => Self::Idle,
            View::Typing { .. }
            | View::Waiting { .. }
            | View::Code { .. }
            | View::Checking { .. }
            | View::Paid { .. }
            | View::Ended { .. }
            | View::Money { .. }
            | View::Last { .. }
            | View::Day { .. }
            | View::Message { .. }
            | View::Identity { .. }
            | View::StoreFault => Self::Busy,
        }
    }
}

impl Light {
    /// Returns the light of a display that begins with its start-up screen; `timezone` is where its clock hangs.
    pub fn new(looks: &Looks, timezone: TimeZone) -> Self {
        Self::through(Backlight::new(&looks.backlight), looks.dimming.clone(), timezone)
    }

    pub(super) fn through(backlight: Backlight, rules: Dimming, timezone: TimeZone) -> Self {
        Self { rules, timezone, backlight, quiet_since: None }
    }

    /// Lights the display up for the time before the till knows anything.
    pub(super) fn begin(&mut self) {
        self.backlight.set(Level::Full);
    }

    /// Follows what is shown now; returns when to look again, if that is before something new is shown.
    pub(super) fn follow(&mut self, sight: Sight, now: Now) -> Option<Tick> {
        if sight == Sight::Busy {
            self.quiet_since = None;
            self.backlight.set(Level::Full);
            return None;
        }
        let since = *self.quiet_since.get_or_insert(now.tick);
        let (level, next) = level(sight, now.tick.since(since), minute_of_day(&self.timezone, now), &self.rules);
        self.backlight.set(level);
        next.map(|next| now.tick + next)
    }

    /// Somebody is there: the time of quiet begins anew, at once.
    pub(super) fn wake(&mut self, now: Tick) {
        if self.quiet_since.is_some() {
            self.quiet_since = Some(now);
            self.backlight.set(Level::Full);
        }
    }

    /// Tells whether nothing can be seen on the display.
    pub(super) fn is_dark(&self) -> bool {
        self.backlight.is_off()
    }

    /// Leaves the display lit up for whatever is shown after this program.
    pub(super) fn end(&mut self) {
        self.backlight.set(Level::Full);
    }
}

/// Decides how bright an idle display is after so much quiet, and after how much more to decide again. `minute` counts
/// from midnight; it is none while the clock cannot be right, and then it is no night. Time of day is not waited for,
/// because the idle screen is drawn anew with each minute.
fn level(sight: Sight, quiet: Duration, minute: Option<u16>, rules: &Dimming) -> (Level, Option<Duration>) {
    let left = |until: Duration| until.checked_sub(quiet).filter(|left| !left.is_zero());
    let is_night = rules.night.is_some_and(|night| minute.is_some_and(|minute| night.holds(minute)));
    let night = if is_night { Some(left(LINGER)) } else { None };
    if night == Some(None) {
        return (Level::Off, None);
    }
    let dims = sight == Sight::Idle && rules.percent < 100;
    let dim = if dims { Some(left(rules.after)) } else { None };
    let level = if dim == Some(None) { Level::Dimmed(rules.percent) } else { Level::Full };
    (level, [night, dim].into_iter().flatten().flatten().min())
}

impl Night {
    fn holds(self, minute: u16) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

/// Returns the minute of the day, if the clock may be right (promise P10).
fn minute_of_day(timezone: &TimeZone, now: Now) -> Option<u16> {
    let at = jiff::Timestamp::from_millisecond(now.wall.ms()).ok().filter(|_| now.wall >= clock::BUILT)?;
    let time = at.to_zoned(timezone.clone());
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

#[cfg(test)]
mod tests;
