//! Builds the first file system of a small machine: busybox, the modules that its devices need, and programs with their
//! libraries. It must not know what the programs do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::archive::Archive;
use super::debian::files;
use super::modules::Kernel;
use super::{cache, read};
use crate::disk::succeed;
use crate::process::system_program;

/// What is to be in an image.
#[derive(Debug, Default)]
pub struct Image {
    entries: Vec<Entry>,
    modules: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    from: PathBuf,
    to: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    /// What only a debugger needs is left out.
    Program,
}

impl Image {
    /// An image of a small machine, which has no other system, with a shell and these modules, which are loaded in this
    /// order.
    ///
    /// # Panics
    /// When busybox is not installed, or the kernel has no such module.
    pub fn small(kernel: &Kernel, modules: &[&str]) -> Self {
        Self::begin("init.sh", kernel, modules)
    }

    /// An image that begins the system on the disk, which needs these modules. Files below `/add` go there.
    ///
    /// # Panics
    /// As [`Image::small`].
    pub fn of_whole(kernel: &Kernel, modules: &[&str]) -> Self {
        Self::begin("whole/begin.sh", kernel, modules)
    }

    /// An image that begins one of the systems of a machine with two slots, which needs these modules.
    ///
    /// # Panics
    /// As [`Image::small`].
    pub fn of_slots(kernel: &Kernel, modules: &[&str]) -> Self {
        Self::begin("slots/begin.sh", kernel, modules)
    }

    fn begin(first_process: &str, kernel: &Kernel, modules: &[&str]) -> Self {
        let mut image = Self::default();
        // The one of the package `busybox-static` needs no library.
        image.file(&system_program("busybox", "busybox-static"), Path::new("/bin/busybox"));
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/machine");
        image.file(&scripts.join(first_process), Path::new("/init"));
        for module in kernel.files_of(modules) {
            let name = module.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            image.file(&module, &Path::new("/lib/modules").join(&name));
            image.modules.push(name);
        }
        image
    }

    /// Adds a file of this machine; whoever may run it here may do so there.
    pub fn file(&mut self, from: &Path, to: &Path) {
        self.add(from, to, Kind::File);
    }

    /// Adds a program with the libraries that it is linked to.
    ///
    /// # Panics
    /// When `ldd` cannot tell them.
    pub fn program(&mut self, from: &Path, to: &Path) {
        self.bare_program(from, to);
        let told = succeed(Command::new(system_program("ldd", "libc-bin")).arg(from));
        for library in told.split_whitespace().filter(|word| word.starts_with('/')) {
            let library = Path::new(library);
            if !self.entries.iter().any(|entry| entry.to == library) {
                self.file(library, library);
            }
        }
    }

    /// Adds a program whose libraries are there already.
    pub fn bare_program(&mut self, from: &Path, to: &Path) {
        self.add(from, to, Kind::Program);
    }

    /// Adds a file of this machine, or all files of a folder, at the same places.
    ///
    /// # Panics
    /// When it is missing.
    pub fn all(&mut self, path: &Path) {
        if path.is_dir() {
            files(path).iter().for_each(|path| self.all(path));
        } else {
            self.file(path, path);
        }
    }

    fn add(&mut self, from: &Path, to: &Path, kind: Kind) {
        self.entries.push(Entry { from: from.to_owned(), to: to.to_owned(), kind });
    }

    /// Returns the image's file in the cache. It is built when its content has changed; then older ones of this name are
    /// removed.
    ///
    /// # Panics
    /// When a file is missing, or the cache cannot be written.
    pub fn build(&self, name: &str) -> PathBuf {
        let contents: Vec<_> = self.entries.iter().map(|entry| read(&entry.from)).collect();
        let mut sum = Sha256::new();
        for (entry, content) in self.entries.iter().zip(&contents) {
            sum.update(format!("{:?} {:?} {}\n", entry.to, entry.kind, content.len()));
            sum.update(content);
        }
        let sum: String = sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let place = cache().join(format!("{name}.{sum}.cpio"));
        if !place.is_file() {
            let outdated = files(&cache()).into_iter().filter(|path| is_version_of(path, name));
            // Whoever reads an older one has it open; it goes when it is closed.
            outdated.for_each(|path| drop(fs::remove_file(path)));
            save(&place, &self.pack(&contents));
        }
        place
    }

    fn pack(&self, contents: &[Vec<u8>]) -> Vec<u8> {
        let mut archive = Archive::default();
        for folder in ["bin", "dev", "proc", "sys", "tmp", "run", "etc"] {
            archive.folder(Path::new(folder));
        }
        archive.file(Path::new("lib/modules/list"), 0o644, format!("{}\n", self.modules.join("\n")).as_bytes());
        for (entry, content) in self.entries.iter().zip(contents) {
            match entry.kind {
                Kind::File => archive.file(&entry.to, 0o755, content),
                Kind::Program => archive.file(&entry.to, 0o755, &stripped(&entry.from)),
            }
        }
        archive.finish()
    }
}

/// A file that one test adds to an image.
#[derive(Clone, Debug)]
pub struct Added {
    /// Where it is in the machine.
    pub path: PathBuf,
    /// What its owner, root, and others may do with it, such as `0o600`.
    pub mode: u32,
    /// What is in it.
    pub content: Vec<u8>,
}

impl Added {
    /// A file of this machine that keeps its path, and that only its owner may read.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn same(path: &Path) -> Self {
        Self { path: path.to_owned(), mode: 0o600, content: read(path) }
    }

    /// A file that everybody may read.
    pub fn open(path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: 0o644, content: content.into() }
    }
}

/// Makes a first file system of a built image and of what one test adds to it.
///
/// # Panics
/// When a file cannot be read or written.
pub fn with_files(image: &Path, files: &[Added], to: &Path) {
    let mut archive = Archive::default();
    for file in files {
        archive.file(&file.path, file.mode, &file.content);
    }
    let mut whole = read(image);
    // The kernel takes archives that follow each other, each from a multiple of four bytes on.
    whole.extend(archive.finish());
    save(to, &whole);
}

/// A program without what only a debugger needs: a quarter of it.
fn stripped(program: &Path) -> Vec<u8> {
    let copy = cache().join(format!("stripped.{}.{:08x}", std::process::id(), fastrand::u32(..)));
    succeed(Command::new(system_program("strip", "binutils")).arg("-o").arg(&copy).arg(program));
    let content = read(&copy);
    // A copy that cannot be removed is small.
    let _ = fs::remove_file(&copy);
    content
}

/// Only a file that is whole gets its name.
fn save(path: &Path, content: &[u8]) {
    let part = path.with_extension(format!("{:08x}.part", fastrand::u32(..)));
    let saved = fs::write(&part, content).and_then(|()| fs::rename(&part, path));
    saved.unwrap_or_else(|error| panic!("cannot write {path:?}: {error}"));
}

fn is_version_of(path: &Path, name: &str) -> bool {
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".cpio"))
}
