//! Where the files of a run are: the store on the disk, pictures and logs in memory. It must not know what is written.

use std::fs;
use std::path::{Path, PathBuf};

use tests::folder::Folder;

use crate::Fault;

/// Memory as a file system, on every Linux.
const MEMORY: &str = "/dev/shm";

/// The folders of a run, removed at its end.
pub(crate) struct Place {
    disk: Folder,
    memory: PathBuf,
}

impl Place {
    /// Makes both folders.
    pub(crate) fn make() -> Result<Self, Fault> {
        let disk = Folder::make();
        let name = format!("till-bench-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let memory = Path::new(MEMORY).join(name);
        fs::create_dir(&memory).map_err(|error| format!("cannot make {memory:?}: {error}"))?;
        Ok(Self { disk, memory })
    }

    /// A folder on the disk, where stores are.
    pub(crate) fn disk(&self) -> &Folder {
        &self.disk
    }

    /// A folder in memory, where pictures and logs are.
    pub(crate) fn memory(&self) -> &Path {
        &self.memory
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed goes with the machine's next start.
        let _ = fs::remove_dir_all(&self.memory);
    }
}

/// Returns the program of ours that was built beside this one.
pub(crate) fn beside(name: &str) -> Result<PathBuf, Fault> {
    let own = std::env::current_exe()?;
    let file = own.with_file_name(name);
    if file.is_file() {
        return Ok(file);
    }
    Err(format!("`{}` is not built: `cargo build --release -p tilld` first, or name one with --tilld", file.display())
        .into())
}
