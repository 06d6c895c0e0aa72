//! Small Debian packages, and a system below a folder that dpkg knows and into which it installs them. It must not know what
//! they are installed for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::disk::succeed;
use crate::folder::Folder;
use crate::package::own_architecture;
use crate::process::system_program;

/// What a small package says of itself.
#[derive(Clone, Debug)]
pub struct SmallDeb {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The kind of machine.
    pub architecture: String,
    /// Its `postinst`, if it has one.
    pub postinst: Option<String>,
}

impl SmallDeb {
    /// A package `tilld` for this kind of machine.
    pub fn new(version: &str) -> Self {
        Self {
            package: "tilld".to_owned(),
            version: version.to_owned(),
            architecture: own_architecture(),
            postinst: None,
        }
    }

    /// Makes it, with one file in it, `/usr/share/tilld/version`, and returns where it is.
    ///
    /// # Panics
    /// When dpkg-deb does not.
    pub fn build(&self, folder: &Folder) -> PathBuf {
        let name = format!("{}_{}_{}", self.package, self.version, self.architecture);
        let tree = folder.folder(&name);
        let (control, share) = (tree.join("DEBIAN"), tree.join("usr/share/tilld"));
        for place in [&control, &share] {
            fs::create_dir_all(place).unwrap_or_else(|error| panic!("cannot make {place:?}: {error}"));
        }
        let text = format!(
            "Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: Tests <tests@shop.example>\nDescription: a test\n",
            self.package, self.version, self.architecture
        );
        write(&control.join("control"), &text);
        write(&share.join("version"), &self.version);
        if let Some(script) = &self.postinst {
            let file = control.join("postinst");
            write(&file, script);
            succeed(Command::new(system_program("chmod", "coreutils")).arg("755").arg(&file));
        }
        let made = folder.file(&format!("{name}.deb"));
        let mut build = Command::new(system_program("dpkg-deb", "dpkg"));
        succeed(build.args(["--root-owner-group", "-Zgzip", "--build"]).arg(&tree).arg(&made));
        made
    }
}

/// A system below a folder.
#[derive(Debug)]
pub struct SmallSystem(PathBuf);

impl SmallSystem {
    /// Makes one in which nothing is installed.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn make(folder: &Folder) -> Self {
        let root = folder.folder("system");
        for place in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"] {
            folder.folder(&format!("system/{place}"));
        }
        write(&root.join("var/lib/dpkg/status"), "");
        Self(root)
    }

    /// Its root.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Installs a package, as an installer does by hand.
    ///
    /// # Panics
    /// When dpkg does not.
    pub fn install(&self, deb: &Path) {
        let mut dpkg = Command::new(system_program("dpkg", "dpkg"));
        succeed(dpkg.arg(format!("--root={}", self.0.display())).arg("--install").arg(deb));
    }

    /// The version that the file of the installed package says.
    pub fn version(&self) -> String {
        fs::read_to_string(self.0.join("usr/share/tilld/version")).unwrap_or_default()
    }

    /// What dpkg has of the package: its state and its version.
    pub fn told(&self) -> String {
        let mut ask = Command::new(system_program("dpkg-query", "dpkg"));
        ask.arg(format!("--root={}", self.0.display()));
        succeed(ask.args(["--show", "--showformat=${db:Status-Status} ${Version}", "tilld"]))
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("cannot write {path:?}: {error}"));
}
