//! The disk under the store: whether it can be written, has room, and how worn it is. It must not write to it.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfsMountFlags, access, major, minor, statvfs};
use till_settings::read_bounded;
use till_wire::Status;
use till_wire::standing::DISK_LOW;

use super::Finding;
use super::subject::Subject;
use crate::cli::words::{Check, Disk, Said};

/// What should be free, in MB. The store refuses large changes below 2 MiB, and a year of a busy counter (200 000 sales)
/// takes 15 MB, three times that while it tidies up (docs/reliability.md); logs and updates want their share.
const LEAST_MB: u64 = DISK_LOW / 1_000_000;

/// A disk with more of its life behind it is to be replaced.
const WORN_PERCENT: u8 = 90;

/// Where the kernel shows its disks.
const DISKS: &str = "/sys/dev/block";

/// Looks at the disk.
pub(super) fn look(subject: &Subject, status: Option<&Status>) -> Vec<Finding> {
    let finding = |said| Finding::new(Check::Disk, Said::Disk(said));
    let mut findings = Vec::new();
    if status.is_some_and(|status| status.store.is_none()) {
        findings.push(finding(Disk::StoreBroken));
    }
    let written = subject.written.get("store").and_then(|store| store.get("path")).and_then(|path| path.as_str());
    let Some(path) = written else {
        findings.push(finding(Disk::NotKnown));
        return findings;
    };
    let folder = nearest(Path::new(path));
    findings.push(finding(room(&folder)));
    let wear = fs::metadata(&folder).ok().and_then(|metadata| wear(Path::new(DISKS), metadata.dev()));
    findings.push(finding(wear.unwrap_or(Disk::WearUnknown)));
    findings
}

/// Returns the store's folder, or, before its first start, the folder in which it is going to be made.
fn nearest(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|folder| folder.exists());
    there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn room(path: &Path) -> Disk {
    let (owned, unread) =
        (path.to_owned(), |error: io::Error| Disk::Unread { path: path.to_owned(), why: error.to_string() });
    let space = match statvfs(path) {
        Ok(space) => space,
        Err(error) => return unread(error.into()),
    };
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) => return unread(error),
    };
    let free_mb = space.f_bavail.saturating_mul(space.f_frsize) / 1_000_000;
    if space.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Disk::ReadOnly { path: owned };
    }
    if free_mb < LEAST_MB {
        return Disk::LittleRoom { path: owned, free_mb, least_mb: LEAST_MB };
    }
    if mode & 0o300 != 0o300 {
        return Disk::Closed { path: owned };
    }
    match access(path, Access::WRITE_OK) {
        Ok(()) => Disk::Room { path: owned, free_mb },
        Err(rustix::io::Errno::ROFS) => Disk::ReadOnly { path: owned },
        Err(_) => Disk::NotOurs { path: owned },
    }
}

/// Reads how worn an eMMC is. Source: Linux, Documentation/mmc/mmc-dev-attrs.rst, `life_time` (two estimates in tenths,
/// 0x0b: more than all of it) and `pre_eol_info` (0x02, 0x03: its reserve runs out).
fn wear(disks: &Path, device: u64) -> Option<Disk> {
    let entry = fs::canonicalize(disks.join(format!("{}:{}", major(device), minor(device)))).ok()?;
    // A partition's folder stands in its disk's.
    let disk = [entry.clone(), entry.parent()?.to_owned()].into_iter().find(|folder| folder.join("device").exists())?;
    let name = disk.file_name()?.to_string_lossy().into_owned();
    let values = |file: &str| -> Option<Vec<u8>> {
        let text = read_bounded(&disk.join("device").join(file), 4096).ok()?;
        let text = String::from_utf8(text).ok()?;
        let value = |word: &str| u8::from_str_radix(word.trim_start_matches("0x"), 16).ok();
        text.split_whitespace().map(value).collect()
    };
    let tenths = values("life_time")?.into_iter().max().filter(|tenths| *tenths > 0)?;
    let reserve_runs_out = values("pre_eol_info").is_some_and(|info| info.first().is_some_and(|info| *info >= 2));
    let percent = tenths.min(11).saturating_mul(10);
    Some(if percent >= WORN_PERCENT + 10 || reserve_runs_out {
        Disk::WornOut { device: name, percent: percent.saturating_sub(10) }
    } else {
        Disk::Worn { device: name, percent }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emmc_tells_how_worn_it_is() {
        let top = std::env::temp_dir().join(format!("till-doctor-wear-{}", std::process::id()));
        let disk = top.join("devices/mmcblk0");
        fs::create_dir_all(disk.join("device")).expect("a folder");
        fs::create_dir_all(disk.join("mmcblk0p2")).expect("a folder");
        std::os::unix::fs::symlink(disk.join("mmcblk0p2"), top.join("179:2")).expect("a link");
        let device = rustix::fs::makedev(179, 2);
        let name = || "mmcblk0".to_owned();
        assert_eq!(wear(&top, device), None);
        for (life, reserve, want) in [
            ("0x01 0x03\n", "0x01\n", Some(Disk::Worn { device: name(), percent: 30 })),
            ("0x01 0x0a\n", "0x01\n", Some(Disk::WornOut { device: name(), percent: 90 })),
            ("0x0b 0x01\n", "0x01\n", Some(Disk::WornOut { device: name(), percent: 100 })),
            ("0x02 0x02\n", "0x03\n", Some(Disk::WornOut { device: name(), percent: 10 })),
            ("0x00 0x00\n", "0x00\n", None),
            ("many\n", "0x01\n", None),
        ] {
            fs::write(disk.join("device/life_time"), life).expect("a file");
            fs::write(disk.join("device/pre_eol_info"), reserve).expect("a file");
            assert_eq!(wear(&top, device), want, "{life}{reserve}");
        }
        fs::remove_dir_all(top).expect("the folder is ours");
    }

    #[test]
    fn a_store_that_is_not_made_yet_is_judged_by_the_folder_around_it() {
        assert_eq!(nearest(Path::new("/proc/not/there")), Path::new("/proc"));
        assert_eq!(nearest(Path::new("not-there")), Path::new("."));
        assert!(matches!(room(Path::new("/proc")), Disk::LittleRoom { .. } | Disk::ReadOnly { .. }));
    }
}
