//! The picture that is to be seen, kept for whoever wants a copy of it. It must not know who draws or who looks.

use std::sync::{Arc, Mutex};

use till_display::{Effort, Frame, PictureError, Rotation};
use tokio::sync::watch;

use super::lock;
use crate::clock;

/// The picture that the panel took last.
#[derive(Debug)]
pub(super) struct Seen {
    kept: Mutex<Kept>,
    number: watch::Sender<u64>,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    frame: Frame,
    /// The frame as PNG, once somebody has asked: many who look cost one encoding.
    png: Option<Arc<[u8]>>,
}

/// A picture for those who look from afar.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Another number is another picture; a number is not given twice in one boot.
    pub number: u64,
    /// The picture.
    pub png: Arc<[u8]>,
}

impl Seen {
    /// Begins with what a panel shows that nothing was shown on. Numbers begin with the milliseconds since boot: no
    /// daemon shows a thousand pictures a second, so one that is started again gives none of its predecessor's numbers.
    pub(super) fn new(frame: Frame, number: watch::Sender<u64>) -> Self {
        let first = clock::tick().0;
        number.send_replace(first);
        Self { kept: Mutex::new(Kept { number: first, frame, png: None }), number }
    }

    /// Takes note of what the panel shows now, and tells those who wait when it is another picture.
    pub(super) fn note(&self, frame: &Frame) {
        let mut kept = lock(&self.kept);
        if kept.frame == *frame {
            return;
        }
        let number = kept.number + 1;
        *kept = Kept { number, frame: frame.clone(), png: None };
        drop(kept);
        self.number.send_replace(number);
    }

    /// Makes a PNG, which takes milliseconds.
    pub(super) fn picture(&self) -> Result<Picture, PictureError> {
        let kept = lock(&self.kept);
        let number = kept.number;
        if let Some(png) = &kept.png {
            return Ok(Picture { number, png: Arc::clone(png) });
        }
        let frame = kept.frame.clone();
        // The display does not wait for those who look.
        drop(kept);
        let png: Arc<[u8]> = till_display::encode(&frame, Rotation::Deg0, Effort::Fast)?.into();
        let mut kept = lock(&self.kept);
        if kept.number == number {
            kept.png = Some(Arc::clone(&png));
        }
        Ok(Picture { number, png })
    }
}
