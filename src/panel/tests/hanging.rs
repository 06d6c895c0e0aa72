//! A panel that hangs, and one that only fails: the first is told of.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::pulse::Pulse;

/// A panel that says when it is given a frame, and takes none before it is let.
struct Stuck {
    size: Size,
    given: Sender<()>,
    let_on: Receiver<()>,
}

impl Panel for Stuck {
    fn size(&mut self) -> Result<Size, PanelError> {
        Ok(self.size)
    }

    fn show(&mut self, _: &Frame) -> Result<(), PanelError> {
        // Whoever tests has gone away when these fail.
        let _ = self.given.send(());
        let _ = self.let_on.recv();
        Ok(())
    }
}

/// Much shorter than any time that tests wait for.
fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace { check: ms(5), look: ms(5), retry: ms(5), ..Pace::default() }
}

fn wait_for_signs(pulse: &Pulse) {
    let (begin, limit) = (pulse.sign(), std::time::Instant::now() + Duration::from_secs(20));
    while pulse.sign() <= begin {
        assert!(std::time::Instant::now() < limit, "the display's thread gives a sign within 20 s");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_panel_that_takes_no_frame_and_does_not_refuse_it_is_told_of() {
    let size = Size::new(320, 240).expect("a panel's size");
    let (given, was_given) = channel();
    let (go_on, let_on) = channel();
    let (say, _heard) = mpsc::channel(8);
    let looks = (counter(Locale::Vietnamese), no_light(), untouched());
    let panel = Box::new(Stuck { size, given, let_on });
    let screen = Screen::start_paced(panel, Theme::Light, looks, say, watch::channel(0).0, quick());
    let pulse = screen.as_ref().map(Screen::pulse).expect("a thread");
    let wait = || was_given.recv_timeout(Duration::from_secs(20)).expect("the panel is given a frame");
    wait();
    let hangs = pulse.sign();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(pulse.sign(), hangs, "a thread that waits for its panel gives no sign");
    go_on.send(()).expect("the panel waits for this");
    wait_for_signs(&pulse);
    drop((screen, go_on));
    assert!(pulse.is_late(tokio::time::Instant::now()), "a thread that has ended is late");
}

#[test]
fn a_panel_that_refuses_every_frame_is_no_reason_to_start_again() {
    let (screen, _heard) = start_paced(u32::MAX, (320, 240), quick());
    for _ in 0..5 {
        wait_for_signs(&screen.pulse());
    }
}
