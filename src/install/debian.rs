//! What Debian's tools are asked and told: dpkg, dpkg-query, dpkg-deb, dpkg-repack. It must not know why.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::run::{Bench, Task, is_found};

/// The package.
const PACKAGE: &str = "tilld";

/// How long a question may take, and an installation: flash is slow, and a package's scripts restart services.
const ASKING: Duration = Duration::from_secs(60);
const INSTALLING: Duration = Duration::from_secs(600);

/// Debian's tools.
#[derive(Debug)]
pub(super) struct Debian {
    bench: Bench,
    folder: PathBuf,
    /// Another system than the one that runs, as dpkg's own option has it.
    root: Option<String>,
}

/// What a package says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) architecture: String,
}

impl Debian {
    /// Names the folder in which the tools work, which is ours alone, and the root of the system.
    pub(super) fn new(folder: &Path, root: Option<&Path>) -> Self {
        let root = root.map(|root| format!("--root={}", root.display()));
        Self { bench: Bench::new(folder), folder: folder.to_owned(), root }
    }

    fn run(&self, program: &str, arguments: &[&str], limit: Duration) -> Result<String, String> {
        self.bench.run(&Task { program, arguments, limit })
    }

    /// Runs a tool that works on a system.
    fn run_there(&self, program: &str, arguments: &[&str], limit: Duration) -> Result<String, String> {
        let root = self.root.as_deref();
        let arguments: Vec<&str> = root.into_iter().chain(arguments.iter().copied()).collect();
        self.run(program, &arguments, limit)
    }

    /// Returns the version that is installed; nothing when it is not, or not wholly.
    pub(super) fn installed(&self) -> Result<Option<String>, String> {
        let arguments = ["--show", "--showformat=${db:Status-Status} ${db:Status-Eflag} ${Version}\\n", PACKAGE];
        let arguments: Vec<&str> = self.root.as_deref().into_iter().chain(arguments).collect();
        let told = self.bench.ask(&Task { program: "dpkg-query", arguments: &arguments, limit: ASKING })?;
        let told = told.unwrap_or_default();
        Ok(told.trim().strip_prefix("installed ok ").map(str::to_owned))
    }

    /// Tells whether a version is older than another, as Debian counts.
    pub(super) fn is_older(&self, version: &str, than: &str) -> Result<bool, String> {
        let arguments = ["--compare-versions", version, "lt", than];
        let told = self.bench.ask(&Task { program: "dpkg", arguments: &arguments, limit: ASKING })?;
        Ok(told.is_some())
    }

    /// Finishes what dpkg was interrupted in.
    pub(super) fn settle(&self) -> Result<(), String> {
        self.run_there("dpkg", &["--configure", "--force-confold", "-a"], INSTALLING).map(drop)
    }

    /// Installs a package over whatever is there. Files that an operator has changed stay as they are.
    pub(super) fn install(&self, package: &Path) -> Result<(), String> {
        let package = package.display().to_string();
        let arguments = ["--install", "--force-confold", "--force-downgrade", &package];
        self.run_there("dpkg", &arguments, INSTALLING).map(drop)
    }

    /// Reads what a package says of itself.
    pub(super) fn fields(&self, package: &Path) -> Result<Fields, String> {
        let package = package.display().to_string();
        let arguments = ["--field", &package, "Package", "Version", "Architecture"];
        let told = self.run("dpkg-deb", &arguments, ASKING)?;
        let field = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::to_owned).ok_or_else(|| format!("the package has no field {name}"))
        };
        Ok(Fields { package: field("Package")?, version: field("Version")?, architecture: field("Architecture")? })
    }

    /// Refuses a package that is another than this one of ours, for this kind of machine.
    pub(super) fn must_be(&self, package: &Path, version: &str) -> Result<(), String> {
        let found = self.fields(package)?;
        let architecture = self.run("dpkg", &["--print-architecture"], ASKING)?;
        let wanted = Fields {
            package: PACKAGE.to_owned(),
            version: version.to_owned(),
            architecture: architecture.trim().to_owned(),
        };
        if found == wanted {
            return Ok(());
        }
        let shown = |fields: &Fields| format!("{} {} for {}", fields.package, fields.version, fields.architecture);
        Err(format!("the file is the package {}, and {} is to be installed", shown(&found), shown(&wanted)))
    }

    /// Makes a package again of what is installed, and puts it there.
    pub(super) fn repack(&self, to: &Path) -> Result<(), String> {
        if !is_found("dpkg-repack") {
            return Err("no package of it is kept, and dpkg-repack, which makes one, is not installed".to_owned());
        }
        let failed =
            |doing: &str, error: std::io::Error| format!("cannot {doing} the package of what is installed: {error}");
        // What an earlier try has left; the tools work here, and nobody else writes here.
        for old in self.packages().map_err(|error| failed("look for", error))? {
            fs::remove_file(&old).map_err(|error| failed("make place for", error))?;
        }
        self.run_there("dpkg-repack", &[PACKAGE], INSTALLING)?;
        let made = self.packages().map_err(|error| failed("look for", error))?.pop();
        let made = made.ok_or("dpkg-repack has made no package")?;
        let synced = fs::File::open(&made).and_then(|file| file.sync_all());
        synced.and_then(|()| fs::rename(&made, to)).map_err(|error| failed("keep", error))
    }

    /// The packages that dpkg-repack has made here.
    fn packages(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&format!("{PACKAGE}_")) && name.ends_with(".deb") {
                found.push(entry.path());
            }
        }
        Ok(found)
    }
}
