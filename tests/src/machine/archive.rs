//! Writes the archives that Linux unpacks as its first file system: cpio in the form `newc`, as the kernel's
//! `Documentation/driver-api/early-userspace/buffer-format.rst` describes it. It must not know what is packed.

use std::collections::BTreeSet;
use std::path::{Component, Path};

/// A folder that everybody may enter.
const FOLDER: u32 = 0o040_755;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_777;

/// An archive that grows. Everything in it belongs to root. Several may follow each other in one file: what a later one
/// holds replaces what an earlier one held.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    folders: BTreeSet<String>,
    entries: u32,
}

impl Archive {
    /// Adds an empty folder with those above it.
    pub fn folder(&mut self, path: &Path) {
        let mut whole = String::new();
        for part in path.components() {
            let Component::Normal(name) = part else { continue };
            if !whole.is_empty() {
                whole.push('/');
            }
            whole.push_str(&name.to_string_lossy());
            if self.folders.insert(whole.clone()) {
                self.entry(&whole, FOLDER, b"");
            }
        }
    }

    /// Adds a file with its folders; `mode` is what its owner and others may do with it, such as `0o644`.
    pub fn file(&mut self, path: &Path, mode: u32, content: &[u8]) {
        self.folder(path.parent().unwrap_or(Path::new("")));
        self.entry(&inside(path), FILE | mode, content);
    }

    /// Adds a symbolic link with its folders.
    pub fn link(&mut self, path: &Path, target: &str) {
        self.folder(path.parent().unwrap_or(Path::new("")));
        self.entry(&inside(path), LINK, target.as_bytes());
    }

    /// Returns the whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, b"");
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.entries += 1;
        let (length, name_length) = (content.len(), name.len() + 1);
        // Number, mode, owner, group, links, time, length, device (two), node (two), length of the name, checksum.
        let head = [
            self.entries,
            mode,
            0,
            0,
            1,
            0,
            u32::try_from(length).unwrap_or_else(|_| panic!("{name} has {length} bytes: a cpio takes 4 GiB")),
            0,
            0,
            0,
            0,
            u32::try_from(name_length).unwrap_or_else(|_| panic!("{name} is too long")),
            0,
        ];
        self.bytes.extend(b"070701");
        for field in head {
            self.bytes.extend(format!("{field:08x}").bytes());
        }
        self.bytes.extend(name.bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend(content);
        self.pad();
    }

    fn pad(&mut self) {
        let length = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(length, 0);
    }
}

/// The path without the root.
fn inside(path: &Path) -> String {
    path.strip_prefix("/").unwrap_or(path).to_string_lossy().into_owned()
}
