//! The Debian packages as `packaging/build` made them, unpacked and not installed. It must not know what should be in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::disk::succeed;
use crate::folder::Folder;
use crate::process::{launched, program_folder, system_program};
use crate::processor::launcher;

/// The packages' names.
pub const NAMES: [&str; 2] = ["tilld", "till-bridge"];

/// Where a package has programs: for people, and for its own services.
const PROGRAMS: [&str; 2] = ["usr/bin", "usr/libexec"];

/// Two tests of one program must not unpack the same package side by side.
static UNPACKING: Mutex<()> = Mutex::new(());

/// A package of one kind of machine.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// What Debian calls the kind of machine.
    pub architecture: String,
    /// The `.deb`.
    pub file: PathBuf,
    /// Where its files are, at the places that they would be installed to.
    pub root: PathBuf,
}

/// An entry of a package, as `dpkg --contents` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Such as `-rwxr-xr-x`.
    pub mode: String,
    /// Such as `root/root`.
    pub owner: String,
    /// Where it will be.
    pub path: String,
}

/// The kinds of machines whose packages are to be tried: those that the variable `ARCHITECTURES` names, else this one's.
pub fn architectures() -> Vec<String> {
    match std::env::var("ARCHITECTURES") {
        Ok(names) if !names.trim().is_empty() => names.split_whitespace().map(str::to_owned).collect(),
        _ => vec![own_architecture()],
    }
}

/// What Debian calls this kind of machine.
pub fn own_architecture() -> String {
    succeed(Command::new(system_program("dpkg", "dpkg")).arg("--print-architecture")).trim().to_owned()
}

/// All packages that are to be tried.
pub fn all() -> Vec<Package> {
    let architectures = architectures();
    architectures.iter().flat_map(|architecture| NAMES.map(|name| Package::unpacked(name, architecture))).collect()
}

/// Where `packaging/build` puts packages.
pub fn folder() -> PathBuf {
    let build = program_folder();
    build.parent().unwrap_or(&build).join("packages")
}

impl Package {
    /// A package of the version that these tests are of, unpacked beside it.
    ///
    /// # Panics
    /// When it has not been built.
    pub fn unpacked(name: &'static str, architecture: &str) -> Self {
        let file = folder().join(format!("{name}_{}_{architecture}.deb", env!("CARGO_PKG_VERSION")));
        // The folder's own time is that of the package's `./`, so what tells when it was unpacked is beside it.
        let (root, stamp) = (file.with_extension("files"), file.with_extension("unpacked"));
        let time = |path: &Path| fs::metadata(path).and_then(|told| told.modified());
        let built = time(&file)
            .unwrap_or_else(|error| panic!("{file:?}: {error}: run `packaging/build --arch {architecture}`"));
        let _one = UNPACKING.lock().unwrap_or_else(PoisonError::into_inner);
        if !time(&stamp).is_ok_and(|unpacked| unpacked > built) {
            // Another program may have the same in hand: only a folder that is whole gets the name.
            let part = file.with_extension(format!("{}.part", std::process::id()));
            succeed(Command::new(system_program("dpkg", "dpkg")).arg("--extract").arg(&file).arg(&part));
            // What an older package left there is none of this one's.
            let _ = fs::remove_dir_all(&root);
            let named = fs::rename(&part, &root).and_then(|()| fs::write(&stamp, b""));
            // Whoever was quicker has unpacked the same.
            assert!(named.is_ok() || root.is_dir(), "cannot make {root:?}: {named:?}");
            let _ = fs::remove_dir_all(&part);
        }
        Self { name, architecture: architecture.to_owned(), file, root }
    }

    /// Makes the same package with another version in a folder, as an upgrade needs one, and returns its file.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn renumbered(&self, folder: &Folder, version: &str) -> PathBuf {
        let raw = folder.file(&format!("{}-{version}", self.name));
        let deb = || Command::new(system_program("dpkg-deb", "dpkg"));
        succeed(deb().arg("--raw-extract").arg(&self.file).arg(&raw));
        let control = raw.join("DEBIAN/control");
        let text = fs::read_to_string(&control).unwrap_or_else(|error| panic!("cannot read {control:?}: {error}"));
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines
            .iter_mut()
            .filter(|line| line.starts_with("Version: "))
            .for_each(|line| *line = format!("Version: {version}"));
        fs::write(&control, lines.join("\n") + "\n")
            .unwrap_or_else(|error| panic!("cannot write {control:?}: {error}"));
        let made = folder.file(&format!("{}_{version}_{}.deb", self.name, self.architecture));
        succeed(deb().args(["--root-owner-group", "-Zgzip", "--build"]).arg(&raw).arg(&made));
        made
    }

    /// The path of one of its files.
    ///
    /// # Panics
    /// When it has no such file.
    #[track_caller]
    pub fn path(&self, place: &str) -> PathBuf {
        let path = self.root.join(place.trim_start_matches('/'));
        assert!(path.exists(), "{} has no {place}", self.file.display());
        path
    }

    /// Reads one of its files, unpacked where it is compressed.
    ///
    /// # Panics
    /// When it has no such file.
    #[track_caller]
    pub fn text(&self, place: &str) -> String {
        let path = self.path(place);
        if path.extension().is_some_and(|extension| extension == "gz") {
            return succeed(Command::new(system_program("gzip", "gzip")).arg("-dc").arg(path));
        }
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"))
    }

    /// A line of its control file; empty when it has no such line.
    pub fn field(&self, name: &str) -> String {
        succeed(Command::new(system_program("dpkg-deb", "dpkg")).arg("--field").arg(&self.file).arg(name))
            .trim()
            .to_owned()
    }

    /// A file that dpkg reads itself, such as `postinst`.
    ///
    /// # Panics
    /// When it has none of this name.
    #[track_caller]
    pub fn control(&self, name: &str) -> String {
        succeed(Command::new(system_program("dpkg-deb", "dpkg")).arg("--info").arg(&self.file).arg(name))
    }

    /// Everything in it, in its order.
    pub fn entries(&self) -> Vec<Entry> {
        let told = succeed(Command::new(system_program("dpkg-deb", "dpkg")).arg("--contents").arg(&self.file));
        let entry = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            // Mode, owner, size, day, time, path; a link says where to behind that.
            let [mode, owner, _, _, _, path, ..] = words.as_slice() else { panic!("dpkg says `{line}`") };
            Entry {
                mode: (*mode).to_owned(),
                owner: (*owner).to_owned(),
                path: path.trim_start_matches('.').to_owned(),
            }
        };
        told.lines().map(entry).collect()
    }

    /// Its programs.
    pub fn programs(&self) -> Vec<PathBuf> {
        let folders = PROGRAMS.map(|folder| self.root.join(folder));
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        assert!(!found.is_empty(), "{} has no program", self.file.display());
        found.sort();
        found
    }

    /// What stands in front of its programs where this machine is of another kind.
    pub fn launcher(&self) -> Vec<String> {
        launcher(&self.architecture)
    }

    /// A command that starts one of its programs.
    pub fn command(&self, program: &str) -> Command {
        let folder = PROGRAMS.iter().find(|folder| self.root.join(folder).join(program).exists());
        launched(&self.launcher(), &self.path(&format!("{}/{program}", folder.unwrap_or(&"usr/bin"))))
    }
}
