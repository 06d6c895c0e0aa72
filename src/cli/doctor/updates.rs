//! Whether an update that the fleet's operator orders can be installed here, and taken back. It must not install anything.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::Finding;
use super::subject::Subject;
use crate::cli::words::{Check, Said, Updates};

/// Root's half of updates, as the package has it.
const PROGRAM: &str = "usr/libexec/tilld-update";
/// How systemd knows that it is to watch for updates.
const WATCHED: &str = "etc/systemd/system/multi-user.target.wants/tilld-update.path";
/// Says that the machine has two slots.
const SLOTS: &str = "etc/rauc/system.conf";
/// Makes the package of what is installed.
const REPACK: &str = "usr/bin/dpkg-repack";
/// The package to go back to (docs/upgrade.md), in the installer's folder.
const KEPT: &str = "private/kept.deb";
/// `fleet.installer`, unless the file says otherwise.
const INSTALLER: &str = "/var/lib/tilld-update";

/// Looks for what an update needs.
pub(super) fn look(subject: &Subject) -> Finding {
    let fleet = subject.written.get("fleet");
    let is_trusting = fleet.and_then(|fleet| fleet.get("trusted_keys")).and_then(|keys| keys.as_array());
    let installer = fleet.and_then(|fleet| fleet.get("installer")).and_then(|path| path.as_str());
    let said = match is_trusting {
        Some(keys) if !keys.is_empty() => judge(Path::new("/"), Path::new(installer.unwrap_or(INSTALLER))),
        Some(_) | None => Updates::Nobody,
    };
    Finding::new(Check::Updates, Said::Updates(said))
}

fn judge(root: &Path, installer: &Path) -> Updates {
    let has = |path: &str| root.join(path).exists();
    if !has(PROGRAM) {
        return Updates::NoInstaller;
    }
    // The link leads to a unit below another root.
    if fs::symlink_metadata(root.join(WATCHED)).is_err() {
        return Updates::NotWatched;
    }
    if has(SLOTS) {
        return Updates::Slots;
    }
    if has(REPACK) {
        return Updates::Package;
    }
    match fs::metadata(installer.join(KEPT)) {
        Ok(_) => Updates::Package,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Updates::Unread,
        Err(_) => Updates::NoWayBack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_needs_an_installer_that_is_watched_and_a_way_back() {
        let root = std::env::temp_dir().join(format!("till-doctor-updates-{}", std::process::id()));
        let installer = root.join("installer");
        let put = |path: &Path| {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "").expect("a file");
        };
        fs::create_dir_all(&root).expect("a folder");
        assert_eq!(judge(&root, &installer), Updates::NoInstaller);
        put(&root.join(PROGRAM));
        assert_eq!(judge(&root, &installer), Updates::NotWatched);
        fs::create_dir_all(root.join(WATCHED).parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink("/not/there.path", root.join(WATCHED)).expect("a link");
        assert_eq!(judge(&root, &installer), Updates::NoWayBack);
        put(&installer.join(KEPT));
        assert_eq!(judge(&root, &installer), Updates::Package);
        assert_eq!(judge(&root, Path::new("/not/there")), Updates::NoWayBack);
        put(&root.join(REPACK));
        assert_eq!(judge(&root, Path::new("/not/there")), Updates::Package);
        put(&root.join(SLOTS));
        assert_eq!(judge(&root, &installer), Updates::Slots);
        fs::remove_dir_all(root).expect("the folder is ours");
    }
}
