//! The trouble of the busy time: weather, links, clocks, panels. It must not know what the till makes of it.

use crate::broker::Link;
use crate::panel::Health;
use crate::plan::{SECOND, Weather};
use crate::world::{Happening, World};

impl World {
    /// Weather, links, clocks and panels of the busy time.
    pub(crate) fn trouble(&mut self) {
        let busy = self.plan.busy_until;
        for _ in 0..self.rng.u32(0..6) {
            let at = self.rng.u64(0..busy);
            let weather =
                *self.rng.choice([Weather::Good, Weather::Sick, Weather::NoNetwork].iter()).unwrap_or(&Weather::Good);
            self.after(at, Happening::Weather(weather));
            self.later(at + 5 * SECOND..at + 200 * SECOND, Happening::Weather(Weather::Good));
        }
        if self.offline_codes().is_some() {
            for _ in 0..self.rng.u32(1..4) {
                let at = self.rng.u64(0..busy);
                self.after(at, Happening::Weather(Weather::NoNetwork));
                self.later(at + 100 * SECOND..at + 900 * SECOND, Happening::Weather(Weather::Good));
            }
        }
        for _ in 0..self.rng.u32(0..5) {
            let at = self.rng.u64(0..busy);
            let link = if self.rng.bool() { Link::Closed } else { Link::Forgetful };
            self.after(at, Happening::Link(link));
            self.later(at + SECOND..at + 300 * SECOND, Happening::Link(Link::Open));
        }
        if self.plan.wall_jumps {
            for _ in 0..self.rng.u32(1..5) {
                let years = self.rng.i64(-50..8) * 365 * 24 * 3600 * 1000;
                let ms = *self.rng.choice([0, 0, years, years / 3000].iter()).unwrap_or(&0);
                self.later(0..busy, Happening::SetClock { ms });
            }
        }
        if self.plan.panel_trouble {
            for _ in 0..self.rng.u32(0..4) {
                let at = self.rng.u64(0..busy);
                let health = if self.rng.bool() { Health::Broken } else { Health::Slow };
                self.after(at, Happening::Panel(health));
                self.later(at + SECOND..at + 60 * SECOND, Happening::Panel(Health::Works));
            }
        }
    }
}
