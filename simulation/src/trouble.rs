//! The trouble of the busy time: weather, links, clocks, panels, bridges, a damaged store. It must not know what the till makes of it.

use fastrand::Rng;

use crate::bridge::{Presence, REPLICAS};
use crate::broker::Link;
use crate::happening::Happening;
use crate::panel::Health;
use crate::plan::{MINUTE, SECOND, Weather};
use crate::world::World;

impl World {
    /// Everything bad that begins by itself in the busy time.
    pub(crate) fn trouble(&mut self) {
        self.bad_weather();
        self.bad_links();
        self.bad_bridges();
        let busy = self.plan.busy_until;
        if self.plan.wall_jumps {
            for _ in 0..self.rng.u32(1..5) {
                let years = self.rng.i64(-50..8) * 365 * 24 * 3600 * 1000;
                let ms = *self.rng.choice([0, 0, years, years / 3000].iter()).unwrap_or(&0);
                let at = self.rng.u64(0..busy);
                self.begin(at, Happening::SetClock { ms });
            }
        }
        if self.plan.panel_trouble {
            for _ in 0..self.rng.u32(0..4) {
                let at = self.rng.u64(0..busy);
                let health = if self.rng.bool() { Health::Broken } else { Health::Slow };
                self.begin(at, Happening::Panel(health));
                self.later(at + SECOND..at + 60 * SECOND, Happening::Panel(Health::Works));
            }
        }
        if self.plan.damage {
            let at = self.rng.u64(0..busy);
            self.begin(at, Happening::Damage);
        }
        self.long_absence();
    }

    fn begin(&mut self, at: u64, trouble: Happening) {
        self.after(at, Happening::Trouble(Box::new(trouble)));
    }

    fn bad_weather(&mut self) {
        let busy = self.plan.busy_until;
        let at = self.rng.u64(MINUTE..busy);
        self.begin(at, Happening::Weather(Weather::Sick));
        for _ in 0..self.rng.u32(0..6) {
            let at = self.rng.u64(0..busy);
            let weather = draw(&mut self.rng);
            self.begin(at, Happening::Weather(weather));
            self.later(at + 5 * SECOND..at + 200 * SECOND, Happening::Weather(Weather::Good));
        }
        if self.offline_codes().is_some() {
            for _ in 0..self.rng.u32(1..4) {
                let at = self.rng.u64(0..busy);
                self.begin(at, Happening::Weather(Weather::NoNetwork));
                self.later(at + 100 * SECOND..at + 900 * SECOND, Happening::Weather(Weather::Good));
            }
        }
    }

    fn bad_links(&mut self) {
        for _ in 0..self.rng.u32(0..5) {
            let at = self.rng.u64(0..self.plan.busy_until);
            let link = if self.rng.bool() { Link::Closed } else { Link::Forgetful };
            self.begin(at, Happening::Link(link));
            self.later(at + SECOND..at + 300 * SECOND, Happening::Link(Link::Open));
        }
    }

    /// The way to the broker is closed for so long that a queue may overflow.
    fn long_absence(&mut self) {
        if self.rng.u32(0..3) == 0 {
            let at = self.rng.u64(0..self.plan.busy_until);
            self.begin(at, Happening::Link(Link::Closed));
            self.later(at + 7 * MINUTE..at + 20 * MINUTE, Happening::Link(Link::Overflowed));
        }
    }

    /// A replica is taken down for a while, now and then both at once.
    fn bad_bridges(&mut self) {
        for _ in 0..self.rng.u32(0..5) {
            let at = self.rng.u64(0..self.plan.busy_until);
            let replica = self.rng.usize(0..REPLICAS);
            self.begin(at, Happening::Bridge { replica, presence: Presence::Down });
            self.later(at + SECOND..at + 15 * MINUTE, Happening::Bridge { replica, presence: Presence::Up });
        }
    }
}

fn draw(rng: &mut Rng) -> Weather {
    *rng.choice([Weather::Good, Weather::Sick, Weather::NoNetwork].iter()).unwrap_or(&Weather::Good)
}
