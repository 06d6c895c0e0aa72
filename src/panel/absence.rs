//! What is known of a panel that does not take pictures: how often it was tried in vain, and what its device's file was
//! then. It must not know what the panel is.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use till_display::PanelError;

use crate::till::Generation;

/// How the panel is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Health {
    Unknown,
    Works,
    /// For this reason, of which the driver has been told.
    Broken(String),
}

/// Why a frame does not show a scene.
pub(super) enum Undrawn {
    /// Its code does not fit.
    TooDense,
    /// There is no panel to draw for.
    NoPanel(PanelError),
}

/// A panel that does not take pictures, from the first try in vain to the picture that it takes.
#[derive(Debug, Default)]
pub(super) struct Absence {
    tries: u32,
    /// What the last try was for.
    wanted: Option<Generation>,
    /// What the device's file was at the last look; none while there is none.
    file: Option<Stamp>,
}

/// What tells one file from another, and from itself with other rights: udev gives a device to its group a moment after
/// it has come.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    device: (u64, u64),
    inode: u64,
    changed: (i64, i64),
}

impl Absence {
    /// A try was in vain. What is wanted for the first time has not been tried, so counting begins anew: whoever begins a sale
    /// or types is there. A card without a display is asked every time, which costs nothing, so that whoever plugs one
    /// in sees it at once.
    pub(super) fn goes_on(&mut self, wanted: Option<Generation>, error: &PanelError, path: Option<&Path>) {
        let is_old = wanted == self.wanted && !matches!(error, PanelError::Unplugged { .. });
        self.tries = if is_old { self.tries.saturating_add(1) } else { 1 };
        self.wanted = wanted;
        self.file = path.and_then(stamp);
    }

    /// Returns how often the same was tried in vain.
    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// Tells whether the device's file has come, or become another, since the last try or look.
    pub(super) fn may_be_over(&mut self, path: Option<&Path>) -> bool {
        let file = path.and_then(stamp);
        let is_another = file.is_some() && file != self.file;
        self.file = file;
        is_another
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some(Stamp { device: (file.dev(), file.rdev()), inode: file.ino(), changed: (file.ctime(), file.ctime_nsec()) })
}
