//! Which files of a kernel's package a module needs, in the order in which they are to be loaded. It must not know what
//! the modules do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::debian::files;
use super::read;

/// A kernel as its package holds it.
#[derive(Debug)]
pub struct Kernel {
    /// The kernel itself.
    pub image: PathBuf,
    /// Its release, such as `6.1.0-57-amd64`.
    pub release: String,
    modules: BTreeMap<String, PathBuf>,
}

impl Kernel {
    /// Looks at an unpacked package.
    ///
    /// # Panics
    /// When it is no kernel's.
    pub fn of_package(package: &Path) -> Self {
        let boot = files(&package.join("boot"));
        let image = boot.into_iter().find(|path| name_of(path).starts_with("vmlinuz-"));
        let image = image.unwrap_or_else(|| panic!("there is no kernel in {package:?}"));
        let release = name_of(&image).trim_start_matches("vmlinuz-").to_owned();
        let mut modules = BTreeMap::new();
        collect(&package.join("lib/modules").join(&release).join("kernel"), &mut modules);
        Self { image, release, modules }
    }

    /// Returns the files of these modules and of all that they need, each after what it needs. What the kernel holds
    /// already has no file.
    ///
    /// # Panics
    /// When the kernel has no such module, neither as a file nor built in.
    pub fn files_of(&self, names: &[&str]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for name in names {
            assert!(self.modules.contains_key(&plain(name)), "kernel {} has no module `{name}`", self.release);
            self.add(name, &mut found);
        }
        found
    }

    fn add(&self, name: &str, found: &mut Vec<PathBuf>) {
        let Some(path) = self.modules.get(&plain(name)) else { return };
        if found.contains(path) {
            return;
        }
        for needed in depends(&read(path)) {
            self.add(&needed, found);
        }
        found.push(path.clone());
    }
}

/// What a module says in its section `.modinfo`, where each entry ends with a zero.
fn depends(module: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(at) = module.windows(KEY.len()).position(|part| part == KEY) else { return Vec::new() };
    let value = module.get(at + KEY.len()..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(value).split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn collect(folder: &Path, modules: &mut BTreeMap<String, PathBuf>) {
    for path in files(folder) {
        if path.is_dir() {
            collect(&path, modules);
        } else if let Some(name) = name_of(&path).strip_suffix(".ko") {
            modules.insert(plain(name), path);
        }
    }
}

/// A module's name is written with `-` or `_`, which are one to the kernel.
fn plain(name: &str) -> String {
    name.replace('-', "_")
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
