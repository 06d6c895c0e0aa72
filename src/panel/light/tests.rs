//! The light as a function of what is shown, how long nobody came, and the time of day; and as it is written.

use till_wire::{Amount, UnixTime};

use super::*;
use crate::config;
use crate::panel::backlight::tests::Lights;
use crate::till::Link;

const NIGHT: Option<Night> = Some(Night { from: 22 * 60, until: 6 * 60 });

fn rules(after_s: u64, percent: u8, night: Option<Night>) -> Dimming {
    Dimming { after: Duration::from_secs(after_s), percent, night }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<u16>().ok()? * 60 + minutes.parse::<u16>().ok()?)
}

/// A line is: what is shown, the seconds of quiet, the time of day (`-` where the clock cannot be right), the level, and
/// after how many seconds it is looked at again (`-` for not before something is shown).
#[track_caller]
fn check(rules: &Dimming, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [sight, quiet, time, want, next] = words.as_slice() else { panic!("{line}") };
        let sight = if *sight == "code" { Sight::IdleCode } else { Sight::Idle };
        let quiet = Duration::from_secs(quiet.parse().expect("seconds"));
        let want = match *want {
            "full" => Level::Full,
            "off" => Level::Off,
            percent => Level::Dimmed(percent.parse().expect("a percentage")),
        };
        let next = next.parse().ok().map(Duration::from_secs);
        assert_eq!(level(sight, quiet, minute(time), rules), (want, next), "{line}");
    }
}

#[test]
fn an_idle_display_is_dimmed_after_a_while_unless_it_shows_a_code() {
    check(
        &rules(300, 30, None),
        "idle 0     12:00 full 300
         idle 299   12:00 full 1
         idle 300   12:00 30   -
         idle 90000 03:00 30   -
         idle 300   -     30   -
         code 0     12:00 full -
         code 90000 03:00 full -",
    );
    check(&rules(300, 100, None), "idle 90000 12:00 full -");
    check(&rules(10, 1, None), "idle 10 12:00 1 -");
}

#[test]
fn at_night_an_idle_display_is_dark_when_nobody_has_come_for_a_minute() {
    check(
        &rules(300, 30, NIGHT),
        "idle 0     21:59 full 300
         idle 3000  21:59 30   -
         idle 3000  22:00 off  -
         idle 59    22:00 full 1
         idle 60    22:00 off  -
         idle 0     23:30 full 60
         code 0     23:30 full 60
         code 60    23:30 off  -
         idle 3000  00:00 off  -
         idle 3000  05:59 off  -
         idle 3000  06:00 30   -
         code 3000  06:00 full -
         idle 3000  -     30   -
         code 3000  -     full -",
    );
    // A display that dims sooner than it goes dark.
    check(&rules(10, 30, NIGHT), "idle 5 23:00 full 5\nidle 10 23:00 30 50\nidle 60 23:00 off -");
}

#[test]
fn a_night_may_lie_within_one_day() {
    let siesta = Some(Night { from: 12 * 60, until: 14 * 60 });
    check(
        &rules(300, 30, siesta),
        "idle 299 11:59 full 1\nidle 299 12:00 off -\nidle 299 13:59 off -\nidle 299 14:00 full 1\nidle 299 23:00 full 1",
    );
}

#[test]
fn only_an_idle_view_lets_the_light_go() {
    let idle = View::Idle { link: Link::Up, barrier: None };
    assert_eq!(Sight::of(&idle, false), Sight::Idle);
    assert_eq!(Sight::of(&idle, true), Sight::IdleCode);
    for view in [View::StoreFault, View::Money { number: 0, amount: Amount::vnd(1) }] {
        assert_eq!(Sight::of(&view, true), Sight::Busy);
    }
}

/// 2026-11-29T15:59:00Z, which is 22:59 in Vietnam.
const NIGHT_TIME: i64 = 1_795_967_940_000;

fn at(tick_s: u64, wall_ms: i64) -> Now {
    Now { tick: Tick(tick_s * 1000), wall: UnixTime::from_ms(wall_ms) }
}

#[test]
fn whoever_comes_at_night_has_light_at_once_and_for_a_minute() {
    let lights = Lights::new(&[("panel", 200)]);
    let timezone = TimeZone::get("Asia/Ho_Chi_Minh").expect("a bundled zone");
    let backlight = lights.backlight(&config::Backlight::Auto);
    let mut light = Light::through(backlight, rules(300, 30, NIGHT), timezone);
    light.begin();
    assert_eq!(lights.brightness("panel"), 200);
    assert_eq!(light.follow(Sight::Idle, at(5, NIGHT_TIME)), Some(Tick(65_000)));
    assert_eq!(lights.brightness("panel"), 200);
    assert_eq!(light.follow(Sight::Idle, at(65, NIGHT_TIME)), None);
    assert_eq!(lights.brightness("panel"), 0);
    // A key that changes nothing on the display.
    light.wake(Tick(70_000));
    assert_eq!(lights.brightness("panel"), 200);
    assert_eq!(light.follow(Sight::Idle, at(71, NIGHT_TIME)), Some(Tick(130_000)));
    assert_eq!(light.follow(Sight::Idle, at(130, NIGHT_TIME)), None);
    assert_eq!(lights.brightness("panel"), 0);
    // A sale, and the minute after it.
    assert_eq!(light.follow(Sight::Busy, at(200, NIGHT_TIME)), None);
    assert_eq!(lights.brightness("panel"), 200);
    assert_eq!(light.follow(Sight::Idle, at(400, NIGHT_TIME)), Some(Tick(460_000)));
    assert_eq!(lights.brightness("panel"), 200);
    light.follow(Sight::Idle, at(460, NIGHT_TIME));
    assert_eq!(lights.brightness("panel"), 0);
    light.end();
    assert_eq!(lights.brightness("panel"), 200);
}

#[test]
fn p10_with_a_clock_that_cannot_be_right_it_is_never_night() {
    let lights = Lights::new(&[("panel", 200)]);
    let timezone = TimeZone::get("Asia/Ho_Chi_Minh").expect("a bundled zone");
    let backlight = lights.backlight(&config::Backlight::Auto);
    let mut light = Light::through(backlight, rules(300, 30, NIGHT), timezone);
    // 22:59 in Vietnam, in 1970.
    let midnight_1970 = NIGHT_TIME.rem_euclid(24 * 3600 * 1000);
    light.follow(Sight::Idle, at(5, midnight_1970));
    light.follow(Sight::Idle, at(100, midnight_1970));
    assert_eq!(lights.brightness("panel"), 200);
    light.follow(Sight::Idle, at(305, midnight_1970));
    assert_eq!(lights.brightness("panel"), 60);
}
