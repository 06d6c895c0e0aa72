//! The way of fingers to the painter: nothing that matters is passed over, and no more than a little waits. It must not know
//! pictures.

use std::collections::VecDeque;
use std::sync::Arc;

use super::slot::Slot;

/// What a finger does. Places are shares of the touch surface's width and height from its top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finger {
    /// It has come down here.
    Down((f32, f32)),
    /// It is here now.
    Moved((f32, f32)),
    /// It was lifted where it was last.
    Lifted,
    /// Nobody knows where it is.
    Lost,
}

/// Tells the display of fingers, from anywhere.
#[derive(Clone, Debug)]
pub struct Fingers(pub(super) Arc<Slot>);

impl Fingers {
    /// From now on something feels fingers, so keys are drawn for them.
    pub fn appear(&self) {
        self.0.change(|wanted| wanted.touchable = Some(true));
    }

    /// Nothing feels fingers any more.
    pub fn vanish(&self) {
        self.0.change(|wanted| wanted.touchable = Some(false));
    }

    /// A finger has done this.
    pub fn does(&self, finger: Finger) {
        self.0.change(|wanted| wanted.fingers.add(finger));
    }
}

/// What fingers did that the painter has not seen yet.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Finger>);

/// The most that waits: more than hands do while one picture is drawn.
const MOST: usize = 32;

impl Waiting {
    /// Adds what a finger did. Of a move only where it ended matters. When too much waits, all of it is given up, and with
    /// it the key that is held: a key that nobody meant must not count.
    fn add(&mut self, finger: Finger) {
        if let (Some(last @ Finger::Moved(_)), Finger::Moved(_)) = (self.0.back_mut(), finger) {
            *last = finger;
            return;
        }
        if self.0.len() == MOST {
            self.0.clear();
            self.0.push_back(Finger::Lost);
            return;
        }
        self.0.push_back(finger);
    }

    pub(super) fn next(&mut self) -> Option<Finger> {
        self.0.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(waiting: &mut Waiting) -> Vec<Finger> {
        std::iter::from_fn(|| waiting.next()).collect()
    }

    #[test]
    fn moves_become_one_and_everything_else_stays_in_order() {
        let mut waiting = Waiting::default();
        let (down, up) = (Finger::Down((0.1, 0.1)), Finger::Lifted);
        let moved = |across| Finger::Moved((across, 0.5));
        for finger in [down, moved(0.2), moved(0.3), up, down, moved(0.4), up] {
            waiting.add(finger);
        }
        assert_eq!(left(&mut waiting), [down, moved(0.3), up, down, moved(0.4), up]);
    }

    #[test]
    fn p9_too_much_is_given_up_and_the_finger_with_it() {
        let mut waiting = Waiting::default();
        for _ in 0..MOST / 2 {
            waiting.add(Finger::Down((0.1, 0.1)));
            waiting.add(Finger::Lifted);
        }
        waiting.add(Finger::Down((0.1, 0.1)));
        waiting.add(Finger::Lifted);
        assert_eq!(left(&mut waiting), [Finger::Lost, Finger::Lifted]);
    }
}
