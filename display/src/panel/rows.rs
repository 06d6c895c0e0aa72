//! Which of a device's rows a new frame changes. Knows frames and how they are turned; it must not touch a device.

use crate::frame::Frame;
use crate::size::Rotation;

/// Returns of each of the device's rows whether a frame differs there from the bytes of the one before; every row does
/// when there was none. The frame is turned by `rotation` on its way to the device.
pub(super) fn changed(frame: &Frame, before: &[u8], rotation: Rotation) -> Vec<bool> {
    let (width, height) = (frame.dimensions().width() as usize, frame.dimensions().height() as usize);
    let upright = matches!(rotation, Rotation::Deg0 | Rotation::Deg180);
    // The device's rows are the frame's rows or its columns.
    let mut changed = vec![before.is_empty(); if upright { height } else { width }];
    let rows = frame.bytes().chunks_exact(width * 3).zip(before.chunks_exact(width * 3));
    for (y, (new, old)) in rows.enumerate().filter(|(_, (new, old))| new != old) {
        if upright {
            changed[y] = true;
            continue;
        }
        let pixels = new.chunks_exact(3).zip(old.chunks_exact(3));
        for (changed, (new, old)) in changed.iter_mut().zip(pixels) {
            *changed |= new != old;
        }
    }
    if matches!(rotation, Rotation::Deg180 | Rotation::Deg270) {
        changed.reverse();
    }
    changed
}
