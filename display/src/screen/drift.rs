//! A slow walk of a few pixels, so that no pixel of a screen that stands for days burns in. Knows distances, not what a
//! screen shows.

use embedded_graphics::geometry::Point;

use super::page::Placed;
use crate::frame::Frame;
use crate::size::Size;
use crate::touch::Keys;

/// Where the contents of a screen stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drift {
    left: u32,
    top: u32,
    /// The size in which the screen is laid out, so that it has room to walk.
    pub(super) inner: Size,
}

impl Drift {
    /// Returns the place at a step of the walk, which comes round.
    pub(super) fn at(step: u32, size: Size) -> Self {
        // As far as the thickest strokes are wide, and never as far as a module of a code or a margin.
        let reach = (size.width().min(size.height()) / 100).clamp(2, 8);
        let once = 2 * reach;
        // Each step goes a pixel to the side, and each sweep a pixel down or up: every place is visited.
        Self { left: there_and_back(step, once), top: there_and_back(step / once, once), inner: size.less(once) }
    }

    /// Puts a screen that was laid out in the inner size at its place. What lies at its edges goes on to the frame's.
    pub(super) fn place(self, inner: &Frame, frame: &mut Frame, placed: Vec<Placed>) -> Vec<Placed> {
        frame.spread(inner, self.left as usize, self.top as usize);
        let by = Point::new(self.left as i32, self.top as i32);
        placed
            .into_iter()
            .map(|mut placed| {
                placed.area.top_left += by;
                placed
            })
            .collect()
    }

    /// Puts the keys of such a screen at its place.
    pub(super) fn place_keys(self, mut keys: Keys) -> Keys {
        let by = Point::new(self.left as i32, self.top as i32);
        for (_, area) in &mut keys.places {
            area.top_left += by;
        }
        keys
    }
}

/// Returns the place of a walk from 0 to `most` and back.
fn there_and_back(step: u32, most: u32) -> u32 {
    let step = step % (2 * most);
    step.min(2 * most - step)
}
