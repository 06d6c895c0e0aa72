//! Somebody's finger on a machine's display: a touch screen that the machine's kernel makes (`uinput`), plugged in and
//! pulled out, and touched where keys are drawn (tests/finger/). It must not know what the keys do.

use till_display::{Frame, Key, Keys, Screen, Size, Theme, Touch, Type};

use super::shop::MachineShop;
use super::{PATIENCE, wait_for};

/// Where the finger is told what to do.
const PIPE: &str = "/run/finger";

/// The values of the surface's axes, from one side to the other (tests/finger/).
const VALUES: u32 = 4096;

/// What a touch screen tells of fingers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Several, each in a slot of its own (the kernel's protocol B).
    Slots,
    /// One alone, by `BTN_TOUCH`.
    One,
}

impl MachineShop {
    /// Plugs a touch screen in; returns its device's path.
    ///
    /// # Panics
    /// When the machine has no finger for it, or does not make the device.
    #[track_caller]
    pub fn plug_in_touch(&mut self, surface: Surface) -> String {
        let kind = match surface {
            Surface::Slots => "slots",
            Surface::One => "one",
        };
        let shell = self.shell();
        shell.succeed(&format!("rm -f {PIPE} && mkfifo {PIPE}"));
        shell.succeed(&format!("finger {kind} {PIPE} </dev/null >/dev/ttyS0 2>&1 & echo $! >{PIPE}.process"));
        let list = "grep -l 'touch screen of the tests' /sys/class/input/event*/device/name";
        let found = wait_for("the machine has the touch screen", PATIENCE, || {
            let told = shell.run(list);
            if told.status == 0 { Ok(told.printed) } else { Err(format!("{told:?}")) }
        });
        let name = found.split('/').find(|part| part.starts_with("event"));
        format!("/dev/input/{}", name.unwrap_or_else(|| panic!("which device is {found}?")))
    }

    /// Pulls the touch screen out.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn pull_out_touch(&mut self) {
        self.shell().succeed(&format!("kill $(cat {PIPE}.process)"));
    }

    /// Has the finger do this: `tap`, `down` or `move` at a pixel of the display.
    ///
    /// # Panics
    /// When there is no touch screen.
    #[track_caller]
    pub fn touch(&mut self, what: &str, (x, y): (u32, u32)) {
        let (width, height) = self.pixels();
        let value = |pixel: u32, of: u32| (2 * pixel + 1) * VALUES / (2 * of);
        self.shell().succeed(&format!("echo {what} {} {} >{PIPE}", value(x, width), value(y, height)));
    }

    /// Lifts the finger.
    ///
    /// # Panics
    /// When there is no touch screen.
    #[track_caller]
    pub fn lift(&mut self) {
        self.shell().succeed(&format!("echo up >{PIPE}"));
    }

    /// The pixel in the middle of a key of the keypad, as it is drawn.
    ///
    /// # Panics
    /// When it is not on the keypad.
    pub fn on_keypad(&self, key: Key) -> (u32, u32) {
        let [label, title, amount, sum, problem, staff] = [const { String::new() }; 6];
        self.middle(key, &Screen::Typing { label, title, amount, sum, problem, staff })
    }

    /// The pixel in the middle of the key below a code.
    ///
    /// # Panics
    /// When there is none.
    pub fn on_cancel(&self) -> (u32, u32) {
        let [title, amount, text, staff] = [const { String::new() }; 4];
        self.middle(Key::Escape, &Screen::Waiting { title, amount, text, staff, motion: 0 })
    }

    fn middle(&self, key: Key, screen: &Screen) -> (u32, u32) {
        let (width, height) = self.pixels();
        let size = Size::new(width, height).unwrap_or_else(|error| panic!("{width}x{height}: {error}"));
        let words = |text: &str| text.to_owned();
        let touch = Touch { enter: words("OK"), cancel: words("C"), ..Touch::default() };
        let mut frame = Frame::new(size);
        let drawn = till_display::draw_touch(screen, &touch, Theme::Light, &mut frame, &mut Type::new());
        let (_, keys) = drawn.unwrap_or_else(|error| panic!("the keys cannot be drawn: {error}"));
        middle_of(&keys, key, (width, height)).unwrap_or_else(|| panic!("there is no key {key:?} on {screen:?}"))
    }
}

fn middle_of(keys: &Keys, key: Key, (width, height): (u32, u32)) -> Option<(u32, u32)> {
    let is_key = |x, y| keys.at((x, y)) == Some(key);
    let pixels = || (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(|(x, y)| is_key(*x, *y));
    let (first, last) = (pixels().next()?, pixels().next_back()?);
    Some((first.0.midpoint(last.0), first.1.midpoint(last.1)))
}
