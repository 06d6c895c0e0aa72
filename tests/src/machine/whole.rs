//! A fresh terminal with a whole system, Debian with systemd, and what an installer has at hand there: our packages, the
//! counter's configuration, and its secrets. It must not know what a test does with it.

pub(super) mod root;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::emulator::{Machine, Plan};
use super::image::{Added, Image, with_files};
use super::modules::Kernel;
use super::{PATIENCE, debian, read, wait_for};
use crate::disk::succeed;
use crate::folder::Folder;
use crate::package::{Package, own_architecture};
use crate::process::system_program;

pub(super) use root::SHELL;

/// What the disk needs; all else is loaded by udev.
pub(super) const MODULES: [&str; 4] = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"];

/// Where the till looks for its files.
pub(super) const PLACE: &str = "/etc/tilld";

/// The version of the newer packages.
const NEXT: &str = concat!(env!("CARGO_PKG_VERSION"), "+next");

/// Where an installer has his luggage.
pub const LUGGAGE: &str = "/srv";

/// The machine of a counter: its kernel, what its disk needs, and a disk of its own with an installer's luggage on it: the
/// packages of this version, those of a newer one in `next/`, `tilld.toml`, and a file below `secrets/` for each secret.
pub(super) fn plan(folder: &Folder, inside: &Folder, config: &Path) -> Plan {
    let package = debian::kernel();
    let kernel = Kernel::of_package(&package);
    let mut image = Image::of_whole(&kernel, &MODULES);
    let till = Package::unpacked("tilld", &own_architecture());
    let next = till.renumbered(folder, NEXT);
    let luggage_on_it = below_add(Path::new(LUGGAGE));
    image.file(&till.file, &luggage_on_it.join(name_of(&till.file)));
    image.file(&next, &luggage_on_it.join("next").join(name_of(&next)));
    let mut files = luggage(&String::from_utf8_lossy(&read(config)), inside.path());
    for file in &mut files {
        file.path = below_add(&file.path);
    }
    let first_files = folder.file("first-files.cpio");
    with_files(&image.build("whole-counter"), &files, &first_files);
    let disk = folder.file("disk.img");
    let original = root::image(&package, &kernel);
    succeed(Command::new(system_program("cp", "coreutils")).arg("--sparse=always").arg(original).arg(&disk));
    let mut plan = Plan::new(&kernel.image, &first_files);
    plan.memory_mib = 512;
    plan.disks = vec![disk];
    plan.obeys = true;
    plan
}

/// A configuration whose files are in a test's folder, as an installer writes it: certificates stand in `/etc/tilld`, and each
/// secret is a credential, whose value is among the luggage.
pub(super) fn luggage(config: &str, folder: &Path) -> Vec<Added> {
    let mut files = BTreeMap::new();
    let mut text = String::new();
    for (at, part) in config.split('"').enumerate() {
        let Some(name) = (at % 2 == 1).then(|| Path::new(part).strip_prefix(folder).ok()).flatten() else {
            text.push_str(if at == 0 { "" } else { "\"" });
            text.push_str(part);
            continue;
        };
        let content = read(Path::new(part));
        if let Some(before) = text.strip_suffix("{ file = ") {
            let name = credential(&name.display().to_string());
            let secret = format!("{LUGGAGE}/secrets/{name}");
            text = format!("{before}{{ credential = \"{name}");
            files.insert(secret.clone(), Added { path: secret.into(), mode: 0o600, content });
        } else {
            let open = Path::new(PLACE).join(name);
            text.push_str(&format!("\"{}", open.display()));
            files.insert(open.display().to_string(), Added::open(open, content));
        }
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.push(Added::open(format!("{LUGGAGE}/tilld.toml"), text));
    files
}

/// What docs/install.md and the file in `config/` call a secret that a test keeps under this name.
fn credential(name: &str) -> String {
    match name.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic()) {
        name if name.ends_with("-client-id") => "payos-client-id".to_owned(),
        name if name.ends_with("-api-key") => "payos-api-key".to_owned(),
        name if name.ends_with("-checksum-key") => "payos-checksum-key".to_owned(),
        name if name.ends_with("-token") => "api-token".to_owned(),
        _ => "till-key".to_owned(),
    }
}

fn name_of(path: &Path) -> PathBuf {
    path.file_name().map(PathBuf::from).unwrap_or_default()
}

/// Where the first file system keeps what it adds to the disk.
fn below_add(path: &Path) -> PathBuf {
    Path::new("/add").join(path.strip_prefix("/").unwrap_or(path))
}

/// Looks from within for a while, so that each look is one small program; tells what the service says of itself at the end.
const AWAIT_SERVICE: &str = "for n in $(seq 30); do systemctl --quiet is-active tilld && exit 0; sleep 1; done
systemctl status --no-pager --full --lines=30 tilld; exit 1";

/// Waits until the till's service runs and has said that it is ready.
#[track_caller]
pub(super) fn wait_for_service(machine: &mut Machine) {
    let shell = machine.shell.as_mut().unwrap_or_else(|| panic!("a whole system has a shell"));
    wait_for("tilld.service is active", PATIENCE, || {
        let told = shell.run(AWAIT_SERVICE);
        if told.status == 0 { Ok(()) } else { Err(told.printed) }
    });
}
