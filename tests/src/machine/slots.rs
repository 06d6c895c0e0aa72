//! A terminal whose system is there twice, on two disks, with a third one for what both share; and a boot loader that chooses
//! (`slots/begin.sh`), as RAUC tells it (`slots/loader.sh`). It must not know what a test does with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::debian;
use super::emulator::Plan;
use super::image::Image;
use super::modules::Kernel;
use super::shop::MachineShop;
use super::whole::{LUGGAGE, MODULES, PLACE, luggage, root};
use super::{PATIENCE, wait_for};
use crate::disk::{as_root, succeed};
use crate::folder::Folder;
use crate::package::{Package, own_architecture};
use crate::process::system_program;

/// What the disks of a terminal with two slots are made by, as root.
const RECIPE: &str = include_str!("slots/disks.sh");

/// What writes down what RAUC wants of the boot loader.
const LOADER: &str = include_str!("slots/loader.sh");

/// Where what both slots share is, in the machine.
pub const SHARED: &str = "/data";

/// How long the machine may take until it starts again, after RAUC has written a bundle to it.
const WRITING: Duration = Duration::from_secs(600);

/// The machine: the slots A, which has the package of this version and is set up, and B, which is empty; and below
/// [`SHARED`]`/bundles` two bundles: `next.raucb`, which has the system of A, and `broken.raucb`, which starts nowhere.
pub(super) fn plan(folder: &Folder, inside: &Folder, config: &Path) -> Plan {
    let package = debian::kernel();
    let kernel = Kernel::of_package(&package);
    let first_files = Image::of_slots(&kernel, &MODULES).build("counter-with-slots");
    let base = root::image(&package, &kernel);
    // Named before anything is made.
    let tools =
        [("rauc", "rauc"), ("mksquashfs", "squashfs-tools"), ("resize2fs", "e2fsprogs"), ("openssl", "openssl")];
    tools.iter().for_each(|(program, package)| drop(system_program(program, package)));

    let work = folder.file("slots");
    let shared = work.join("shared");
    for file in luggage(&String::from_utf8_lossy(&super::read(config)), inside.path()) {
        let below = file.path.strip_prefix(LUGGAGE).or_else(|_| file.path.strip_prefix(PLACE));
        let name = below.unwrap_or_else(|_| panic!("{:?} is no luggage", file.path));
        let place = if name.starts_with("secrets") { shared.clone() } else { shared.join("etc") };
        write(&place.join(name), &file.content);
    }
    let recipe = work.join("disks.sh");
    write(&recipe, RECIPE.as_bytes());
    write(&work.join("loader.sh"), LOADER.as_bytes());
    let mut make = as_root("sh", "dash");
    make.arg(&recipe).arg(&work).arg(base).arg(Package::unpacked("tilld", &own_architecture()).file);
    succeed(make.arg(rustix::process::geteuid().as_raw().to_string()));

    let mut plan = Plan::new(&kernel.image, &first_files);
    plan.memory_mib = 512;
    plan.disks = ["a.img", "b.img", "shared.img"].map(|name| work.join(name)).into();
    plan.obeys = true;
    plan
}

#[track_caller]
fn write(place: &Path, content: &[u8]) {
    let made = place.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(place, content));
    made.unwrap_or_else(|error| panic!("cannot write {place:?}: {error}"));
}

impl MachineShop {
    /// Waits until the machine starts again by itself, as often as it takes until a slot begins.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn starts_again(&mut self) {
        self.ends_by_itself(WRITING);
        for _ in 0..10 {
            self.power_on();
            let serial = self.machine().serial.clone();
            wait_for("the boot loader has chosen", PATIENCE, || {
                let runs = self.machine().runs();
                if serial.text().contains("begin: slot") || !runs { Ok(()) } else { Err(serial.last_words()) }
            });
            if self.machine().runs() {
                return;
            }
        }
        panic!("no slot begins: {}", self.machine().serial.last_words());
    }

    #[track_caller]
    fn ends_by_itself(&mut self, limit: Duration) {
        let machine = self.machine();
        wait_for("the machine is to be started again", limit, || {
            if machine.runs() { Err(machine.serial.last_words()) } else { Ok(()) }
        });
    }

    /// The slot that runs.
    ///
    /// # Panics
    /// When the machine does not answer.
    #[track_caller]
    pub fn slot(&mut self) -> String {
        self.shell().succeed("sed -n 's/.* rauc.slot=//p' /proc/cmdline")
    }
}
