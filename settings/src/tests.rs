//! Tables of TOML texts and the exact lines that they lead to. It must not know the keys of a real program.

mod broker;
mod secrets;
mod shipped;
mod values;

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Document, Environment, Faults, Mode, Table};

/// What reading came to: the value, or every fault's line; and the lines of the notes.
type Outcome<T> = Result<(T, Vec<String>), Vec<String>>;

fn read_with<T>(toml: &str, mode: Mode, environment: Environment, read: impl Fn(&Table) -> Option<T>) -> Outcome<T> {
    let lines = |Faults(faults): Faults| -> Vec<String> { faults.iter().map(ToString::to_string).collect() };
    let document = Document::parse(Path::new("f"), toml, mode).map_err(lines)?;
    let document = document.in_environment(environment);
    let value = read(&document.root());
    let (value, notes) = document.finish(value).map_err(lines)?;
    Ok((value, notes.iter().map(ToString::to_string).collect()))
}

fn read<T>(toml: &str, read: impl Fn(&Table) -> Option<T>) -> Outcome<T> {
    read_with(toml, Mode::Run, Environment::default(), read)
}

#[track_caller]
fn check_faults<T>(toml: &str, reading: impl Fn(&Table) -> Option<T>, expected: &[&str]) {
    match read(toml, reading) {
        Ok(_) => assert!(expected.is_empty(), "{toml} was taken, expected {expected:#?}"),
        Err(lines) => assert_eq!(lines, expected, "{toml}"),
    }
}

/// A folder of this test's own, which goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("till-settings-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("the name is this test's own");
        Self(path)
    }

    /// Writes a file with this mode and returns its path as text.
    fn file(&self, name: &str, mode: u32, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).expect("the folder is ours");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("the file is ours");
        path.display().to_string()
    }

    fn variable(&self) -> OsString {
        self.0.clone().into_os_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
