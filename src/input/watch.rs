//! Notices that something changes in folders of devices: one comes, goes, or may be opened now. Uses inotify, so that the
//! service needs no netlink. It must not know what changed: whoever waits looks.

use std::io;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

/// Watches folders; one that cannot watch never notices anything.
#[derive(Debug)]
pub(super) struct Watch(Option<Receiver>);

impl Watch {
    /// Begins, with no folder yet.
    pub(super) fn new() -> Self {
        let made = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).map_err(io::Error::from);
        // Notes are read from it as bytes are from a pipe.
        match made.and_then(Receiver::from_owned_fd_unchecked) {
            Ok(notes) => Self(Some(notes)),
            Err(error) => {
                tracing::warn!(%error, "new input devices are looked for every few seconds: inotify is not to be had");
                Self(None)
            }
        }
    }

    /// Watches a folder; returns whether it is watched now. A folder that is watched already may be named again.
    pub(super) fn folder(&self, folder: &Path) -> bool {
        // udev gives a device its group a moment after it is there, and names it in by-id later still.
        let flags = WatchFlags::CREATE
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::DELETE_SELF
            | WatchFlags::ONLYDIR;
        self.0.as_ref().is_some_and(|notes| inotify::add_watch(notes, folder, flags).is_ok())
    }

    /// Waits until something has changed.
    pub(super) async fn changed(&mut self) {
        let mut bytes = [0; 4096];
        let read = match &mut self.0 {
            Some(notes) => notes.read(&mut bytes).await,
            None => Ok(0),
        };
        // Notes that are left are read before the next wait; whoever waits looks once more then.
        if !read.is_ok_and(|count| count > 0) {
            self.0 = None;
            std::future::pending().await
        }
    }
}
