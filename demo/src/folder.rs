//! A folder of the demo's own for everything that its programs write. It must not know what they write.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Whether the folder outlives the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// Everything in it is removed when the folder's owner goes.
    Remove,
    /// It stays for the user to look at.
    Keep,
}

/// A new folder that only this user can read.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    afterwards: Afterwards,
}

impl Folder {
    /// Makes a folder in the system's place for temporary files.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn make(afterwards: Afterwards) -> io::Result<Self> {
        let name = format!("till-demo-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self { path, afterwards })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a new file that only this user can read, and returns its path.
    ///
    /// # Errors
    /// Whatever the system says; also when the file is there already.
    pub fn write(&self, name: &str, content: &str) -> io::Result<PathBuf> {
        let path = self.file(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content.as_bytes())?;
        Ok(path)
    }

    /// Writes a file as `write` does, in place of the one that is there: whoever reads meanwhile sees one of both, whole.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn replace(&self, name: &str, content: &str) -> io::Result<PathBuf> {
        let new = self.write(&format!("{name}.new"), content)?;
        let path = self.file(name);
        fs::rename(new, &path)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.afterwards == Afterwards::Remove {
            // What cannot be removed stays in the system's place for temporary files, and is cleared with it.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Afterwards, Folder};

    #[test]
    fn a_folder_is_private_and_goes_with_its_owner_unless_it_is_kept() {
        for (afterwards, stays) in [(Afterwards::Remove, false), (Afterwards::Keep, true)] {
            let folder = Folder::make(afterwards).expect("there is a place for temporary files");
            let file = folder.write("secret", "x").expect("the folder can be written");
            let mode = |path: &std::path::Path| path.metadata().map(|found| found.permissions().mode() & 0o777).ok();
            assert_eq!((mode(folder.path()), mode(&file)), (Some(0o700), Some(0o600)));
            assert!(folder.write("secret", "y").is_err(), "a file that is there is not written over");
            let replaced = folder.replace("secret", "y").expect("the folder can be written");
            assert_eq!((replaced == file, mode(&file)), (true, Some(0o600)));
            assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), Some("y"));
            let path = folder.path().to_owned();
            drop(folder);
            assert_eq!(path.exists(), stays);
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
