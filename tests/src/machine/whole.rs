//! A counter with a whole system, Debian with systemd, in which the till is the service that `systemd/` describes,
//! installed as docs/hardware.md and the comments of the unit tell. It must not know what a test does with it.

mod root;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::emulator::{Machine, Plan};
use super::image::{Added, Image, with_files};
use super::modules::Kernel;
use super::{PATIENCE, debian, read};
use crate::disk::succeed;
use crate::folder::Folder;
use crate::process::{shipped_tilld, system_program};
use crate::wait::wait_for;

pub(super) use root::SHELL;

/// What the disk needs; all else is loaded by udev.
const MODULES: [&str; 4] = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"];

/// Where the till's files are installed.
const PLACE: &str = "/etc/tilld";

/// Ours, and where they are installed.
const INSTALLED: [(&str, &str); 5] = [
    ("systemd/tilld.service", "/etc/systemd/system/tilld.service"),
    ("systemd/tilld.socket", "/etc/systemd/system/tilld.socket"),
    ("systemd/console.conf", "/etc/systemd/system/tilld.service.d/console.conf"),
    ("systemd/60-tilld.rules", "/etc/udev/rules.d/60-tilld.rules"),
    ("systemd/61-tilld-backlight.rules", "/etc/udev/rules.d/61-tilld-backlight.rules"),
];

/// The machine of a counter: its kernel, what its disk needs, and a disk of its own with the till on it.
pub(super) fn plan(folder: &Folder, inside: &Folder, config: &Path) -> Plan {
    let mut files = installed(&String::from_utf8_lossy(&read(config)), inside.path());
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    files.extend(INSTALLED.map(|(ours, there)| Added::open(there, read(&top.join(ours)))));
    plan_with(folder, files, |image| image.bare_program(&shipped_tilld(), Path::new("/add/usr/bin/tilld")))
}

/// The machine of a counter whose disk has these files beside Debian's.
pub(super) fn plan_with(folder: &Folder, mut files: Vec<Added>, add: impl FnOnce(&mut Image)) -> Plan {
    let package = debian::kernel();
    let kernel = Kernel::of_package(&package);
    let mut image = Image::of_whole(&kernel, &MODULES);
    add(&mut image);
    let first_files = folder.file("first-files.cpio");
    for file in &mut files {
        file.path = below_add(&file.path);
    }
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

/// A configuration whose files are in a test's folder, with its files as they are installed: certificates beside it, and
/// secrets as credentials, which a drop-in names.
pub(super) fn installed(config: &str, folder: &Path) -> Vec<Added> {
    let mut files = BTreeMap::new();
    let mut text = String::new();
    let mut drop_in = "[Service]\n".to_owned();
    for (at, part) in config.split('"').enumerate() {
        let Some(name) = (at % 2 == 1).then(|| Path::new(part).strip_prefix(folder).ok()).flatten() else {
            text.push_str(if at == 0 { "" } else { "\"" });
            text.push_str(part);
            continue;
        };
        let content = read(Path::new(part));
        if let Some(before) = text.strip_suffix("{ file = ") {
            let name = name.display();
            let secret = format!("{PLACE}/secrets/{name}");
            drop_in.push_str(&format!("LoadCredential={name}:{secret}\n"));
            text = format!("{before}{{ credential = \"{name}");
            files.insert(secret.clone(), Added { path: secret.into(), mode: 0o600, content });
        } else {
            let open = Path::new(PLACE).join(name);
            text.push_str(&format!("\"{}", open.display()));
            files.insert(open.display().to_string(), Added::open(open, content));
        }
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.push(Added::open(format!("{PLACE}/tilld.toml"), text));
    files.push(Added::open("/etc/systemd/system/tilld.service.d/secrets.conf", drop_in));
    files
}

/// Where the first file system keeps what it adds to the disk.
fn below_add(path: &Path) -> PathBuf {
    Path::new("/add").join(path.strip_prefix("/").unwrap_or(path))
}

/// Waits until the till's service runs and has said that it is ready.
#[track_caller]
pub(super) fn wait_for_service(machine: &mut Machine) {
    let shell = machine.shell.as_mut().unwrap_or_else(|| panic!("a whole system has a shell"));
    wait_for("tilld.service is active", PATIENCE, || {
        let state = shell.run("systemctl is-active tilld").printed;
        if state == "active\n" {
            return Ok(());
        }
        Err(format!("{state}{}", shell.run("systemctl status --no-pager --full --lines=30 tilld").printed))
    });
}
