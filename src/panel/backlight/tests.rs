//! Backlights in a folder that stands in for the kernel's.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::config;

/// A folder of lights, each with its files, which goes when it is dropped.
pub(in crate::panel) struct Lights(PathBuf);

impl Lights {
    /// Makes lights with these names and largest values, which are switched off.
    pub(in crate::panel) fn new(lights: &[(&str, u64)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tilld-light-{}-{number}", std::process::id()));
        for (name, most) in lights {
            let light = folder.join(name);
            fs::create_dir_all(&light).expect("a folder of this test's own");
            let files = [("max_brightness", most.to_string()), ("brightness", "7".into()), ("bl_power", "4".into())];
            for (file, text) in files {
                fs::write(light.join(file), format!("{text}\n")).expect("the folder is ours");
            }
        }
        Self(folder)
    }

    pub(in crate::panel) fn backlight(&self, which: &config::Backlight) -> Backlight {
        Backlight::in_folder(&self.0, which)
    }

    pub(in crate::panel) fn brightness(&self, light: &str) -> u64 {
        // The file is empty for a moment while another thread writes it, which the kernel's never are.
        let found = (0..10_000).find_map(|_| self.read(light, "brightness").trim().parse().ok());
        found.expect("a number")
    }

    fn read(&self, light: &str, file: &str) -> String {
        fs::read_to_string(self.0.join(light).join(file)).expect("the file is there")
    }

    fn remove(&self, light: &str, file: &str) {
        fs::remove_file(self.0.join(light).join(file)).expect("the file is there");
    }
}

impl Drop for Lights {
    fn drop(&mut self) {
        // Harmless where it stays behind.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn each_level_is_its_share_of_what_the_light_can_give() {
    for (most, level, want) in [
        (255, Level::Full, 255),
        (255, Level::Dimmed(30), 76),
        (255, Level::Off, 0),
        (4, Level::Dimmed(1), 1),
        (1, Level::Dimmed(50), 1),
        (0, Level::Dimmed(50), 0),
        (u64::MAX, Level::Dimmed(100), u64::MAX / 100),
    ] {
        let lights = Lights::new(&[("panel", most)]);
        lights.backlight(&config::Backlight::Auto).set(level);
        assert_eq!(lights.brightness("panel"), want, "{level:?} of {most}");
        let power = if level == Level::Off { OFF } else { ON };
        assert_eq!(lights.read("panel", "bl_power").trim(), power, "{level:?}");
    }
}

#[test]
fn every_light_is_set_or_the_one_that_is_named_or_none() {
    let named = config::Backlight::Named("b".to_owned());
    for (which, want) in [(config::Backlight::Auto, (10, 20)), (named, (7, 20)), (config::Backlight::None, (7, 7))] {
        let lights = Lights::new(&[("a", 10), ("b", 20)]);
        lights.backlight(&which).set(Level::Full);
        assert_eq!((lights.brightness("a"), lights.brightness("b")), want, "{which:?}");
    }
}

#[test]
fn a_light_is_written_only_when_it_changes() {
    let lights = Lights::new(&[("panel", 100)]);
    let mut backlight = lights.backlight(&config::Backlight::Auto);
    backlight.set(Level::Full);
    fs::write(lights.0.join("panel/brightness"), "55").expect("somebody else sets it");
    backlight.set(Level::Full);
    assert_eq!(lights.brightness("panel"), 55);
    backlight.set(Level::Dimmed(40));
    assert_eq!(lights.brightness("panel"), 40);
}

#[test]
fn lights_that_are_missing_or_cannot_be_set_harm_nobody_and_are_tried_again() {
    let mut nowhere = Backlight::in_folder("/nonexistent/backlight", &config::Backlight::Auto);
    nowhere.set(Level::Full);
    assert_eq!(nowhere.health, Health::Absent);
    let lights = Lights::new(&[("panel", 100)]);
    lights.remove("panel", "bl_power");
    let mut backlight = lights.backlight(&config::Backlight::Named("panel".to_owned()));
    backlight.set(Level::Off);
    assert_eq!((lights.brightness("panel"), backlight.health), (0, Health::Works));
    for nonsense in ["", "-5", "bright", "99999999999999999999999999999999999"] {
        fs::write(lights.0.join("panel/max_brightness"), nonsense).expect("the folder is ours");
        backlight.set(Level::Full);
        assert_eq!((lights.brightness("panel"), backlight.health), (0, Health::Broken), "{nonsense:?}");
        backlight.set(Level::Off);
    }
    fs::write(lights.0.join("panel/max_brightness"), "100").expect("the folder is ours");
    backlight.set(Level::Full);
    assert_eq!((lights.brightness("panel"), backlight.health), (100, Health::Works));
}
